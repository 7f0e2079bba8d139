/** NodeResourcesFit with its LeastAllocated score, and NodeResourcesBalancedAllocation. */
import { NOTHING, type Plugin, type Refused } from '../framework.ts';
import type { NodeInfo, PodRequest } from '../node-info.ts';

/** What doesn't fit, all of it (fitsRequest). What the node would lack even empty makes the refusal final. */
function fits(node: NodeInfo, request: PodRequest): Refused | undefined {
	const { allocatable, used } = node;
	if (
		node.pods.length < node.maxPods &&
		request.cpu <= allocatable.cpu - used.cpu &&
		request.memory <= allocatable.memory - used.memory &&
		request.storage === 0 &&
		request.scalars === undefined
	) {
		return undefined;
	}
	const reasons: string[] = [];
	let final = false;
	const check = (name: string, want: number, have: number, taken: number): void => {
		if (want === 0 || want <= have - taken) return;
		reasons.push(`Insufficient ${name}`);
		if (want > have) final = true;
	};
	if (node.pods.length + 1 > node.maxPods) reasons.push('Too many pods');
	check('cpu', request.cpu, allocatable.cpu, used.cpu);
	check('memory', request.memory, allocatable.memory, used.memory);
	check('ephemeral-storage', request.storage, allocatable.storage, used.storage);
	for (const name of Object.keys(request.scalars ?? {})) {
		check(name, request.scalars?.[name] ?? 0, allocatable.scalars?.[name] ?? 0, used.scalars?.[name] ?? 0);
	}
	return reasons.length === 0 ? undefined : { reasons, final };
}

const share = (used: number, capacity: number): number => (used > capacity || capacity === 0 ? 0 : Math.floor(((capacity - used) * 100) / capacity));

export const nodeResourcesFit: Plugin = {
	name: 'NodeResourcesFit',
	local: true,
	prepare({ entry: { request } }) {
		return {
			filter: (node) => fits(node, request),
			scorer: {
				weight: 1,
				score: (node) =>
					Math.floor(
						(share(node.scoredCpu + request.scoredCpu, node.allocatable.cpu) + share(node.scoredMemory + request.scoredMemory, node.allocatable.memory)) / 2,
					),
			},
		};
	},
};

export const nodeResourcesBalanced: Plugin = {
	name: 'NodeResourcesBalancedAllocation',
	local: true,
	prepare({ entry: { request } }) {
		if (request.cpu === 0 && request.memory === 0) return NOTHING;
		return {
			scorer: {
				weight: 1,
				score: (node) => {
					const cpu = Math.min(1, (node.used.cpu + request.cpu) / node.allocatable.cpu);
					const memory = Math.min(1, (node.used.memory + request.memory) / node.allocatable.memory);
					// The standard deviation of two fractions is half their difference.
					return Math.floor((1 - Math.abs(cpu - memory) / 2) * 100);
				},
			},
		};
	},
};
