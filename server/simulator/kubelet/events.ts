/** Events as the kubelet reports them. */
import type { World } from '../kernel/world.ts';
import type { KubeObject } from '../apiserver/types.ts';
import { recordEvent } from '../controllers/events.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import { MIRROR } from './node/paths.ts';
import type { Pod } from './pod.ts';

/** Reports on a pod, or on one of its containers. */
export function podEvent(
	world: World,
	services: Services,
	pod: Pod,
	type: 'Normal' | 'Warning',
	reason: string,
	message: string,
	container?: { readonly name: string; readonly init: boolean; readonly ephemeral?: boolean },
): void {
	const fieldPath =
		container === undefined
			? undefined
			: `spec.${container.ephemeral === true ? 'ephemeralContainers' : container.init ? 'initContainers' : 'containers'}{${container.name}}`;
	// The kubelet knows a static pod by its manifest's hash, not by the uid that its mirror has in the API.
	const uid = pod.metadata.annotations?.[MIRROR] ?? pod.metadata.uid;
	const { metadata } = pod;
	const known = uid === metadata.uid ? pod : { ...pod, metadata: { ...metadata, uid } };
	recordEvent(world, services.api.client(SYSTEM_USERS.node(pod.spec.nodeName ?? '')), {
		object: known as unknown as KubeObject,
		type,
		reason,
		message,
		component: 'kubelet',
		host: pod.spec.nodeName ?? '',
		...(fieldPath === undefined ? {} : { fieldPath }),
	});
}

/** A span as Go's time.Duration prints it, cut to milliseconds: `512ms`, `8.916s`, `1m2.3s`. */
export function goDuration(ms: number): string {
	const whole = Math.trunc(ms);
	if (whole === 0) return '0s';
	if (whole < 1000) return `${whole}ms`;
	const hours = Math.floor(whole / 3_600_000);
	const minutes = Math.floor(whole / 60_000) % 60;
	const seconds = (whole % 60_000) / 1000;
	return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}
