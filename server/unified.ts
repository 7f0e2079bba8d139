/** What differs between two texts, as `diff -u` shows it. */

const CONTEXT = 3;
/** Lines of one side times lines of the other that are compared one by one; beyond it the differing stretch counts as replaced whole. */
const COMPARED = 4_000_000;

interface Edit {
	readonly kind: ' ' | '-' | '+';
	readonly text: string;
}

const lines = (kind: Edit['kind'], texts: readonly string[]): Edit[] => texts.map((text) => ({ kind, text }));

/** What both sides begin and end with needs no table. */
function edits(a: readonly string[], b: readonly string[]): Edit[] {
	const most = Math.min(a.length, b.length);
	let head = 0;
	while (head < most && a[head] === b[head]) head++;
	let tail = 0;
	while (tail < most - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
	const [left, right] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
	const middle = left.length * right.length > COMPARED ? [...lines('-', left), ...lines('+', right)] : longest(left, right);
	return [...lines(' ', a.slice(0, head)), ...middle, ...lines(' ', a.slice(a.length - tail))];
}

/** Longest common subsequence over lines. */
function longest(a: readonly string[], b: readonly string[]): Edit[] {
	const table: Uint32Array[] = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
	const at = (i: number, j: number): number => table[i]?.[j] ?? 0;
	for (let i = a.length - 1; i >= 0; i--) {
		const row = table[i] as Uint32Array;
		for (let j = b.length - 1; j >= 0; j--) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
	}
	const out: Edit[] = [];
	let [i, j] = [0, 0];
	while (i < a.length || j < b.length) {
		if (i < a.length && j < b.length && a[i] === b[j]) {
			out.push({ kind: ' ', text: a[i++] as string });
			j++;
		} else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) out.push({ kind: '-', text: a[i++] as string });
		else out.push({ kind: '+', text: b[j++] as string });
	}
	return out;
}

/** Hunks of a unified diff, without the file heads; '' for equal texts. */
export function unified(before: string, after: string): string {
	const split = (t: string): string[] => (t === '' ? [] : t.replace(/\n$/, '').split('\n'));
	const all = edits(split(before), split(after));
	let out = '';
	let at = 0;
	const numbers = all.map((e) => e.kind);
	while (at < all.length) {
		const first = numbers.findIndex((k, i) => i >= at && k !== ' ');
		if (first < 0) break;
		const start = Math.max(at, first - CONTEXT);
		let end = first;
		for (let i = first; i < all.length && i <= end + 2 * CONTEXT + 1; i++) if (numbers[i] !== ' ') end = i;
		const stop = Math.min(all.length, end + CONTEXT + 1);
		const hunk = all.slice(start, stop);
		const count = (kinds: string, list: readonly Edit[]): number => list.filter((e) => kinds.includes(e.kind)).length;
		const range = (from: number, n: number): string => (n === 1 ? String(from) : `${n === 0 ? from - 1 : from},${n}`);
		const [oldFrom, newFrom] = [count(' -', all.slice(0, start)) + 1, count(' +', all.slice(0, start)) + 1];
		out += `@@ -${range(oldFrom, count(' -', hunk))} +${range(newFrom, count(' +', hunk))} @@\n${hunk.map((e) => `${e.kind}${e.text}\n`).join('')}`;
		at = stop;
	}
	return out;
}
