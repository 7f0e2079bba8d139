/** Deletes jobs a while after they have finished (pkg/controller/ttlafterfinished). */
import { parseTime } from '../../kernel/time.ts';
import type { Controller } from '../controller.ts';
import { isDeleting, splitKey } from '../shared/objects.ts';
import { itself } from '../shared/watching.ts';
import { finishedCondition, JOBS, type Job } from './job.ts';

export const ttlAfterFinished: Controller = {
	name: 'ttl-after-finished',
	watches: { 'batch/jobs': (w, c, k) => ((c.object as Job).spec.ttlSecondsAfterFinished === undefined ? [] : itself(w, c, k)) },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const job = client.get(world, JOBS, namespace, name) as Job | undefined;
		if (job === undefined || isDeleting(job)) return;
		const finished = finishedCondition(job);
		const ttl = job.spec.ttlSecondsAfterFinished;
		const at = typeof finished?.lastTransitionTime === 'string' ? parseTime(finished.lastTransitionTime) : undefined;
		if (ttl === undefined || at === undefined) return;
		const left = at + ttl * 1000 - world.now;
		if (left > 0) queue.after(key, left);
		else client.delete(world, JOBS, namespace, name, { propagationPolicy: 'Foreground', preconditions: { uid: job.metadata.uid } });
	},
};
