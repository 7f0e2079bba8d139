/** `kubectl top node` and `top pod`, from metrics.k8s.io. Upstream: pkg/cmd/top, pkg/metricsutil. */
import type { Obj } from './client.ts';
import { CliError } from './errors.ts';
import { bool, text } from './flags.ts';
import { quantity } from '../../quantity.ts';
import type { Kube } from './kube.ts';
import type { Subcommand } from './subcommand.ts';

interface Use {
	readonly cpu: number;
	readonly memory: number;
}

/** How the metrics are asked for; swap is not measured here. */
const METRICS_FLAGS = [bool('show-swap'), bool('use-protocol-buffers', { def: 'true' })];

const useOf = (usage: Obj | undefined): Use => ({ cpu: quantity(usage?.['cpu']), memory: quantity(usage?.['memory']) });
const milli = (cores: number): string => `${Math.ceil(cores * 1000 - 1e-9)}m`;
const mebi = (bytes: number): string => `${Math.floor(bytes / 1048576)}Mi`;

/** Every cell ends in a tab upstream, so the last column is padded as well. */
function render(rows: readonly (readonly string[])[]): string {
	const widths: number[] = [];
	for (const row of rows) row.forEach((c, i) => void (widths[i] = Math.max(widths[i] ?? 6, c.length + 3)));
	return rows.map((row) => `${row.map((c, i) => c.padEnd(widths[i] ?? 0)).join('')}\n`).join('');
}

async function metrics(kube: Kube, path: string, query: { readonly [k: string]: string | undefined } = {}): Promise<Obj[]> {
	const catalogue = await kube.mapper.catalogue();
	if (!catalogue.groupVersions.some((v) => v.startsWith('metrics.k8s.io/'))) throw new CliError('Metrics API not available');
	const answer = await kube.client.json(`/apis/metrics.k8s.io/v1beta1${path}`, { query });
	return Array.isArray(answer['items']) ? (answer['items'] as Obj[]) : [answer];
}

function order<T>(items: readonly T[], by: string, useOfItem: (t: T) => Use, name: (t: T) => string): T[] {
	return [...items].sort(
		(a, b) =>
			(by === 'cpu' ? useOfItem(b).cpu - useOfItem(a).cpu : by === 'memory' ? useOfItem(b).memory - useOfItem(a).memory : 0) || (name(a) < name(b) ? -1 : 1),
	);
}

function checkSort(by: string): void {
	if (!['', 'cpu', 'memory'].includes(by)) throw new CliError('--sort-by accepts only cpu or memory');
}

const node: Subcommand = {
	name: 'node',
	aliases: ['nodes', 'no'],
	flags: [bool('no-headers'), text('selector', { short: 'l' }), bool('show-capacity'), text('sort-by'), ...METRICS_FLAGS],
	completes: 'nodes',
	async run(kube, args, flags) {
		checkSort(flags.str('sort-by'));
		const [name] = args;
		const found = await metrics(kube, name === undefined ? '/nodes' : `/nodes/${name}`, { labelSelector: flags.str('selector') || undefined });
		if (found.length === 0) throw new CliError('metrics not available yet');
		const list = await kube.client.json('/api/v1/nodes', { query: { labelSelector: flags.str('selector') || undefined } });
		const nodes = ((list['items'] ?? []) as Obj[]).filter((n) => name === undefined || n.metadata?.name === name);
		const available = new Map(nodes.map((n) => [n.metadata?.name, useOf(flags.bool('show-capacity') ? n['status']?.capacity : n['status']?.allocatable)]));
		const rows = order(
			found,
			flags.str('sort-by'),
			(m) => useOf(m['usage']),
			(m) => m.metadata?.name ?? '',
		).map((m) => {
			const use = useOf(m['usage']);
			const of = available.get(m.metadata?.name) ?? { cpu: 0, memory: 0 };
			const percent = (a: number, b: number): string => `${b === 0 ? 0 : Math.trunc((a / b) * 100)}%`;
			return [m.metadata?.name ?? '', milli(use.cpu), percent(use.cpu, of.cpu), mebi(use.memory), percent(use.memory, of.memory)];
		});
		for (const n of nodes)
			if (!found.some((m) => m.metadata?.name === n.metadata?.name)) rows.push([n.metadata?.name ?? '', '<unknown>', '<unknown>', '<unknown>', '<unknown>']);
		kube.out(render(flags.bool('no-headers') ? rows : [['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)'], ...rows]));
		return 0;
	},
};

const total = (m: Obj): Use =>
	((m['containers'] ?? []) as Obj[])
		.map((c) => useOf(c['usage']))
		.reduce((a, b) => ({ cpu: a.cpu + b.cpu, memory: a.memory + b.memory }), { cpu: 0, memory: 0 });

const pod: Subcommand = {
	name: 'pod',
	aliases: ['pods', 'po'],
	flags: [
		bool('all-namespaces', { short: 'A' }),
		bool('containers'),
		text('field-selector'),
		bool('no-headers'),
		text('selector', { short: 'l' }),
		text('sort-by'),
		bool('sum'),
		...METRICS_FLAGS,
	],
	completes: 'pods',
	async run(kube, args, flags) {
		checkSort(flags.str('sort-by'));
		const everywhere = flags.bool('all-namespaces');
		const base = everywhere ? '/pods' : `/namespaces/${kube.namespace}/pods`;
		const [name] = args;
		const found = await metrics(kube, name === undefined ? base : `${base}/${name}`, { labelSelector: flags.str('selector') || undefined });
		if (found.length === 0) {
			kube.err(everywhere ? 'No resources found\n' : `No resources found in ${kube.namespace} namespace.\n`);
			return 0;
		}
		const cells = (label: readonly string[], use: Use): string[] => [...label, milli(use.cpu), mebi(use.memory)];
		const sorted = order(found, flags.str('sort-by'), total, (m) => `${m.metadata?.namespace}/${m.metadata?.name}`);
		const rows = sorted.flatMap((m) => {
			const label = [...(everywhere ? [m.metadata?.namespace ?? ''] : []), m.metadata?.name ?? ''];
			if (!flags.bool('containers')) return [cells(label, total(m))];
			return order(
				(m['containers'] ?? []) as Obj[],
				flags.str('sort-by'),
				(c) => useOf(c['usage']),
				(c) => String(c['name']),
			).map((c) => cells([...label, String(c['name'])], useOf(c['usage'])));
		});
		const head = [...(everywhere ? ['NAMESPACE'] : []), ...(flags.bool('containers') ? ['POD'] : []), 'NAME', 'CPU(cores)', 'MEMORY(bytes)'];
		if (flags.bool('sum')) {
			const all = found.map(total).reduce((a, b) => ({ cpu: a.cpu + b.cpu, memory: a.memory + b.memory }), { cpu: 0, memory: 0 });
			rows.push(
				[...head.slice(2).map(() => ''), '________', '________'].slice(-head.length),
				cells(
					head.slice(2).map(() => ''),
					all,
				),
			);
		}
		kube.out(render(flags.bool('no-headers') ? rows : [head, ...rows]));
		return 0;
	},
};

export const top: Subcommand = {
	name: 'top',
	flags: [],
	children: [node, pod],
};
