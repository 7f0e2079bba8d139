/** The scheduling queue: active by priority, back-off, unschedulable (pkg/scheduler/backend/queue). */
import type { Pod } from '../controllers/shared/objects.ts';
import { keyOf } from '../controllers/shared/objects.ts';
import { treeFirst, treeGet, treeRemove, treeSet, treeRange } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import { change, type QueuedPod, schedulerSlice } from './state.ts';

export const CYCLE_TIMER = 'scheduler:cycle';
export const RETRY_TIMER = 'scheduler:retry';

/** A pod's back-off: doubled with every try, ms. */
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 10_000;
/** A pod that nothing has brought back is tried again after so long (podMaxInUnschedulablePodsDuration). */
const FLUSH_MS = 300_000;
/** From a pod's arrival to its try, and from one try to the next. */
export const CYCLE_MS = 1;

const MAX_PRIORITY = 4_000_000_000;

/** Sorts by priority, highest first, then by arrival. */
const orderKey = (priority: number, seq: number): string => `${String(MAX_PRIORITY - priority).padStart(10, '0')}.${seq.toString(36).padStart(9, '0')}`;

const backoffMs = (attempts: number): number => Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** Math.max(0, attempts - 1));

function activate(world: World, key: string, priority: number, queued: Omit<QueuedPod, 'place' | 'order'>): void {
	const s = world.read(schedulerSlice);
	const order = orderKey(priority, s.seq + 1);
	change(world, {
		seq: s.seq + 1,
		active: treeSet(s.active, order, key),
		queued: treeSet(s.queued, key, { ...queued, place: 'active', order }),
		parked: treeRemove(s.parked, key),
	});
	world.cancel(RETRY_TIMER, key);
	world.schedule(CYCLE_TIMER, '', CYCLE_MS);
}

/** A pod that has just appeared, or whose own change may have made it schedulable. */
export function enqueue(world: World, pod: Pod): void {
	const key = keyOf(pod);
	const held = treeGet(world.read(schedulerSlice).queued, key);
	if (held?.place === 'active') return;
	if (held === undefined) activate(world, key, pod.spec.priority ?? 0, { attempts: 0, triedAt: 0, refusedBy: [] });
	else retrySoon(world, key, held);
}

export function dequeue(world: World, key: string): void {
	const s = world.read(schedulerSlice);
	const held = treeGet(s.queued, key);
	if (held === undefined) return;
	change(world, {
		queued: treeRemove(s.queued, key),
		parked: treeRemove(s.parked, key),
		active: held.order === undefined ? s.active : treeRemove(s.active, held.order),
	});
	world.cancel(RETRY_TIMER, key);
}

/** Takes the first pod out of the active queue; it stays known, with one more try counted. */
export function pop(world: World): { readonly key: string; readonly attempts: number } | undefined {
	const s = world.read(schedulerSlice);
	const first = treeFirst(s.active);
	if (first === undefined) return undefined;
	const key = first.v;
	const attempts = (treeGet(s.queued, key)?.attempts ?? 0) + 1;
	const queued = treeSet(s.queued, key, { place: 'unschedulable', attempts, triedAt: world.now, refusedBy: [] });
	change(world, { active: treeRemove(s.active, first.k), queued });
	return { key, attempts };
}

/** Puts a pod aside that no node takes, until a change helps or FLUSH_MS have passed. */
export function setAside(world: World, key: string, refusedBy: readonly string[]): void {
	const s = world.read(schedulerSlice);
	const held = treeGet(s.queued, key);
	if (held === undefined) return;
	const queued = treeSet(s.queued, key, { place: 'unschedulable' as const, attempts: held.attempts, triedAt: held.triedAt, refusedBy });
	change(world, { queued, parked: treeSet(s.parked, key, true as const) });
	world.schedule(RETRY_TIMER, key, FLUSH_MS, undefined, true);
}

/** Brings a pod back once its back-off is over. */
function retrySoon(world: World, key: string, held: QueuedPod): void {
	const s = world.read(schedulerSlice);
	const wait = Math.max(CYCLE_MS, held.triedAt + backoffMs(held.attempts) - world.now);
	change(world, { queued: treeSet(s.queued, key, { ...held, place: 'backoff' }), parked: treeRemove(s.parked, key) });
	world.schedule(RETRY_TIMER, key, wait, undefined, true);
}

/** A back-off or the long wait of `key` is over. */
export function backToActive(world: World, key: string, priority: number): void {
	const held = treeGet(world.read(schedulerSlice).queued, key);
	if (held === undefined || held.place === 'active') return;
	activate(world, key, priority, { attempts: held.attempts, triedAt: held.triedAt, refusedBy: held.refusedBy });
}

/** A change in the cluster that concerns one of `plugins`: pods refused by one of them get another try (queueing hints). */
export function wake(world: World, plugins: ReadonlySet<string>): void {
	const s = world.read(schedulerSlice);
	if (s.parked === null) return;
	for (const { k } of [...treeRange(s.parked)]) {
		const held = treeGet(s.queued, k);
		if (held?.refusedBy.some((p) => plugins.has(p)) === true) retrySoon(world, k, held);
	}
}
