import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import type { DiffLine } from '../protocol/reviews.ts';
import { diffLines, hunks } from './diff.ts';

const side = (lines: readonly DiffLine[], without: string): string[] => lines.filter(({ change }) => change !== without).map(({ text }) => text);
const text = fc.array(fc.constantFrom('a', 'b', 'c', 'replicas: 1', ''), { maxLength: 30 }).map((lines) => lines.map((line) => `${line}\n`).join(''));
const linesOf = (whole: string): string[] => (whole === '' ? [] : whole.replace(/\n$/, '').split('\n'));

describe('the difference of two texts', () => {
	it('holds both of them, with the lines’ numbers', () => {
		fc.assert(
			fc.property(text, text, (before, after) => {
				const lines = diffLines(before, after);
				expect(side(lines, '+')).toEqual(linesOf(before));
				expect(side(lines, '-')).toEqual(linesOf(after));
				expect(lines.flatMap(({ from }) => from ?? [])).toEqual(linesOf(before).map((_, i) => i + 1));
				expect(lines.flatMap(({ to }) => to ?? [])).toEqual(linesOf(after).map((_, i) => i + 1));
			}),
		);
	});

	it('is the shortest there is', () => {
		const lines = diffLines('a\nb\nc\nd\n', 'a\nc\nx\nd\n');
		expect(lines.map(({ change, text: line }) => change + line)).toEqual([' a', '-b', ' c', '+x', ' d']);
	});

	it(`takes texts beyond LIMITS.diffLines (${LIMITS.diffLines}) as replaced, and is quick with unlike ones`, () => {
		const long = Array.from({ length: LIMITS.diffLines }, (_, i) => `${i}`).join('\n');
		expect(diffLines(long, `${long}\nmore`).filter(({ change }) => change === ' ')).toEqual([]);
		const half = (prefix: string): string => Array.from({ length: LIMITS.diffLines / 2 }, (_, i) => `${prefix}${i}`).join('\n');
		expect(diffLines(half('a'), half('b'))).toHaveLength(LIMITS.diffLines);
	});

	it('shows three lines around what changed', () => {
		const before = Array.from({ length: 20 }, (_, i) => `line ${i}`);
		const after = before.with(10, 'other');
		expect(
			hunks(diffLines(before.join('\n'), after.join('\n')))
				.map(({ change }) => change)
				.join(''),
		).toBe('   -+   ');
	});
});
