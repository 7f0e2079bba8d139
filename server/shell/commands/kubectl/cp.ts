/** `kubectl cp`: files and folders through a tar in the container, as upstream's pkg/cmd/cp does it. */
import { type Member, readTar, writeTar } from '../../../simulator/images/utilities/tar-format.ts';
import { CliError } from './errors.ts';
import { bool, int, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { defaultContainer, onePod } from './pods.ts';
import { stream } from './streams.ts';
import type { Subcommand } from './subcommand.ts';

interface Spec {
	readonly namespace: string;
	readonly pod: string;
	readonly path: string;
}

const MALFORMED = 'filespec must match the canonical format: [[namespace/]pod:]file/path';

function parse(arg: string): Spec {
	const colon = arg.indexOf(':');
	if (colon === 0) throw new CliError(MALFORMED);
	if (colon < 0) return { namespace: '', pod: '', path: arg };
	const parts = arg.slice(0, colon).split('/');
	if (parts.length > 2) throw new CliError(MALFORMED);
	const path = arg.slice(colon + 1);
	return parts.length === 2 ? { namespace: parts[0] ?? '', pod: parts[1] ?? '', path } : { namespace: '', pod: parts[0] ?? '', path };
}

/** Path without `.`, `..` and doubled slashes, as Go's path.Clean leaves it. */
function clean(path: string): string {
	const out: string[] = [];
	for (const part of path.split('/')) {
		if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
		else if (part === '..' && !path.startsWith('/')) out.push(part);
		else if (part !== '' && part !== '.' && part !== '..') out.push(part);
	}
	return path.startsWith('/') ? `/${out.join('/')}` : out.join('/') || '.';
}

const dirOf = (path: string): string => {
	const at = clean(path).lastIndexOf('/');
	return at < 0 ? '.' : at === 0 ? '/' : clean(path).slice(0, at);
};
const baseOf = (path: string): string => clean(path).split('/').at(-1) || '/';
const join = (folder: string, name: string): string => clean(`${folder}/${name}`);

interface Remote {
	/** Resolves with the exit code; standard error goes where the caller says. */
	run(command: readonly string[], io?: { readonly input?: string; readonly out?: (t: string) => void; readonly err?: (t: string) => void }): Promise<number>;
}

async function remoteOf(kube: Kube, spec: Spec, container: string, quiet: boolean): Promise<Remote> {
	const namespace = spec.namespace === '' ? kube.namespace : spec.namespace;
	const found = spec.namespace === '' ? await onePod(kube, [spec.pod]) : await kube.client.json(`/api/v1/namespaces/${namespace}/pods/${spec.pod}`);
	const phase = found['status']?.phase;
	if (phase === 'Succeeded' || phase === 'Failed') throw new CliError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
	// A container named by the caller is the server's to refuse.
	const name = container || defaultContainer(kube, found, quiet);
	const path = `/api/v1/namespaces/${found.metadata?.namespace}/pods/${found.metadata?.name}/exec`;
	return {
		run(command, io = {}) {
			const decoder = new TextDecoder();
			return stream(kube, {
				path,
				container: name,
				command,
				stdin: io.input !== undefined,
				tty: false,
				...(io.input === undefined ? {} : { input: io.input }),
				stdout: (d) => io.out?.(decoder.decode(d, { stream: true })),
				stderr: (t) => io.err?.(t),
			});
		},
	};
}

/** The members of a local file or folder under their name in the container. */
async function membersOf(kube: Kube, from: string, name: string): Promise<Member[]> {
	const { files } = kube.context;
	const stat = await files.stat(from);
	if (stat === undefined) return [];
	const base = { mode: 0o644, uid: 0, gid: 0, mtime: Math.floor(stat.mtime / 1000) };
	if (stat.kind === 'file') return [{ ...base, name, kind: 'file', content: await files.read(from) }];
	const root = clean(from.startsWith('/') ? from : `${kube.context.cwd}/${from}`);
	const all = await files.list(from, { recursive: true });
	if (all.length === 0) return [{ ...base, mode: 0o755, name, kind: 'directory', content: '' }];
	const out: Member[] = [];
	for (const file of all) {
		const at = file.startsWith(`${root}/`) ? root.length : file.indexOf(`/${clean(from)}/`) + clean(from).length + 1;
		out.push({ ...base, name: `${name}${file.slice(at)}`, kind: 'file', content: await files.read(file) });
	}
	return out;
}

async function upload(kube: Kube, from: string, to: Spec, container: string, keep: boolean): Promise<number> {
	if ((await kube.context.files.stat(from)) === undefined) throw new CliError(`${from} doesn't exist in local filesystem`);
	// Upstream asks whether the target is a folder and lets no word of that out, not even which container it chose.
	let remote = await remoteOf(kube, to, container, true);
	let path = to.path;
	if ((await remote.run(['test', '-d', path]).catch(() => 1)) === 0) path = join(path, baseOf(from));
	remote = await remoteOf(kube, to, container, false);
	const input = writeTar(await membersOf(kube, from, baseOf(path)));
	const flags = keep ? ['-xmf', '-'] : ['--no-same-permissions', '--no-same-owner', '-xmf', '-'];
	return remote.run(['tar', ...flags, '-C', dirOf(path)], { input, out: (t) => kube.out(t), err: (t) => kube.err(t) });
}

async function download(kube: Kube, from: Spec, to: string, container: string): Promise<number> {
	const { files } = kube.context;
	const remote = await remoteOf(kube, from, container, false);
	let archive = '';
	// What tar says goes to standard output: upstream hands it no other place.
	const code = await remote.run(['tar', 'cf', '-', from.path], { out: (t) => (archive += t), err: (t) => kube.out(t) });
	const prefix = clean(from.path)
		.replace(/^\/+/, '')
		.replace(/^(\.\.\/?)+/, '')
		.replace(/^\.$/, '');
	const isFolder = (await files.stat(to))?.kind === 'directory';
	let warned = false;
	for (const m of readTar(archive).members) {
		if (!m.name.startsWith(prefix)) throw new CliError('tar contents corrupted');
		const inner = m.name.slice(prefix.length);
		const target = join(to, inner);
		if (`/${inner}`.split('/').includes('..')) {
			kube.err(`warning: file "${target}" is outside target destination, skipping\n`);
			continue;
		}
		if (m.kind === 'symlink') {
			const how = `(consider using "kubectl exec -n "${from.namespace || kube.namespace}" "${from.pod}" -- tar cf - "${from.path}" | tar xf -")`;
			kube.err(`warning: skipping symlink: "${target}" -> "${m.target}"${warned ? '' : ` ${how}`}\n`);
			warned = true;
			continue;
		}
		await files.mkdir(m.kind === 'directory' ? target : dirOf(target));
		if (m.kind === 'directory') continue;
		if (inner === '' && isFolder) throw new CliError(`open ${to}: is a directory`);
		await files.write(target, m.content);
	}
	return code;
}

export const cp: Subcommand = {
	name: 'cp',
	flags: [text('container', { short: 'c' }), bool('no-preserve'), int('retries', 0)],
	completes: 'files',
	async run(kube, args, flags) {
		if (args.length !== 2) throw new CliError('source and destination are required');
		const [from, to] = [parse(args[0] ?? ''), parse(args[1] ?? '')];
		if (from.pod !== '' && to.pod !== '') throw new CliError('one of src or dest must be a local file specification');
		if (from.path === '' || to.path === '') throw new CliError('filepath can not be empty');
		const container = flags.str('container');
		if (from.pod !== '') return await download(kube, from, to.path, container);
		if (to.pod !== '') return await upload(kube, from.path, to, container, !flags.bool('no-preserve'));
		throw new CliError('one of src or dest must be a remote file specification');
	},
};
