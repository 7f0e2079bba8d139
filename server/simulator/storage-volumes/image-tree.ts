/** An image's files as a tree: what its layers unpack to, with the files every container finds (`/etc/passwd`, `/tmp`). */
import type { Image, ImageFile } from '../images/program.ts';
import { emptyDir, entry, type FsDir, type FsNode, splitPath, withNode } from './tree.ts';

/** Modification time of files from an image: 2026-01-15, ms since the epoch. */
const BUILT = 1_768_435_200_000;
const MAGIC = '\u007fELF';

/** A binary's content names its program, so that a copy of it, or a copy on a shared volume, runs the same. */
export function binaryContent(repository: string, path: string): string {
	return `${MAGIC}\n${repository}\n${path}\n`;
}

/** Image and path of a binary's program; undefined where the content is no binary. */
export function parseBinary(content: string): { readonly repository: string; readonly path: string } | undefined {
	if (!content.startsWith(MAGIC)) return undefined;
	const [, repository, path] = content.split('\n');
	return repository === undefined || path === undefined ? undefined : { repository, path };
}

function imageNode(file: ImageFile): FsNode {
	if ('link' in file) return { t: 'l', target: file.link, uid: 0, gid: 0, mtime: BUILT };
	const owner = { uid: file.uid ?? 0, gid: file.gid ?? 0 };
	if ('directory' in file) return emptyDir(file.mode ?? 0o755, owner.uid, owner.gid, BUILT);
	return { t: 'f', content: file.content, mode: file.mode ?? 0o644, ...owner, mtime: BUILT };
}

function passwd(image: Image): string {
	const lines = ['root:x:0:0:root:/root:/bin/sh', 'nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin'];
	for (const [name, [uid, gid]] of Object.entries(image.users ?? {})) {
		if (name !== 'root' && name !== 'nobody') lines.push(`${name}:x:${uid}:${gid}:${name}:/home/${name}:/sbin/nologin`);
	}
	return `${lines.join('\n')}\n`;
}

function group(image: Image): string {
	const lines = ['root:x:0:', 'nogroup:x:65534:'];
	for (const [name, [, gid]] of Object.entries(image.users ?? {})) if (name !== 'root' && name !== 'nobody') lines.push(`${name}:x:${gid}:`);
	return `${lines.join('\n')}\n`;
}

function build(image: Image): FsDir {
	const makeDir = (): FsDir => emptyDir(0o755, 0, 0, BUILT);
	let root = makeDir();
	const put = (path: string, node: FsNode): void => {
		const parts = splitPath(path);
		// A directory that exists already keeps its entries and takes the listed mode and owner.
		let at: FsNode | undefined = root;
		for (const part of parts) at = at?.t === 'd' ? entry(at, part) : undefined;
		root = withNode(root, parts, node.t === 'd' && at?.t === 'd' ? { ...node, e: at.e } : node, makeDir);
	};
	for (const dir of ['/bin', '/dev', '/etc', '/home', '/proc', '/root', '/run', '/sbin', '/sys', '/usr', '/usr/bin', '/var', '/var/log', '/var/run'])
		put(dir, makeDir());
	put('/tmp', emptyDir(0o1777, 0, 0, BUILT));
	put('/var/tmp', emptyDir(0o1777, 0, 0, BUILT));
	put('/etc/passwd', imageNode({ content: passwd(image) }));
	put('/etc/group', imageNode({ content: group(image) }));
	const repository = image.repositories[0] ?? '';
	for (const path of Object.keys(image.programs)) put(path, imageNode({ content: binaryContent(repository, path), mode: 0o755 }));
	for (const [path, file] of Object.entries(image.files)) put(path, imageNode(file));
	return root;
}

/** Memo over the registry's immutable image values; nothing of a world is in it. */
const trees = new WeakMap<Image, FsDir>();

export function imageTree(image: Image): FsDir {
	const known = trees.get(image);
	if (known !== undefined) return known;
	const tree = build(image);
	trees.set(image, tree);
	return tree;
}
