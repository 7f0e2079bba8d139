/** Times and spans: their texts, and their parts in a time zone. */
import { civilFromDays, daysFromCivil } from '../../../kernel/time.ts';
import { offsetMinutes } from '../../../kernel/zone.ts';
import { fn, NO_OVERLOAD, type Overload } from '../functions.ts';
import { Duration, Fault, Timestamp, type Value } from '../values.ts';

const SECOND = 1_000_000_000n;
const DAY = 86_400n * SECOND;

const floor = (a: bigint, b: bigint): bigint => a / b - (a % b < 0n ? 1n : 0n);
const pad = (n: number | bigint, width = 2): string => String(n).padStart(width, '0');

/** RFC 3339 → nanoseconds since 1970. */
export function parseTimestamp(text: string): bigint | undefined {
	const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:Z|([+-])(\d\d):(\d\d))$/.exec(text);
	if (m === null) return undefined;
	const n = (i: number): number => Number(m[i] ?? 0);
	const days = daysFromCivil(n(1), n(2), n(3));
	const [, month, day] = civilFromDays(days);
	if (month !== n(2) || day !== n(3) || n(4) > 23 || n(5) > 59 || n(6) > 59) return undefined;
	const offset = (m[8] === '-' ? -1 : 1) * (n(9) * 3600 + n(10) * 60);
	const seconds = BigInt(days) * 86_400n + BigInt(n(4) * 3600 + n(5) * 60 + n(6) - offset);
	return seconds * SECOND + BigInt((m[7] ?? '').padEnd(9, '0'));
}

export function timestampText(nanos: bigint): string {
	const days = floor(nanos, DAY);
	const rest = nanos - days * DAY;
	const [y, mo, d] = civilFromDays(Number(days));
	const s = rest / SECOND;
	const fraction = pad(rest % SECOND, 9).replace(/0+$/, '');
	return `${pad(y, 4)}-${pad(mo)}-${pad(d)}T${pad(s / 3600n)}:${pad((s / 60n) % 60n)}:${pad(s % 60n)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

const UNITS: { readonly [unit: string]: bigint } = { ns: 1n, us: 1000n, µs: 1000n, μs: 1000n, ms: 1_000_000n, s: SECOND, m: 60n * SECOND, h: 3600n * SECOND };

/** Go's `time.ParseDuration`, in nanoseconds. */
export function parseDuration(text: string): bigint | undefined {
	const m = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/.exec(text);
	if (m === null) return undefined;
	let total = 0n;
	for (const [, whole = '', fraction = '', unit = ''] of (m[2] ?? '').matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
		const scale = UNITS[unit] ?? 1n;
		total += BigInt(whole || '0') * scale;
		if (fraction !== '') total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
	}
	return m[1] === '-' ? -total : total;
}

/** As CEL writes a span: seconds, with as many digits as it takes. */
export function durationText(nanos: bigint): string {
	const abs = nanos < 0n ? -nanos : nanos;
	const fraction = pad(abs % SECOND, 9).replace(/0+$/, '');
	return `${nanos < 0n ? '-' : ''}${abs / SECOND}${fraction === '' ? '' : `.${fraction}`}s`;
}

/** Nanoseconds that a zone is ahead; undefined for an unknown one. */
function ahead(nanos: bigint, zone: string): bigint | undefined {
	const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
	if (fixed !== null) return (fixed[1] === '-' ? -1n : 1n) * BigInt(Number(fixed[2]) * 60 + Number(fixed[3])) * 60n * SECOND;
	const minutes = zone === '' ? 0 : offsetMinutes(Number(nanos / 1_000_000n), zone);
	return minutes === undefined ? undefined : BigInt(minutes) * 60n * SECOND;
}

type Part = (days: number, nanosOfDay: bigint) => number | bigint;

const civil = (days: number): readonly [number, number, number] => civilFromDays(days);

const PARTS: { readonly [name: string]: Part } = {
	getFullYear: (d) => civil(d)[0],
	getMonth: (d) => civil(d)[1] - 1,
	getDate: (d) => civil(d)[2],
	getDayOfMonth: (d) => civil(d)[2] - 1,
	getDayOfWeek: (d) => (((d + 4) % 7) + 7) % 7,
	getDayOfYear: (d) => d - daysFromCivil(civil(d)[0], 1, 1),
	getHours: (_d, n) => n / (3600n * SECOND),
	getMinutes: (_d, n) => (n / (60n * SECOND)) % 60n,
	getSeconds: (_d, n) => (n / SECOND) % 60n,
	getMilliseconds: (_d, n) => (n / 1_000_000n) % 1000n,
};

function part(read: Part, time: Value | undefined, zone: string): Value {
	if (!(time instanceof Timestamp)) return NO_OVERLOAD;
	const offset = ahead(time.nanos, zone);
	if (offset === undefined) return new Fault(`unknown time zone ${zone}`);
	const local = time.nanos + offset;
	const days = floor(local, DAY);
	return BigInt(read(Number(days), local - days * DAY));
}

const spanPart = (unit: bigint, within?: bigint): ((args: readonly Value[]) => Value) => {
	return ([v]) => (v instanceof Duration ? (within === undefined ? v.nanos / unit : (v.nanos / unit) % within) : NO_OVERLOAD);
};

export const times: readonly Overload[] = [
	...Object.entries(PARTS).flatMap(([name, read]) => [
		fn(`timestamp::${name}() -> int`, ([t]) => part(read, t, '')),
		fn(`timestamp::${name}(string) -> int`, ([t, zone]) => part(read, t, String(zone))),
	]),
	fn('duration::getHours() -> int', spanPart(3600n * SECOND)),
	fn('duration::getMinutes() -> int', spanPart(60n * SECOND)),
	fn('duration::getSeconds() -> int', spanPart(SECOND)),
	fn('duration::getMilliseconds() -> int', spanPart(1_000_000n, 1000n)),
];
