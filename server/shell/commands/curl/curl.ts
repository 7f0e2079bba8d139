/** curl over the sandbox's network: the options that people use against web services, with curl's own messages and exit codes. */
import type { Command, CommandContext } from '../../command.ts';
import { type Options, parseArguments, Usage } from './options.ts';
import { headText, writeOut } from './output.ts';
import { transfer } from './transfer.ts';

async function fetchUrl(o: Options, text: string, context: CommandContext): Promise<number> {
	const { io } = context;
	const complain = (message: string, code: number): number => {
		if (!o.silent || o.showError) io.stderr(`curl: (${code}) ${message}\n`);
		return code;
	};
	let url: URL;
	try {
		url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
	} catch {
		return complain('URL rejected: Malformed input to a URL function', 3);
	}
	if (url.protocol !== 'http:' && url.protocol !== 'https:') return complain(`Protocol "${url.protocol.slice(0, -1)}" not supported`, 1);
	let body = o.data;
	if (o.get && body !== undefined) {
		url.search = url.search === '' ? `?${body}` : `${url.search}&${body}`;
		body = undefined;
	}
	let method = o.method ?? (o.head ? 'HEAD' : body === undefined ? 'GET' : 'POST');
	let done = await transfer(o, url, method, body, context);
	for (let tries = 0; tries < o.retry && (Array.isArray(done) || ('status' in done && [408, 429, 500, 502, 503, 504].includes(done.status))); tries++) {
		await context.sleep(1000 * 2 ** tries);
		done = await transfer(o, url, method, body, context);
	}
	for (let hops = 0; o.location && 'status' in done && [301, 302, 303, 307, 308].includes(done.status) && done.headers['location'] !== undefined; hops++) {
		if (hops >= 50) return complain('Maximum (50) redirects followed', 47);
		url = new URL(done.headers['location'], url);
		if (done.status < 307 && method !== 'HEAD') {
			method = 'GET';
			body = undefined;
		}
		done = await transfer(o, url, method, body, context);
	}
	if (!('status' in done)) return complain(done[0], done[1]);
	if (o.fail && done.status >= 400) {
		if (o.writeOut !== undefined) io.stdout(writeOut(o.writeOut, done));
		return complain(`The requested URL returned error: ${done.status}`, 22);
	}
	const text2 = (o.include || o.head ? headText(done) : '') + (method === 'HEAD' ? '' : done.body.slice(done.written));
	const target = o.remoteName ? (url.pathname.split('/').at(-1) ?? 'index.html') : o.output;
	if (target !== undefined && target !== '-') {
		if (target !== '/dev/null') await context.files.write(target, text2);
	} else io.stdout(text2);
	if (o.writeOut !== undefined) io.stdout(writeOut(o.writeOut, done));
	return o.failWithBody && done.status >= 400 ? complain(`The requested URL returned error: ${done.status}`, 22) : 0;
}

export const curl: Command = {
	name: 'curl',
	summary: 'transfer a URL',
	help: 'Usage: curl [options...] <url>\n -d, --data <data>           HTTP POST data\n -f, --fail                  Fail fast with no output on HTTP errors\n -H, --header <header>       Pass custom header(s) to server\n -i, --include               Include response headers in output\n -I, --head                  Show document info only\n -L, --location              Follow redirects\n -m, --max-time <seconds>    Maximum time allowed for transfer\n -o, --output <file>         Write to file instead of stdout\n     --resolve <host:port:addr>  Resolve a host to an address\n -s, --silent                Silent mode\n -S, --show-error            Show error even when -s is used\n -v, --verbose               Make the operation more talkative\n -w, --write-out <format>    Output FORMAT after completion\n -X, --request <method>      Specify request method to use\n',
	async run(args, context) {
		if (args.includes('--version') || args[0] === '-V') {
			context.io.stdout('curl 8.17.0 (x86_64-pc-linux-gnu) libcurl/8.17.0\n');
			return 0;
		}
		let o: Options;
		try {
			o = await parseArguments(args, context);
		} catch (e) {
			context.io.stderr(
				e instanceof Usage
					? `${e.message}\ncurl: try 'curl --help' or 'curl --manual' for more information\n`
					: `curl: (26) Failed to open ${String(args.find((a) => a.startsWith('@')) ?? 'file').slice(1)}\n`,
			);
			return e instanceof Usage ? 2 : 26;
		}
		if (o.urls.length === 0) {
			context.io.stderr("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information\n");
			return 2;
		}
		let code = 0;
		for (const url of o.urls) code = await fetchUrl(o, url, context);
		return code;
	},
};
