import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepDesk, readDesk } from './drafts.ts';

const kept = new Map<string, string>();
beforeEach(() =>
	vi.stubGlobal('localStorage', { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) }),
);
afterEach(() => {
	kept.clear();
	vi.unstubAllGlobals();
});

it('keeps what is open and unsaved, by lab', () => {
	const desk = {
		active: '/home/learner/a',
		open: [
			{ path: '/home/learner/a', mtime: 3, text: 'mine' },
			{ path: '/home/learner/b', mtime: 4 },
		],
	};
	keepDesk('one', desk);
	expect(readDesk('one')).toEqual(desk);
	expect(readDesk('two')).toEqual({ active: undefined, open: [] });
});

it('keeps the names where the text is more than a browser stores, and survives what it cannot read', () => {
	keepDesk('one', {
		active: undefined,
		open: [
			{ path: 'a', mtime: 1, text: 'x'.repeat(2_000_000) },
			{ path: 'b', mtime: 1, text: 'small' },
		],
	});
	expect(readDesk('one').open).toEqual([
		{ path: 'a', mtime: 1 },
		{ path: 'b', mtime: 1, text: 'small' },
	]);
	for (const broken of ['{', '[]', 'null', '{"open":[1,{"path":2}]}']) {
		kept.set('foothold.desk.one', broken);
		expect(readDesk('one').open).toEqual([]);
	}
});
