import type { DiffLine } from '../../../server/protocol/reviews.ts';
import { lineDiff } from '../line-diff.ts';

/** The difference of two texts as rows: what `diff -u` shows, without the heads of hunks. */
export function diffLines(before: string, after: string): DiffLine[] {
	return lineDiff(before, after).map((line) => {
		const sign = line[0];
		if (line.startsWith('@@ ')) return { change: ' ', text: '…' };
		return { change: sign === '+' || sign === '-' ? sign : ' ', text: line.slice(1) };
	});
}
