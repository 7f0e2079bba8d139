/** Events about an object, as `describe` ends with them. */
import type { Obj } from '../client.ts';
import { age } from '../human.ts';
import type { Kube } from '../kube.ts';
import type { Doc } from './writer.ts';

/** When an event was last seen, for its age columns. */
export function eventAge(e: Obj, now: number): string {
	const first = age(e.eventTime ?? e.firstTimestamp ?? e.metadata?.creationTimestamp, now);
	if (e.series) return `${age(e.series.lastObservedTime, now)} (x${e.series.count} over ${first})`;
	if ((e.count ?? 0) > 1) return `${age(e.lastTimestamp, now)} (x${e.count} over ${first})`;
	return first;
}

const lastSeen = (e: Obj): number =>
	Date.parse(String(e.series?.lastObservedTime ?? e.lastTimestamp ?? e.eventTime ?? e.firstTimestamp ?? e.metadata?.creationTimestamp ?? '')) || 0;

/** SortableEvents: by last occurrence. */
export const sortEvents = (events: readonly Obj[]): Obj[] => [...events].sort((a, b) => lastSeen(a) - lastSeen(b));

/** Events whose involved object this is. */
export async function eventsOf(kube: Kube, o: Obj): Promise<readonly Obj[]> {
	const namespace = o.metadata?.namespace ?? '';
	const selector = [
		`involvedObject.name=${o.metadata?.name}`,
		...(namespace === '' ? [] : [`involvedObject.namespace=${namespace}`]),
		`involvedObject.kind=${o.kind}`,
	];
	// Node events carry the node's name as uid: upstream asks for that too (`describe node`).
	if (o.kind !== 'Node') selector.push(`involvedObject.uid=${o.metadata?.annotations?.['kubernetes.io/config.mirror'] ?? o.metadata?.uid}`);
	const path = namespace === '' ? '/api/v1/events' : `/api/v1/namespaces/${namespace}/events`;
	const answer = await kube.client.json(path, { query: { fieldSelector: selector.join(','), limit: 500 } });
	return (answer['items'] ?? []) as Obj[];
}

export function describeEvents(doc: Doc, events: readonly Obj[] | undefined): void {
	if (events === undefined) return;
	if (events.length === 0) {
		doc.line(0, 'Events:\t<none>');
		return;
	}
	doc.line(0, 'Events:').line(1, 'Type\tReason\tAge\tFrom\tMessage').line(1, '----\t------\t----\t----\t-------');
	// Here only lastTimestamp counts (pkg/util/event SortableEvents): events without one, the scheduler's, come first.
	const last = (e: Obj): number => Date.parse(String(e.lastTimestamp ?? '')) || 0;
	for (const e of [...events].sort((a, b) => last(a) - last(b))) {
		const path = e.involvedObject?.fieldPath;
		const message = `${path ? `${path}: ` : ''}${String(e.message ?? '').trim()}`;
		doc.line(1, `${e.type}\t${e.reason}\t${eventAge(e, doc.now)}\t${e.source?.component || e.reportingComponent || ''}\t${message}`);
	}
}
