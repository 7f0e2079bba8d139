/** The timeline: in order, true, and with places to look it up (PagerDuty: facts only, each with a metric or page). */
import type { FactEvent, TimelineRow } from '../../protocol/documents.ts';
import { type DocumentCheck, fail, pass, ungradable } from '../check.ts';
import { telling, utc } from '../text.ts';

/** ms around a recorded event in which an entry counts as the same. */
const NEAR = 90_000;
const SOURCE_NEAR = 120_000;
const NO_EVENTS = 'No recorded attempt is attached, so there is nothing to hold it against.';

export const timelineOrder: DocumentCheck = {
	id: 'timeline-order',
	title: 'The timeline runs from start to resolved',
	points: 8,
	run: ({ content: { timeline } }) => {
		if (timeline.length < 4) return fail(`${timeline.length} entries; four at least: start, detect, mitigated, resolved.`, ['timeline']);
		const unread = timeline.findIndex((row) => utc(row.at) === undefined || row.what.trim() === '');
		if (unread >= 0) return fail(`Entry ${unread + 1} has no time or no text.`, ['timeline']);
		const times = timeline.map((row) => utc(row.at) ?? 0);
		const back = times.findIndex((t, i) => i > 0 && t < (times[i - 1] ?? t));
		if (back >= 0) return fail(`Entry ${back + 1} is earlier than the one above it.`, ['timeline']);
		const first = (type: TimelineRow['type']): number | undefined => times[timeline.findIndex((row) => row.type === type)];
		const [start, detect, mitigated, resolved] = [first('start'), first('detect'), first('mitigated'), first('resolved')];
		const missing = Object.entries({ start, detect, mitigated, resolved }).filter(([, at]) => at === undefined);
		if (start === undefined || detect === undefined || mitigated === undefined || resolved === undefined)
			return fail(`No entry of type ${missing.map(([type]) => type).join(', ')}.`, ['timeline']);
		if (!(start < detect && detect < mitigated && mitigated <= resolved))
			return fail('It has to start, then be detected, then mitigated, then resolved.', ['timeline']);
		return pass(`Detected after ${minutes(detect - start)}, mitigated after ${minutes(mitigated - start)}.`);
	},
};

const minutes = (ms: number): string => `${Math.round(ms / 6000) / 10} min`;

/** Entries that are the same as a recorded event: near in time, with a telling word in common; each event answers for one entry. */
function matched(timeline: readonly TimelineRow[], events: readonly FactEvent[]): { readonly rows: number[]; readonly far: number[] } {
	const free = new Set(events);
	const rows: number[] = [];
	const far: number[] = [];
	timeline.forEach((row, i) => {
		const at = utc(row.at);
		const own = new Set(telling(row.what));
		const found = [...free]
			.filter((event) => at !== undefined && Math.abs(Date.parse(event.at) - at) <= NEAR && telling(event.what).some((w) => own.has(w)))
			.sort((a, b) => Math.abs(Date.parse(a.at) - (at ?? 0)) - Math.abs(Date.parse(b.at) - (at ?? 0)))[0];
		if (found === undefined) far.push(i + 1);
		else {
			free.delete(found);
			rows.push(i + 1);
		}
	});
	return { rows, far };
}

export const timelineTrue: DocumentCheck = {
	id: 'timeline-true',
	title: 'The timeline is what was recorded',
	points: 15,
	run: ({ content: { timeline } }, { events }) => {
		if (events === undefined) return ungradable(NO_EVENTS);
		if (timeline.length === 0) return fail('It is empty.', ['timeline']);
		const { rows, far } = matched(timeline, events);
		const share = rows.length / timeline.length;
		// One true entry is no timeline: as many as are needed, or as there are events.
		if (share >= 0.8 && rows.length >= Math.min(3, events.length))
			return pass(`${rows.length} of ${timeline.length} entries are within 90 s of a recorded event of the same matter.`);
		return fail(
			`${rows.length} of ${timeline.length} entries match a recorded event (80 % needed). Not found: ${far
				.slice(0, 6)
				.map((n) => `entry ${n}`)
				.join(', ')}.`,
			['timeline'],
			{ share: share >= 0.5 ? 0.5 : 0 },
		);
	},
};

export const timelineSources: DocumentCheck = {
	id: 'timeline-sources',
	title: 'Each entry can be looked up',
	points: 7,
	run: ({ content: { timeline } }, { events }) => {
		if (timeline.length === 0) return fail('It is empty.', ['timeline']);
		const known = new Map(events?.map((event) => [event.id, Date.parse(event.at)]));
		const good = (row: TimelineRow): boolean => {
			if (events === undefined) return row.source.trim().length >= 3;
			const at = known.get(row.source.trim());
			return at !== undefined && Math.abs(at - (utc(row.at) ?? 0)) <= SOURCE_NEAR;
		};
		const bad = timeline.flatMap((row, i) => (good(row) ? [] : [i + 1]));
		const share = 1 - bad.length / timeline.length;
		const which = `entr${bad.length === 1 ? 'y' : 'ies'} ${bad.slice(0, 8).join(', ')}`;
		if (events === undefined)
			return bad.length === 0
				? ungradable('Every entry names a source; without a recorded attempt nobody can say whether it exists.')
				: fail(`No source: ${which}.`, ['timeline']);
		if (share >= 0.8) return pass(`${timeline.length - bad.length} of ${timeline.length} cite a recorded fact within two minutes of it.`);
		return fail(`No recorded fact within two minutes is cited by ${which}.`, ['timeline'], { share: share >= 0.5 ? 0.5 : 0 });
	},
};
