/** Indexed jobs with a back-off limit of each index's own (pkg/controller/job/backoff_utils.go and indexed_job_utils.go). */
import { parseTime } from '../../kernel/time.ts';
import type { Pod } from '../shared/objects.ts';

/** On a pod: how often its index had failed before it was made. */
export const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';

export const failuresBefore = (pod: Pod): number => Number(pod.metadata.annotations?.[FAILURE_COUNT] ?? 0);

export const finishedAt = (pod: Pod): number =>
	Math.max(0, ...(pod.status?.containerStatuses ?? []).map((c) => parseTime(c.state?.terminated?.finishedAt ?? '') ?? 0));

/** Of an index whose pods failed: how often so far, and when the last one ended (ms since the epoch). */
export interface IndexFailures {
	readonly count: number;
	readonly lastAt: number;
}

/** What the failed pods among `pods` say of index `index`; undefined where none failed. */
export function failuresOf(pods: readonly Pod[], index: number, indexOf: (pod: Pod) => number | undefined): IndexFailures | undefined {
	let found: IndexFailures | undefined;
	for (const pod of pods) {
		if (pod.status?.phase !== 'Failed' || indexOf(pod) !== index) continue;
		found = { count: Math.max(found?.count ?? 0, failuresBefore(pod) + 1), lastAt: Math.max(found?.lastAt ?? 0, finishedAt(pod)) };
	}
	return found;
}
