/**
 * CoreDNS' Corefile as kubeadm's ConfigMap holds it, and what its plugins make of a name: server blocks by zone, `kubernetes` with its zones,
 * `hosts`, `rewrite name` and `forward`. It holds at once; upstream the plugin `reload` takes up to two minutes, a restart none.
 */
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';

interface Plugin {
	readonly words: readonly string[];
	/** Lines of its own block. */
	readonly block: readonly (readonly string[])[];
}

/** One server: `example.org:53 { … }`. */
export interface Block {
	readonly zones: readonly string[];
	/** Of the plugin kubernetes. */
	readonly clusterZones: readonly string[];
	/** Name → addresses, of the plugin hosts; `fallthrough` lets other names through. */
	readonly hosts: ReadonlyMap<string, readonly string[]>;
	readonly hostsOnly: boolean;
	readonly rewrites: readonly { readonly kind: string; readonly from: string; readonly to: string }[];
	/** Whether names that nobody here knows are asked for elsewhere. */
	readonly forwards: boolean;
}

export const CLUSTER_DOMAIN = 'cluster.local';
const DEFAULT: readonly Block[] = [{ zones: ['.'], clusterZones: [CLUSTER_DOMAIN], hosts: new Map(), hostsOnly: false, rewrites: [], forwards: true }];

/** The text as kubeadm writes it (cmd/kubeadm/app/phases/addons/dns/manifests.go). */
export const COREFILE = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes ${CLUSTER_DOMAIN} in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success ${CLUSTER_DOMAIN}
       disable denial ${CLUSTER_DOMAIN}
    }
    loop
    reload
    loadbalance
}
`;

const linesOf = (text: string): readonly (readonly string[])[] =>
	text
		.split('\n')
		.map((line) => line.replace(/#.*/, '').trim().split(/\s+/))
		.filter((words) => words[0] !== '');

const plain = (zone: string): string =>
	zone
		.replace(/:\d+$/, '')
		.replace(/^dns:\/\//, '')
		.replace(/(.)\.$/, '$1')
		.toLowerCase();

function blockOf(zones: readonly string[], plugins: readonly Plugin[]): Block {
	const hosts = new Map<string, string[]>();
	const hostsPlugin = plugins.find((p) => p.words[0] === 'hosts');
	for (const [address = '', ...names] of hostsPlugin?.block ?? [])
		if (/^\d+\./.test(address)) for (const name of names) hosts.set(plain(name), [...(hosts.get(plain(name)) ?? []), address]);
	const rewrites = plugins.flatMap(({ words: [plugin, ...words] }) => {
		if (plugin !== 'rewrite') return [];
		const rest = words.filter((w) => w !== 'name' && w !== 'stop' && w !== 'continue');
		const kind = ['exact', 'prefix', 'suffix', 'substring', 'regex'].includes(rest[0] ?? '') ? (rest.shift() ?? '') : 'exact';
		const [from, to] = rest;
		return from === undefined || to === undefined ? [] : [{ kind, from, to }];
	});
	return {
		zones: zones.map(plain),
		clusterZones: plugins
			.filter((p) => p.words[0] === 'kubernetes')
			.flatMap((p) =>
				p.words
					.slice(1)
					.filter((w) => w !== '{')
					.map(plain),
			),
		hosts,
		hostsOnly: hostsPlugin !== undefined && !hostsPlugin.block.some((l) => l[0] === 'fallthrough'),
		rewrites,
		forwards: plugins.some((p) => p.words[0] === 'forward'),
	};
}

/** The servers of a Corefile; undefined where its braces don't match. */
export function parseCorefile(text: string): readonly Block[] | undefined {
	const blocks: Block[] = [];
	let zones: readonly string[] | undefined;
	let plugins: Plugin[] = [];
	let inner: { readonly words: readonly string[]; readonly block: (readonly string[])[] } | undefined;
	for (const words of linesOf(text)) {
		const opens = words.at(-1) === '{';
		const body = words.filter((w) => w !== '{' && w !== '}');
		if (words[0] === '}') {
			if (inner !== undefined) {
				plugins.push(inner);
				inner = undefined;
			} else if (zones !== undefined) {
				blocks.push(blockOf(zones, plugins));
				[zones, plugins] = [undefined, []];
			} else return undefined;
		} else if (zones === undefined) {
			if (!opens) return undefined;
			zones = body.map((z) => z.replace(/,$/, ''));
		} else if (inner !== undefined) {
			if (opens) return undefined;
			inner.block.push(body);
		} else if (opens) inner = { words: body, block: [] };
		else plugins.push({ words: body, block: [] });
	}
	return zones === undefined && inner === undefined ? blocks : undefined;
}

const parsed = new WeakMap<KubeObject, readonly Block[]>();

/** What CoreDNS serves now; a file that can't be read leaves what kubeadm set up. */
export function serverBlocks(world: World, client: ApiClient): readonly Block[] {
	const object = client.get(world, 'v1/configmaps', 'kube-system', 'coredns');
	if (object === undefined) return DEFAULT;
	const known = parsed.get(object);
	if (known !== undefined) return known;
	const text = (object['data'] as { readonly [key: string]: string } | undefined)?.['Corefile'];
	const blocks = (text === COREFILE ? undefined : parseCorefile(text ?? '')) ?? DEFAULT;
	parsed.set(object, blocks);
	return blocks;
}

export const inZone = (name: string, zone: string): boolean => zone === '.' || zone === '' || name === zone || name.endsWith(`.${zone}`);

/** The server of a name: the one with the longest zone that it lies in. */
export function blockFor(blocks: readonly Block[], name: string): Block | undefined {
	let best: Block | undefined;
	let length = -1;
	for (const block of blocks) {
		for (const zone of block.zones) {
			const of = zone === '.' ? 0 : zone.length;
			if (!inZone(name, zone) || of <= length) continue;
			[best, length] = [block, of];
		}
	}
	return best;
}

/** A name as the rewrite rules of its server make it; the first that fits counts. */
export function rewritten({ rewrites }: Block, name: string): string {
	for (const { kind, from, to } of rewrites) {
		const [a, b] = [from.toLowerCase().replace(/\.$/, ''), to.toLowerCase().replace(/\.$/, '')];
		if (kind === 'exact' && name === a) return b;
		if (kind === 'prefix' && name.startsWith(a)) return b + name.slice(a.length);
		if (kind === 'suffix' && name.endsWith(a)) return name.slice(0, -a.length) + b;
		if (kind === 'substring' && name.includes(a)) return name.replace(a, b);
	}
	return name;
}
