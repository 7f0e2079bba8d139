/** A unified diff of two values as indented JSON: `apimachinery/pkg/util/diff`, whose internal types name fields with a capital. */
import { isRecord } from '../fields.ts';

const CONTEXT = 3;

function capitalised(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(capitalised);
	if (!isRecord(value)) return value;
	const out: { [key: string]: unknown } = {};
	for (const key of Object.keys(value).sort()) out[key.charAt(0).toUpperCase() + key.slice(1)] = capitalised(value[key]);
	return out;
}

interface Line {
	readonly sign: ' ' | '-' | '+';
	readonly text: string;
	/** Lines of each side before this one. */
	readonly a: number;
	readonly b: number;
}

/** The edit script between two lists of lines, by their longest common subsequence. */
function edits(a: readonly string[], b: readonly string[]): readonly Line[] {
	const width = b.length + 1;
	const length = new Uint32Array((a.length + 1) * width);
	const at = (i: number, j: number): number => length[i * width + j] ?? 0;
	for (let i = a.length - 1; i >= 0; i--) {
		for (let j = b.length - 1; j >= 0; j--) {
			length[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
		}
	}
	const out: Line[] = [];
	let [i, j] = [0, 0];
	while (i < a.length || j < b.length) {
		if (i < a.length && j < b.length && a[i] === b[j]) out.push({ sign: ' ', text: a[i] ?? '', a: i++, b: j++ });
		else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) out.push({ sign: '-', text: a[i] ?? '', a: i++, b: j });
		else out.push({ sign: '+', text: b[j] ?? '', a: i, b: j++ });
	}
	return out;
}

const range = (start: number, count: number): string => (count === 1 ? String(start + 1) : `${count === 0 ? start : start + 1},${count}`);

/** Lines of the diff, each ended by a newline; '' where nothing differs. */
export function unifiedDiff(before: unknown, after: unknown): string {
	const lines = edits(JSON.stringify(capitalised(before), null, 1).split('\n'), JSON.stringify(capitalised(after), null, 1).split('\n'));
	const shown = lines.map((_, n) => lines.slice(Math.max(0, n - CONTEXT), n + CONTEXT + 1).some((l) => l.sign !== ' '));
	let out = '';
	for (let n = 0; n < lines.length; ) {
		if (shown[n] !== true) {
			n++;
			continue;
		}
		let end = n;
		while (end < lines.length && shown[end] === true) end++;
		const hunk = lines.slice(n, end);
		const [first] = hunk;
		const count = (side: '-' | '+'): number => hunk.filter((l) => l.sign === ' ' || l.sign === side).length;
		out += `@@ -${range(first?.a ?? 0, count('-'))} +${range(first?.b ?? 0, count('+'))} @@\n`;
		for (const line of hunk) out += `${line.sign}${line.text}\n`;
		n = end;
	}
	return out;
}
