/** Which pods go first when there are too many (controller_utils.go ActivePodsWithRanks). */
import { parseTime } from '../../kernel/time.ts';
import type { Pod } from './objects.ts';
import { isPodReady, podCondition, podRestarts } from './pods.ts';

const PHASE_RANK: { readonly [phase: string]: number } = { Pending: 0, Unknown: 1, Running: 2 };

const deletionCost = (pod: Pod): number => Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;

/** Ages are compared by their order of magnitude, so that the choice isn't always the same node's newest pod. */
function ageBucket(since: string | null | undefined, now: number): number {
	const at = typeof since === 'string' ? parseTime(since) : undefined;
	if (at === undefined) return Number.POSITIVE_INFINITY;
	return Math.floor(Math.log2(Math.max(1, (now - at) * 1e6)));
}

/** `pods` in the order of their deletion; `related` are the pods whose crowding on a node counts. */
export function rankForDeletion(pods: readonly Pod[], related: readonly Pod[], now: number): readonly Pod[] {
	const onNode = new Map<string, number>();
	for (const p of related) if (p.spec.nodeName !== undefined) onNode.set(p.spec.nodeName, (onNode.get(p.spec.nodeName) ?? 0) + 1);
	const crowd = (p: Pod): number => (p.spec.nodeName === undefined ? 0 : (onNode.get(p.spec.nodeName) ?? 0));
	const compare = (a: Pod, b: Pod): number => {
		const assigned = Number((a.spec.nodeName ?? '') !== '') - Number((b.spec.nodeName ?? '') !== '');
		if (assigned !== 0) return assigned;
		const phase = (PHASE_RANK[a.status?.phase ?? ''] ?? 0) - (PHASE_RANK[b.status?.phase ?? ''] ?? 0);
		if (phase !== 0) return phase;
		const ready = Number(isPodReady(a)) - Number(isPodReady(b));
		if (ready !== 0) return ready;
		const cost = deletionCost(a) - deletionCost(b);
		if (cost !== 0) return cost;
		const crowding = crowd(b) - crowd(a);
		if (crowding !== 0) return crowding;
		if (isPodReady(a) && isPodReady(b)) {
			const readySince = ageBucket(podCondition(a, 'Ready')?.lastTransitionTime, now) - ageBucket(podCondition(b, 'Ready')?.lastTransitionTime, now);
			if (readySince !== 0 && !Number.isNaN(readySince)) return readySince;
		}
		const restarts = podRestarts(b) - podRestarts(a);
		if (restarts !== 0) return restarts;
		const age = ageBucket(a.metadata.creationTimestamp, now) - ageBucket(b.metadata.creationTimestamp, now);
		if (age !== 0) return age;
		return a.metadata.uid < b.metadata.uid ? -1 : 1;
	};
	return [...pods].sort(compare);
}
