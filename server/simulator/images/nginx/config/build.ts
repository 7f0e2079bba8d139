/** From a configuration's sources to its model. */
import { Found } from './found.ts';
import type { Model, Settings } from './model.ts';
import { checkServers, serverOf } from './servers.ts';
import { DEFAULTS, settingsOf } from './settings.ts';
import { ConfigError, type Directive, parseConfig, type Sources } from './syntax.ts';
import { addUpstream } from './upstreams.ts';
import { absolute, at, check } from './values.ts';

/** Checks a configuration and brings it into form. Throws `ConfigError`. `globals` is what `-g` gave. */
export function buildModel(sources: Sources, main: string, globals: string): Model {
	const top = [...parseConfig({ globals }, 'globals').map((d) => ({ ...d, file: 'command line', line: 0 })), ...parseConfig(sources, main)];
	const found = new Found();
	for (const d of top) check(d, 'main');
	const find = (name: string): Directive | undefined => top.findLast((d) => d.name === name);
	if (find('events') === undefined) throw new ConfigError('no "events" section in configuration');
	for (const d of find('events')?.block ?? []) check(d, 'events');
	const http = find('http')?.block ?? [];
	for (const d of http) check(d, 'http');
	for (const d of http)
		if (d.name === 'log_format')
			found.formats[d.args[0] ?? ''] = d.args
				.slice(1)
				.filter((a) => !a.startsWith('escape='))
				.join('');
	const mainErrorLog = find('error_log');
	const base: Settings = mainErrorLog === undefined ? DEFAULTS : settingsOf(found, DEFAULTS, [mainErrorLog]);
	const settings = settingsOf(found, base, http);
	for (const d of http) if (d.name === 'upstream') addUpstream(found, d);
	const servers = http.filter((d) => d.name === 'server').map((d) => serverOf(found, settings, d));
	checkServers(servers, found.warnings);
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
		upstreams: found.upstreams,
		maps: http
			.filter((d) => d.name === 'map')
			.map((d) => ({ source: d.args[0] ?? '', name: (d.args[1] ?? '').slice(1), cases: (d.block ?? []).map((c) => [c.name, c.args[0] ?? ''] as const) })),
		formats: found.formats,
		// An authority that names an upstream needs no resolving.
		hosts: found.hosts.filter((h) => found.upstreams[h.host] === undefined),
		certificates: found.certificates,
		warnings: found.warnings,
	};
}
