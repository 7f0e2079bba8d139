/**
 * Why a pod is Pending, by plugin and node, as annotations of the pod: the form of kube-scheduler-simulator's results, under
 * a prefix of our own. They are written by the status update that says Unschedulable anyway, and taken off by the binding:
 * no write, revision or watch event more than a real cluster has, and a pod that runs looks as it does there. Made up on
 * reading instead, they would differ between two reads of one revision, and a client that writes back what it read would
 * store them.
 */
import { type Refusal, REFUSED_NODES_KEPT } from './state.ts';

const FILTER = 'scheduler.foothold.dev/filter-result';
const PREFILTER = 'scheduler.foothold.dev/prefilter-result';

type Annotations = { readonly [key: string]: string };

/** `annotations` without the results. */
export function withoutResults(annotations: Annotations | undefined): Annotations | undefined {
	if (annotations === undefined || (annotations[FILTER] === undefined && annotations[PREFILTER] === undefined)) return annotations;
	const { [FILTER]: _filter, [PREFILTER]: _prefilter, ...rest } = annotations;
	return Object.keys(rest).length === 0 ? undefined : rest;
}

/** `annotations` with the results of a try: `{node: {plugin: reason}}`, and `{plugin: reason}` for what refused the pod as a whole. */
export function withResults(annotations: Annotations | undefined, refusals: readonly Refusal[]): Annotations {
	const nodes: { [node: string]: { [plugin: string]: string } } = {};
	const whole: { [plugin: string]: string } = {};
	for (const { plugin, reason, nodes: refused, count } of refusals) {
		if (count === 0) whole[plugin] = reason;
		for (const node of refused) {
			const held = (nodes[node] ??= {});
			held[plugin] = held[plugin] === undefined ? reason : `${held[plugin]}, ${reason}`;
		}
	}
	const names = Object.keys(nodes).sort().slice(0, REFUSED_NODES_KEPT);
	return {
		...withoutResults(annotations),
		...(names.length === 0 ? {} : { [FILTER]: JSON.stringify(Object.fromEntries(names.map((name) => [name, nodes[name]]))) }),
		...(Object.keys(whole).length === 0 ? {} : { [PREFILTER]: JSON.stringify(whole) }),
	};
}
