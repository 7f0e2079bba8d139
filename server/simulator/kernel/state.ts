import type { Tree } from './tree.ts';

/** A thing to be done at a moment of virtual time. `(kind, key)` names it: there is at most one of each. */
export interface Timer {
	readonly kind: string;
	readonly key: string;
	/** Virtual time in ms since the Unix epoch. */
	readonly at: number;
	/** Breaks ties between timers of one moment: first scheduled, first run. */
	readonly seq: number;
	/** Plain data handed to the kind's handler. */
	readonly data?: unknown;
}

/**
 * The whole of a simulated world. Plain immutable data: no class, function, Map or cycle anywhere
 * below it, so that JSON holds it, a reference to it is a snapshot and a copy of the reference a fork.
 */
export interface State {
	/** Virtual time in ms since the Unix epoch; moves only when the clock is advanced. */
	readonly now: number;
	/** State of the random number generator, unsigned 32-bit. */
	readonly random: number;
	readonly seq: number;
	/** Due order: keys are `timerOrder(at, seq)`. */
	readonly timers: Tree<string, Timer>;
	/** `kind` + NUL + `key` → the key in `timers`. */
	readonly timerNames: Tree<string, string>;
	/** Each room's own part, under its slice's name. */
	readonly slices: { readonly [name: string]: unknown };
}

/** A room's part of the state: its name and what it holds in a new world. */
export interface Slice<T> {
	readonly name: string;
	readonly initial: T;
}

/** Declares a room's part of the state. `initial` must be plain data. */
export function defineSlice<T>(name: string, initial: T): Slice<T> {
	return { name, initial };
}

export function initialState(seed: number, now: number): State {
	return { now, random: seed >>> 0, seq: 0, timers: null, timerNames: null, slices: {} };
}

/** Timers sort by time, then by order of scheduling; both padded so that text order is number order. */
export function timerOrder(at: number, seq: number): string {
	return `${String(Math.ceil(at)).padStart(15, '0')}.${seq.toString(36).padStart(10, '0')}`;
}
