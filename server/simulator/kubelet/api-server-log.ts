/** What the API server says by itself goes where its container's output goes: `kubectl -n kube-system logs kube-apiserver-…`. */
import { formatMicroTime } from '../kernel/time.ts';
import type { World } from '../kernel/world.ts';
import { type Services, SYSTEM_USERS } from '../services.ts';
import { writeLog } from './logs.ts';
import { containerKey } from './state.ts';

/** A klog line of level info: `I1120 21:14:05.000000       1 <text>`. Goes nowhere where no such pod runs (profile `apiserver`). */
export function logApiServer(world: World, services: Services, text: string): void {
	const pods = services.api.client(SYSTEM_USERS.loopback).list(world, 'v1/pods', 'kube-system', { labels: { component: 'kube-apiserver' } });
	const now = formatMicroTime(world.now);
	const head = `I${now.slice(5, 7)}${now.slice(8, 10)} ${now.slice(11, 26)}       1 `;
	for (const pod of pods) writeLog(world, containerKey(pod.metadata.uid, 'kube-apiserver'), 'stderr', `${head}${text}\n`);
}
