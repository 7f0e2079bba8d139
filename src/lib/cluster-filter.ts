/** Which part of the cluster is shown, and how a state reads. */
import type { ClusterView } from '../../server/protocol/messages.ts';

export const ALL = '';
export type Pod = ClusterView['pods'][number];
export type Tone = 'pass' | 'warn' | 'fail' | '';

/** Namespaces to choose from: the lab's first, the rest by name; the lab's is there even while it is empty. */
export function namespaces(view: ClusterView | undefined, own: string): string[] {
	const found = new Set<string>();
	for (const list of [view?.workloads, view?.pods, view?.services, view?.ingresses]) for (const item of list ?? []) found.add(item.namespace);
	found.delete(own);
	return [own, ...[...found].sort()];
}

/** The view cut down to one namespace; nodes belong to none and stay. */
export function inNamespace(view: ClusterView, namespace: string): ClusterView {
	if (namespace === ALL) return view;
	const own = <T extends { namespace: string }>(list: readonly T[]): T[] => list.filter((item) => item.namespace === namespace);
	return {
		...view,
		workloads: own(view.workloads),
		pods: own(view.pods),
		services: own(view.services),
		ingresses: own(view.ingresses),
		events: own(view.events),
	};
}

/** States that pass by themselves: amber while they last, not red. */
const ON_THE_WAY = /^(Pending|ContainerCreating|PodInitializing|Init:\d+\/\d+|Terminating|SchedulingGated)$/;

export function podTone(pod: Pick<Pod, 'status' | 'ok'>): Tone {
	if (pod.status === 'Completed' || pod.status === 'Succeeded') return '';
	if (pod.ok) return 'pass';
	return ON_THE_WAY.test(pod.status) || pod.status === 'Running' ? 'warn' : 'fail';
}

/** Rows shown of one kind: more than anyone reads, few enough to be drawn several times a second. */
export const MOST_ROWS = 150;

/** The first rows, those that need attention before the others where not all fit. */
export function firstRows<T>(rows: readonly T[], needsAttention: (row: T) => boolean, most = MOST_ROWS): readonly T[] {
	if (rows.length <= most) return rows;
	const urgent = rows.filter(needsAttention);
	return [...urgent, ...rows.filter((row) => !needsAttention(row))].slice(0, most);
}

/** A share of a node's capacity in percent, 0 to 100; without capacity 0. */
export const percent = (used: number, of: number): number => (of > 0 ? Math.min(100, Math.round((100 * used) / of)) : 0);

/** Memory as a person writes it. `bytes` → '860 Mi', '1.1 Gi'. */
export function memory(bytes: number): string {
	const mebi = bytes / (1024 * 1024);
	return mebi >= 1024 ? `${(mebi / 1024).toFixed(1)} Gi` : `${Math.round(mebi)} Mi`;
}

/** How long ago, as kubectl says it. Both in ms. */
export function age(at: number, now: number): string {
	const seconds = Math.max(0, Math.floor((now - at) / 1000));
	if (seconds < 120) return `${seconds}s`;
	if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
	return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}
