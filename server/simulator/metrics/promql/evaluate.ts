/** Works a PromQL expression out at one moment: `promql/engine.go`'s instant queries. */
import { labelsKey, type MetricLabels, type Series, withoutName } from '../series.ts';
import { compiledMatchers, matchesAll } from './matchers.ts';
import { binary } from './binary.ts';
import { bucketQuantile, EACH, OVER_TIME, quantile, windowOf } from './functions.ts';
import { parsePromql } from './parse.ts';
import { type Expr, type Matcher, PromqlError, type Sample, type Value } from './syntax.ts';

/** How far back an instant selector looks for a sample, ms (`--query.lookback-delta`). */
const LOOKBACK_MS = 300_000;

/** Where series are found. `matchers` may be used to narrow the search; all of what comes is checked against them again. */
export interface SeriesSource {
	series(matchers: readonly Matcher[]): Iterable<Series>;
}

/** A query's result, or what is wrong with it. */
export type QueryResult = { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly error: string };

/** @param at ms since the epoch */
export function queryPromql(text: string, source: SeriesSource, at: number): QueryResult {
	try {
		return { ok: true, value: new Evaluation(source, at).of(parsePromql(text)) };
	} catch (e) {
		if (e instanceof PromqlError) return { ok: false, error: e.message };
		throw e;
	}
}

const isStale = (value: number): boolean => Number.isNaN(value);

class Evaluation {
	readonly #source: SeriesSource;
	readonly #at: number;

	constructor(source: SeriesSource, at: number) {
		this.#source = source;
		this.#at = at;
	}

	of(expr: Expr): Value {
		switch (expr.kind) {
			case 'number':
				return { type: 'scalar', value: expr.value };
			case 'string':
				throw new PromqlError('a string is no result of a query here');
			case 'selector':
				if (expr.rangeMs !== undefined) throw new PromqlError('parse error: expected type instant vector, got range vector');
				return this.#instant(expr.matchers, expr.offsetMs);
			case 'negate': {
				const value = this.of(expr.expr);
				if (value.type === 'scalar') return { ...value, value: -value.value };
				return { type: 'vector', samples: value.samples.map((s) => ({ labels: withoutName(s.labels), value: -s.value })) };
			}
			case 'call':
				return this.#call(expr.name, expr.args);
			case 'aggregate':
				return this.#aggregate(expr);
			case 'binary':
				return binary(expr, this.of(expr.left), this.of(expr.right));
		}
	}

	#selected(matchers: readonly Matcher[]): readonly Series[] {
		const compiled = compiledMatchers(matchers);
		return [...this.#source.series(matchers)].filter((s) => matchesAll(compiled, s.labels));
	}

	#instant(matchers: readonly Matcher[], offsetMs: number): Value {
		const to = this.#at - offsetMs;
		const samples = this.#selected(matchers).flatMap((s) => {
			const value = windowOf(s, to - LOOKBACK_MS, to).values.at(-1);
			return value === undefined || isStale(value) ? [] : [{ labels: s.labels, value }];
		});
		return { type: 'vector', samples };
	}

	#scalar(expr: Expr | undefined, what: string): number {
		const value = expr === undefined ? undefined : this.of(expr);
		if (value?.type !== 'scalar') throw new PromqlError(`parse error: expected type scalar in ${what}`);
		return value.value;
	}

	#vector(expr: Expr | undefined, what: string): readonly Sample[] {
		const value = expr === undefined ? undefined : this.of(expr);
		if (value?.type !== 'vector') throw new PromqlError(`parse error: expected type instant vector in ${what}, got ${value?.type ?? 'none'}`);
		return value.samples;
	}

	#call(name: string, args: readonly Expr[]): Value {
		const what = `call to function "${name}"`;
		const overTime = Object.hasOwn(OVER_TIME, name) ? OVER_TIME[name] : undefined;
		if (overTime !== undefined) {
			const range = args.find((a) => a.kind === 'selector');
			if (range?.kind !== 'selector' || range.rangeMs === undefined) throw new PromqlError(`parse error: expected type range vector in ${what}`);
			const param = args.length > 1 ? this.#scalar(args[0], what) : 0;
			const to = this.#at - range.offsetMs;
			const from = to - range.rangeMs;
			const samples = this.#selected(range.matchers).flatMap((s) => {
				const kept = { ...windowOf(s, from, to) };
				const live = kept.values.some(isStale)
					? { ...kept, times: kept.times.filter((_t, i) => !isStale(kept.values[i] ?? 0)), values: kept.values.filter((v) => !isStale(v)) }
					: kept;
				const value = overTime(live, param);
				return value === undefined ? [] : [{ labels: name === 'last_over_time' ? s.labels : withoutName(s.labels), value }];
			});
			return { type: 'vector', samples };
		}
		const each = Object.hasOwn(EACH, name) ? EACH[name] : undefined;
		if (each !== undefined) {
			const params = args.slice(1).map((a) => this.#scalar(a, what));
			const samples = this.#vector(args[0], what).map((s) => ({ labels: withoutName(s.labels), value: each(s.value, ...params) }));
			return { type: 'vector', samples };
		}
		return this.#special(name, args, what);
	}

	#special(name: string, args: readonly Expr[], what: string): Value {
		switch (name) {
			case 'time':
				return { type: 'scalar', value: this.#at / 1000 };
			case 'vector':
				return { type: 'vector', samples: [{ labels: {}, value: this.#scalar(args[0], what) }] };
			case 'scalar': {
				const samples = this.#vector(args[0], what);
				return { type: 'scalar', value: samples.length === 1 ? (samples[0]?.value ?? Number.NaN) : Number.NaN };
			}
			case 'absent': {
				const [selector] = args;
				const equal = selector?.kind === 'selector' ? selector.matchers.filter((m) => m.op === '=' && m.label !== '__name__') : [];
				const labels = Object.fromEntries(equal.map((m) => [m.label, m.value]));
				return { type: 'vector', samples: this.#vector(selector, what).length > 0 ? [] : [{ labels, value: 1 }] };
			}
			case 'histogram_quantile':
				return this.#histogramQuantile(this.#scalar(args[0], what), this.#vector(args[1], what));
			case 'sort':
			case 'sort_desc': {
				const sign = name === 'sort' ? 1 : -1;
				return { type: 'vector', samples: [...this.#vector(args[0], what)].sort((a, b) => sign * (a.value - b.value)) };
			}
			default:
				throw new PromqlError(`parse error: unknown function with name ${JSON.stringify(name)}`);
		}
	}

	#histogramQuantile(q: number, buckets: readonly Sample[]): Value {
		const groups = new Map<string, { readonly labels: MetricLabels; readonly buckets: { le: number; count: number }[] }>();
		for (const { labels, value } of buckets) {
			const { le, ...rest } = withoutName(labels);
			if (le === undefined) continue;
			const key = labelsKey(rest);
			const group = groups.get(key) ?? { labels: rest, buckets: [] };
			groups.set(key, group);
			group.buckets.push({ le: le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le), count: value });
		}
		return { type: 'vector', samples: [...groups.values()].map((g) => ({ labels: g.labels, value: bucketQuantile(q, g.buckets) })) };
	}

	#aggregate({ op, expr, param, grouping }: Extract<Expr, { readonly kind: 'aggregate' }>): Value {
		const what = `aggregation ${op}`;
		const samples = this.#vector(expr, what);
		const n = param === undefined ? 0 : this.#scalar(param, what);
		const groups = new Map<string, { readonly labels: MetricLabels; readonly members: Sample[] }>();
		for (const s of samples) {
			const labels = grouped(s.labels, grouping);
			const key = labelsKey(labels);
			const group = groups.get(key) ?? { labels, members: [] };
			groups.set(key, group);
			group.members.push(s);
		}
		if (op === 'topk' || op === 'bottomk') {
			const sign = op === 'topk' ? -1 : 1;
			return {
				type: 'vector',
				samples: [...groups.values()].flatMap((g) => [...g.members].sort((a, b) => sign * (a.value - b.value)).slice(0, Math.max(0, n))),
			};
		}
		return {
			type: 'vector',
			samples: [...groups.values()].map((g) => ({
				labels: g.labels,
				value: together(
					op,
					g.members.map((m) => m.value),
					n,
				),
			})),
		};
	}
}

function grouped(labels: MetricLabels, grouping: Extract<Expr, { readonly kind: 'aggregate' }>['grouping']): MetricLabels {
	if (grouping === undefined) return {};
	const names = new Set(grouping.labels);
	return Object.fromEntries(Object.entries(labels).filter(([k]) => (grouping.without ? k !== '__name__' && !names.has(k) : names.has(k))));
}

function together(op: string, values: readonly number[], param: number): number {
	const total = values.reduce((a, b) => a + b, 0);
	const mean = total / values.length;
	switch (op) {
		case 'sum':
			return total;
		case 'avg':
			return mean;
		case 'min':
			return Math.min(...values);
		case 'max':
			return Math.max(...values);
		case 'count':
			return values.length;
		case 'group':
			return 1;
		case 'quantile':
			return quantile(param, values);
		default: {
			const variance = values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length;
			return op === 'stddev' ? Math.sqrt(variance) : variance;
		}
	}
}
