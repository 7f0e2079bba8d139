/** `kubectl cp`, without a tar in the container: files travel through `cat` and `sh`. Upstream: pkg/cmd/cp (which needs tar). */
import { CliError } from './errors.ts';
import { bool, int, text } from './flags.ts';
import type { Kube } from './kube.ts';
import { checkContainer, defaultContainer, onePod } from './pods.ts';
import { stream } from './streams.ts';
import type { Subcommand } from './subcommand.ts';

interface Spec {
	readonly namespace: string;
	readonly pod: string;
	readonly path: string;
}

function parse(arg: string): Spec {
	const colon = arg.indexOf(':');
	if (colon === 0) throw new CliError('filespec must match the canonical format: [[namespace/]pod:]file/path');
	if (colon < 0) return { namespace: '', pod: '', path: arg };
	const parts = arg.slice(0, colon).split('/');
	if (parts.length > 2) throw new CliError('filespec must match the canonical format: [[namespace/]pod:]file/path');
	const path = arg.slice(colon + 1);
	return parts.length === 2 ? { namespace: parts[0] ?? '', pod: parts[1] ?? '', path } : { namespace: '', pod: parts[0] ?? '', path };
}

interface Remote {
	run(command: readonly string[], input?: string): Promise<string>;
}

async function remoteOf(kube: Kube, spec: Spec, container: string): Promise<Remote> {
	const scoped = spec.namespace === '' ? kube.namespace : spec.namespace;
	const found = spec.namespace === '' ? await onePod(kube, [spec.pod]) : await kube.client.json(`/api/v1/namespaces/${scoped}/pods/${spec.pod}`);
	const name = container || defaultContainer(kube, found, false);
	checkContainer(found, name);
	const path = `/api/v1/namespaces/${found.metadata?.namespace}/pods/${found.metadata?.name}/exec`;
	return {
		async run(command, input) {
			const decoder = new TextDecoder();
			let out = '';
			let err = '';
			try {
				await stream(kube, {
					path,
					container: name,
					command,
					stdin: input !== undefined,
					tty: false,
					...(input === undefined ? {} : { input }),
					stdout: (d) => void (out += decoder.decode(d, { stream: true })),
					stderr: (t) => void (err += t),
				});
			} catch (failure) {
				kube.err(err);
				throw failure;
			}
			return out;
		},
	};
}

const base = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) ?? '';
const quoted = (s: string): string => `'${s.replaceAll("'", "'\\''")}'`;

async function upload(kube: Kube, remote: Remote, from: string, to: string): Promise<void> {
	const { files } = kube.context;
	const stat = await files.stat(from);
	if (stat === undefined) throw new CliError(`${from} doesn't exist in local filesystem`);
	const isFolder = (await remote.run(['sh', '-c', `if [ -d ${quoted(to)} ]; then echo yes; fi`])).trim() === 'yes';
	const target = isFolder ? `${to.replace(/\/+$/, '')}/${base(from)}` : to;
	const send = async (local: string, there: string): Promise<void> => {
		const folder = there.slice(0, there.lastIndexOf('/'));
		await remote.run(['sh', '-c', `${folder === '' ? '' : `mkdir -p ${quoted(folder)} && `}cat > ${quoted(there)}`], await files.read(local));
	};
	if (stat.kind === 'file') return send(from, target);
	const all = await files.list(from, { recursive: true });
	const shortest = from.replace(/\/+$/, '').replace(/^\.\//, '');
	for (const file of all) {
		const at = from.startsWith('/') ? from.replace(/\/+$/, '').length : file.indexOf(`/${shortest}/`) + shortest.length + 1;
		await send(file, `${target}${file.slice(at)}`);
	}
}

async function download(kube: Kube, remote: Remote, from: string, to: string): Promise<void> {
	const { files } = kube.context;
	const found = (
		await remote.run(['sh', '-c', `if [ -d ${quoted(from)} ]; then find ${quoted(from)} -type f; elif [ -e ${quoted(from)} ]; then echo ${quoted(from)}; fi`])
	)
		.split('\n')
		.filter((l) => l !== '');
	if (found.length === 0) throw new CliError(`${from} doesn't exist in the container`);
	const single = found.length === 1 && found[0] === from;
	const stat = await files.stat(to);
	const root = stat?.kind === 'directory' && single ? `${to.replace(/\/+$/, '')}/${base(from)}` : to;
	for (const file of found) {
		const there = single ? root : `${root.replace(/\/+$/, '')}${file.slice(from.replace(/\/+$/, '').length)}`;
		const folder = there.slice(0, there.lastIndexOf('/'));
		if (folder !== '' && (await files.stat(folder)) === undefined) await files.mkdir(folder);
		await files.write(there, await remote.run(['cat', file]));
	}
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
		if (from.pod !== '') await download(kube, await remoteOf(kube, from, flags.str('container')), from.path, to.path);
		else if (to.pod !== '') await upload(kube, await remoteOf(kube, to, flags.str('container')), from.path, to.path);
		else throw new CliError('one of src or dest must be a remote file specification');
		return 0;
	},
};
