/** What the checks know of the served model: it is found behind the front door, never by guessing at names. */
import type { CheckContext } from '../../server/grading/check.ts';
import { isReady, podsBehind } from '../../server/grading/kube.ts';
import type { KubeObject } from '../../server/grading/readers.ts';
import { type Run, senderIn, summed } from '../../server/grading/traffic.ts';
import { drive, type Plan } from '../../server/traffic/drive.ts';
import { prompts } from '../../server/traffic/prompts.ts';

export const NAMESPACE = 'llm';
export const HOST = 'llm.foothold.test';
export const DOOR = `http://${HOST}`;
/** The name that clients ask for. */
export const MODEL = 'llama-3.1-8b';
/** ms at the 95th percentile. */
export const TARGETS = { ttft: 500, tpot: 50 };
/** What `~/serve/load.sh` sends: requests a second, mean lengths in tokens, by what share they differ. */
export const LOAD = { rate: 4, input: 500, output: 150, ratio: 0.5, count: 160 };
/** Cards that may be held while nobody asks; requests under way at a time that must bring up another server, within so many ms. */
export const GROWTH = { restingCards: 2, atOnce: 120, withinMs: 6 * 60_000 };
/** US dollars for an hour of one of the pool's cards, as `~/serve/README.md` says. */
export const PRICE = 1.15;

/** Pods behind the front door, or what is missing. */
export const servers = (c: CheckContext): Promise<readonly KubeObject[] | string> => podsBehind(c, NAMESPACE, HOST);

/** Ready pods behind the front door. */
export async function readyServers(c: CheckContext): Promise<readonly KubeObject[]> {
	const all = await servers(c);
	return typeof all === 'string' ? [] : all.filter(isReady);
}

export function planFor(c: CheckContext, load: Partial<typeof LOAD> = {}): Plan {
	const l = { ...LOAD, ...load };
	return {
		base: DOOR,
		endpoint: '/v1/completions',
		chat: false,
		model: MODEL,
		apiKey: undefined,
		prompts: prompts({ dataset: 'random', count: l.count, input: l.input, output: l.output, ratio: l.ratio, prefix: 0, seed: c.seed }),
		rate: l.rate,
		burstiness: 1,
		concurrency: undefined,
		ignoreEos: true,
	};
}

/** A run is the same for every check of one grading: the network it was sent over stands for the sandbox. */
const runs = new WeakMap<object, Promise<Run>>();

/** The brief's load, sent to a copy. */
export function briefLoad(context: CheckContext): Promise<Run> {
	const held = runs.get(context.network);
	if (held !== undefined) return held;
	const run = context.inFork(async (c) => summed(await drive(planFor(c), c.seed, senderIn(c))));
	runs.set(context.network, run);
	return run;
}
