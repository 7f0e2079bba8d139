/** What the model "says": sentences in an order that follows from the prompt. Piece by piece without keeping a text anywhere. */
import { hash, tokenize } from './tokens.ts';

const SENTENCES = [
	'The short answer is that it depends on how the system is used in practice.',
	' A good way to think about this is to start with what you can measure.',
	' First, look at the numbers you already have and write them down.',
	' Most problems of this kind come from a small number of causes.',
	' When the load grows, waiting time grows faster than the load itself.',
	' It helps to change one thing at a time and to compare the results.',
	' In most cases the simplest option is also the most reliable one.',
	' There are a few trade-offs that are worth keeping in mind here.',
	' For example, a larger batch raises throughput, but each answer takes longer.',
	' Memory is usually the first limit, and bandwidth is the second.',
	' If that is not enough, add another replica and share the traffic between them.',
	' You can check this with a simple test before making any larger change.',
	' The same idea applies to storage, networks, and the people who run them.',
	' Keep the old version running until the new one has answered real requests.',
	' A probe should fail only when a restart would actually help.',
	' Logs tell you what happened; metrics tell you how often it happens.',
	' Once the cause is known, the fix is often only a line or two.',
	' Write down what you expected, what you saw, and what you did about it.',
	' This also makes it easier for others to follow your reasoning later.',
	' Finally, remember that every limit you set is a promise to somebody else.',
	' In short, measure first, change little, and verify that it worked.',
	'\n\nLet us look at this more closely.',
	'\n\n1. Decide which requests matter most to your users.',
	'\n2. Set a target for them, such as a latency at the 95th percentile.',
	'\n3. Watch the queue, because it shows trouble before anything else does.',
	'\n\nWith these steps in place, the rest is a matter of patience.',
];
const PIECES: readonly (readonly string[])[] = SENTENCES.map(tokenize);
const TOTAL = PIECES.reduce((n, p) => n + p.length, 0);

/** What a request's answer is made of. */
export type Source =
	| { readonly kind: 'prose'; readonly seed: number }
	/** A text that was fixed beforehand (a JSON answer). */
	| { readonly kind: 'fixed'; readonly pieces: readonly string[] };

/** The tokens from `from` up to `to`, as text. Prose goes on for ever, a fixed text ends. */
export function pieces(source: Source, from: number, to: number): readonly string[] {
	if (source.kind === 'fixed') return source.pieces.slice(from, to);
	const out: string[] = [];
	const n = PIECES.length;
	const start = source.seed % n;
	// Coprime to the number of sentences, so that all are used before one comes again.
	const stride = [5, 7, 9, 11, 15, 17][(source.seed >>> 8) % 6] ?? 7;
	let at = Math.floor(from / TOTAL) * TOTAL;
	for (let i = 0; at < to; i++) {
		const sentence = PIECES[(start + i * stride) % n] ?? [];
		if (at + sentence.length > from) out.push(...sentence.slice(Math.max(0, from - at), to - at));
		at += sentence.length;
	}
	// An answer does not begin with a blank.
	if (from === 0 && out[0] !== undefined) out[0] = out[0].trimStart();
	return out;
}

export const textOf = (source: Source, from: number, to: number): string => pieces(source, from, to).join('');

/** After how many tokens the model ends by itself: around 180, seldom under 30 or over 700 (answers of chat logs, log-normal). */
export function naturalLength(seed: number): number {
	const u = (hash(String(seed)) % 10_000) / 10_000;
	const v = (hash(`${seed}v`) % 10_000) / 10_000;
	const normal = Math.sqrt(-2 * Math.log(u + 1e-9)) * Math.cos(2 * Math.PI * v);
	return Math.max(8, Math.min(1500, Math.round(180 * Math.exp(0.7 * normal))));
}

interface Schema {
	readonly type?: string | readonly string[];
	readonly enum?: readonly unknown[];
	readonly const?: unknown;
	readonly properties?: { readonly [name: string]: Schema };
	readonly items?: Schema;
	readonly anyOf?: readonly Schema[];
	readonly minimum?: number;
	readonly minItems?: number;
}

/** A value that a JSON schema allows, as far as its usual words go. */
export function exampleOf(schema: Schema, seed: number, depth = 0): unknown {
	if (schema.const !== undefined) return schema.const;
	if (schema.enum !== undefined) return schema.enum[seed % Math.max(1, schema.enum.length)];
	if (schema.anyOf?.[0] !== undefined) return exampleOf(schema.anyOf[0], seed, depth);
	const type = typeof schema.type === 'string' ? schema.type : (schema.type?.[0] ?? (schema.properties === undefined ? 'string' : 'object'));
	switch (type) {
		case 'object':
			return depth > 6 ? {} : Object.fromEntries(Object.entries(schema.properties ?? {}).map(([k, s]) => [k, exampleOf(s, hash(k, seed), depth + 1)]));
		case 'array':
			return depth > 6 || schema.items === undefined
				? []
				: Array.from({ length: Math.max(schema.minItems ?? 2, 1) }, (_, i) => exampleOf(schema.items ?? {}, seed + i, depth + 1));
		case 'integer':
		case 'number':
			return (schema.minimum ?? 1) + (seed % 41);
		case 'boolean':
			return seed % 2 === 0;
		case 'null':
			return null;
		default:
			return (SENTENCES[seed % 20] ?? '').trim();
	}
}
