/** Where working hours of two places meet. Offsets come from the time zone database of whoever runs this, for the day asked for. */

const HOURS = 24;
const HOUR_MS = 3_600_000;

/** A stretch of one's own day: hours from 0 to 24, `to` after `from`. */
export interface Stretch {
	readonly from: number;
	readonly to: number;
}

/** Hours that a place is ahead of UTC at noon UTC of a day (`YYYY-MM-DD`); 5.5 for India. */
export function offsetHours(zone: string, day: string): number {
	const noon = new Date(`${day}T12:00:00Z`);
	const parts = new Intl.DateTimeFormat('en-US', {
		timeZone: zone,
		hourCycle: 'h23',
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
	});
	const at = Object.fromEntries(parts.formatToParts(noon).map(({ type, value }) => [type, Number(value)])) as Record<string, number>;
	const local = Date.UTC(at['year'] ?? 0, (at['month'] ?? 1) - 1, at['day'], at['hour'], at['minute']);
	return (local - noon.getTime()) / HOUR_MS;
}

/** Hours of another place as stretches of one's own clock: two where they run through one's midnight. */
export function onOwnClock(hours: Stretch, theirZone: string, ownZone: string, day: string): readonly Stretch[] {
	const shift = offsetHours(ownZone, day) - offsetHours(theirZone, day);
	const from = (((hours.from + shift) % HOURS) + HOURS) % HOURS;
	const to = from + (hours.to - hours.from);
	return to <= HOURS
		? [{ from, to }]
		: [
				{ from, to: HOURS },
				{ from: 0, to: to - HOURS },
			];
}

/** What two sets of stretches have in common. */
export function shared(a: readonly Stretch[], b: readonly Stretch[]): readonly Stretch[] {
	return a.flatMap((x) => b.map((y) => ({ from: Math.max(x.from, y.from), to: Math.min(x.to, y.to) }))).filter(({ from, to }) => to > from);
}

/** One's own hours, which may run through midnight, as stretches. */
export const ownStretches = (from: number, to: number): readonly Stretch[] =>
	to > from
		? [{ from, to }]
		: [
				{ from, to: HOURS },
				{ from: 0, to },
			].filter((stretch) => stretch.to > stretch.from);

export const total = (stretches: readonly Stretch[]): number => stretches.reduce((sum, { from, to }) => sum + to - from, 0);

/** Employers' places of the picture, west to east, and the day that their people work. */
export const PLACES = [
	{ id: 'san-francisco', name: 'San Francisco', zone: 'America/Los_Angeles' },
	{ id: 'new-york', name: 'New York', zone: 'America/New_York' },
	{ id: 'london', name: 'London', zone: 'Europe/London' },
	{ id: 'berlin', name: 'Berlin', zone: 'Europe/Berlin' },
	{ id: 'bengaluru', name: 'Bengaluru', zone: 'Asia/Kolkata' },
	{ id: 'singapore', name: 'Singapore', zone: 'Asia/Singapore' },
	{ id: 'sydney', name: 'Sydney', zone: 'Australia/Sydney' },
] as const;
export const OFFICE: Stretch = { from: 9, to: 17 };

export interface Row {
	readonly id: string;
	readonly theirs: readonly Stretch[];
	readonly both: readonly Stretch[];
	/** Hours in common. */
	readonly hours: number;
}

/** One row a place, on the clock of `zone`. */
export function overlapRows(zone: string, day: string, own: readonly Stretch[]): readonly Row[] {
	return PLACES.map(({ id, zone: theirs }) => {
		const stretches = onOwnClock(OFFICE, theirs, zone, day);
		const both = shared(stretches, own);
		return { id, theirs: stretches, both, hours: total(both) };
	});
}
