/** Time zones: how far they are ahead, from the platform's own tables. */
import { daysFromCivil } from './time.ts';

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Minutes that a zone is ahead of UTC at `ms`; undefined where there is no such zone. */
export function offsetMinutes(ms: number, timeZone: string): number | undefined {
	if (timeZone === 'UTC' || timeZone === 'Etc/UTC') return 0;
	let f = formatters.get(timeZone);
	if (f === undefined) {
		try {
			f = new Intl.DateTimeFormat('en-US', {
				timeZone,
				hourCycle: 'h23',
				year: 'numeric',
				month: 'numeric',
				day: 'numeric',
				hour: 'numeric',
				minute: 'numeric',
			});
		} catch {
			return undefined;
		}
		formatters.set(timeZone, f);
	}
	const parts: Record<string, number> = {};
	for (const p of f.formatToParts(ms)) parts[p.type] = Number(p.value);
	const local = daysFromCivil(parts['year'] ?? 0, parts['month'] ?? 0, parts['day'] ?? 0) * 1440 + (parts['hour'] ?? 0) * 60 + (parts['minute'] ?? 0);
	return local - Math.floor(ms / 60_000);
}
