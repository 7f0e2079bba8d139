import { expect, it } from 'vitest';
import { History } from './history.ts';

it('takes back a burst of typing at once, other changes one by one, and brings them again', () => {
	const history = new History<string>();
	history.note('', true, 0);
	history.note('a', true, 500);
	history.note('ab', false, 600);
	history.note('ab+row', true, 700);
	expect(history.undo('ab+row c')).toBe('ab+row');
	expect(history.undo('ab+row')).toBe('ab');
	expect(history.redo('ab')).toBe('ab+row');
	expect(history.undo('ab+row')).toBe('ab');
	expect(history.undo('ab')).toBe('');
	expect([history.undo(''), history.canUndo, history.canRedo]).toEqual([undefined, false, true]);
	history.note('', false, 9000);
	expect(history.canRedo).toBe(false);
});

it('remembers a hundred', () => {
	const history = new History<number>();
	for (let i = 0; i < 150; i++) history.note(i, false, i);
	let count = 0;
	while (history.undo(0) !== undefined) count++;
	expect(count).toBe(100);
});
