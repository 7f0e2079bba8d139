/** Recordings of terminals: asciicast v3 (docs.asciinema.org/manual/asciicast/v3), read for playing them back. */

export interface CastEvent {
	/** Seconds since the recording's start. */
	readonly at: number;
	/** Output, resize, marker, exit. Others are left out. */
	readonly code: 'o' | 'r' | 'm' | 'x';
	readonly data: string;
}

export interface Cast {
	readonly columns: number;
	readonly rows: number;
	/** Seconds since the epoch, where the recording says so. */
	readonly timestamp: number | undefined;
	readonly title: string;
	readonly events: readonly CastEvent[];
	/** Seconds. */
	readonly duration: number;
}

const isCode = (code: unknown): code is CastEvent['code'] => code === 'o' || code === 'r' || code === 'm' || code === 'x';

function isHeader(
	value: unknown,
): value is { readonly term: { readonly cols: number; readonly rows: number }; readonly timestamp?: number; readonly title?: string } {
	if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 3 || !('term' in value)) return false;
	const { term } = value;
	return typeof term === 'object' && term !== null && 'cols' in term && typeof term.cols === 'number' && 'rows' in term && typeof term.rows === 'number';
}

/** Reads a recording; undefined where it is none. A torn last line (the server was killed while it wrote) is left out. */
export function parseCast(text: string): Cast | undefined {
	const [first = '', ...rest] = text.split('\n');
	const header = parsed(first);
	if (!isHeader(header)) return undefined;
	const events: CastEvent[] = [];
	let at = 0;
	for (const line of rest) {
		if (line === '' || line.startsWith('#')) continue;
		const event = parsed(line);
		if (!Array.isArray(event) || typeof event[0] !== 'number' || typeof event[2] !== 'string') continue;
		at += Math.max(0, event[0]);
		if (isCode(event[1])) events.push({ at, code: event[1], data: event[2] });
	}
	return { columns: header.term.cols, rows: header.term.rows, timestamp: header.timestamp, title: header.title ?? '', events, duration: at };
}

function parsed(line: string): unknown {
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
}

/** A recording's time as it is played: pauses are cut down to `limit` seconds. Moments are named in the recording's own time. */
export class Timeline {
	private readonly own: readonly number[];
	private readonly played: readonly number[];

	/** `limit` Infinity plays pauses as they were. */
	constructor(cast: Cast, limit: number) {
		const own: number[] = [0];
		const played: number[] = [0];
		let before = 0;
		let now = 0;
		for (const { at } of cast.events) {
			now += Math.min(at - before, limit);
			before = at;
			own.push(at);
			played.push(now);
		}
		this.own = own;
		this.played = played;
	}

	/** Seconds that playing takes at normal speed. */
	get duration(): number {
		return this.played.at(-1) ?? 0;
	}

	/** Recorded seconds → played ones. */
	toPlayed(own: number): number {
		return between(own, this.own, this.played);
	}

	/** Played seconds → recorded ones. */
	toOwn(played: number): number {
		return between(played, this.played, this.own);
	}

	/** How many events have happened by this played time. */
	reached(played: number): number {
		return countUpTo(this.played, played + 1e-9) - 1;
	}
}

/** How many of these ascending numbers are at most `value`. */
function countUpTo(numbers: readonly number[], value: number): number {
	let low = 0;
	let high = numbers.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((numbers[middle] ?? 0) <= value) low = middle + 1;
		else high = middle;
	}
	return low;
}

function between(value: number, from: readonly number[], to: readonly number[]): number {
	const i = countUpTo(from, value);
	if (i === 0) return to[0] ?? 0;
	if (i >= from.length) return to.at(-1) ?? 0;
	const [a, b] = [from[i - 1] ?? 0, from[i] ?? 0];
	const [c, d] = [to[i - 1] ?? 0, to[i] ?? 0];
	return b === a ? d : c + ((value - a) / (b - a)) * (d - c);
}

/** `1:05`, `1:02:03`. */
export function clock(seconds: number): string {
	const s = Math.max(0, Math.floor(seconds));
	const two = (n: number): string => String(n).padStart(2, '0');
	return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}
