import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { DocumentContent, WrittenDocument } from '../../../server/protocol/documents.ts';
import { ApiError } from '../api.ts';
import { Saver, type SaveState } from './saver.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(answers: (ApiError | number)[]) {
	const states: SaveState['state'][] = [];
	const bases: number[] = [];
	const saver = new Saver(1, {
		read: () => ({ title: 'x' }) as DocumentContent,
		save: async (base) => {
			bases.push(base);
			const answer = answers.shift() ?? base + 1;
			if (answer instanceof ApiError) throw answer;
			return { version: answer, updatedAt: 'now' } as WrittenDocument;
		},
		tell: ({ state }) => states.push(state),
		conflict: 'document-changed',
	});
	return { saver, states, bases };
}

it('saves once after several changes, over the version it has', async () => {
	const { saver, states, bases } = setUp([]);
	saver.changed();
	saver.changed();
	await vi.advanceTimersByTimeAsync(1000);
	saver.changed();
	await vi.advanceTimersByTimeAsync(1000);
	expect([bases, saver.unsaved]).toEqual([[1, 2], false]);
	expect(states).toEqual(['waiting', 'waiting', 'saving', 'saved', 'waiting', 'saving', 'saved']);
});

it('tries again when the server does not answer', async () => {
	const { saver, states } = setUp([new ApiError(0, 'no-answer', 'No answer.', 'Wait.')]);
	saver.changed();
	await vi.advanceTimersByTimeAsync(1000);
	expect([states.at(-1), saver.unsaved]).toEqual(['failed', true]);
	await vi.advanceTimersByTimeAsync(5000);
	expect([states.at(-1), saver.unsaved]).toEqual(['saved', false]);
});

it('never saves over what somebody else saved', async () => {
	const { saver, bases } = setUp([new ApiError(409, 'document-changed', 'Changed.', 'Reload.')]);
	saver.changed();
	await vi.advanceTimersByTimeAsync(1000);
	saver.changed();
	await vi.advanceTimersByTimeAsync(9000);
	expect([bases, await saver.flush()]).toEqual([[1], false]);
});
