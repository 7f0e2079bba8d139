/**
 * Pods whose job is gone: nobody counts them any more, so they are let go of (syncOrphanPod of pkg/controller/job).
 * Else a deleted namespace would wait for them for ever.
 */
import type { ApiClient } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import type { World } from '../../kernel/world.ts';
import type { Controller } from '../controller.ts';
import { controllerOf, keyOf, splitKey } from '../shared/objects.ts';
import type { Watch } from '../shared/watching.ts';

const JOBS = 'batch/v1/jobs';
const PODS = 'v1/pods';
/** Finished pods stay until they are counted. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';

const isTracked = (o: KubeObject): boolean => (o.metadata.finalizers ?? []).includes(TRACKING);

/** A copy without the finalizer. */
export function untracked<T extends KubeObject>(o: T): T {
	const { finalizers = [], ...metadata } = o.metadata;
	const left = finalizers.filter((f) => f !== TRACKING);
	// An empty list is none: it is not kept, as omitempty has it.
	return { ...o, metadata: left.length > 0 ? { ...metadata, finalizers: left } : metadata };
}

/** Another controller's pod is none of ours; without one, or with a job that is no longer there, it is an orphan. */
function isOrphan(world: World, client: ApiClient, pod: KubeObject): boolean {
	if (!isTracked(pod)) return false;
	const owner = controllerOf(pod);
	if (owner === undefined) return true;
	if (owner.kind !== 'Job' || !owner.apiVersion.startsWith('batch/')) return false;
	return client.get(world, JOBS, pod.metadata.namespace, owner.name)?.metadata.uid !== owner.uid;
}

const podChange: Watch = (world, { type, object }, client) => (type !== 'DELETED' && isOrphan(world, client, object) ? [keyOf(object)] : []);

const jobChange: Watch = (world, { type, object }, client) =>
	type === 'DELETED' ? client.byIndex(world, PODS, 'byOwner', object.metadata.uid).filter(isTracked).map(keyOf) : [];

/** Acts as the job controller; keys are those of pods. */
export const jobOrphanPods: Controller = {
	name: 'job-orphan-pods',
	account: 'job',
	watches: { 'batch/jobs': jobChange, '/pods': podChange },
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const pod = client.get(world, PODS, namespace, name);
		if (pod === undefined || !isOrphan(world, client, pod)) return;
		const outcome = client.update(world, PODS, untracked(pod));
		if (!outcome.ok && outcome.status.reason !== 'NotFound') queue.failed(key);
	},
};
