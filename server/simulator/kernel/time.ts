/** Dates of virtual time, without the platform's clock. */

const DAY_MS = 86_400_000;

const pad = (n: number, width: number): string => String(n).padStart(width, '0');

/** Days since 1970-01-01 → [year, month 1-12, day 1-31]. After Howard Hinnant's "civil_from_days". */
export function civilFromDays(days: number): readonly [number, number, number] {
	const z = days + 719_468;
	const era = Math.floor(z / 146_097);
	const doe = z - era * 146_097;
	const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
	const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
	const mp = Math.floor((5 * doy + 2) / 153);
	const day = doy - Math.floor((153 * mp + 2) / 5) + 1;
	const month = mp < 10 ? mp + 3 : mp - 9;
	return [yoe + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

/** [year, month 1-12, day 1-31] → days since 1970-01-01. The inverse of `civilFromDays`. */
export function daysFromCivil(year: number, month: number, day: number): number {
	const y = month <= 2 ? year - 1 : year;
	const era = Math.floor(y / 400);
	const yoe = y - era * 400;
	const doy = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
	const doe = yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy;
	return era * 146_097 + doe - 719_468;
}

function civil(ms: number): { readonly date: string; readonly time: string; readonly ms: number } {
	const days = Math.floor(ms / DAY_MS);
	const rest = ms - days * DAY_MS;
	const [y, m, d] = civilFromDays(days);
	const s = Math.floor(rest / 1000);
	return {
		date: `${pad(y, 4)}-${pad(m, 2)}-${pad(d, 2)}`,
		time: `${pad(Math.floor(s / 3600), 2)}:${pad(Math.floor(s / 60) % 60, 2)}:${pad(s % 60, 2)}`,
		ms: Math.floor(rest % 1000),
	};
}

/** ms since the epoch → metav1.Time: `2026-11-20T18:00:00Z`. */
export function formatTime(ms: number): string {
	const second = Math.floor(ms / 1000);
	if (second !== lastSecond) {
		const c = civil(ms);
		lastText = `${c.date}T${c.time}Z`;
		lastSecond = second;
	}
	return lastText;
}

/** The text of the second asked for last: much happens within one, and what is written of it shares the text. */
let lastSecond = Number.NaN;
let lastText = '';

/** ms since the epoch → metav1.MicroTime: `2026-11-20T18:00:00.123000Z`. */
export function formatMicroTime(ms: number): string {
	const c = civil(ms);
	return `${c.date}T${c.time}.${pad(c.ms, 3)}000Z`;
}

/** RFC 3339 → ms since the epoch, or undefined where the text is none. */
export function parseTime(text: string): number | undefined {
	const m = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/.exec(text);
	if (m === null) return undefined;
	const n = (i: number): number => Number(m[i] ?? 0);
	const month = n(2);
	const day = n(3);
	if (month < 1 || month > 12 || day < 1 || day > 31 || n(4) > 23 || n(5) > 59 || n(6) > 60) return undefined;
	const offset = m[8] === undefined ? 0 : (m[8] === '-' ? -1 : 1) * (n(9) * 60 + n(10)) * 60_000;
	const fraction = m[7] === undefined ? 0 : Math.floor(Number(`0.${m[7]}`) * 1000);
	return daysFromCivil(n(1), month, day) * DAY_MS + n(4) * 3_600_000 + n(5) * 60_000 + n(6) * 1000 + fraction - offset;
}

/** A span as `kubectl get` prints an age; models apimachinery's duration.HumanDuration. `ms` may be negative for clock skew. */
export function humanDuration(ms: number): string {
	const s = Math.trunc(ms / 1000);
	if (s < -1) return '<invalid>';
	if (s < 0) return '0s';
	if (s < 120) return `${s}s`;
	const m = Math.floor(s / 60);
	if (m < 10) return s % 60 === 0 ? `${m}m` : `${m}m${s % 60}s`;
	if (m < 180) return `${m}m`;
	const h = Math.floor(m / 60);
	if (h < 8) return m % 60 === 0 ? `${h}h` : `${h}h${m % 60}m`;
	if (h < 48) return `${h}h`;
	if (h < 192) return h % 24 === 0 ? `${Math.floor(h / 24)}d` : `${Math.floor(h / 24)}d${h % 24}h`;
	if (h < 24 * 365 * 2) return `${Math.floor(h / 24)}d`;
	if (h < 24 * 365 * 8) {
		const days = Math.floor(h / 24) % 365;
		return days === 0 ? `${Math.floor(h / 24 / 365)}y` : `${Math.floor(h / 24 / 365)}y${days}d`;
	}
	return `${Math.floor(h / 24 / 365)}y`;
}
