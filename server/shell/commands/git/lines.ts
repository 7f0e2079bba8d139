/** Differences of two lists of lines: the shortest way from one to the other (Myers 1986), and three-way merges by it. */

/** Where `a[from,to)` was replaced by `b[from,to)`. */
export interface Change {
	readonly a: readonly [number, number];
	readonly b: readonly [number, number];
}

/** Lines with their newlines; the last may have none. */
export function splitLines(text: string): string[] {
	if (text === '') return [];
	const lines = text.match(/[^\n]*\n|[^\n]+$/g);
	return lines ?? [];
}

/** Edits beyond which two texts count as wholly different: the search is quadratic in them. */
const MOST_EDITS = 3000;

/** Which lines of `a` are removed and which of `b` are added, by Myers' greedy search with its trace kept. */
function edits(a: readonly string[], b: readonly string[]): { readonly removed: boolean[]; readonly added: boolean[] } {
	const removed = new Array<boolean>(a.length).fill(false);
	const added = new Array<boolean>(b.length).fill(false);
	let start = 0;
	while (start < a.length && start < b.length && a[start] === b[start]) start++;
	let endA = a.length;
	let endB = b.length;
	while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
		endA--;
		endB--;
	}
	const n = endA - start;
	const m = endB - start;
	const whole = (): void => {
		removed.fill(true, start, endA);
		added.fill(true, start, endB);
	};
	if (n === 0 || m === 0) {
		whole();
		return { removed, added };
	}
	const most = Math.min(n + m, MOST_EDITS);
	const size = 2 * most + 3;
	let v = new Int32Array(size);
	const trace: Int32Array[] = [];
	for (let d = 0; d <= most; d++) {
		trace.push(v.slice());
		for (let k = -d; k <= d; k += 2) {
			const i = k + most + 1;
			let x = k === -d || (k !== d && (v[i - 1] ?? 0) < (v[i + 1] ?? 0)) ? (v[i + 1] ?? 0) : (v[i - 1] ?? 0) + 1;
			while (x < n && x - k < m && a[start + x] === b[start + x - k]) x++;
			v[i] = x;
			if (x >= n && x - k >= m) {
				back(trace, d, n, m, most, start, removed, added);
				return { removed, added };
			}
		}
		v = Int32Array.from(v);
	}
	whole();
	return { removed, added };
}

function back(trace: readonly Int32Array[], last: number, n: number, m: number, most: number, start: number, removed: boolean[], added: boolean[]): void {
	let x = n;
	let y = m;
	for (let d = last; d > 0; d--) {
		const v = trace[d] ?? new Int32Array();
		const k = x - y;
		const i = k + most + 1;
		const down = k === -d || (k !== d && (v[i - 1] ?? 0) < (v[i + 1] ?? 0));
		const before = down ? k + 1 : k - 1;
		const px = v[before + most + 1] ?? 0;
		const py = px - before;
		if (down) added[start + py] = true;
		else removed[start + px] = true;
		x = px;
		y = py;
	}
}

/** Slides a group of changed lines as far down as it goes, as git does: `}` closes what was added, not what stood before. */
function slide(changed: boolean[], lines: readonly string[], other: readonly boolean[]): void {
	let j = 0;
	for (let i = 0; i < lines.length; ) {
		if (!changed[i]) {
			while (other[j]) j++;
			j++;
			i++;
			continue;
		}
		let start = i;
		let end = i;
		while (end < lines.length && changed[end]) end++;
		// Beside a change on the other side a group stays: the two are one replacement.
		const paired = other[j] === true;
		if (!paired) {
			while (end < lines.length && lines[start] === lines[end] && !changed[end]) {
				changed[start++] = false;
				changed[end++] = true;
				j++;
				while (end < lines.length && changed[end]) end++;
				if (other[j]) break;
			}
		}
		i = end;
	}
}

export function changesOf(a: readonly string[], b: readonly string[]): Change[] {
	const { removed, added } = edits(a, b);
	slide(removed, a, added);
	slide(added, b, removed);
	const out: Change[] = [];
	for (let i = 0, j = 0; i < a.length || j < b.length; ) {
		if (!removed[i] && !added[j]) {
			i++;
			j++;
			continue;
		}
		const [fromA, fromB] = [i, j];
		while (removed[i]) i++;
		while (added[j]) j++;
		out.push({ a: [fromA, i], b: [fromB, j] });
	}
	return out;
}

export interface Merged {
	readonly text: string;
	readonly conflicts: number;
}

/** Three-way merge: what one side alone changed is taken; where both did, unlike, stand conflict markers. */
export function mergeTexts(base: string, ours: string, theirs: string, labels: { readonly ours: string; readonly theirs: string }): Merged {
	const [o, a, b] = [splitLines(base), splitLines(ours), splitLines(theirs)];
	const left = changesOf(o, a);
	const right = changesOf(o, b);
	const out: string[] = [];
	let conflicts = 0;
	let at = 0;
	let [i, j] = [0, 0];
	let [shiftA, shiftB] = [0, 0];
	while (i < left.length || j < right.length) {
		const from = Math.min(left[i]?.a[0] ?? Number.POSITIVE_INFINITY, right[j]?.a[0] ?? Number.POSITIVE_INFINITY);
		out.push(...o.slice(at, from));
		let to = from;
		const [i0, j0] = [i, j];
		// All changes that touch one another belong together.
		for (let grown = true; grown; ) {
			grown = false;
			const l = left[i];
			const r = right[j];
			if (l !== undefined && (l.a[0] <= to || l.a[0] === from)) {
				to = Math.max(to, l.a[1]);
				i++;
				grown = true;
			} else if (r !== undefined && (r.a[0] <= to || r.a[0] === from)) {
				to = Math.max(to, r.a[1]);
				j++;
				grown = true;
			}
		}
		const grow = (changes: readonly Change[]): number => changes.reduce((n, c) => n + (c.b[1] - c.b[0]) - (c.a[1] - c.a[0]), 0);
		const [growA, growB] = [grow(left.slice(i0, i)), grow(right.slice(j0, j))];
		const mine = a.slice(from + shiftA, to + shiftA + growA);
		const other = b.slice(from + shiftB, to + shiftB + growB);
		shiftA += growA;
		shiftB += growB;
		if (i === i0) out.push(...other);
		else if (j === j0 || mine.join('') === other.join('')) out.push(...mine);
		else {
			conflicts++;
			out.push(...marked(mine, other, labels));
		}
		at = to;
	}
	out.push(...o.slice(at));
	return { text: out.join(''), conflicts };
}

/** A conflict with its markers; lines that both sides begin or end with stand outside (git's zealous level). */
function marked(mine: readonly string[], other: readonly string[], labels: { readonly ours: string; readonly theirs: string }): string[] {
	let head = 0;
	while (head < mine.length && head < other.length && mine[head] === other[head]) head++;
	let tail = 0;
	while (tail < mine.length - head && tail < other.length - head && mine[mine.length - 1 - tail] === other[other.length - 1 - tail]) tail++;
	const whole = (lines: readonly string[]): string[] => lines.map((l) => (l.endsWith('\n') ? l : `${l}\n`));
	return [
		...mine.slice(0, head),
		`<<<<<<< ${labels.ours}\n`,
		...whole(mine.slice(head, mine.length - tail)),
		'=======\n',
		...whole(other.slice(head, other.length - tail)),
		`>>>>>>> ${labels.theirs}\n`,
		...mine.slice(mine.length - tail),
	];
}
