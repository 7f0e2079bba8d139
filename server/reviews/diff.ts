/** What changed from one text to another, and from one round to the next. */
import { LIMITS } from '../limits.ts';
import type { Bundle, DiffLine, RoundDiff } from '../protocol/reviews.ts';

/** Unchanged lines shown around a change. */
const CONTEXT = 3;
/** Steps of the search after which two texts count as unlike: bounds its memory. */
const MOST_EDITS = 1500;

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** All lines of both texts, in order: kept, taken away, put in. After Myers, “An O(ND) Difference Algorithm” (1986). */
export function diffLines(before: string, after: string): DiffLine[] {
	const a = linesOf(before);
	const b = linesOf(after);
	const trace = a.length + b.length > LIMITS.diffLines ? undefined : search(a, b);
	if (trace === undefined) return [...a.map((text, i) => gone(text, i)), ...b.map((text, i) => fresh(text, i))];
	return walk(a, b, trace);
}

const gone = (text: string, i: number): DiffLine => ({ change: '-', text, from: i + 1 });
const fresh = (text: string, i: number): DiffLine => ({ change: '+', text, to: i + 1 });

/** For each number of edits, how far every diagonal reaches; undefined where the texts are too unlike. */
function search(a: readonly string[], b: readonly string[]): Map<number, number>[] | undefined {
	const trace: Map<number, number>[] = [];
	let reach = new Map<number, number>([[1, 0]]);
	for (let d = 0; d <= Math.min(a.length + b.length, MOST_EDITS); d++) {
		trace.push(new Map(reach));
		for (let k = -d; k <= d; k += 2) {
			const down = k === -d || (k !== d && (reach.get(k - 1) ?? 0) < (reach.get(k + 1) ?? 0));
			let x = down ? (reach.get(k + 1) ?? 0) : (reach.get(k - 1) ?? 0) + 1;
			while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
			reach.set(k, x);
			if (x >= a.length && x - k >= b.length) return trace;
		}
		reach = new Map(reach);
	}
	return undefined;
}

function walk(a: readonly string[], b: readonly string[], trace: readonly Map<number, number>[]): DiffLine[] {
	const out: DiffLine[] = [];
	let x = a.length;
	let y = b.length;
	for (let d = trace.length - 1; d >= 0; d--) {
		const reach = trace[d] ?? new Map<number, number>();
		const k = x - y;
		const down = k === -d || (k !== d && (reach.get(k - 1) ?? 0) < (reach.get(k + 1) ?? 0));
		const from = down ? k + 1 : k - 1;
		const startX = d === 0 ? 0 : (reach.get(from) ?? 0);
		const startY = d === 0 ? 0 : startX - from;
		while (x > startX && y > startY) {
			x--;
			y--;
			out.push({ change: ' ', text: a[x] ?? '', from: x + 1, to: y + 1 });
		}
		if (d === 0) break;
		if (x > startX) out.push(gone(a[--x] ?? '', x));
		else if (y > startY) out.push(fresh(b[--y] ?? '', y));
	}
	return out.reverse();
}

/** Only what changed, with a few lines around it. */
export function hunks(lines: readonly DiffLine[]): DiffLine[] {
	const near = new Set<number>();
	for (const [i, line] of lines.entries()) if (line.change !== ' ') for (let j = i - CONTEXT; j <= i + CONTEXT; j++) near.add(j);
	return lines.filter((_, i) => near.has(i));
}

type Text = { readonly name: string; readonly kind: RoundDiff['texts'][number]['kind']; readonly text: string };

/** Files, documents, changed objects and declared work of a round, by name. A file is named by its lab where there are several. */
function textsOf({ attempts, documents, declared = [] }: Bundle): Map<string, Text> {
	const out: Text[] = [];
	for (const { lab, files, capture } of attempts) {
		const within = attempts.length > 1 ? `${lab}: ` : '';
		for (const [path, text] of Object.entries(files)) out.push({ name: within + path, kind: 'file', text });
		for (const { kind, namespace, name, after } of capture?.changes ?? [])
			out.push({ name: `${within}${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`, kind: 'change', text: after });
	}
	for (const { title, markdown } of documents) out.push({ name: title, kind: 'document', text: markdown });
	// By its id: a title may be what changed.
	for (const { id, title, url, claim, count, on } of declared)
		out.push({ name: id, kind: 'declared', text: [title, url, claim, String(count), on].join('\n') });
	return new Map(out.map((one) => [`${one.kind}:${one.name}`, one]));
}

export function roundDiff(before: Bundle, after: Bundle): RoundDiff {
	const old = textsOf(before);
	const now = textsOf(after);
	const texts = [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((key) => {
		const [was, is] = [old.get(key), now.get(key)];
		const shown = is ?? was;
		if (shown === undefined || was?.text === is?.text) return [];
		const change = was === undefined ? ('created' as const) : is === undefined ? ('deleted' as const) : ('changed' as const);
		return [{ name: shown.name, kind: shown.kind, change, lines: hunks(diffLines(was?.text ?? '', is?.text ?? '')) }];
	});
	const outcomes = ({ attempts }: Bundle) => new Map(attempts.flatMap(({ lab, verdict }) => verdict.checks.map((c) => [`${lab}/${c.id}`, c] as const)));
	const earlier = outcomes(before);
	const checks = [...outcomes(after)].flatMap(([check, { title, outcome }]) => {
		const was = earlier.get(check)?.outcome ?? 'new';
		return was === outcome ? [] : [{ check, title, before: was, after: outcome }];
	});
	return { from: before.round, to: after.round, texts, checks };
}
