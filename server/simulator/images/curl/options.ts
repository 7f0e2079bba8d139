/** curl's command line. */
export interface CurlOptions {
	readonly urls: readonly string[];
	readonly silent: boolean;
	readonly showError: boolean;
	readonly fail: boolean;
	readonly failWithBody: boolean;
	readonly verbose: boolean;
	readonly include: boolean;
	readonly head: boolean;
	readonly output?: string;
	readonly remoteName: boolean;
	readonly writeOut: string;
	readonly method?: string;
	readonly data?: string;
	readonly get: boolean;
	readonly json: boolean;
	readonly headers: readonly string[];
	readonly insecure: boolean;
	readonly follow: boolean;
	readonly maxTimeMs: number;
	readonly connectTimeoutMs: number;
	readonly resolve: { readonly [hostPort: string]: string };
	readonly user?: string;
	readonly retry: number;
	readonly retryDelayMs: number;
	readonly retryAll: boolean;
	readonly agent: string;
	readonly cacert?: string;
	readonly version: boolean;
}

export type Parsed = CurlOptions | { readonly error: string; readonly code: number };

const WITH_VALUE: { readonly [long: string]: string } = {
	output: 'o',
	'write-out': 'w',
	request: 'X',
	data: 'd',
	'data-raw': 'd',
	'data-binary': 'd',
	'data-urlencode': 'd',
	header: 'H',
	'max-time': 'm',
	'connect-timeout': 'connect-timeout',
	resolve: 'resolve',
	user: 'u',
	retry: 'retry',
	'retry-delay': 'retry-delay',
	'retry-max-time': '',
	'user-agent': 'A',
	url: 'url',
	cacert: 'cacert',
	cert: '',
	key: '',
	json: 'json',
	referer: '',
	cookie: 'b',
	'cookie-jar': '',
	'connect-to': '',
	proxy: '',
	interface: '',
	'max-redirs': '',
	'dns-servers': '',
	form: 'F',
	'limit-rate': '',
	'unix-socket': '',
};
const FLAGS: { readonly [long: string]: string } = {
	silent: 's',
	'show-error': 'S',
	fail: 'f',
	'fail-with-body': 'fail-with-body',
	verbose: 'v',
	include: 'i',
	head: 'I',
	insecure: 'k',
	location: 'L',
	get: 'G',
	'remote-name': 'O',
	compressed: '',
	'http1.1': '',
	http2: '',
	'retry-connrefused': 'retry-all',
	'retry-all-errors': 'retry-all',
	ipv4: '',
	ipv6: '',
	'no-progress-meter': 's',
	'no-buffer': '',
	'progress-bar': '',
	globoff: '',
	version: 'V',
	'no-keepalive': '',
	'path-as-is': '',
};
const SHORT_VALUES = 'owXdHmuAbFTeExcrCPtyYzKUQ';
const SHORT_FLAGS = 'sSfviIkLGON46#aBgjlnpqRV0';

export function parseOptions(argv: readonly string[], readFile: (path: string) => string | undefined): Parsed {
	let o: CurlOptions = {
		urls: [],
		silent: false,
		showError: false,
		fail: false,
		failWithBody: false,
		verbose: false,
		include: false,
		head: false,
		remoteName: false,
		writeOut: '',
		get: false,
		json: false,
		headers: [],
		insecure: false,
		follow: false,
		maxTimeMs: 0,
		connectTimeoutMs: 0,
		resolve: {},
		retry: 0,
		retryDelayMs: 0,
		retryAll: false,
		agent: 'curl/8.17.0',
		version: false,
	};
	const data = (text: string): void => {
		o = { ...o, data: o.data === undefined ? text : `${o.data}&${text}` };
	};
	const set = (key: string, value: string, long: string): string | undefined => {
		switch (key) {
			case 's':
				o = { ...o, silent: true };
				break;
			case 'S':
				o = { ...o, showError: true };
				break;
			case 'f':
				o = { ...o, fail: true };
				break;
			case 'fail-with-body':
				o = { ...o, fail: true, failWithBody: true };
				break;
			case 'v':
				o = { ...o, verbose: true };
				break;
			case 'i':
				o = { ...o, include: true };
				break;
			case 'I':
				o = { ...o, head: true };
				break;
			case 'k':
				o = { ...o, insecure: true };
				break;
			case 'L':
				o = { ...o, follow: true };
				break;
			case 'G':
				o = { ...o, get: true };
				break;
			case 'O':
				o = { ...o, remoteName: true };
				break;
			case 'V':
				o = { ...o, version: true };
				break;
			case 'o':
				o = { ...o, output: value };
				break;
			case 'w':
				o = { ...o, writeOut: value.startsWith('@') ? (readFile(value.slice(1)) ?? '') : value };
				break;
			case 'X':
				o = { ...o, method: value };
				break;
			case 'd': {
				if (value.startsWith('@') && long !== 'data-raw') {
					const content = readFile(value.slice(1));
					if (content === undefined) return value.slice(1);
					data(long === 'data-binary' ? content : content.replace(/[\r\n]/g, ''));
				} else
					data(
						long === 'data-urlencode'
							? value.replace(/^([^=]*=)?([\s\S]*)$/, (_a, name: string | undefined, v: string) => `${name ?? ''}${encodeURIComponent(v)}`)
							: value,
					);
				break;
			}
			case 'json':
				data(value);
				o = { ...o, json: true };
				break;
			case 'H':
				o = { ...o, headers: [...o.headers, value] };
				break;
			case 'm':
				o = { ...o, maxTimeMs: Number(value) * 1000 };
				break;
			case 'connect-timeout':
				o = { ...o, connectTimeoutMs: Number(value) * 1000 };
				break;
			case 'resolve': {
				const [host = '', port = '', address = ''] = value.split(':');
				o = { ...o, resolve: { ...o.resolve, [`${host}:${port}`]: address } };
				break;
			}
			case 'u':
				o = { ...o, user: value };
				break;
			case 'retry':
				o = { ...o, retry: Number(value) };
				break;
			case 'retry-delay':
				o = { ...o, retryDelayMs: Number(value) * 1000 };
				break;
			case 'retry-all':
				o = { ...o, retryAll: true };
				break;
			case 'A':
				o = { ...o, agent: value };
				break;
			case 'b':
				o = { ...o, headers: [...o.headers, `Cookie: ${value}`] };
				break;
			case 'cacert':
				o = { ...o, cacert: value };
				break;
			case 'url':
				o = { ...o, urls: [...o.urls, value] };
				break;
		}
		return undefined;
	};
	const missing = (name: string): Parsed => ({
		error: `curl: option ${name}: requires parameter\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
		code: 2,
	});
	const unknown = (name: string): Parsed => ({
		error: `curl: option ${name}: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n`,
		code: 2,
	});
	for (let i = 1; i < argv.length; i++) {
		const arg = argv[i] ?? '';
		if (!arg.startsWith('-') || arg === '-') {
			o = { ...o, urls: [...o.urls, arg] };
			continue;
		}
		if (arg.startsWith('--')) {
			const name = arg.slice(2);
			const valued = WITH_VALUE[name];
			if (valued !== undefined) {
				const value = argv[++i];
				if (value === undefined) return missing(arg);
				const unread = set(valued, value, name);
				if (unread !== undefined) return { error: `curl: option ${arg}: error encountered when reading a file\ncurl: Failed to open ${unread}\n`, code: 26 };
			} else if (FLAGS[name] !== undefined) set(FLAGS[name], '', name);
			else return unknown(arg);
			continue;
		}
		for (let j = 1; j < arg.length; j++) {
			const letter = arg[j] ?? '';
			if (SHORT_VALUES.includes(letter)) {
				const value = arg.slice(j + 1) !== '' ? arg.slice(j + 1) : argv[++i];
				if (value === undefined) return missing(`-${letter}`);
				const unread = set(letter, value, 'data');
				if (unread !== undefined)
					return { error: `curl: option -${letter}: error encountered when reading a file\ncurl: Failed to open ${unread}\n`, code: 26 };
				break;
			}
			if (!SHORT_FLAGS.includes(letter)) return unknown(`-${letter}`);
			set(letter, '', letter);
		}
	}
	return o;
}
