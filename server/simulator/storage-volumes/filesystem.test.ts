import { describe, expect, it } from 'vitest';
import { ContainerFiles, type Credentials } from './filesystem.ts';
import { type Layer, mountTable } from './overlay.ts';
import { emptyDir, type FsDir, type FsNode, withNode } from './tree.ts';

const ROOT: Credentials = { uid: 0, gid: 0, groups: [], override: true };
const USER: Credentials = { uid: 1000, gid: 1000, groups: [50], override: false };

const dir = (mode = 0o755, uid = 0, gid = 0): FsDir => emptyDir(mode, uid, gid, 1);
const file = (content: string, mode = 0o644, uid = 0, gid = 0): FsNode => ({ t: 'f', content, mode, uid, gid, mtime: 1 });

/** An image with a few files, a writable layer, and a volume at /vol. */
function files(credentials: Credentials = ROOT) {
	let image = dir();
	const put = (path: string, node: FsNode): void => {
		image = withNode(image, path.split('/'), node, () => dir());
	};
	put('etc/app/conf', file('from image'));
	put('etc/app/other', file('too'));
	put('etc/link', { t: 'l', target: 'app/conf', uid: 0, gid: 0, mtime: 1 });
	put('etc/loop', { t: 'l', target: 'loop', uid: 0, gid: 0, mtime: 1 });
	put('group', file('g', 0o640, 0, 50));
	put('tmp', dir(0o1777));
	put('shared', dir(0o2775, 0, 50));
	const held: { [name: string]: FsNode | undefined } = { upper: undefined, volume: dir(0o777) };
	const layer = (name: string, lower: FsDir | undefined, readOnly = false): Layer => ({
		lower,
		readOnly,
		read: () => held[name],
		write: (root) => void (held[name] = root),
	});
	const at = new Map([['/vol/data', layer('volume', undefined)]]);
	const of = (c: Credentials): ContainerFiles =>
		new ContainerFiles({ now: 5, credentials: c, root: layer('upper', image), mounts: mountTable(at), make: () => 'made', device: () => undefined });
	return { fs: of(credentials), as: of, image, held };
}

describe('layers', () => {
	it('keep the image as it is and show what was written over it', () => {
		const { fs, image, held } = files();
		expect(fs.write('/etc/app/conf', 'changed')).toEqual({ ok: true, value: null });
		expect(fs.read('/etc/link')).toEqual({ ok: true, value: 'changed' });
		expect(fs.list('/etc/app')).toEqual({ ok: true, value: ['conf', 'other'] });
		expect(JSON.stringify(image)).not.toContain('changed');
		expect(JSON.stringify(held['upper'])).not.toContain('too');
	});

	it('hide what was removed, also when a directory comes back', () => {
		const { fs } = files();
		expect(fs.remove('/etc/app')).toEqual({ ok: false, error: 'ENOTEMPTY' });
		expect(fs.remove('/etc/app', { recursive: true }).ok).toBe(true);
		expect(fs.read('/etc/app/conf')).toEqual({ ok: false, error: 'ENOENT' });
		expect(fs.mkdir('/etc/app').ok).toBe(true);
		expect(fs.list('/etc/app')).toEqual({ ok: true, value: [] });
	});

	it('move directories with all that is in them', () => {
		const { fs } = files();
		fs.write('/etc/app/new', 'n');
		expect(fs.rename('/etc/app', '/etc/moved').ok).toBe(true);
		expect(fs.list('/etc/moved')).toEqual({ ok: true, value: ['conf', 'new', 'other'] });
		expect(fs.stat('/etc/app')).toEqual({ ok: false, error: 'ENOENT' });
		expect(fs.rename('/etc/moved', '/etc/moved/inside')).toEqual({ ok: false, error: 'EINVAL' });
	});

	it('follow links, up and round in circles', () => {
		const { fs } = files();
		expect(fs.read('/etc/loop')).toEqual({ ok: false, error: 'ELOOP' });
		expect(fs.read('/etc/app/../app/./conf')).toEqual({ ok: true, value: 'from image' });
		expect(fs.stat('/etc/link', true)).toMatchObject({ ok: true, value: { kind: 'symlink', target: 'app/conf' } });
		expect(fs.read('/etc/app')).toEqual({ ok: false, error: 'EISDIR' });
		expect(fs.read('/etc/app/conf/x')).toEqual({ ok: false, error: 'ENOTDIR' });
	});

	it('show mounts and the directories above them', () => {
		const { fs, held } = files();
		expect(fs.list('/vol')).toEqual({ ok: true, value: ['data'] });
		fs.write('/vol/data/x', '1');
		expect(JSON.stringify(held['volume'])).toContain('"x"');
		expect(held['upper']).toBeUndefined();
		expect(fs.remove('/vol/data', { recursive: true })).toEqual({ ok: false, error: 'EACCES' });
	});
});

describe('permissions', () => {
	it('hold by owner, group and others', () => {
		const { fs } = files(USER);
		expect(fs.read('/group')).toEqual({ ok: true, value: 'g' });
		expect(fs.write('/group', 'x')).toEqual({ ok: false, error: 'EACCES' });
		expect(fs.write('/etc/app/conf', 'x')).toEqual({ ok: false, error: 'EACCES' });
		expect(fs.chmod('/etc/app/conf', 0o777)).toEqual({ ok: false, error: 'EACCES' });
		expect(fs.write('/vol/data/mine', 'x').ok).toBe(true);
		expect(fs.stat('/vol/data/mine')).toMatchObject({ value: { uid: 1000, gid: 1000, mode: 0o644 } });
	});

	it('keep others from deleting in a sticky directory, and pass a setgid directory’s group on', () => {
		const { fs, as } = files();
		fs.write('/tmp/roots', 'x');
		const user = as(USER);
		expect(user.remove('/tmp/roots')).toEqual({ ok: false, error: 'EACCES' });
		user.write('/tmp/own', 'x');
		expect(user.remove('/tmp/own').ok).toBe(true);
		user.mkdir('/shared/sub');
		expect(user.stat('/shared/sub')).toMatchObject({ value: { gid: 50, mode: 0o2755 } });
	});
});
