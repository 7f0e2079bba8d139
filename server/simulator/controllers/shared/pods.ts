/** What controllers ask of pods (pkg/api/v1/pod, controller_utils.go). */
import { parseTime } from '../../kernel/time.ts';
import { type Condition, isDeleting, type Pod, sameData } from './objects.ts';

export function podCondition(pod: Pod, type: string): Condition | undefined {
	return pod.status?.conditions?.find((c) => c.type === type);
}

export const isPodReady = (pod: Pod): boolean => podCondition(pod, 'Ready')?.status === 'True';

/** Whether the pod has been ready for `minReadySeconds`; how long it still takes (ms) where it is ready but not yet that long. */
export function podAvailability(pod: Pod, minReadySeconds: number, now: number): { readonly available: boolean; readonly inMs?: number } {
	const ready = podCondition(pod, 'Ready');
	if (ready?.status !== 'True') return { available: false };
	if (minReadySeconds === 0) return { available: true };
	const since = typeof ready.lastTransitionTime === 'string' ? parseTime(ready.lastTransitionTime) : undefined;
	if (since === undefined) return { available: false };
	const left = since + minReadySeconds * 1000 - now;
	return left <= 0 ? { available: true } : { available: false, inMs: left };
}

export const isPodFinished = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Neither finished nor on its way out. */
export const isPodActive = (pod: Pod): boolean => !isPodFinished(pod) && !isDeleting(pod);

/** Finalizers hold it or its grace period runs: going away, but still there. */
export const isPodTerminating = (pod: Pod): boolean => !isPodFinished(pod) && isDeleting(pod);

export function podRestarts(pod: Pod): number {
	let n = 0;
	for (const c of pod.status?.containerStatuses ?? []) n = Math.max(n, c.restartCount);
	return n;
}

/**
 * Whether a pod's change can matter to what manages it: not where it was merely placed or given an address. Keeps a
 * large rollout from reconciling its set once for every binding.
 */
export function podChangeMatters(pod: Pod, before: Pod): boolean {
	return (
		pod.status?.phase !== before.status?.phase ||
		isPodReady(pod) !== isPodReady(before) ||
		isDeleting(pod) !== isDeleting(before) ||
		pod.metadata.finalizers !== before.metadata.finalizers ||
		!sameData(pod.metadata.labels, before.metadata.labels) ||
		!sameData(pod.metadata.ownerReferences, before.metadata.ownerReferences)
	);
}
