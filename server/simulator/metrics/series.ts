/** Time series as Prometheus keeps them, and the text format that they are scraped from. */

export type MetricLabels = { readonly [label: string]: string };

/** Samples of one set of labels in order of time; `__name__` is among the labels. Times in ms since the epoch. */
export interface Series {
	readonly labels: MetricLabels;
	readonly times: readonly number[];
	readonly values: readonly number[];
}

/** One line of a scraped page. */
export interface ScrapedSample {
	readonly name: string;
	readonly labels: MetricLabels;
	readonly value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?\s*$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?\s*/y;

export function unescaped(text: string): string {
	return text.includes('\\') ? text.replace(/\\(.)/g, (_all, c: string) => (c === 'n' ? '\n' : c)) : text;
}

/** A number as the format writes it: `1.5e3`, `+Inf`, `NaN`. */
export function sampleValue(text: string): number {
	if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
	return /^nan$/i.test(text) ? Number.NaN : Number(text);
}

/** The samples of a page in Prometheus' text format; `wanted` picks by name before a line's labels are read. Lines that are none are passed over. */
export function scraped(page: string, wanted: (name: string) => boolean = () => true): readonly ScrapedSample[] {
	const out: ScrapedSample[] = [];
	for (const line of page.split('\n')) {
		if (line === '' || line.startsWith('#')) continue;
		const end = line.search(/[{\s]/);
		if (end <= 0 || !wanted(line.slice(0, end))) continue;
		const m = LINE.exec(line);
		if (m === null) continue;
		const labels: { [label: string]: string } = {};
		LABEL.lastIndex = 0;
		const text = m[2] ?? '';
		for (let pair = LABEL.exec(text); pair !== null; pair = LABEL.exec(text)) labels[pair[1] ?? ''] = unescaped(pair[2] ?? '');
		out.push({ name: m[1] ?? '', labels, value: sampleValue(m[3] ?? '') });
	}
	return out;
}

export const withoutName = ({ __name__: _name, ...labels }: MetricLabels): MetricLabels => labels;

/** The same text for the same labels, whatever their order. */
export function labelsKey(labels: MetricLabels): string {
	return Object.keys(labels)
		.sort()
		.map((k) => `${k}\u0001${labels[k] ?? ''}`)
		.join('\u0002');
}
