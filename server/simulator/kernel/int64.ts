/**
 * Whole numbers of 64 bits in objects. Go keeps them exactly where a double rounds: they are bigints here, but only those
 * that a double does not hold, so that no value has two forms. JSON writes them with all their digits.
 */

const INT64 = 1n << 63n;
/** A whole number so long, as a value of its own: below, a double holds it. Within strings it finds too much, which costs time only. */
const LONG = /[:,[\s]-?\d{16,19}[\s,}\]]/;

declare global {
	interface JSON {
		/** A text of JSON that `stringify` writes as it is (ES2026, in engines since 2023). */
		rawJSON(text: string): unknown;
	}
	interface BigInt {
		toJSON(): unknown;
	}
}

// Objects are written to JSON in very many places, and none of them may fail or round.
BigInt.prototype.toJSON = function (this: bigint): unknown {
	return JSON.rawJSON(String(this));
};

/** The bigint that a text of digits is, or undefined where a double holds it, or it has more than 64 bits (Go keeps a double, too). */
export function wideInt(text: string): bigint | undefined {
	if (!/^-?\d{16,19}$/.test(text) || String(Number(text)) === text) return undefined;
	const value = BigInt(text);
	return value < INT64 && value >= -INT64 ? value : undefined;
}

/** As JSON.parse, exact in whole numbers of 64 bits. */
export function parseExact(text: string): unknown {
	if (!LONG.test(text)) return JSON.parse(text);
	// The third argument, the value's own text, is younger than the types know.
	const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
		typeof value === 'number' ? (wideInt(context?.source ?? '') ?? value) : value;
	return JSON.parse(text, revive);
}
