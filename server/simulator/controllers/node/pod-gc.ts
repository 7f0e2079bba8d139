/** Removes pods of nodes that are gone, pods deleted before they were placed, and finished ones beyond a number (pkg/controller/podgc). */
import { formatTime } from '../../kernel/time.ts';
import type { Controller } from '../controller.ts';
import { podKeysOnNode } from '../shared/indexes.ts';
import { isDeleting, keyOf, type Pod, splitKey } from '../shared/objects.ts';
import { isPodFinished } from '../shared/pods.ts';

/** A node must be gone for so long before its pods are taken for lost (quarantineTime). */
const QUARANTINE_MS = 40_000;

export const podGarbage: Controller = {
	name: 'pod-garbage-collector',
	watches: {
		'/nodes': (world, change) => (change.type === 'DELETED' ? podKeysOnNode(world, change.object.metadata.name) : []),
		'/pods': (world, change, client) => {
			const pod = change.object as Pod;
			const node = pod.spec.nodeName ?? '';
			if (change.type !== 'DELETED' && isDeleting(pod) && node === '') return [keyOf(pod)];
			// One that names its node itself may name none that there is.
			return change.type === 'ADDED' && node !== '' && client.get(world, 'v1/nodes', undefined, node) === undefined ? [keyOf(pod)] : [];
		},
	},
	latencyMs: QUARANTINE_MS,
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const pod = client.get(world, 'v1/pods', namespace, name) as Pod | undefined;
		if (pod === undefined) return;
		const node = pod.spec.nodeName ?? '';
		if (node !== '' && client.get(world, 'v1/nodes', undefined, node) !== undefined) return;
		if (node !== '' && !isPodFinished(pod)) {
			const condition = {
				type: 'DisruptionTarget',
				status: 'True',
				reason: 'DeletionByPodGC',
				message: 'PodGC: node no longer exists',
				lastTransitionTime: formatTime(world.now),
			};
			const conditions = [...(pod.status?.conditions ?? []).filter((c) => c.type !== 'DisruptionTarget'), condition];
			client.updateStatus(world, 'v1/pods', { ...pod, status: { ...pod.status, phase: 'Failed', conditions } });
		}
		const gone = client.delete(world, 'v1/pods', namespace, name, { gracePeriodSeconds: 0 });
		if (!gone.ok && gone.status.reason !== 'NotFound') queue.failed(key);
	},
};
