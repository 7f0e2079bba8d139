/**
 * resource.Quantity: parsing, comparing and the canonical text, as apimachinery's `pkg/api/resource` does it. Amounts are
 * kept in nano units (1/1,000,000,000) as whole numbers of arbitrary size, so that nothing is lost between `1n` and `1Ei`.
 */

type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
	/** Amount in nano units, rounded up where the text was finer. */
	readonly nano: bigint;
	readonly format: QuantityFormat;
}

export const QUANTITY_ERROR = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const NANO = 1_000_000_000n;
const BINARY: readonly (readonly [string, bigint])[] = [
	['Ei', 1n << 60n],
	['Pi', 1n << 50n],
	['Ti', 1n << 40n],
	['Gi', 1n << 30n],
	['Mi', 1n << 20n],
	['Ki', 1n << 10n],
];
/** Decimal suffixes with the power of ten of their nano value, largest first. */
const DECIMAL: readonly (readonly [string, number])[] = [
	['E', 27],
	['P', 24],
	['T', 21],
	['G', 18],
	['M', 15],
	['k', 12],
	['', 9],
	['m', 6],
	['u', 3],
	['n', 0],
];
const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?(Ei|Pi|Ti|Gi|Mi|Ki|[EPTGMkmun]|[eE][+-]?\d+)?$/;
const MOST = ((1n << 63n) - 1n) * NANO;
/** Powers of ten beyond which a nano amount is over the cap whatever its digits. */
const FAR = 64;

/** A cache of a pure function: the same few texts come again and again. */
const parsed = new Map<string, Quantity | undefined>();
const PARSED_KEPT = 10_000;

/** Parses a quantity; undefined where the text (or number) is none. */
export function parseQuantity(value: unknown): Quantity | undefined {
	if (typeof value !== 'string') return parseText(value);
	if (parsed.has(value)) return parsed.get(value);
	const quantity = parseText(value);
	if (parsed.size >= PARSED_KEPT) parsed.clear();
	parsed.set(value, quantity);
	return quantity;
}

function parseText(value: unknown): Quantity | undefined {
	const text = typeof value === 'number' ? numberText(value) : value;
	if (typeof text !== 'string') return undefined;
	const match = SYNTAX.exec(text);
	if (match === null) return undefined;
	const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
	if (whole === '' && fraction === '') return undefined;
	const digits = BigInt(`${whole}${fraction}`);
	const amount = scaled(digits, fraction.length, suffix);
	if (amount === undefined) return undefined;
	const capped = amount.nano > MOST ? MOST : amount.nano;
	return { nano: sign === '-' ? -capped : capped, format: amount.format };
}

function numberText(value: number): string {
	return Number.isFinite(value) ? String(value) : '';
}

function scaled(digits: bigint, fractionDigits: number, suffix: string): Quantity | undefined {
	const binary = BINARY.find(([name]) => name === suffix);
	if (binary !== undefined) return { nano: shift(digits * binary[1] * NANO, -fractionDigits), format: 'BinarySI' };
	const decimal = DECIMAL.find(([name]) => name === suffix);
	if (decimal !== undefined) return { nano: shift(digits, decimal[1] - fractionDigits), format: 'DecimalSI' };
	const exponent = Number(suffix.slice(1));
	if (!Number.isSafeInteger(exponent)) return undefined;
	// Far out the amount is what it is capped at, or the smallest that there is: no number of that many digits is ever written out.
	const power = 9 + exponent - fractionDigits;
	if (digits !== 0n && power > FAR) return { nano: MOST, format: 'DecimalExponent' };
	const least = digits === 0n ? 0n : 1n;
	return { nano: power < -FAR - fractionDigits - String(digits).length ? least : shift(digits, digits === 0n ? 0 : power), format: 'DecimalExponent' };
}

/** digits × 10^power, rounded up. */
function shift(digits: bigint, power: number): bigint {
	if (power >= 0) return digits * 10n ** BigInt(power);
	const divisor = 10n ** BigInt(-power);
	return (digits + divisor - 1n) / divisor;
}

/** The canonical text: no fraction, the largest suffix that leaves none, no fewer than the amount's own. */
export function formatQuantity(quantity: Quantity): string {
	const { nano } = quantity;
	if (nano === 0n) return '0';
	const sign = nano < 0n ? '-' : '';
	const amount = nano < 0n ? -nano : nano;
	if (quantity.format === 'BinarySI') {
		// Binary amounts under 1024 or with a fraction are printed as decimals (CanonicalizeBytes).
		if (amount % NANO === 0n && amount / NANO >= 1024n) return sign + formatBinary(amount / NANO);
		return sign + formatDecimal(amount);
	}
	return sign + (quantity.format === 'DecimalExponent' ? formatExponent(amount) : formatDecimal(amount));
}

function formatBinary(whole: bigint): string {
	for (const [suffix, unit] of BINARY) if (whole % unit === 0n) return `${whole / unit}${suffix}`;
	return String(whole);
}

function formatDecimal(amount: bigint): string {
	for (const [suffix, power] of DECIMAL) {
		const unit = 10n ** BigInt(power);
		if (amount % unit === 0n) return `${amount / unit}${suffix}`;
	}
	return `${amount}n`;
}

function formatExponent(amount: bigint): string {
	for (const [, power] of DECIMAL) {
		const unit = 10n ** BigInt(power);
		if (amount % unit === 0n) return power === 9 ? String(amount / unit) : `${amount / unit}e${power - 9}`;
	}
	return String(amount);
}

/** A text that is no quantity. Decoding refuses the whole object then; `defineResource` words that. */
export class QuantityError extends Error {
	constructor() {
		super(QUANTITY_ERROR);
	}
}

/** A quantity's canonical text. Throws a QuantityError for a text that is none; null and nothing stay what they are. */
export function canonicalQuantity(value: unknown): unknown {
	if (value === undefined || value === null) return value;
	if (typeof value === 'string') {
		const known = canonicalTexts.get(value);
		if (known !== undefined) return known;
	}
	const parsed = parseQuantity(value);
	if (parsed === undefined) throw new QuantityError();
	const text = formatQuantity(parsed);
	if (typeof value === 'string' && canonicalTexts.size < 10_000) canonicalTexts.set(value, text);
	return text;
}

/** A cache of a pure function: the same few texts come again and again. */
const canonicalTexts = new Map<string, string>();

/** -1, 0 or 1; a value that is no quantity counts as zero. */
export function compareQuantities(a: unknown, b: unknown): number {
	const x = parseQuantity(a)?.nano ?? 0n;
	const y = parseQuantity(b)?.nano ?? 0n;
	return x < y ? -1 : x > y ? 1 : 0;
}

/** The sum in canonical text, in the first one's format unless that is zero. */
export function addQuantities(a: unknown, b: unknown): string {
	const x = parseQuantity(a) ?? { nano: 0n, format: 'DecimalSI' as const };
	const y = parseQuantity(b) ?? { nano: 0n, format: 'DecimalSI' as const };
	return formatQuantity({ nano: x.nano + y.nano, format: x.nano === 0n ? y.format : x.format });
}

export function subtractQuantities(a: unknown, b: unknown): string {
	const y = parseQuantity(b) ?? { nano: 0n, format: 'DecimalSI' as const };
	const x = parseQuantity(a) ?? { nano: 0n, format: y.format };
	return formatQuantity({ nano: x.nano - y.nano, format: x.nano === 0n ? y.format : x.format });
}

/** The amount in its base unit (cores, bytes, pieces) with its fraction; undefined where the value is no quantity. */
export function quantityNumber(value: unknown): number | undefined {
	const quantity = parseQuantity(value);
	return quantity === undefined ? undefined : Number(quantity.nano) / 1e9;
}

/** Whole units, rounded up (bytes of memory, pods). 0 where the value is no quantity. */
export function quantityValue(value: unknown): number {
	const nano = parseQuantity(value)?.nano ?? 0n;
	return Number((nano + (nano > 0n ? NANO - 1n : 0n)) / NANO);
}

/** Thousandths, rounded up (millicores of CPU). 0 where the value is no quantity. */
export function quantityMilli(value: unknown): number {
	const nano = parseQuantity(value)?.nano ?? 0n;
	return Number((nano + (nano > 0n ? 999_999n : 0n)) / 1_000_000n);
}
