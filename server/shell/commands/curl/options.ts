/** curl's command line. */
import type { CommandContext } from '../../command.ts';

export interface Options {
	method?: string;
	headers: { [name: string]: string };
	data?: string;
	urls: string[];
	silent: boolean;
	showError: boolean;
	fail: boolean;
	include: boolean;
	head: boolean;
	verbose: boolean;
	location: boolean;
	get: boolean;
	output?: string;
	remoteName: boolean;
	writeOut?: string;
	maxTimeMs?: number;
	connectTimeoutMs?: number;
	resolve: { [host: string]: string };
	retry: number;
	user?: string;
	failWithBody: boolean;
}

const WITH_VALUE: { readonly [flag: string]: string } = {
	'-X': 'request',
	'--request': 'request',
	'-H': 'header',
	'--header': 'header',
	'-d': 'data',
	'--data': 'data',
	'--data-raw': 'data-raw',
	'--data-binary': 'data-binary',
	'--data-urlencode': 'data-urlencode',
	'--json': 'json',
	'-o': 'output',
	'--output': 'output',
	'-w': 'write-out',
	'--write-out': 'write-out',
	'-m': 'max-time',
	'--max-time': 'max-time',
	'--connect-timeout': 'connect-timeout',
	'--resolve': 'resolve',
	'--retry': 'retry',
	'--retry-delay': 'ignored',
	'-u': 'user',
	'--user': 'user',
	'-A': 'agent',
	'--user-agent': 'agent',
	'--cacert': 'ignored',
	'-e': 'ignored',
	'-b': 'cookie',
	'--url': 'url',
	'-c': 'ignored',
};

const FLAGS: { readonly [flag: string]: string } = {
	'-s': 'silent',
	'--silent': 'silent',
	'-S': 'show-error',
	'--show-error': 'show-error',
	'-f': 'fail',
	'--fail': 'fail',
	'--fail-with-body': 'fail-with-body',
	'-i': 'include',
	'--include': 'include',
	'-I': 'head',
	'--head': 'head',
	'-v': 'verbose',
	'--verbose': 'verbose',
	'-L': 'location',
	'--location': 'location',
	'-k': 'insecure',
	'--insecure': 'insecure',
	'-G': 'get',
	'--get': 'get',
	'-O': 'remote-name',
	'-4': 'v4',
	'--http1.1': 'h1',
	'--compressed': 'z',
	'--retry-connrefused': 'rc',
	'--retry-all-errors': 'rc',
	'-N': 'no-buffer',
	'--no-buffer': 'no-buffer',
	'-#': 'progress',
	'--http2': 'h2',
	'--no-progress-meter': 'silent-meter',
};

/** A command line that curl refuses, in its words. */
export class Usage extends Error {}

/** Reads the command line, and the files and input that its data come from. Throws `Usage`. */
export async function parseArguments(args: readonly string[], context: CommandContext): Promise<Options> {
	const o: Options = {
		headers: {},
		urls: [],
		silent: false,
		showError: false,
		fail: false,
		include: false,
		head: false,
		verbose: false,
		location: false,
		get: false,
		remoteName: false,
		resolve: {},
		retry: 0,
		failWithBody: false,
	};
	const fileOr = async (v: string): Promise<string> => (v.startsWith('@') ? (v === '@-' ? context.io.stdin : await context.files.read(v.slice(1))) : v);
	const value = async (name: string, v: string): Promise<void> => {
		const add = (t: string): void => {
			o.data = o.data === undefined ? t : `${o.data}&${t}`;
		};
		switch (name) {
			case 'request':
				o.method = v;
				break;
			case 'header': {
				const at = v.indexOf(':');
				if (at > 0) o.headers[v.slice(0, at).trim().toLowerCase()] = v.slice(at + 1).trim();
				break;
			}
			case 'data':
				add((await fileOr(v)).replace(/[\r\n]/g, v.startsWith('@') ? '' : '$&'));
				break;
			case 'data-binary':
				add(await fileOr(v));
				break;
			case 'data-raw':
				add(v);
				break;
			case 'data-urlencode': {
				const at = v.indexOf('=');
				add(at < 0 ? encodeURIComponent(v) : `${v.slice(0, at + 1)}${encodeURIComponent(v.slice(at + 1))}`);
				break;
			}
			case 'json':
				add(await fileOr(v));
				o.headers['content-type'] ??= 'application/json';
				o.headers['accept'] ??= 'application/json';
				break;
			case 'output':
				o.output = v;
				break;
			case 'write-out':
				o.writeOut = v;
				break;
			case 'max-time':
				o.maxTimeMs = Number(v) * 1000;
				break;
			case 'connect-timeout':
				o.connectTimeoutMs = Number(v) * 1000;
				break;
			case 'resolve': {
				const [host = '', , address = ''] = v.split(':');
				o.resolve[host] = address;
				break;
			}
			case 'retry':
				o.retry = Number(v);
				break;
			case 'user':
				o.user = v;
				break;
			case 'agent':
				o.headers['user-agent'] = v;
				break;
			case 'cookie':
				o.headers['cookie'] = v;
				break;
			case 'url':
				o.urls.push(v);
				break;
			default:
				break;
		}
	};
	const flag = (name: string): void => {
		if (name === 'silent') o.silent = true;
		else if (name === 'show-error') o.showError = true;
		else if (name === 'fail') o.fail = true;
		else if (name === 'fail-with-body') o.failWithBody = true;
		else if (name === 'include') o.include = true;
		else if (name === 'head') o.head = true;
		else if (name === 'verbose') o.verbose = true;
		else if (name === 'location') o.location = true;
		else if (name === 'get') o.get = true;
		else if (name === 'remote-name') o.remoteName = true;
	};
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (!a.startsWith('-') || a === '-') {
			o.urls.push(a);
			continue;
		}
		if (a.startsWith('--')) {
			const name = WITH_VALUE[a];
			if (name !== undefined) {
				const v = args[++i];
				if (v === undefined) throw new Usage(`curl: option ${a}: requires parameter`);
				await value(name, v);
			} else if (FLAGS[a] !== undefined) flag(FLAGS[a]);
			else throw new Usage(`curl: option ${a}: is unknown`);
			continue;
		}
		for (let j = 1; j < a.length; j++) {
			const short = `-${a[j]}`;
			const name = WITH_VALUE[short];
			if (name !== undefined) {
				const v = j + 1 < a.length ? a.slice(j + 1) : args[++i];
				if (v === undefined) throw new Usage(`curl: option ${short}: requires parameter`);
				await value(name, v);
				break;
			}
			if (FLAGS[short] === undefined) throw new Usage(`curl: option ${a}: is unknown`);
			flag(FLAGS[short]);
		}
	}
	return o;
}
