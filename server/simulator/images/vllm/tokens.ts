/**
 * A tokenizer's rate without its tables: words with the space before them, cut where a byte-pair vocabulary of 32k to 200k entries
 * would cut them. English text comes to 4.2 characters a token, code to about 3.
 */

/** A word with its space, digits in threes as in Llama 3's pattern, runs of other signs, line ends, other blanks. */
const PIECES = /'(?:s|t|re|ve|m|ll|d)| ?[A-Za-z\u00c0-\u024f]+|\d{1,3}| ?[^\s\w\u00c0-\uffff]+|[\r\n]+| +(?! )|\s|[\s\S]/gu;
/** Longest piece of a word that is one token, in letters: common words of up to this length are in every vocabulary. */
const WORD = 8;
/** How long the parts of a longer word are. */
const PART = 5;

function split(piece: string, out: string[]): void {
	if (piece.length <= WORD + 1 || !/[A-Za-z]/.test(piece)) {
		// Four signs in a row are one token at most (`----`, `    `).
		if (piece.length > 8) for (let i = 0; i < piece.length; i += 4) out.push(piece.slice(i, i + 4));
		else out.push(piece);
		return;
	}
	for (let i = 0; i < piece.length; i += PART + 1) out.push(piece.slice(i, i + PART + 1));
}

/** The tokens of a text, as text. */
export function tokenize(text: string): readonly string[] {
	const out: string[] = [];
	for (const [piece] of text.matchAll(PIECES)) split(piece, out);
	return out;
}

/** How many tokens a text has, special ones not counted. */
export function countTokens(text: string): number {
	let n = 0;
	for (const [piece] of text.matchAll(PIECES)) {
		n += piece.length <= WORD + 1 ? 1 : /[A-Za-z]/.test(piece) ? Math.ceil(piece.length / (PART + 1)) : Math.ceil(piece.length / 4);
	}
	return n;
}

/** FNV-1a, 32 bit: ids and seeds that follow from text. */
export function hash(text: string, seed = 0x811c9dc5): number {
	let h = seed >>> 0;
	for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193) >>> 0;
	return h;
}

/** A token's id in a vocabulary of this size; the same text has always the same one. */
export const tokenId = (token: string, vocab: number): number => 256 + (hash(token) % Math.max(1, vocab - 512));
