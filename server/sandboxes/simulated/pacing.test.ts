import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../limits.ts';
import { Pacing } from './pacing.ts';
import { Waiters } from './waiters.ts';

describe('pacing', () => {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		vi.useRealTimers();
	});

	const world = (due: number | undefined, speed = 1): { pacing: Pacing; wakes: number[]; due: (at: number | undefined) => void } => {
		const wakes: number[] = [];
		let next = due;
		const pacing = new Pacing({
			virtualNow: 1000,
			speed,
			nextDue: () => next,
			nextWanted: () => Number.POSITIVE_INFINITY,
			wake: (at) => {
				wakes.push(at);
				if (next !== undefined && next <= at) next = undefined;
			},
			realNow: () => performance.now(),
		});
		return { pacing, wakes, due: (at) => (next = at) };
	};

	it('stands still until somebody holds it, and again when nobody does', () => {
		const { pacing } = world(undefined);
		vi.advanceTimersByTime(500);
		expect(pacing.now()).toBe(1000);
		const release = pacing.hold();
		vi.advanceTimersByTime(300);
		expect(pacing.now()).toBe(1300);
		release();
		release();
		vi.advanceTimersByTime(10_000);
		expect(pacing.now()).toBe(1300);
	});

	it('wakes the world when something is due, not before', () => {
		const { pacing, wakes } = world(1250);
		pacing.hold();
		vi.advanceTimersByTime(249);
		expect(wakes).toEqual([]);
		vi.advanceTimersByTime(2);
		expect(wakes).toHaveLength(1);
		expect(wakes[0]).toBeGreaterThanOrEqual(1250);
	});

	it('wakes a busy world at most every wakeMs', () => {
		const wakes: number[] = [];
		const pacing = new Pacing({
			virtualNow: 0,
			speed: 1,
			nextDue: () => 0,
			nextWanted: () => 0,
			wake: (at) => wakes.push(at),
			realNow: () => performance.now(),
		});
		pacing.hold();
		vi.advanceTimersByTime(1000);
		expect(wakes.length).toBeLessThanOrEqual(1000 / LIMITS.wakeMs + 1);
		expect(wakes.length).toBeGreaterThan(10);
	});

	it('follows its speed', () => {
		const { pacing, wakes } = world(11_000, 100);
		pacing.hold();
		vi.advanceTimersByTime(101);
		expect(wakes).toHaveLength(1);
	});

	it('slips instead of racing after when the machine was held up', () => {
		let real = 0;
		const wakes: number[] = [];
		const pacing = new Pacing({
			virtualNow: 0,
			speed: 1,
			nextDue: () => 10,
			nextWanted: () => Number.POSITIVE_INFINITY,
			wake: (at) => wakes.push(at),
			realNow: () => real,
		});
		pacing.hold();
		real = 60_000;
		vi.advanceTimersByTime(20);
		expect(wakes[0]).toBeLessThanOrEqual(10 + LIMITS.catchUpMs);
	});
});

describe('waiters', () => {
	it('come to true, to false at their time, and to false when given up', async () => {
		const waiters = new Waiters();
		let ready = false;
		const stop = new AbortController();
		const answers = [waiters.add(() => ready, 100), waiters.add(() => false, 50), waiters.add(() => false, 1000, stop.signal)];
		expect(waiters.nextUntil()).toBe(50);
		waiters.check(50);
		ready = true;
		waiters.check(60);
		stop.abort();
		expect(await Promise.all(answers)).toEqual([true, false, false]);
		expect(waiters.size).toBe(0);
	});
});
