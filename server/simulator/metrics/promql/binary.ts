/** Operators between two values: arithmetic, comparison, sets, and how vectors' samples are matched (`VectorBinop`). */
import { labelsKey, type MetricLabels, withoutName } from '../series.ts';
import { type Expr, type Matching, PromqlError, type Sample, type Value } from './syntax.ts';

type Binary = Extract<Expr, { readonly kind: 'binary' }>;

const ARITHMETIC: { readonly [op: string]: (a: number, b: number) => number } = {
	'+': (a, b) => a + b,
	'-': (a, b) => a - b,
	'*': (a, b) => a * b,
	'/': (a, b) => a / b,
	'%': (a, b) => a % b,
	'^': (a, b) => a ** b,
	atan2: Math.atan2,
};
const COMPARISON: { readonly [op: string]: (a: number, b: number) => boolean } = {
	'==': (a, b) => a === b,
	'!=': (a, b) => a !== b,
	'<': (a, b) => a < b,
	'>': (a, b) => a > b,
	'<=': (a, b) => a <= b,
	'>=': (a, b) => a >= b,
};

/** The result for one pair; undefined where a comparison drops it. `kept` is the side whose value a filter keeps. */
function applied(op: string, bool: boolean, a: number, b: number, kept: number): number | undefined {
	const arithmetic = ARITHMETIC[op];
	if (arithmetic !== undefined) return arithmetic(a, b);
	const holds = COMPARISON[op]?.(a, b) ?? false;
	if (bool) return holds ? 1 : 0;
	return holds ? kept : undefined;
}

/** What two samples must have in common. */
function signature(labels: MetricLabels, matching: Matching | undefined): string {
	if (matching?.by === 'on') return labelsKey(Object.fromEntries(matching.labels.map((l) => [l, labels[l] ?? ''])));
	const left = { ...withoutName(labels) } as { [label: string]: string };
	for (const l of matching?.labels ?? []) delete left[l];
	return labelsKey(left);
}

function sets(op: string, left: readonly Sample[], right: readonly Sample[], matching: Matching | undefined): readonly Sample[] {
	const there = new Set(right.map((s) => signature(s.labels, matching)));
	if (op === 'and') return left.filter((s) => there.has(signature(s.labels, matching)));
	if (op === 'unless') return left.filter((s) => !there.has(signature(s.labels, matching)));
	const have = new Set(left.map((s) => signature(s.labels, matching)));
	return [...left, ...right.filter((s) => !have.has(signature(s.labels, matching)))];
}

function resultLabels(many: MetricLabels, one: MetricLabels, matching: Matching | undefined, keepsName: boolean): MetricLabels {
	const base = keepsName ? many : withoutName(many);
	if (matching?.many !== undefined) {
		const out: { [label: string]: string } = { ...base };
		for (const l of matching.include) {
			const value = one[l];
			if (value === undefined) delete out[l];
			else out[l] = value;
		}
		return out;
	}
	if (matching === undefined) return base;
	const named = new Set(matching.labels);
	return Object.fromEntries(Object.entries(base).filter(([k]) => k === '__name__' || (matching.by === 'on') === named.has(k)));
}

function vectors({ op, bool, matching }: Binary, left: readonly Sample[], right: readonly Sample[]): readonly Sample[] {
	const swapped = matching?.many === 'right';
	const [many, one] = swapped ? [right, left] : [left, right];
	const partners = new Map<string, Sample>();
	for (const s of one) {
		const key = signature(s.labels, matching);
		if (partners.has(key))
			throw new PromqlError(
				'found duplicate series for the match group on the one side of the operation: many-to-many matching not allowed: matching labels must be unique on one side',
			);
		partners.set(key, s);
	}
	const taken = new Set<string>();
	return many.flatMap((m) => {
		const key = signature(m.labels, matching);
		const partner = partners.get(key);
		if (partner === undefined) return [];
		if (matching?.many === undefined) {
			if (taken.has(key)) throw new PromqlError('multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)');
			taken.add(key);
		}
		const [a, b] = swapped ? [partner.value, m.value] : [m.value, partner.value];
		const value = applied(op, bool, a, b, a);
		return value === undefined ? [] : [{ labels: resultLabels(m.labels, partner.labels, matching, op in COMPARISON && !bool), value }];
	});
}

export function binary(expr: Binary, left: Value, right: Value): Value {
	const { op, bool, matching } = expr;
	if (op === 'and' || op === 'or' || op === 'unless') {
		if (left.type !== 'vector' || right.type !== 'vector')
			throw new PromqlError(`parse error: set operator ${JSON.stringify(op)} not allowed in binary scalar expression`);
		return { type: 'vector', samples: sets(op, left.samples, right.samples, matching) };
	}
	if (left.type === 'scalar' && right.type === 'scalar') {
		if (op in COMPARISON && !bool) throw new PromqlError('parse error: comparisons between scalars must use BOOL modifier');
		return { type: 'scalar', value: applied(op, bool, left.value, right.value, left.value) ?? 0 };
	}
	if (left.type === 'vector' && right.type === 'vector') return { type: 'vector', samples: vectors(expr, left.samples, right.samples) };
	const vector = left.type === 'vector' ? left.samples : right.type === 'vector' ? right.samples : [];
	const samples = vector.flatMap((s) => {
		const [a, b] = left.type === 'scalar' ? [left.value, s.value] : [s.value, right.type === 'scalar' ? right.value : 0];
		const value = applied(op, bool, a, b, s.value);
		return value === undefined ? [] : [{ labels: op in COMPARISON && !bool ? s.labels : withoutName(s.labels), value }];
	});
	return { type: 'vector', samples };
}
