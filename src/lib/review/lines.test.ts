import { describe, expect, it } from 'vitest';
import { diffLines } from './lines.ts';

const shown = (before: string, after: string): string[] => diffLines(before, after).map(({ change, text }) => change + text);

describe('the difference as rows', () => {
	it('shows what is new, or gone, whole', () => {
		expect(shown('', 'a\nb\n')).toEqual(['+a', '+b']);
		expect(shown('a\nb\n', '')).toEqual(['-a', '-b']);
		expect(shown('a\n', 'a\n')).toEqual([]);
	});

	it('leaves out what is far from a change', () => {
		const before = Array.from({ length: 30 }, (_, i) => `line ${i}`);
		const after = before.with(2, 'two').with(27, 'x');
		expect(shown(before.join('\n'), after.join('\n'))).toEqual([
			...[' line 0', ' line 1', '-line 2', '+two', ' line 3', ' line 4', ' line 5'],
			' …',
			...[' line 24', ' line 25', ' line 26', '-line 27', '+x', ' line 28', ' line 29'],
		]);
	});
});
