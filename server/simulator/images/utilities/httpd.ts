/** httpd as busybox has it: files of a folder. */
import type { Program } from '../program.ts';
import { resolvePath } from './utility.ts';

interface HttpdData {
	readonly home: string;
	readonly verbose: boolean;
}

const TYPES: { readonly [extension: string]: string } = {
	html: 'text/html',
	htm: 'text/html',
	txt: 'text/plain',
	css: 'text/css',
	json: 'application/json',
	js: 'text/javascript',
};

/** `httpd -f -p 8080 -h /www`. Without -f it goes to the background: as a container's first process it takes all with it. */
export const httpd: Program<HttpdData> = {
	name: 'httpd',
	start(process) {
		const args = process.argv.slice(1);
		const value = (flag: string): string | undefined => {
			const at = args.findIndex((a) => a.startsWith(flag));
			return at === -1 ? undefined : (args[at] ?? '').length > 2 ? args[at]?.slice(2) : args[at + 1];
		};
		const port = Number((value('-p') ?? '80').split(':').at(-1));
		process.data = { home: resolvePath(process.cwd, value('-h') ?? '.'), verbose: args.some((a) => /^-\w*v/.test(a)) };
		if (!args.some((a) => /^-\w*f/.test(a))) process.exit(0);
		else if (!process.listen(port)) {
			process.stderr('httpd: bind: Address already in use\n');
			process.exit(1);
		}
	},
	onRequest(process, connection, request) {
		if (request.protocol !== 'http') {
			process.respond(connection.id, { protocol: 'tcp', data: '' });
			return;
		}
		const path = (request.path.split('?')[0] ?? '/').replace(/\/$/, '/index.html');
		const file = process.fs.read(`${process.data.home === '/' ? '' : process.data.home}${path}`);
		const status = file.ok ? 200 : file.error === 'EACCES' ? 403 : 404;
		const title = `${status} ${status === 403 ? 'Forbidden' : 'Not Found'}`;
		const body = file.ok
			? file.value
			: `<HTML><HEAD><TITLE>${title}</TITLE></HEAD>\n<BODY><H1>${title}</H1>\nThe requested URL was not found\n</BODY></HTML>\n`;
		if (process.data.verbose) process.stderr(`[::ffff:${connection.remoteAddress}]:40122: response:${status}\n`);
		process.respond(connection.id, {
			protocol: 'http',
			status,
			headers: { 'content-type': file.ok ? (TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream') : 'text/html', connection: 'close' },
			body: request.method === 'HEAD' ? '' : body,
		});
	},
	onSignal(process, signal) {
		// httpd installs no handler: as the first process it ignores SIGTERM, as Linux has it.
		if (process.pid !== 1 && (signal === 'SIGTERM' || signal === 'SIGINT')) process.exit(143);
	},
};
