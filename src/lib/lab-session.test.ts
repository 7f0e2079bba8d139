import { describe, expect, it, vi } from 'vitest';
import type { Verdict } from '../../server/protocol/lab.ts';
import type { ServerMessage, TaskState } from '../../server/protocol/messages.ts';
import { createStore, initialLabState, type LabState, reduceLab } from './lab-session.ts';

const task = (id: string, done: boolean): TaskState => ({ id, done, hintsOpened: [], hintsLeft: 2 });
const hear = (state: LabState, ...messages: ServerMessage[]): LabState =>
	messages.reduce((now, message) => reduceLab(now, { type: 'message', message }), state);
const session: ServerMessage = {
	type: 'session',
	lab: 'x',
	resumed: false,
	readyMs: 20,
	provider: 'simulator',
	capabilities: { fork: true },
	tasks: [task('a', true), task('b', false)],
	tabs: 1,
};
const verdict: Verdict = {
	lab: 'x',
	attempt: 1,
	score: 50,
	passed: false,
	capped: false,
	checks: [],
	gradedAt: '2026-01-01T00:00:00Z',
	tookMs: 1,
	seed: 1,
	graderVersion: '1',
	provider: 'simulator',
};

describe('reduceLab', () => {
	it('takes a session as it is, without announcing tasks done earlier', () => {
		const state = hear(initialLabState, session);
		expect(state.tasks.map((one) => one.done)).toEqual([true, false]);
		expect(state.justDone).toEqual([]);
	});

	it('announces a task once, when it turns green', () => {
		const green: ServerMessage = { type: 'tasks', tasks: [task('a', true), task('b', true)] };
		expect(hear(initialLabState, session, green, green).justDone).toEqual(['b']);
	});

	it('follows a check from the button to the verdict', () => {
		let state = reduceLab(hear(initialLabState, session), { type: 'job', job: 'check' });
		state = hear(state, { type: 'checking', request: 'r1', done: 2, total: 6, title: 'Third' });
		expect(state.checking).toEqual({ done: 2, total: 6, title: 'Third' });
		state = hear(state, { type: 'verdict', request: 'r1', verdict });
		expect([state.job, state.checking, state.verdict?.score]).toEqual([undefined, undefined, 50]);
	});

	it('keeps the last verdict when a session comes back without one', () => {
		expect(hear(initialLabState, session, { type: 'verdict', request: 'r', verdict }, session).verdict).toBe(verdict);
	});

	it('ends the job under way when the connection is lost, and keeps the rest', () => {
		const busy = reduceLab(hear(initialLabState, session), { type: 'job', job: 'check' });
		const lost = reduceLab(busy, { type: 'connection', connection: { state: 'waiting', retryAt: 5 } });
		expect([lost.job, lost.tasks.length, lost.connection.state]).toEqual([undefined, 2, 'waiting']);
	});

	it('adds a hint once, whichever message brings it first', () => {
		const hint: ServerMessage = { type: 'hint', request: 'r', task: 'b', text: 'Look.', left: 1 };
		const listed: ServerMessage = { type: 'tasks', tasks: [task('a', true), { ...task('b', false), hintsOpened: ['Look.'], hintsLeft: 1 }] };
		for (const order of [[hint, listed], [listed, hint], [hint]]) {
			const opened = hear(initialLabState, session, ...order).tasks.find((one) => one.id === 'b');
			expect([opened?.hintsOpened, opened?.hintsLeft]).toEqual([['Look.'], 1]);
		}
	});

	it('shows an error of the session, and leaves the answer to a request to its asker', () => {
		const error = { type: 'error', code: 'c', message: 'm', next: 'n' } as const;
		expect(hear(initialLabState, error).problem).toEqual({ code: 'c', message: 'm', next: 'n' });
		expect(hear(initialLabState, { ...error, request: 'r1' }).problem).toBeUndefined();
	});

	it('forgets what was wrong once a session stands', () => {
		const wrong = reduceLab(initialLabState, { type: 'problem', problem: { code: 'c', message: 'm', next: 'n' } });
		expect(hear(wrong, session).problem).toBeUndefined();
	});

	it('forgets verdict and submission after a reset, and offers to take it back until something else is done', () => {
		const graded = hear(initialLabState, session, { type: 'verdict', request: 'r', verdict });
		const reset = reduceLab(graded, { type: 'job-done', job: 'reset' });
		expect([reset.verdict, reset.canUndoReset]).toEqual([undefined, true]);
		expect(reduceLab(reset, { type: 'job-done', job: 'undo-reset' }).canUndoReset).toBe(false);
	});

	it('returns the same state for messages that are not its own', () => {
		expect(hear(initialLabState, { type: 'terminal.output', terminal: 't1', data: 'x' })).toBe(initialLabState);
	});
});

describe('createStore', () => {
	it('tells listeners of changes only, and no longer after they left', () => {
		const store = createStore((state: number, by: number) => state + by, 1);
		const listener = vi.fn();
		const leave = store.subscribe(listener);
		store.dispatch(0);
		store.dispatch(2);
		leave();
		store.dispatch(3);
		expect([store.get(), listener.mock.calls.length]).toEqual([6, 1]);
	});
});
