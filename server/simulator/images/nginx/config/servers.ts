/** server blocks: what they listen on, their names, and whether they get in each other's way. */
import type { Found } from './found.ts';
import { locationsOf } from './locations.ts';
import type { Server, Settings } from './model.ts';
import { settingsOf } from './settings.ts';
import { stepsOf } from './steps.ts';
import { ConfigError, type Directive } from './syntax.ts';
import { check, fail } from './values.ts';

/** A server block under what the http block around it says. */
export function serverOf(found: Found, parent: Settings, d: Directive): Server {
	const block = d.block ?? [];
	for (const inner of block) check(inner, 'server');
	const settings = settingsOf(found, parent, block);
	const listens = block.filter((b) => b.name === 'listen');
	const names = block.filter((b) => b.name === 'server_name').flatMap((b) => b.args);
	const tryFiles = block.find((b) => b.name === 'try_files')?.args;
	return {
		listen: listens.length === 0 ? [{ port: 80, tls: false, isDefault: false, local: false }] : listens.map(listen),
		names: names.length === 0 ? [''] : names.map((n) => n.toLowerCase()),
		settings,
		steps: stepsOf(block),
		...(tryFiles === undefined ? {} : { tryFiles }),
		locations: locationsOf(found, settings, block),
	};
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

/** Two default servers of a port are refused; a name that a port has twice is warned of. */
export function checkServers(servers: readonly Server[], warnings: string[]): void {
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
