import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineSlice, initialState, type State } from './state.ts';
import { type Behaviour, World } from './world.ts';

const log = defineSlice<readonly string[]>('log', []);

/** A world whose timers write what they saw, schedule others and draw random numbers. */
const behaviour: Behaviour = {
	timers: new Map([
		[
			'tick',
			(w, key, data) => {
				w.write(log, [...w.read(log), `${w.now}:${key}:${w.randomInt(1000)}`]);
				if (typeof data === 'number' && data > 0) w.schedule('tick', `${key}'`, w.randomInt(50), data - 1);
			},
		],
	]),
};

type Step = { readonly op: 'schedule' | 'cancel' | 'advance'; readonly key: string; readonly ms: number; readonly replace: boolean };
const step = fc.record({
	op: fc.constantFrom<'schedule' | 'cancel' | 'advance'>('schedule', 'schedule', 'advance', 'cancel'),
	key: fc.constantFrom('a', 'b', 'c'),
	ms: fc.integer({ min: 0, max: 100 }),
	replace: fc.boolean(),
});
const journal = fc.array(step, { maxLength: 60 });

function play(world: World, steps: readonly Step[]): State {
	for (const s of steps) {
		if (s.op === 'schedule') world.schedule('tick', s.key, s.ms, 3, s.replace);
		else if (s.op === 'cancel') world.cancel('tick', s.key);
		else world.advanceTo(world.now + s.ms);
	}
	return world.state;
}

const fresh = (seed = 1): World => new World(initialState(seed, 1000), behaviour);

describe('the world', () => {
	it('gives the same bytes for the same seed and inputs', () => {
		fc.assert(
			fc.property(journal, fc.integer(), (steps, seed) => {
				expect(JSON.stringify(play(fresh(seed), steps))).toBe(JSON.stringify(play(fresh(seed), steps)));
			}),
		);
	});

	it('goes on from a snapshot as if there had been none', () => {
		fc.assert(
			fc.property(journal, journal, (first, second) => {
				const whole = play(fresh(), [...first, ...second]);
				const snapshot = JSON.parse(JSON.stringify(play(fresh(), first))) as State;
				expect(JSON.stringify(play(new World(snapshot, behaviour), second))).toBe(JSON.stringify(whole));
			}),
		);
	});

	it('never lets a fork change its parent', () => {
		fc.assert(
			fc.property(journal, journal, (first, second) => {
				const parent = fresh();
				play(parent, first);
				const before = JSON.stringify(parent.state);
				play(parent.fork(), second);
				expect(JSON.stringify(parent.state)).toBe(before);
			}),
		);
	});

	it('comes to the same in one advance or in many', () => {
		fc.assert(
			fc.property(journal, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }), (steps, parts) => {
				const total = parts.reduce((a, b) => a + b, 0);
				const once = fresh();
				play(once, steps);
				const many = once.fork();
				once.advanceTo(once.now + total);
				for (const p of parts) many.advanceTo(many.now + p);
				expect(JSON.stringify(many.state)).toBe(JSON.stringify(once.state));
			}),
		);
	});

	it('runs timers in order of time, then of scheduling, and keeps one of a name', () => {
		const w = fresh();
		w.schedule('tick', 'late', 20);
		w.schedule('tick', 'first', 10);
		w.schedule('tick', 'second', 10);
		w.schedule('tick', 'late', 30);
		w.schedule('tick', 'first', 5, undefined, true);
		expect(w.nextDue()).toBe(1005);
		w.advanceTo(2000);
		expect(w.read(log).map((l) => l.split(':').slice(0, 2).join(':'))).toEqual(['1005:first', '1010:second', '1020:late']);
		expect(w.now).toBe(2000);
	});

	it('never moves the clock back', () => {
		const w = fresh();
		w.advanceTo(500);
		expect(w.now).toBe(1000);
	});

	it('says which handler is missing', () => {
		const w = fresh();
		w.schedule('nosuch', 'k', 1);
		expect(() => w.advanceTo(2000)).toThrow('no handler for timer kind "nosuch"');
	});
});
