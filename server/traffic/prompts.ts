/** Prompts by their lengths in tokens. */
import { randomFrom } from './random.ts';

export interface Prompt {
	readonly text: string;
	/** Tokens of the prompt, and those asked for. */
	readonly input: number;
	readonly output: number;
}

export interface Spread {
	readonly stdev: number;
	readonly min: number;
	readonly max: number;
}

export interface Lengths {
	readonly dataset: string;
	readonly count: number;
	/** For `random`: means, and by what share lengths differ from them. */
	readonly input: number;
	readonly output: number;
	readonly ratio: number;
	/** Standard deviations in place of `ratio`, and bounds; tokens. */
	readonly spread?: { readonly input: Spread; readonly output: Spread };
	/** Tokens that all prompts begin with. */
	readonly prefix: number;
	readonly seed: number;
}

const WORDS = 'time year way day thing world life hand part child eye place work week case point group problem fact night area water room book'.split(' ');

/** A prompt of so many tokens: short words are one each, and the server adds one that begins the text. */
const words = (tokens: number, random: () => number): string =>
	Array.from({ length: Math.max(1, tokens) }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');

/** Lengths by data set: log-normal with the medians and spreads of ShareGPT's first turns, retrieval with passages, and code completion. */
const SETS: {
	readonly [name: string]: { readonly input: readonly [median: number, sigma: number]; readonly output: readonly [median: number, sigma: number] };
} = {
	sharegpt: { input: [110, 1.25], output: [180, 0.9] },
	rag: { input: [3200, 0.45], output: [160, 0.6] },
	code: { input: [900, 0.8], output: [60, 0.8] },
};

export const DATASETS: readonly string[] = Object.keys(SETS);

function draw(o: Lengths, random: () => number): readonly [input: number, output: number] {
	const set = SETS[o.dataset];
	const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	if (o.spread !== undefined) {
		const one = (mean: number, s: Spread): number => Math.max(s.min, Math.min(s.max, Math.round(mean + (s.stdev === 0 ? 0 : s.stdev * normal()))));
		return [one(o.input, o.spread.input), one(o.output, o.spread.output)];
	}
	if (set !== undefined) {
		const one = ([median, sigma]: readonly [number, number], most: number): number =>
			Math.max(4, Math.min(most, Math.round(median * Math.exp(sigma * normal()))));
		return [one(set.input, 6000), one(set.output, 1024)];
	}
	const around = (n: number): number => Math.max(1, Math.round(n * (1 - o.ratio + 2 * o.ratio * random())));
	return [around(o.input), around(o.output)];
}

/** As many prompts as asked for, the same for the same seed. */
export const prompts = (o: Lengths): readonly Prompt[] => [...promptStream(o)];

/** The same, one by one. */
export function* promptStream(o: Lengths): Generator<Prompt> {
	const random = randomFrom(o.seed + 1);
	const shared = words(o.prefix, randomFrom(7));
	for (let i = 0; i < o.count; i++) {
		const [input, output] = draw(o, random);
		const own = words(input - 1, random);
		yield { text: o.prefix > 0 ? `${shared} ${own}` : own, input: input + o.prefix, output };
	}
}
