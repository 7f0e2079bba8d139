/**
 * kube-proxy in iptables mode: what the nodes forward by lags behind the EndpointSlices. A change is programmed a moment
 * after it is seen, and no sooner than a second after the last sync (`minSyncPeriod` 1s, BoundedFrequencyRunner). In that
 * time connections still go to pods that are on their way out: why containers pause before they stop.
 * All nodes are programmed at the same moment.
 */
import type { Change, KubeObject } from '../apiserver/types.ts';
import { defineSlice } from '../kernel/state.ts';
import { type Tree, treePrefix, treeRemove, treeSet } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';

export const PROXY_TIMER = 'network.proxy';
/** Watch latency and iptables-restore, ms. */
const SYNC_MS = 100;
/** kube-proxy's minSyncPeriod, ms. */
const MIN_PERIOD_MS = 1000;

interface ProxyState {
	readonly lastSync: number;
	/** Slices that have changed since: key → the slice now, or null where it is gone. */
	readonly waiting: Tree<string, KubeObject | null>;
	/** What traffic goes by. Keys are `<namespace>/<service>|<slice>`. */
	readonly programmed: Tree<string, KubeObject>;
}

const proxySlice = defineSlice<ProxyState>('kubeProxy', { lastSync: 0, waiting: null, programmed: null });

const keyOf = (slice: KubeObject): string | undefined => {
	const service = slice.metadata.labels?.['kubernetes.io/service-name'];
	return service === undefined ? undefined : `${slice.metadata.namespace ?? ''}/${service}|${slice.metadata.name}`;
};

/** Takes note of a changed slice; the nodes follow at the next sync. */
export function noteSlice(world: World, change: Change): void {
	if (change.resource !== 'endpointslices') return;
	const key = keyOf(change.object);
	const before = change.previous === undefined ? undefined : keyOf(change.previous);
	const s = world.read(proxySlice);
	let { waiting } = s;
	if (before !== undefined && before !== key) waiting = treeSet(waiting, before, null);
	if (key !== undefined) waiting = treeSet(waiting, key, change.type === 'DELETED' ? null : change.object);
	if (waiting === s.waiting) return;
	world.write(proxySlice, { ...s, waiting });
	world.schedule(PROXY_TIMER, 'sync', Math.max(SYNC_MS, s.lastSync + MIN_PERIOD_MS - world.now));
}

/** Programs everything that waits. */
export function syncProxy(world: World): void {
	const s = world.read(proxySlice);
	let { programmed } = s;
	let { waiting } = s;
	while (waiting !== null) {
		const { k, v } = waiting;
		programmed = v === null ? treeRemove(programmed, k) : treeSet(programmed, k, v);
		waiting = treeRemove(waiting, k);
	}
	world.write(proxySlice, { lastSync: world.now, waiting: null, programmed });
}

/** A service's slices as the nodes have them programmed. */
export function programmedSlices(world: World, namespace: string, service: string): readonly KubeObject[] {
	const out: KubeObject[] = [];
	for (const { v } of treePrefix(world.read(proxySlice).programmed, `${namespace}/${service}|`)) out.push(v);
	return out;
}
