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
 */
export class World {
	state: State;
	readonly behaviour: Behaviour;

	constructor(state: State, behaviour: Behaviour) {
		this.state = state;
		this.behaviour = behaviour;
	}

	/** Virtual time, ms since the Unix epoch. */
	get now(): number {
		return this.state.now;
	}

	/** A number in [0, 1) from the world's seed. */
	random(): number {
		const step = nextRandom(this.state.random);
		this.state = { ...this.state, random: step.state };
		return step.value;
	}

	/** An integer in [0, bound). */
	randomInt(bound: number): number {
		return Math.floor(this.random() * bound);
	}

	read<T>(slice: Slice<T>): T {
		const held = this.state.slices[slice.name];
		return held === undefined ? slice.initial : (held as T);
	}

	write<T>(slice: Slice<T>, value: T): void {
		if (this.state.slices[slice.name] === value) return;
		this.state = { ...this.state, slices: { ...this.state.slices, [slice.name]: value } };
	}

	/**
	 * Has `kind`'s handler run for `key` after `delayMs` of virtual time. Where one of that name waits
	 * already, the earlier stays (a work queue's way); with `replace` the new one takes its place.
	 */
	schedule(kind: string, key: string, delayMs: number, data?: unknown, replace = false): void {
		const name = `${kind}\u0000${key}`;
		const at = Math.ceil(this.state.now + Math.max(0, delayMs));
		const order = treeGet(this.state.timerNames, name);
		let timers = this.state.timers;
		if (order !== undefined) {
			const waiting = treeGet(timers, order);
			if (!replace && waiting !== undefined && waiting.at <= at) return;
			timers = treeRemove(timers, order);
		}
		const seq = this.state.seq + 1;
		const nextOrder = timerOrder(at, seq);
		const timer: Timer = data === undefined ? { kind, key, at, seq } : { kind, key, at, seq, data };
		this.state = {
			...this.state,
			seq,
			timers: treeSet(timers, nextOrder, timer),
			timerNames: treeSet(this.state.timerNames, name, nextOrder),
		};
	}

	/** Takes a waiting timer back; without effect where there is none. */
	cancel(kind: string, key: string): void {
		const name = `${kind}\u0000${key}`;
		const order = treeGet(this.state.timerNames, name);
		if (order === undefined) return;
		this.state = {
			...this.state,
			timers: treeRemove(this.state.timers, order),
			timerNames: treeRemove(this.state.timerNames, name),
		};
	}

	/** When the next timer is due (ms since the epoch), if any waits. */
	nextDue(): number | undefined {
		return treeFirst(this.state.timers)?.v.at;
	}

	/**
	 * Moves the clock to `to`, running every timer due until then in order. Never moves it back.
	 * @param stop asked after every timer; true ends the advance at that timer's time.
	 * @returns the number of timers run.
	 */
	advanceTo(to: number, stop?: () => boolean): number {
		let ran = 0;
		for (;;) {
			const first = treeFirst(this.state.timers);
			if (first === undefined || first.v.at > to) break;
			const { kind, key, at, data } = first.v;
			this.state = {
				...this.state,
				now: Math.max(this.state.now, at),
				timers: treeRemove(this.state.timers, first.k),
				timerNames: treeRemove(this.state.timerNames, `${kind}\u0000${key}`),
			};
			const handler = this.behaviour.timers.get(kind);
			if (handler === undefined) throw new Error(`no handler for timer kind "${kind}" (key "${key}"): register it in simulator.ts`);
			handler(this, key, data);
			ran++;
			if (stop?.()) return ran;
		}
		if (to > this.state.now) this.state = { ...this.state, now: to };
		return ran;
	}

	/** Another world that starts from this one's present; O(1). Neither sees what happens in the other. */
	fork(): World {
		return new World(this.state, this.behaviour);
	}
}
