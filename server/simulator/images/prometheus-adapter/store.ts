/** The adapter's memory of series: what Prometheus would keep of its targets, for as long as a query looks back here. */
import { labelsKey, type MetricLabels, type ScrapedSample, type Series } from '../../metrics/series.ts';

/** Samples older than this are dropped, ms: the longest range that a query may use. */
export const KEPT_MS = 15 * 60_000;
/** Series kept; those of further targets are not taken in. */
export const SERIES_KEPT = 5000;

export type Store = { readonly [key: string]: Series };

/** A target's own labels win; a sample's of the same name is kept as `exported_…` (honor_labels: false). */
function merged(sample: ScrapedSample, target: MetricLabels): MetricLabels {
	const out: { [label: string]: string } = { __name__: sample.name };
	for (const [k, v] of Object.entries(sample.labels)) out[k in target ? `exported_${k}` : k] = v;
	return { ...out, ...target };
}

function appended(series: Series | undefined, labels: MetricLabels, at: number, value: number): Series {
	if (series === undefined) return { labels, times: [at], values: [value] };
	const first = series.times.findIndex((t) => t > at - KEPT_MS);
	const from = first < 0 ? series.times.length : first;
	return { labels: series.labels, times: [...series.times.slice(from), at], values: [...series.values.slice(from), value] };
}

/** Takes a scrape in. Series that the target no longer has end with a stale marker, as do all where it gave no page. */
export function withScrape(store: Store, target: MetricLabels, samples: readonly ScrapedSample[] | undefined, at: number): Store {
	const out: { [key: string]: Series } = { ...store };
	const own = labelsKey({ job: target['job'] ?? '', instance: target['instance'] ?? '' });
	const seen = new Set<string>();
	let size = Object.keys(out).length;
	for (const sample of samples ?? []) {
		const labels = merged(sample, target);
		const key = labelsKey(labels);
		if (out[key] === undefined && size >= SERIES_KEPT) continue;
		if (out[key] === undefined) size++;
		seen.add(key);
		out[key] = appended(out[key], labels, at, sample.value);
	}
	for (const [key, series] of Object.entries(out)) {
		const { job = '', instance = '' } = series.labels;
		if (seen.has(key) || labelsKey({ job, instance }) !== own) continue;
		if ((series.times.at(-1) ?? 0) <= at - KEPT_MS) delete out[key];
		else if (!Number.isNaN(series.values.at(-1))) out[key] = appended(series, series.labels, at, Number.NaN);
	}
	return out;
}

/** Without what came from targets that are no more. */
export function withoutGone(store: Store, targets: readonly MetricLabels[]): Store {
	const live = new Set(targets.map((t) => `${t['job'] ?? ''}\u0000${t['instance'] ?? ''}`));
	return Object.fromEntries(Object.entries(store).filter(([, s]) => live.has(`${s.labels['job'] ?? ''}\u0000${s.labels['instance'] ?? ''}`)));
}
