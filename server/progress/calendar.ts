/** A plan as an iCalendar file (RFC 5545): one all-day event a milestone. */
import { createHash } from 'node:crypto';
import type { Plan, PlanKind } from '../protocol/plan.ts';

export interface CalendarOptions {
	/** Whose plan: goes into the UIDs, hashed, so that calendars of two people never mix. */
	readonly owner: string;
	readonly kind: PlanKind;
	/** ISO time at which the plan was adopted: DTSTAMP. */
	readonly at: string;
	/** How many plans came before: SEQUENCE, so that a calendar takes the newer date over. */
	readonly revision: number;
}

/** The text of the file, with CRLF line ends. UIDs depend on owner, kind and milestone alone: a re-planned milestone moves instead of doubling. */
export function calendar(plan: Plan, { owner, kind, at, revision }: CalendarOptions): string {
	const host = `${createHash('sha256').update(owner).digest('hex').slice(0, 16)}.foothold.invalid`;
	const stamp = at.replace(/[-:]/g, '').replace(/\.\d+/, '');
	const events = plan.milestones.flatMap(({ id, title, due, kind: category, hours }) => [
		'BEGIN:VEVENT',
		`UID:${kind}-${id.replaceAll('/', '.')}@${host}`,
		`DTSTAMP:${stamp}`,
		`SEQUENCE:${revision}`,
		`DTSTART;VALUE=DATE:${due.replaceAll('-', '')}`,
		// The end is exclusive (section 3.6.1).
		`DTEND;VALUE=DATE:${dayAfter(due).replaceAll('-', '')}`,
		`SUMMARY:${escaped(title)}`,
		...(hours > 0 ? [`DESCRIPTION:${escaped(`Planned: about ${Math.round(hours)} hours of work, done by this day.`)}`] : []),
		`CATEGORIES:${escaped(category.toUpperCase())}`,
		'TRANSP:TRANSPARENT',
		'END:VEVENT',
	]);
	const lines = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Foothold//Plan//EN', 'CALSCALE:GREGORIAN', ...events, 'END:VCALENDAR'];
	return lines.map((line) => `${folded(line)}\r\n`).join('');
}

/** TEXT values escape backslash, semicolon, comma and line breaks (section 3.3.11); other control characters cannot stand in one. */
function escaped(text: string): string {
	return text
		.replace(/[\\;,]/g, (c) => `\\${c}`)
		.replace(/\r\n|[\r\n]/g, '\\n')
		.replace(/\p{Cc}/gu, ' ');
}

/** No line is longer than 75 octets; what follows begins with a blank (section 3.1). Never inside of a character. */
function folded(line: string): string {
	const parts: string[] = [];
	let part = '';
	let octets = 0;
	for (const character of line) {
		const size = Buffer.byteLength(character);
		if (octets + size > 75) {
			parts.push(part);
			part = '';
			octets = 1;
		}
		part += character;
		octets += size;
	}
	return [...parts, part].join('\r\n ');
}

function dayAfter(day: string): string {
	const at = new Date(`${day}T00:00:00Z`);
	at.setUTCDate(at.getUTCDate() + 1);
	return at.toISOString().slice(0, 10);
}
