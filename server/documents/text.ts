/** How graders look at prose: words, sentences, shingles and figures. No language model, nothing learned. */

/** Prose alone: code, quotations and the addresses of links are other people's words. */
export function prose(markdown: string): string {
	return markdown
		.replace(/^(`{3,}|~{3,})[\s\S]*?(^\1.*$|(?![\s\S]))/gm, ' ')
		.replace(/`[^`\n]*`/g, ' code ')
		.replace(/^\s*>.*$/gm, ' ')
		.replace(/\]\([^)\n]{0,500}\)/g, '] ');
}

export function words(text: string): string[] {
	return (text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’./:-][\p{L}\p{N}]+)*/gu) ?? []).slice(0, 20_000);
}

export function sentences(text: string): string[] {
	return text
		.split(/(?<=[.!?])\s+|\n{2,}|\n(?=\s*[-*+]\s)/)
		.map((s) => s.replace(/^\s*[-*+]\s+/, '').trim())
		.filter((s) => s !== '');
}

/** Runs of `n` words, each as often as it occurs. */
export function runs(text: string, n = 5): string[] {
	const all = words(text);
	return Array.from({ length: Math.max(0, all.length - n + 1) }, (_, i) => all.slice(i, i + n).join(' '));
}

export const shingles = (text: string, n = 5): Set<string> => new Set(runs(text, n));

/** Which share of `own` is in `other`; 0 where there is nothing to compare. */
export function shared(own: Iterable<string>, other: ReadonlySet<string>): number {
	let [all, found] = [0, 0];
	for (const run of own) {
		all++;
		if (other.has(run)) found++;
	}
	return all === 0 ? 0 : found / all;
}

/** Likeness of two short texts by the words that carry meaning (Jaccard), 0 to 1. */
export function likeness(a: string, b: string): number {
	const [x, y] = [new Set(telling(a)), new Set(telling(b))];
	if (x.size === 0 || y.size === 0) return 0;
	const both = [...x].filter((w) => y.has(w)).length;
	return both / (x.size + y.size - both);
}

/** Words of four letters and more that are no function words: those that carry meaning. */
export function telling(text: string): string[] {
	return words(text).filter((w) => w.length >= 4 && !FUNCTION_WORDS.has(w));
}

/** English prose is a third to a half of these; a heap of keywords has next to none. */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
	(
		'a an the and or but nor so yet for of in on at to from by with without into onto over under after before during until till while when where which who whom ' +
		'whose what that this these those it its they them their there here he she his her we our us you your i my is are was were be been being am has have had ' +
		'do does did not no none any all each every both some one two as if then than because since though although once only also too very more most less least ' +
		'will would can could may might must should shall up down out off again about between through per via still never always how why such own same other another'
	).split(' '),
);

/** Share of function words, 0 to 1. */
export function functionShare(text: string): number {
	const all = words(text);
	return all.length === 0 ? 0 : all.filter((w) => FUNCTION_WORDS.has(w)).length / all.length;
}

/** The lexicons are English: a text that is mostly of another script isn't judged by them. */
export function isEnglish(text: string): boolean {
	const letters = text.match(/\p{L}/gu) ?? [];
	return letters.filter((l) => l >= '\u0250').length <= letters.length * 0.3;
}

export interface Figure {
	readonly value: number;
	/** Lower case, singular: `%`, `ms`, `$`, `request`. */
	readonly unit: string;
}

const UNIT = String.raw`%|‰|ms|milliseconds?|s|sec|seconds?|min|mins|minutes?|h|hours?|days?|weeks?|months?|years?|[kmgt]i?b|gb|mb|bytes?|rps|qps|req\/s|requests?|errors?|users?|customers?|tenants?|tokens?(?:\/s)?|pods?|nodes?|replicas?|cores?|vcpus?|gpus?|usd|eur|dollars?|euros?|tickets?|alerts?|teams?|services?|deployments?|pages?|notes?|orders?|builds?|calls?|jobs?|probes?|restarts?`;
const FIGURE = new RegExp(
	String.raw`([$€£])\s?(\d[\d,]{0,20}(?:\.\d+)?)\s?(k|m)?\b|(?<![\w.:,-])(\d[\d,]{0,20}(?:\.\d+)?)\s?(?:(?:failed|lost|dropped|of the|of|API|HTTP|write|read)\s+)?(${UNIT})(?![\w])`,
	'gi',
);

/** Figures that have a unit. Times of day and versions are none. */
export function figures(text: string): Figure[] {
	const out: Figure[] = [];
	for (const m of text.matchAll(FIGURE)) {
		const value = Number((m[2] ?? m[4] ?? '').replaceAll(',', ''));
		const scale = m[3]?.toLowerCase() === 'k' ? 1e3 : m[3]?.toLowerCase() === 'm' ? 1e6 : 1;
		out.push({ value: value * scale, unit: normalUnit(m[1] ?? m[5] ?? '') });
	}
	return out;
}

const UNITS: Readonly<Record<string, string>> = {
	milliseconds: 'ms',
	millisecond: 'ms',
	sec: 's',
	seconds: 's',
	second: 's',
	mins: 'min',
	minutes: 'min',
	minute: 'min',
	hours: 'h',
	hour: 'h',
	usd: '$',
	dollars: '$',
	dollar: '$',
	eur: '€',
	euros: '€',
	euro: '€',
	qps: 'rps',
	'req/s': 'rps',
};
function normalUnit(unit: string): string {
	const lower = unit.toLowerCase();
	return UNITS[lower] ?? (lower.length > 3 ? lower.replace(/s$/, '') : lower);
}

/** Minutes that the figures of a text name, where their unit is one of time. */
export function minutesIn(text: string): number[] {
	const each: Readonly<Record<string, number>> = { s: 1 / 60, min: 1, h: 60, day: 1440 };
	return figures(text).flatMap(({ value, unit }) => (each[unit] === undefined ? [] : [value * each[unit]]));
}

/** ms since 1970 of `2026-11-20T10:15[:30[.5]][Z]`, read as UTC; undefined for anything else. */
export function utc(at: string): number | undefined {
	const m = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?Z?$/.exec(at.trim());
	if (m === null) return undefined;
	const ms = Date.parse(`${m[1]}T${m[2]}${m[3] ?? ':00'}Z`);
	return Number.isNaN(ms) ? undefined : ms;
}

/** Whether it is a day of the calendar, YYYY-MM-DD. */
export function isDay(text: string): boolean {
	const ms = /^\d{4}-\d\d-\d\d$/.test(text.trim()) ? Date.parse(`${text.trim()}T00:00:00Z`) : Number.NaN;
	return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.trim());
}
