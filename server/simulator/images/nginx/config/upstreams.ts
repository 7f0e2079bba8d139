/** upstream blocks: the peers that requests are passed on to. */
import type { Found } from './found.ts';
import type { Peer } from './model.ts';
import type { Directive } from './syntax.ts';
import { at, check, duration, fail, splitHost } from './values.ts';

/** Takes an upstream block among what has been found. */
export function addUpstream(found: Found, d: Directive): void {
	const name = d.args[0] ?? '';
	if (found.upstreams[name] !== undefined) fail(d, `duplicate upstream "${name}"`);
	const peers = (d.block ?? []).flatMap((p): readonly Peer[] => {
		check(p, 'upstream');
		if (p.name !== 'server') return [];
		const options = p.args.slice(1);
		if (options.includes('down')) return [];
		const option = (key: string): string | undefined => options.find((o) => o.startsWith(`${key}=`))?.slice(key.length + 1);
		for (const o of options)
			if (!/^(weight|max_fails|fail_timeout|max_conns|slow_start|route|service)=|^(backup|resolve|drain)$/.test(o)) fail(p, `invalid parameter "${o}"`);
		const { host, port } = splitHost(p.args[0] ?? '', 80);
		found.hosts.push({ host: `${host}:${port}`, at: `host not found in upstream "${p.args[0]}" in ${at(p)}` });
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
	found.upstreams[name] = peers;
}
