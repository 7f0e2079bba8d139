/** `kubectl proxy`: the API server on a port of the workstation's loopback, with the caller's credentials. Upstream: pkg/cmd/proxy, pkg/proxy. */
import { CliError } from './errors.ts';
import { bool, type Flags, int, text, time } from './flags.ts';
import type { Kube } from './kube.ts';
import type { Subcommand } from './subcommand.ts';

const DEFAULT_PORT = 8001;

/** Comma-separated expressions. Rejects with what Go says of the first bad one. */
function expressions(list: string): readonly RegExp[] {
	return list === ''
		? []
		: list.split(',').map((e) => {
				try {
					return new RegExp(e);
				} catch {
					throw new CliError(`F1120 00:00:00.000000       1 proxy_server.go:87] Error compiling re: error parsing regexp: \`${e}\``, {
						raw: true,
						exitCode: 255,
					});
				}
			});
}

/** What may pass: the filter server's rules. */
function filterOf(flags: Flags): (method: string, path: string, host: string) => boolean {
	if (flags.bool('disable-filter')) return () => true;
	const [paths, noPaths, hosts, noMethods] = ['accept-paths', 'reject-paths', 'accept-hosts', 'reject-methods'].map((f) => expressions(flags.str(f)));
	const matches = (value: string, all: readonly RegExp[] = []): boolean => all.some((e) => e.test(value));
	return (method, path, host) => !matches(path, noPaths) && !matches(method, noMethods) && matches(path, paths) && matches(host, hosts);
}

/** The path without the prefix, always with a slash before it; undefined where it lies elsewhere. */
function stripped(path: string, prefix: string): string | undefined {
	if (!path.startsWith(prefix)) return undefined;
	const rest = path.slice(prefix.length);
	return rest.startsWith('/') ? rest : `/${rest}`;
}

const plain = (status: number, body: string): Response => new Response(`${body}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });

async function staticFile(kube: Kube, folder: string, path: string): Promise<Response> {
	if (path.split('/').includes('..')) return plain(400, 'invalid URL path');
	const full = `${folder.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
	const stat = await kube.context.files.stat(full);
	const file = stat?.kind === 'directory' ? `${full.replace(/\/+$/, '')}/index.html` : full;
	if ((await kube.context.files.stat(file))?.kind !== 'file') return plain(404, '404 page not found');
	const type = file.endsWith('.html') ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8';
	return new Response(await kube.context.files.read(file), { headers: { 'content-type': type } });
}

export const proxy: Subcommand = {
	name: 'proxy',
	flags: [
		text('accept-hosts', { def: '^localhost$,^127\\.0\\.0\\.1$,^\\[::1\\]$' }),
		text('accept-paths', { def: '^.*' }),
		text('address', { def: '127.0.0.1' }),
		text('api-prefix', { def: '/' }),
		bool('append-server-path'),
		bool('disable-filter'),
		time('keepalive'),
		int('port', DEFAULT_PORT, { short: 'p' }),
		text('reject-methods', { def: '^$' }),
		text('reject-paths', { def: '^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach' }),
		text('unix-socket', { short: 'u' }),
		text('www', { short: 'w' }),
		text('www-prefix', { short: 'P', def: '/static/' }),
	],
	completes: 'none',
	async run(kube, _args, flags) {
		const asked = flags.int('port');
		if (asked !== DEFAULT_PORT && flags.str('unix-socket') !== '') throw new CliError('cannot set --unix-socket and --port at the same time');
		if (flags.str('unix-socket') !== '') throw new CliError('this workstation serves no unix sockets; use --port');
		if (flags.bool('disable-filter'))
			kube.err('W1120 00:00:00.000000       1 proxy.go:183] Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious\n');
		if (asked < 0 || asked > 65535) throw new CliError(`listen tcp: address ${asked}: invalid port`);
		const accepts = filterOf(flags);
		const slashed = (p: string): string => (p.endsWith('/') ? p : `${p}/`);
		const [prefix, www] = [slashed(flags.str('api-prefix')), slashed(flags.str('www-prefix'))];
		const serve = async (request: Request): Promise<Response> => {
			const url = new URL(request.url);
			if (flags.str('www') !== '' && url.pathname.startsWith(www)) return staticFile(kube, flags.str('www'), url.pathname.slice(www.length));
			const path = prefix.startsWith('/api') ? url.pathname : stripped(url.pathname, prefix);
			if (path === undefined || !url.pathname.startsWith(prefix)) return plain(404, '404 page not found');
			if (!accepts(request.method, path, url.hostname)) return plain(403, 'Forbidden');
			return kube.client.forward(request, path + url.search);
		};
		let listener: { readonly port: number; close(): void };
		try {
			listener = await kube.context.ports.listen(asked, serve);
		} catch (err) {
			if ((err as { code?: string }).code !== 'EADDRINUSE') throw err;
			throw new CliError(`listen tcp ${flags.str('address')}:${asked}: bind: address already in use`);
		}
		kube.out(`Starting to serve on ${flags.str('address')}:${listener.port}\n`);
		try {
			await new Promise<void>((resolve) => {
				if (kube.signal.aborted) resolve();
				kube.signal.addEventListener('abort', () => resolve(), { once: true });
			});
		} finally {
			listener.close();
		}
		return 130;
	},
};
