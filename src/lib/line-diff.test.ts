import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineDiff } from './line-diff.ts';

/** What `patch` would make of it. */
function patched(before: string, hunks: readonly string[]): string {
	const lines = before.split('\n');
	const out: string[] = [];
	let at = 0;
	for (const line of hunks) {
		const start = /^@@ -(\d+)/.exec(line)?.[1];
		if (start !== undefined) while (at < Number(start) - 1) out.push(lines[at++] ?? '');
		else if (line.startsWith('-')) at++;
		else {
			out.push(line.slice(1));
			if (line.startsWith(' ')) at++;
		}
	}
	return [...out, ...lines.slice(at)].join('\n');
}

describe('lineDiff', () => {
	it('shows what changed with three lines around it', () => {
		const before = 'a\nb\nc\nd\ne\nf\ng\n';
		expect(lineDiff(before, before.replace('e', 'E'))).toEqual(['@@ -2,7 +2,7 @@', ' b', ' c', ' d', '-e', '+E', ' f', ' g', ' ']);
		expect(lineDiff(before, before)).toEqual([]);
	});

	it('leads from the one text to the other', () => {
		const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 }).map((lines) => lines.join('\n'));
		fc.assert(
			fc.property(text, text, (before, after) => {
				expect(patched(before, lineDiff(before, after))).toBe(after);
			}),
		);
	});
});
