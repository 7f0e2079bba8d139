/** Whether an existing cluster has the GPU nodes that a lab asks for: nobody can lend it any. */
import { gpuModels } from '../../simulator/gpu/models.ts';
import { type GpuPool, parseGpuPools } from '../../simulator/gpu/pools.ts';
import { findGpu } from '../../simulator/serving/hardware.ts';
import type { ClusterEndpoint } from '../sandbox.ts';

interface Node {
	readonly metadata: { readonly labels?: { readonly [label: string]: string } };
	readonly status?: { readonly allocatable?: { readonly [resource: string]: string } };
}

const PRODUCT = 'nvidia.com/gpu.product';
const GPUS = 'nvidia.com/gpu';

/** The card of a node as feature discovery labels it; undefined where it has none. */
const cardOf = (node: Node): string | undefined => findGpu(node.metadata.labels?.[PRODUCT] ?? '')?.id;

const cardsOf = (node: Node): number => Number(node.status?.allocatable?.[GPUS] ?? 0);

const wanted = (p: GpuPool): string => `${p.nodes} ${p.nodes === 1 ? 'node' : 'nodes'} with ${p.cards} × ${gpuModels().get(p.model)?.spec.product ?? p.model}`;

/** What a cluster with these nodes lacks of `gpus` (`l4=2,a100-80=1x4`), in words; undefined where it lacks nothing. */
export function lackingGpus(gpus: string, nodes: readonly Node[]): string | undefined {
	const read = parseGpuPools(gpus);
	if ('error' in read) return read.error;
	const lacking = read.pools.filter((p) => {
		const id = gpuModels().get(p.model)?.spec.id;
		return nodes.filter((n) => cardOf(n) === id && cardsOf(n) >= p.cards).length < p.nodes;
	});
	if (lacking.length === 0) return undefined;
	const there = nodes.filter((n) => cardsOf(n) > 0).map((n) => `${cardsOf(n)} × ${n.metadata.labels?.[PRODUCT] ?? 'a card without label'}`);
	return `the lab needs ${lacking.map(wanted).join(' and ')}, the cluster has ${there.length === 0 ? `no node with ${GPUS} to allocate` : there.join(', ')}`;
}

/** The same, asked of a cluster. Rejects as `fetch` does where it does not answer. */
export async function missingGpus(cluster: ClusterEndpoint, gpus: string): Promise<string | undefined> {
	const response = await cluster.fetch(new Request('http://cluster/api/v1/nodes'));
	if (!response.ok) return `the nodes can't be listed (${response.status})`;
	return lackingGpus(gpus, ((await response.json()) as { readonly items: readonly Node[] }).items);
}
