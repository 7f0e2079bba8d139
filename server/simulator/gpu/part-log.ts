/** Lines in the logs of the operator's parts, for what this room does in their name. */
import type { World } from '../kernel/world.ts';
import { writeLog } from '../kubelet/logs.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import { NAMESPACE } from './operator/workloads.ts';

/** Adds text to the log of a DaemonSet's pod on a node; nowhere where none runs. */
export function writePartLog(world: World, services: Services, app: string, node: string, text: string): void {
	const pods = services.api.client(SYSTEM_USERS.loopback).list(world, 'v1/pods', NAMESPACE, { labels: { app } });
	for (const pod of pods) {
		const spec = pod['spec'] as { readonly nodeName?: string; readonly containers: readonly { readonly name: string }[] };
		const [container] = spec.containers;
		if (spec.nodeName === node && container !== undefined) writeLog(world, `${pod.metadata.uid}/${container.name}`, 'stdout', text);
	}
}
