/** JSON whose whole numbers keep all their digits: those beyond 2^53 are bigints among our values, as Go's are int64. */

/** Stands before the digits in what JSON.stringify sees; no text of a manifest begins so. */
const DIGITS = '\u0001int:';
/** Texts without so many digits in a row hold no number that a double would round. */
export const LONG_NUMBER = /\d{16}/;
const INT64 = 1n << 63n;

/** As JSON.stringify, with bigints as numbers. */
export function jsonText(value: unknown, indent?: number): string {
	let large = false;
	const text = JSON.stringify(
		value,
		(_key, v: unknown) => {
			if (typeof v !== 'bigint') return v;
			large = true;
			return `${DIGITS}${v}`;
		},
		indent,
	);
	return large ? text.replace(/"\\u0001int:(-?\d+)"/g, '$1') : text;
}

/**
 * A number as Go prints it by %v: whole ones that fit 64 bits are int64 there; all others have six digits before they take an
 * exponent, of two digits at least (strconv.FormatFloat 'g').
 */
export function goNumber(value: number | bigint): string {
	if (typeof value === 'bigint' || (Number.isInteger(value) && Math.abs(value) < 2 ** 63)) return String(value);
	const [digits = '', exponent = '0'] = value.toExponential().split('e');
	const power = Number(exponent);
	if (power >= -4 && power < 6) return String(value);
	return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** A whole number: a bigint only where a double would not hold it; beyond 64 bits Go keeps a double, too. */
export function wholeNumber(value: bigint): number | bigint {
	const text = String(value);
	return String(Number(value)) !== text && value < INT64 && value >= -INT64 ? value : Number(value);
}

/** As JSON.parse, with whole numbers that a double would round as bigints. */
export function parseJson(text: string): unknown {
	if (!LONG_NUMBER.test(text)) return JSON.parse(text);
	// The third argument, the value's own text, is younger than the types know.
	const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
		typeof value === 'number' && /^-?\d{16,}$/.test(context?.source ?? '') ? wholeNumber(BigInt(context?.source ?? 0)) : value;
	return JSON.parse(text, revive);
}
