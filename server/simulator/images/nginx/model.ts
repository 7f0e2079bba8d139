/** A checked configuration in the form in which requests use it. */
import { complaint, type Place } from './directives.ts';
import { ConfigError, type Directive, parseConfig, type Sources } from './syntax.ts';

/** Settings that a block inherits from the one around it. */
export interface Settings {
	readonly root: string;
	readonly index: readonly string[];
	readonly errorPages: readonly { readonly codes: readonly number[]; readonly answer?: number | 'inherit'; readonly uri: string }[];
	readonly accessLog: readonly { readonly path: string; readonly format: string }[];
	readonly errorLog: { readonly path: string; readonly level: string };
	readonly proxyHeaders: readonly (readonly [string, string])[];
	readonly addHeaders: readonly { readonly name: string; readonly value: string; readonly always: boolean }[];
	readonly connectTimeoutMs: number;
	readonly readTimeoutMs: number;
	readonly nextUpstream: readonly string[];
	readonly interceptErrors: boolean;
	readonly buffering: boolean;
	readonly maxBody: number;
	readonly defaultType: string;
	readonly types: { readonly [extension: string]: string };
	readonly serverTokens: boolean;
	readonly autoindex: boolean;
	readonly hasResolver: boolean;
	readonly hideHeaders: readonly string[];
	readonly access: readonly { readonly allow: boolean; readonly from: string }[];
}

export type Step =
	| { readonly kind: 'return'; readonly code: number; readonly text: string }
	| { readonly kind: 'rewrite'; readonly regex: string; readonly to: string; readonly flag: string }
	| { readonly kind: 'set'; readonly name: string; readonly value: string }
	| { readonly kind: 'break' }
	| { readonly kind: 'if'; readonly condition: readonly string[]; readonly steps: readonly Step[] };

export interface Location {
	readonly modifier: '' | '=' | '^~' | '~' | '~*' | '@';
	readonly pattern: string;
	readonly settings: Settings;
	readonly steps: readonly Step[];
	readonly alias?: string;
	readonly tryFiles?: readonly string[];
	readonly proxyPass?: string;
	readonly stubStatus: boolean;
	readonly internal: boolean;
	readonly locations: readonly Location[];
}

export interface Server {
	readonly listen: readonly { readonly port: number; readonly tls: boolean; readonly isDefault: boolean; readonly local: boolean }[];
	readonly names: readonly string[];
	readonly settings: Settings;
	readonly steps: readonly Step[];
	readonly tryFiles?: readonly string[];
	readonly locations: readonly Location[];
}

export interface Peer {
	readonly host: string;
	readonly port: number;
	readonly maxFails: number;
	readonly failTimeoutMs: number;
	readonly backup: boolean;
	readonly weight: number;
}

export interface Model {
	readonly daemon: boolean;
	readonly user?: { readonly name: string; readonly at: string };
	readonly pid: string;
	readonly workers: number;
	readonly errorLog: string;
	readonly temp: readonly string[];
	readonly servers: readonly Server[];
	readonly upstreams: { readonly [name: string]: readonly Peer[] };
	readonly maps: readonly { readonly source: string; readonly name: string; readonly cases: readonly (readonly [string, string])[] }[];
	readonly formats: { readonly [name: string]: string };
	/** Names to be resolved before start: host → where it is written (`upstream "db" in /etc/…:3`). */
	readonly hosts: readonly { readonly host: string; readonly at: string }[];
	readonly certificates: readonly string[];
	readonly warnings: readonly string[];
}

const COMBINED = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

const DEFAULTS: Settings = {
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

const at = (d: Directive): string => `${d.file}:${d.line}`;
const fail = (d: Directive, message: string): never => {
	throw new ConfigError(`${message} in ${at(d)}`);
};

function duration(d: Directive, text: string): number {
	const m = /^(\d+)(ms|s|m|h|d)?$/.exec(text);
	if (m === null) return fail(d, `"${d.name}" directive invalid value`);
	return Number(m[1]) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[m[2] ?? 's'] ?? 1000);
}

function size(d: Directive, text: string): number {
	const m = /^(\d+)([kKmMgG]?)$/.exec(text);
	if (m === null) return fail(d, `"${d.name}" directive invalid value`);
	return Number(m[1]) * ({ k: 1024, m: 1_048_576, g: 1_073_741_824 }[(m[2] ?? '').toLowerCase()] ?? 1);
}

const absolute = (path: string): string => (path.startsWith('/') || path.startsWith('$') ? path : `/etc/nginx/${path}`);

/** Collects what the directives of one block say. */
class Builder {
	readonly hosts: { readonly host: string; readonly at: string }[] = [];
	readonly upstreams: { [name: string]: readonly Peer[] } = {};
	readonly certificates: string[] = [];
	readonly warnings: string[] = [];
	readonly formats: { [name: string]: string } = { combined: COMBINED };

	check(d: Directive, place: Place): void {
		const wrong = complaint(d.name, d.args.length, d.block !== undefined, place);
		if (wrong !== undefined) fail(d, wrong);
	}

	settings(parent: Settings, block: readonly Directive[]): Settings {
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
					s = { ...s, errorPages: [...(list('errorPages') as Settings['errorPages']), this.errorPage(d)] };
					break;
				case 'access_log':
					s = {
						...s,
						accessLog: first === 'off' ? [] : [...(list('accessLog') as Settings['accessLog']), { path: absolute(first), format: this.format(d) }],
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
					this.certificates.push(absolute(first));
					break;
			}
		}
		return s;
	}

	private format(d: Directive): string {
		const name = d.args.slice(1).find((a) => !a.includes('=')) ?? 'combined';
		return this.formats[name] === undefined ? fail(d, `unknown log format "${name}"`) : name;
	}

	private errorPage(d: Directive): Settings['errorPages'][number] {
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

	steps(block: readonly Directive[], place: Place): readonly Step[] {
		return block.flatMap((d): readonly Step[] => {
			switch (d.name) {
				case 'return':
					return [this.returnStep(d)];
				case 'rewrite':
					checkRegex(d, d.args[0] ?? '');
					return [{ kind: 'rewrite', regex: d.args[0] ?? '', to: d.args[1] ?? '', flag: d.args[2] ?? '' }];
				case 'set':
					if (!(d.args[0] ?? '').startsWith('$')) fail(d, `invalid variable name "${d.args[0]}"`);
					return [{ kind: 'set', name: (d.args[0] ?? '').slice(1), value: d.args[1] ?? '' }];
				case 'break':
					return [{ kind: 'break' }];
				case 'if': {
					for (const inner of d.block ?? []) this.check(inner, 'if');
					if (!(d.args[0] ?? '').startsWith('(')) fail(d, `invalid condition "${d.args[0]}"`);
					const words = d.args
						.join('\u0000')
						.replace(/^\(/, '')
						.replace(/\)$/, '')
						.split('\u0000')
						.filter((w) => w !== '');
					return [{ kind: 'if', condition: words, steps: this.steps(d.block ?? [], place) }];
				}
				default:
					return [];
			}
		});
	}

	private returnStep(d: Directive): Step {
		const [first = '', second] = d.args;
		const code = Number(first);
		if (second === undefined && /^(https?:\/\/|\$scheme)/.test(first)) return { kind: 'return', code: 302, text: first };
		if (!Number.isInteger(code) || code < 0 || code > 999) fail(d, `invalid return code "${first}"`);
		return { kind: 'return', code, text: second ?? '' };
	}

	location(parent: Settings, d: Directive): Location {
		const block = d.block ?? [];
		for (const inner of block) this.check(inner, 'location');
		const [first = '', second] = d.args;
		let modifier: Location['modifier'] = '';
		let pattern = first;
		if (second !== undefined) {
			if (first !== '=' && first !== '^~' && first !== '~' && first !== '~*') fail(d, `invalid location modifier "${first}"`);
			modifier = first as Location['modifier'];
			pattern = second;
		} else if (first.startsWith('@')) modifier = '@';
		if (modifier === '~' || modifier === '~*') checkRegex(d, pattern);
		const settings = this.settings(parent, block);
		const find = (name: string): Directive | undefined => block.find((b) => b.name === name);
		const pass = find('proxy_pass');
		if (pass !== undefined) this.proxyPass(pass, modifier);
		const alias = find('alias')?.args[0];
		const tryFiles = find('try_files')?.args;
		return {
			modifier,
			pattern,
			settings,
			steps: this.steps(block, 'location'),
			...(alias === undefined ? {} : { alias }),
			...(tryFiles === undefined ? {} : { tryFiles }),
			...(pass === undefined ? {} : { proxyPass: pass.args[0] ?? '' }),
			stubStatus: find('stub_status') !== undefined,
			internal: find('internal') !== undefined,
			locations: this.locations(settings, block),
		};
	}

	private proxyPass(d: Directive, modifier: Location['modifier']): void {
		const url = d.args[0] ?? '';
		if (url.includes('$')) return;
		const m = /^(https?):\/\/([^/]+)(\/.*)?$/.exec(url);
		if (m === null) {
			fail(d, /^https?:\/\/$/.test(url) || /^https?:\/\/\//.test(url) ? `no host in upstream "${url.replace(/^https?:\/\//, '')}"` : 'invalid URL prefix');
			return;
		}
		if (m[3] !== undefined && (modifier === '~' || modifier === '~*' || modifier === '@')) {
			fail(
				d,
				'"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, or inside "if" statement, or inside "limit_except" block',
			);
		}
		const authority = m[2] ?? '';
		const { host, port } = splitHost(authority, m[1] === 'https' ? 443 : 80);
		if (!Number.isInteger(port) || port < 1 || port > 65_535) fail(d, `invalid port in upstream "${authority}${m[3] ?? ''}"`);
		this.hosts.push({ host: authority, at: `host not found in upstream "${host}" in ${at(d)}` });
	}

	locations(parent: Settings, block: readonly Directive[]): readonly Location[] {
		const out: Location[] = [];
		for (const d of block) {
			if (d.name !== 'location') continue;
			const location = this.location(parent, d);
			if (
				location.modifier !== '~' &&
				location.modifier !== '~*' &&
				out.some((l) => l.pattern === location.pattern && (l.modifier === '=') === (location.modifier === '='))
			) {
				fail(d, `duplicate location "${location.pattern}"`);
			}
			out.push(location);
		}
		return out;
	}

	server(parent: Settings, d: Directive): Server {
		const block = d.block ?? [];
		for (const inner of block) this.check(inner, 'server');
		const settings = this.settings(parent, block);
		const listens = block.filter((b) => b.name === 'listen');
		const names = block.filter((b) => b.name === 'server_name').flatMap((b) => b.args);
		const tryFiles = block.find((b) => b.name === 'try_files')?.args;
		return {
			listen: listens.length === 0 ? [{ port: 80, tls: false, isDefault: false, local: false }] : listens.map(listen),
			names: names.length === 0 ? [''] : names.map((n) => n.toLowerCase()),
			settings,
			steps: this.steps(block, 'server'),
			...(tryFiles === undefined ? {} : { tryFiles }),
			locations: this.locations(settings, block),
		};
	}

	upstream(d: Directive): void {
		const name = d.args[0] ?? '';
		if (this.upstreams[name] !== undefined) fail(d, `duplicate upstream "${name}"`);
		const peers = (d.block ?? []).flatMap((p): readonly Peer[] => {
			this.check(p, 'upstream');
			if (p.name !== 'server') return [];
			const options = p.args.slice(1);
			if (options.includes('down')) return [];
			const option = (key: string): string | undefined => options.find((o) => o.startsWith(`${key}=`))?.slice(key.length + 1);
			for (const o of options)
				if (!/^(weight|max_fails|fail_timeout|max_conns|slow_start|route|service)=|^(backup|resolve|drain)$/.test(o)) fail(p, `invalid parameter "${o}"`);
			const { host, port } = splitHost(p.args[0] ?? '', 80);
			this.hosts.push({ host: `${host}:${port}`, at: `host not found in upstream "${p.args[0]}" in ${at(p)}` });
			return [
				{
					host,
					port,
					maxFails: Number(option('max_fails') ?? 1),
					failTimeoutMs: duration(p, option('fail_timeout') ?? '10s'),
					backup: options.includes('backup'),
					weight: Number(option('weight') ?? 1),
				},
			];
		});
		if (peers.length === 0) fail(d, 'no servers are inside upstream');
		this.upstreams[name] = peers;
	}
}

function checkRegex(d: Directive, pattern: string): void {
	if (toRegex(pattern, '') === undefined) fail(d, `pcre2_compile() failed: missing closing parenthesis in "${pattern}"`);
}

/** A PCRE pattern as the platform's; undefined where it is none. Named groups `(?<x>…)` are the same in both. */
export function toRegex(pattern: string, flags: string): RegExp | undefined {
	try {
		return new RegExp(pattern.replace(/\(\?P</g, '(?<').replace(/^\(\?i\)/, ''), pattern.startsWith('(?i)') ? 'i' : flags);
	} catch {
		return undefined;
	}
}

export function splitHost(authority: string, otherwise: number): { readonly host: string; readonly port: number } {
	const m = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(authority);
	return { host: m?.[1] ?? authority, port: m?.[2] === undefined ? otherwise : Number(m[2]) };
}

function listen(d: Directive): Server['listen'][number] {
	const address = d.args[0] ?? '';
	if (address.startsWith('unix:')) return { port: 0, tls: false, isDefault: false, local: true };
	const text = /^\d+$/.test(address) ? address : (/^(?:\[[^\]]*\]|\*|[^:]+):(.+)$/.exec(address)?.[1] ?? '80');
	const port = Number(text);
	if (!Number.isInteger(port) || port < 1 || port > 65_535) fail(d, `invalid port in "${address}" of the "listen" directive`);
	for (const o of d.args.slice(1)) {
		if (
			!/^(default_server|ssl|http2|quic|proxy_protocol|deferred|reuseport|bind|default)$|^(backlog|rcvbuf|sndbuf|ipv6only|so_keepalive|fastopen|setfib|accept_filter)=/.test(
				o,
			)
		)
			fail(d, `invalid parameter "${o}"`);
	}
	return { port, tls: d.args.includes('ssl'), isDefault: d.args.includes('default_server'), local: /^(127\.|localhost|\[::1\])/.test(address) };
}

/** Checks a configuration and brings it into form. Throws `ConfigError`. `globals` is what `-g` gave. */
export function buildModel(sources: Sources, main: string, globals: string): Model {
	const top = [...parseConfig({ globals }, 'globals').map((d) => ({ ...d, file: 'command line', line: 0 })), ...parseConfig(sources, main)];
	const b = new Builder();
	for (const d of top) b.check(d, 'main');
	const find = (name: string): Directive | undefined => top.findLast((d) => d.name === name);
	if (find('events') === undefined) throw new ConfigError('no "events" section in configuration');
	for (const d of find('events')?.block ?? []) b.check(d, 'events');
	const http = find('http')?.block ?? [];
	for (const d of http) b.check(d, 'http');
	for (const d of http)
		if (d.name === 'log_format')
			b.formats[d.args[0] ?? ''] = d.args
				.slice(1)
				.filter((a) => !a.startsWith('escape='))
				.join('');
	const mainErrorLog = find('error_log');
	const base: Settings = mainErrorLog === undefined ? DEFAULTS : b.settings(DEFAULTS, [mainErrorLog]);
	const settings = b.settings(base, http);
	for (const d of http) if (d.name === 'upstream') b.upstream(d);
	const servers = http.filter((d) => d.name === 'server').map((d) => b.server(settings, d));
	checkServers(servers, b.warnings);
	const user = find('user');
	const temp = ['client_body_temp_path', 'proxy_temp_path', 'fastcgi_temp_path', 'uwsgi_temp_path', 'scgi_temp_path'];
	const places = ['client_temp', 'proxy_temp', 'fastcgi_temp', 'uwsgi_temp', 'scgi_temp'];
	const workers = find('worker_processes')?.args[0] ?? '1';
	return {
		daemon: find('daemon')?.args[0] !== 'off',
		...(user === undefined ? {} : { user: { name: user.args[0] ?? 'nginx', at: at(user) } }),
		pid: absolute(find('pid')?.args[0] ?? '/run/nginx.pid'),
		workers: workers === 'auto' ? 4 : Number(workers),
		errorLog: base.errorLog.path,
		temp: temp.map((name, i) => http.find((d) => d.name === name)?.args[0] ?? `/var/cache/nginx/${places[i]}`),
		servers,
		upstreams: b.upstreams,
		maps: http
			.filter((d) => d.name === 'map')
			.map((d) => ({ source: d.args[0] ?? '', name: (d.args[1] ?? '').slice(1), cases: (d.block ?? []).map((c) => [c.name, c.args[0] ?? ''] as const) })),
		formats: b.formats,
		// An authority that names an upstream needs no resolving.
		hosts: b.hosts.filter((h) => b.upstreams[h.host] === undefined),
		certificates: b.certificates,
		warnings: b.warnings,
	};
}

function checkServers(servers: readonly Server[], warnings: string[]): void {
	const defaults = new Set<number>();
	const names = new Set<string>();
	for (const s of servers) {
		const ports = new Set(s.listen.map((l) => l.port));
		for (const port of ports) {
			if (s.listen.some((l) => l.port === port && l.isDefault)) {
				if (defaults.has(port)) throw new ConfigError(`a duplicate default server for 0.0.0.0:${port} in /etc/nginx/nginx.conf`);
				defaults.add(port);
			}
			for (const name of s.names) {
				if (names.has(`${port} ${name}`)) warnings.push(`conflicting server name "${name}" on 0.0.0.0:${port}, ignored`);
				names.add(`${port} ${name}`);
			}
		}
	}
}
