import type { DiffLine } from '../../../server/protocol/reviews.ts';
import { lineDiff } from '../line-diff.ts';

/** The difference of two texts as rows: what `diff -u` shows, without the heads of hunks. A text that is new, or gone, is shown whole. */
export function diffLines(before: string, after: string): DiffLine[] {
	const [old, now] = [before.replace(/\n$/, ''), after.replace(/\n$/, '')];
	if (old === '') return now.split('\n').map((text) => ({ change: '+', text }));
	if (now === '') return old.split('\n').map((text) => ({ change: '-', text }));
	return lineDiff(old, now).flatMap((line, i): DiffLine[] => {
		if (line.startsWith('@@ ')) return i === 0 ? [] : [{ change: ' ', text: '…' }];
		const sign = line[0];
		return [{ change: sign === '+' || sign === '-' ? sign : ' ', text: line.slice(1) }];
	});
}
