/** Pools of GPU nodes, as `--gpus` and lab.yaml write them: `l4=2,a100-80=1x4`. */
import { GPU_LIMITS } from '../limits.ts';
import { gpuModels } from './models.ts';

export interface GpuPool {
	readonly model: string;
	readonly nodes: number;
	/** Nodes that the cluster autoscaler may bring it to; as many as there are where it does not scale. */
	readonly max: number;
	/** Cards a node. */
	readonly cards: number;
}

/**
 * Reads `model=nodes`, `model=nodesxcards` or `model=nodes-maxxcards`, pools separated by commas (`:` may stand for `=`), one pool a model.
 * Says what is wrong with a text that is none.
 */
export function parseGpuPools(text: string): { readonly pools: readonly GpuPool[] } | { readonly error: string } {
	const pools: GpuPool[] = [];
	for (const part of text.split(',')) {
		const m = /^([a-z0-9-]+)[=:](\d{1,4})(?:-(\d{1,4}))?(?:x(\d{1,2}))?$/.exec(part.trim().toLowerCase());
		if (m === null) return { error: `“${part.trim()}” is no pool: model=nodes or model=nodesxcards, as in l4=2 or a100-80=1x4` };
		const [, model = '', nodes = '0', max = nodes, cards = '1'] = m;
		if (!gpuModels().has(model)) return { error: `“${model}” is none of the cards ${[...gpuModels().keys()].join(', ')}` };
		if (pools.some((p) => p.model === model)) return { error: `${model} is named twice` };
		if (Number(max) < Number(nodes)) return { error: `${model} cannot have at most ${max} nodes and ${nodes} to begin with` };
		pools.push({ model, nodes: Number(nodes), max: Number(max), cards: Number(cards) });
	}
	if (pools.some((p) => p.cards < 1 || p.cards > GPU_LIMITS.cardsPerNode)) return { error: `a node has 1 to ${GPU_LIMITS.cardsPerNode} cards` };
	const nodes = pools.reduce((n, p) => n + p.max, 0);
	if (nodes > GPU_LIMITS.nodes) return { error: `${nodes} GPU nodes are more than ${GPU_LIMITS.nodes}` };
	return { pools };
}
