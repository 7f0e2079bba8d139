/** PromQL's functions over one series' samples or over single values: `promql/functions.go`. */
import type { Series } from '../series.ts';
import { PromqlError } from './syntax.ts';

/** Samples within a range, and the range itself (ms): a window's start is not part of it. */
export interface Window {
	readonly times: readonly number[];
	readonly values: readonly number[];
	readonly from: number;
	readonly to: number;
}

export function windowOf({ times, values }: Series, from: number, to: number): Window {
	let first = 0;
	while (first < times.length && (times[first] ?? 0) <= from) first++;
	let end = times.length;
	while (end > first && (times[end - 1] ?? 0) > to) end--;
	return { times: times.slice(first, end), values: values.slice(first, end), from, to };
}

/** Growth within a window, counters' resets made good, drawn out to the window's ends (`extrapolatedRate`). */
function growth({ times, values, from, to }: Window, counter: boolean, perSecond: boolean): number | undefined {
	const n = times.length;
	const [first, last, t0, t1] = [values[0], values[n - 1], times[0], times[n - 1]];
	if (n < 2 || first === undefined || last === undefined || t0 === undefined || t1 === undefined) return undefined;
	let change = last - first;
	if (counter) for (let i = 1; i < n; i++) if ((values[i] ?? 0) < (values[i - 1] ?? 0)) change += values[i - 1] ?? 0;
	const sampled = (t1 - t0) / 1000;
	const between = sampled / (n - 1);
	let toStart = (t0 - from) / 1000;
	let toEnd = (to - t1) / 1000;
	if (toStart >= between * 1.1) toStart = between / 2;
	// A counter is never below zero: no further back than where it would have been that.
	if (counter && change > 0 && first >= 0) toStart = Math.min(toStart, sampled * (first / change));
	if (toEnd >= between * 1.1) toEnd = between / 2;
	const factor = (sampled + toStart + toEnd) / sampled;
	return (change * factor) / (perSecond ? (to - from) / 1000 : 1);
}

/** The last two samples alone (`instantValue`). */
function instant({ times, values }: Window, rate: boolean): number | undefined {
	const n = times.length;
	const [a, b, t0, t1] = [values[n - 2], values[n - 1], times[n - 2], times[n - 1]];
	if (a === undefined || b === undefined || t0 === undefined || t1 === undefined || t0 === t1) return undefined;
	const change = rate && b < a ? b : b - a;
	return rate ? change / ((t1 - t0) / 1000) : change;
}

/** Slope by least squares, per second. */
function slope({ times, values }: Window): number | undefined {
	const n = times.length;
	if (n < 2) return undefined;
	const xs = times.map((t) => (t - (times[0] ?? 0)) / 1000);
	const mx = xs.reduce((a, b) => a + b, 0) / n;
	const my = values.reduce((a, b) => a + b, 0) / n;
	const over = xs.reduce((s, x, i) => s + (x - mx) * ((values[i] ?? 0) - my), 0);
	const under = xs.reduce((s, x) => s + (x - mx) ** 2, 0);
	return under === 0 ? undefined : over / under;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Between the two nearest ranks (`quantile`). */
export function quantile(q: number, values: readonly number[]): number {
	if (values.length === 0 || Number.isNaN(q)) return Number.NaN;
	if (q < 0) return Number.NEGATIVE_INFINITY;
	if (q > 1) return Number.POSITIVE_INFINITY;
	const sorted = [...values].sort((a, b) => a - b);
	const rank = q * (sorted.length - 1);
	const lower = Math.floor(rank);
	const [a = 0, b = sorted[lower] ?? 0] = [sorted[lower], sorted[Math.min(sorted.length - 1, lower + 1)]];
	return a + (b - a) * (rank - lower);
}

/** Functions of a range vector; undefined where the window holds too little. */
export const OVER_TIME: { readonly [name: string]: (w: Window, param: number) => number | undefined } = {
	rate: (w) => growth(w, true, true),
	increase: (w) => growth(w, true, false),
	delta: (w) => growth(w, false, false),
	irate: (w) => instant(w, true),
	idelta: (w) => instant(w, false),
	deriv: slope,
	avg_over_time: ({ values }) => (values.length === 0 ? undefined : sum(values) / values.length),
	sum_over_time: ({ values }) => (values.length === 0 ? undefined : sum(values)),
	min_over_time: ({ values }) => (values.length === 0 ? undefined : Math.min(...values)),
	max_over_time: ({ values }) => (values.length === 0 ? undefined : Math.max(...values)),
	count_over_time: ({ values }) => (values.length === 0 ? undefined : values.length),
	last_over_time: ({ values }) => values.at(-1),
	present_over_time: ({ values }) => (values.length === 0 ? undefined : 1),
	quantile_over_time: ({ values }, q) => (values.length === 0 ? undefined : quantile(q, values)),
	changes: ({ values }) => (values.length === 0 ? undefined : values.filter((v, i) => i > 0 && v !== values[i - 1]).length),
	resets: ({ values }) => (values.length === 0 ? undefined : values.filter((v, i) => i > 0 && v < (values[i - 1] ?? 0)).length),
};

/** Functions of each value by itself. */
export const EACH: { readonly [name: string]: (value: number, ...params: readonly number[]) => number } = {
	abs: Math.abs,
	ceil: Math.ceil,
	floor: Math.floor,
	exp: Math.exp,
	ln: Math.log,
	log2: Math.log2,
	log10: Math.log10,
	sqrt: Math.sqrt,
	sgn: Math.sign,
	round: (v, to = 1) => Math.floor(v / to + 0.5) * to,
	clamp: (v, low = 0, high = 0) => Math.max(low, Math.min(high, v)),
	clamp_min: (v, low = 0) => Math.max(low, v),
	clamp_max: (v, high = 0) => Math.min(high, v),
};

/** A quantile of a classic histogram's buckets, linear within one (`bucketQuantile`). */
export function bucketQuantile(q: number, buckets: readonly { readonly le: number; readonly count: number }[]): number {
	const sorted = [...buckets].sort((a, b) => a.le - b.le);
	const total = sorted.at(-1)?.count ?? 0;
	if (sorted.at(-1)?.le !== Number.POSITIVE_INFINITY || sorted.length < 2 || total === 0 || Number.isNaN(q)) return Number.NaN;
	if (q < 0) return Number.NEGATIVE_INFINITY;
	if (q > 1) return Number.POSITIVE_INFINITY;
	const rank = q * total;
	const i = sorted.findIndex((b) => b.count >= rank);
	if (i === sorted.length - 1) return sorted[i - 1]?.le ?? Number.NaN;
	const [here, before] = [sorted[i], sorted[i - 1]];
	if (here === undefined) throw new PromqlError('a histogram without buckets');
	if (before === undefined && here.le <= 0) return here.le;
	const [start, under] = [before?.le ?? 0, before?.count ?? 0];
	return start + ((here.le - start) * (rank - under)) / (here.count - under);
}
