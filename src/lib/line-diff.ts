/** The difference of two texts, line by line, as `diff -u` shows it. */

const CONTEXT = 3;
/** Cells of the table beyond which the middle is shown as replaced whole: a diff that nobody could read must not hold up the page. */
const MOST_CELLS = 4_000_000;

type Edit = readonly [' ' | '-' | '+', string];

/** Hunks with their `@@` lines; empty for equal texts. */
export function lineDiff(before: string, after: string): string[] {
	if (before === after) return [];
	const [a, b] = [before.split('\n'), after.split('\n')];
	let head = 0;
	while (head < a.length && head < b.length && a[head] === b[head]) head++;
	let tail = 0;
	while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
	const same = (line: string): Edit => [' ', line];
	const middle = edits(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
	return hunks([...a.slice(0, head).map(same), ...middle, ...a.slice(a.length - tail).map(same)]);
}

/** Longest common subsequence. */
function edits(a: readonly string[], b: readonly string[]): Edit[] {
	if (a.length * b.length > MOST_CELLS) return [...a.map((line): Edit => ['-', line]), ...b.map((line): Edit => ['+', line])];
	const width = b.length + 1;
	const table = new Uint32Array((a.length + 1) * width);
	const cell = (i: number, j: number): number => table[i * width + j] ?? 0;
	for (let i = a.length - 1; i >= 0; i--)
		for (let j = b.length - 1; j >= 0; j--) table[i * width + j] = a[i] === b[j] ? cell(i + 1, j + 1) + 1 : Math.max(cell(i + 1, j), cell(i, j + 1));
	const out: Edit[] = [];
	for (let i = 0, j = 0; i < a.length || j < b.length; ) {
		if (i < a.length && j < b.length && a[i] === b[j]) {
			out.push([' ', a[i++] ?? '']);
			j++;
		} else if (i < a.length && (j >= b.length || cell(i + 1, j) >= cell(i, j + 1))) out.push(['-', a[i++] ?? '']);
		else out.push(['+', b[j++] ?? '']);
	}
	return out;
}

function hunks(all: readonly Edit[]): string[] {
	const out: string[] = [];
	let [oldLine, newLine, at] = [1, 1, 0];
	while (at < all.length) {
		const first = all.findIndex(([kind], index) => index >= at && kind !== ' ');
		if (first < 0) break;
		let last = first;
		for (let index = first; index < all.length && index <= last + 2 * CONTEXT; index++) if (all[index]?.[0] !== ' ') last = index;
		const start = Math.max(at, first - CONTEXT);
		oldLine += start - at;
		newLine += start - at;
		const hunk = all.slice(start, last + CONTEXT + 1);
		const olds = hunk.filter(([kind]) => kind !== '+').length;
		const news = hunk.filter(([kind]) => kind !== '-').length;
		out.push(`@@ -${oldLine},${olds} +${newLine},${news} @@`, ...hunk.map(([kind, line]) => kind + line));
		oldLine += olds;
		newLine += news;
		at = start + hunk.length;
	}
	return out;
}
