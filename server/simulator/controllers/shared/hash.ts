/** Hashes of pod templates, in the form upstream names replica sets and revisions with. */

const ALPHANUMS = 'bcdfghjklmnpqrstvwxz2456789';

/** FNV-1a, 32 bits. */
function fnv32a(text: string): number {
	let h = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) {
		h ^= text.charCodeAt(i);
		h = Math.imul(h, 0x01000193);
	}
	return h >>> 0;
}

/** Text without vowels and look-alikes, character by character (apimachinery rand.SafeEncodeString). */
function safeEncode(text: string): string {
	let out = '';
	for (let i = 0; i < text.length; i++) out += ALPHANUMS[text.charCodeAt(i) % ALPHANUMS.length];
	return out;
}

/** JSON with sorted keys and without undefined fields: the same for structurally equal data. */
export function canonicalJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
	if (typeof value === 'object' && value !== null) {
		const o = value as Record<string, unknown>;
		const keys = Object.keys(o)
			.filter((k) => o[k] !== undefined)
			.sort();
		return `{${keys.map((k) => `${JSON.stringify(k)}:${canonicalJson(o[k])}`).join(',')}}`;
	}
	return JSON.stringify(value) ?? 'null';
}

/** A short safe name for `value` (controller.ComputeHash): the number differs from upstream's, its form does not. */
export function computeHash(value: unknown, collisionCount?: number): string {
	return safeEncode(String(fnv32a(canonicalJson(value) + (collisionCount === undefined ? '' : String(collisionCount)))));
}
