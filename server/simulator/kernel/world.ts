import { nextRandom } from './random.ts';
import { type Slice, type State, type Timer, timerOrder } from './state.ts';
import { treeFirst, treeGet, treeRemove, treeSet } from './tree.ts';

/** Runs when a timer of its kind comes due. `world.now` is the timer's time by then. */
export type TimerHandler = (world: World, key: string, data: unknown) => void;

/** The behaviour of a world, apart from its state: which handler serves which kind of timer. Shared by all forks. */
export interface Behaviour {
	readonly timers: ReadonlyMap<string, TimerHandler>;
}

/**
 * A mutable handle on an immutable state. All that happens in the simulator happens to a `World`;
 * what it holds can be taken as a snapshot at any moment (`world.state`) and put into another one.
 *
 * Between two looks at `state` the world works on fields and on a table of slices of its own: a write costs a store, and
 * the table is copied once for each state that was handed out, not once a write.
 */
export class World {
	readonly behaviour: Behaviour;
	#now = 0;
	#random = 0;
	#seq = 0;
	#timers: State['timers'] = null;
	#timerNames: State['timerNames'] = null;
	#slices: { [name: string]: unknown } = {};
	/** The table of slices belongs to this world alone. */
	#owned = false;
	/** The present as it was last handed out, until something changes. */
	#state: State | undefined;

	constructor(state: State, behaviour: Behaviour) {
		this.behaviour = behaviour;
		this.state = state;
	}

	/** The present as immutable data; the same reference until something changes. */
	get state(): State {
		if (this.#state === undefined) {
			this.#owned = false;
			this.#state = {
				now: this.#now,
				random: this.#random,
				seq: this.#seq,
				timers: this.#timers,
				timerNames: this.#timerNames,
				slices: this.#slices,
			};
		}
		return this.#state;
	}

	set state(state: State) {
		this.#now = state.now;
		this.#random = state.random;
		this.#seq = state.seq;
		this.#timers = state.timers;
		this.#timerNames = state.timerNames;
		this.#slices = state.slices;
		this.#owned = false;
		this.#state = state;
	}

	/** Virtual time, ms since the Unix epoch. */
	get now(): number {
		return this.#now;
	}

	/** Timers scheduled so far: rises with every one, so it tells moments of one world apart. */
	get seq(): number {
		return this.#seq;
	}

	/** A number in [0, 1) from the world's seed. */
	random(): number {
		const step = nextRandom(this.#random);
		this.#random = step.state;
		this.#state = undefined;
		return step.value;
	}

	/** An integer in [0, bound). */
	randomInt(bound: number): number {
		return Math.floor(this.random() * bound);
	}

	read<T>(slice: Slice<T>): T {
		const held = this.#slices[slice.name];
		return held === undefined ? slice.initial : (held as T);
	}

	write<T>(slice: Slice<T>, value: T): void {
		if (this.#slices[slice.name] === value) return;
		if (!this.#owned) {
			this.#slices = { ...this.#slices };
			this.#owned = true;
		}
		this.#slices[slice.name] = value;
		this.#state = undefined;
	}

	/**
	 * Has `kind`'s handler run for `key` after `delayMs` of virtual time. Where one of that name waits
	 * already, the earlier stays (a work queue's way); with `replace` the new one takes its place.
	 */
	schedule(kind: string, key: string, delayMs: number, data?: unknown, replace = false): void {
		const name = `${kind}\u0000${key}`;
		const at = Math.ceil(this.#now + Math.max(0, delayMs));
		const order = treeGet(this.#timerNames, name);
		let timers = this.#timers;
		if (order !== undefined) {
			const waiting = treeGet(timers, order);
			if (!replace && waiting !== undefined && waiting.at <= at) return;
			timers = treeRemove(timers, order);
		}
		const seq = this.#seq + 1;
		const nextOrder = timerOrder(at, seq);
		const timer: Timer = data === undefined ? { kind, key, at, seq } : { kind, key, at, seq, data };
		this.#seq = seq;
		this.#timers = treeSet(timers, nextOrder, timer);
		this.#timerNames = treeSet(this.#timerNames, name, nextOrder);
		this.#state = undefined;
	}

	/** Takes a waiting timer back; without effect where there is none. */
	cancel(kind: string, key: string): void {
		const name = `${kind}\u0000${key}`;
		const order = treeGet(this.#timerNames, name);
		if (order === undefined) return;
		this.#timers = treeRemove(this.#timers, order);
		this.#timerNames = treeRemove(this.#timerNames, name);
		this.#state = undefined;
	}

	/** When the next timer is due (ms since the epoch), if any waits. */
	nextDue(): number | undefined {
		return treeFirst(this.#timers)?.v.at;
	}

	/**
	 * Moves the clock to `to`, running every timer due until then in order. Never moves it back.
	 * @param stop asked after every timer; true ends the advance at that timer's time.
	 * @returns the number of timers run.
	 */
	advanceTo(to: number, stop?: () => boolean): number {
		let ran = 0;
		for (;;) {
			const first = treeFirst(this.#timers);
			if (first === undefined || first.v.at > to) break;
			const { kind, key, at, data } = first.v;
			this.#now = Math.max(this.#now, at);
			this.#timers = treeRemove(this.#timers, first.k);
			this.#timerNames = treeRemove(this.#timerNames, `${kind}\u0000${key}`);
			this.#state = undefined;
			const handler = this.behaviour.timers.get(kind);
			if (handler === undefined) throw new Error(`no handler for timer kind "${kind}" (key "${key}"): register it in simulator.ts`);
			handler(this, key, data);
			ran++;
			if (stop?.()) return ran;
		}
		if (to > this.#now) {
			this.#now = to;
			this.#state = undefined;
		}
		return ran;
	}

	/** Another world that starts from this one's present; O(1). Neither sees what happens in the other. */
	fork(): World {
		return new World(this.state, this.behaviour);
	}
}
