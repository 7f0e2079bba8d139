/** Settings that blocks inherit: nginx's defaults, and what directives change of them. */
import type { Found } from './found.ts';
import type { Settings } from './model.ts';
import type { Directive } from './syntax.ts';
import { absolute, duration, fail, size } from './values.ts';

/** What holds where no directive says otherwise. */
export const DEFAULTS: Settings = {
	root: '/etc/nginx/html',
	index: ['index.html'],
	errorPages: [],
	accessLog: [{ path: '/var/log/nginx/access.log', format: 'combined' }],
	errorLog: { path: '/var/log/nginx/error.log', level: 'error' },
	proxyHeaders: [],
	addHeaders: [],
	connectTimeoutMs: 60_000,
	readTimeoutMs: 60_000,
	nextUpstream: ['error', 'timeout'],
	interceptErrors: false,
	buffering: true,
	maxBody: 1_048_576,
	defaultType: 'text/plain',
	types: { html: 'text/html', gif: 'image/gif', jpg: 'image/jpeg' },
	serverTokens: true,
	autoindex: false,
	hasResolver: false,
	hideHeaders: [],
	access: [],
};

/** What a block's directives make of the settings around it. */
export function settingsOf(found: Found, parent: Settings, block: readonly Directive[]): Settings {
	let s: Settings = parent;
	const own = { errorPages: false, accessLog: false, proxyHeaders: false, addHeaders: false, hideHeaders: false, types: false, access: false };
	/** Lists are inherited whole or not at all: the first directive of a block starts a new one. */
	const list = <K extends keyof typeof own>(key: K): Settings[K] | readonly [] => {
		const current = own[key] ? s[key] : key === 'types' ? ({} as Settings[K]) : ([] as unknown as Settings[K]);
		own[key] = true;
		return current;
	};
	for (const d of block) {
		const first = d.args[0] ?? '';
		switch (d.name) {
			case 'root':
				s = { ...s, root: absolute(first).replace(/(.)\/$/, '$1') };
				break;
			case 'index':
				s = { ...s, index: d.args };
				break;
			case 'error_page':
				s = { ...s, errorPages: [...(list('errorPages') as Settings['errorPages']), errorPage(d)] };
				break;
			case 'access_log':
				s = {
					...s,
					accessLog: first === 'off' ? [] : [...(list('accessLog') as Settings['accessLog']), { path: absolute(first), format: logFormat(found, d) }],
				};
				break;
			case 'error_log':
				s = { ...s, errorLog: { path: first === 'stderr' ? '/dev/stderr' : absolute(first), level: d.args[1] ?? 'error' } };
				break;
			case 'proxy_set_header':
				s = { ...s, proxyHeaders: [...(list('proxyHeaders') as Settings['proxyHeaders']), [first, d.args[1] ?? '']] };
				break;
			case 'add_header':
				s = {
					...s,
					addHeaders: [...(list('addHeaders') as Settings['addHeaders']), { name: first, value: d.args[1] ?? '', always: d.args[2] === 'always' }],
				};
				break;
			case 'proxy_hide_header':
				s = { ...s, hideHeaders: [...(list('hideHeaders') as Settings['hideHeaders']), first.toLowerCase()] };
				break;
			case 'allow':
			case 'deny':
				s = { ...s, access: [...(list('access') as Settings['access']), { allow: d.name === 'allow', from: first }] };
				break;
			case 'proxy_connect_timeout':
				s = { ...s, connectTimeoutMs: duration(d, first) };
				break;
			case 'proxy_read_timeout':
				s = { ...s, readTimeoutMs: duration(d, first) };
				break;
			case 'proxy_next_upstream':
				s = { ...s, nextUpstream: d.args };
				break;
			case 'proxy_intercept_errors':
				s = { ...s, interceptErrors: first === 'on' };
				break;
			case 'proxy_buffering':
				s = { ...s, buffering: first === 'on' };
				break;
			case 'client_max_body_size':
				s = { ...s, maxBody: size(d, first) };
				break;
			case 'default_type':
				s = { ...s, defaultType: first };
				break;
			case 'types': {
				let types = { ...(list('types') as Settings['types']) };
				for (const t of d.block ?? []) types = { ...types, ...Object.fromEntries(t.args.map((e) => [e, t.name])) };
				s = { ...s, types };
				break;
			}
			case 'server_tokens':
				s = { ...s, serverTokens: first !== 'off' };
				break;
			case 'autoindex':
				s = { ...s, autoindex: first === 'on' };
				break;
			case 'resolver':
				s = { ...s, hasResolver: true };
				break;
			case 'ssl_certificate':
			case 'ssl_certificate_key':
				found.certificates.push(absolute(first));
				break;
		}
	}
	return s;
}

function logFormat(found: Found, d: Directive): string {
	const name = d.args.slice(1).find((a) => !a.includes('=')) ?? 'combined';
	return found.formats[name] === undefined ? fail(d, `unknown log format "${name}"`) : name;
}

function errorPage(d: Directive): Settings['errorPages'][number] {
	const uri = d.args.at(-1) ?? '';
	const answer = d.args.find((a) => a.startsWith('='));
	const codes = d.args
		.slice(0, -1)
		.filter((a) => !a.startsWith('='))
		.map((a) => {
			const code = Number(a);
			return Number.isInteger(code) && code >= 300 && code <= 599 ? code : fail(d, `invalid value "${a}"`);
		});
	return { codes, uri, ...(answer === undefined ? {} : { answer: answer === '=' ? ('inherit' as const) : Number(answer.slice(1)) }) };
}
