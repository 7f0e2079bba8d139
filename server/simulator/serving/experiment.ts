/** Load on an engine, as load generators make it, and the figures they report. */
import { nextRandom } from '../kernel/random.ts';
import { advance, type EngineConfig, type EngineState, emptyEngine, nextEventMs, type RequestRecord, submit } from './engine.ts';

/** Tokens of a request's prompt and output. */
export interface Lengths {
	readonly prompt: number;
	readonly output: number;
	/** Leading tokens that all prompts share. */
	readonly shared?: number;
}

export type Arrivals =
	/** Every client sends its next request when its last one has ended. */
	| { readonly kind: 'closed'; readonly concurrency: number }
	/** Poisson arrivals; `rate` a second. */
	| { readonly kind: 'open'; readonly rate: number }
	/** One request every 1/`rate` seconds. */
	| { readonly kind: 'constant'; readonly rate: number }
	/** All at once. */
	| { readonly kind: 'batch' };

export interface Experiment {
	readonly requests: readonly Lengths[];
	readonly arrivals: Arrivals;
	readonly seed: number;
	/** Times between open arrivals, in means, where they are known. */
	readonly gaps?: readonly number[];
}

export interface Finished {
	readonly ttftMs: number;
	/** Undefined for outputs of one token. */
	readonly tpotMs: number | undefined;
	readonly e2eMs: number;
	readonly outputTokens: number;
	readonly promptTokens: number;
	readonly finishMs: number;
}

export interface Outcome {
	readonly finished: readonly Finished[];
	/** From the first arrival to the last token, ms. */
	readonly durationMs: number;
	readonly steps: number;
	readonly preemptions: number;
}

const FAR = 1e15;

/** Arrivals that are queued before they are due. */
const AHEAD = 256;

function finished(r: RequestRecord, atMs: number): Finished {
	const first = r.firstMs ?? atMs;
	return {
		ttftMs: first - r.arrivalMs,
		// The last token is given out as late as the first.
		tpotMs: r.generated > 1 ? (atMs + (r.lateMs ?? 0) - first) / (r.generated - 1) : undefined,
		e2eMs: atMs - r.arrivalMs,
		outputTokens: r.generated,
		promptTokens: r.promptTokens,
		finishMs: atMs,
	};
}

/** The numbers from 0 to below `n` in an order drawn from the seed. */
export function shuffled(n: number, seed: number): { readonly order: readonly number[]; readonly seed: number } {
	let random = seed >>> 0;
	const order = Array.from({ length: n }, (_, i) => i);
	for (let i = n - 1; i > 0; i--) {
		const next = nextRandom(random);
		random = next.state;
		const j = Math.floor(next.value * (i + 1));
		[order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
	}
	return { order, seed: random };
}

/**
 * ms from each arrival to the next. A Poisson process's are taken evenly from their distribution, in an order drawn from the seed: of 300
 * drawn freely the rate is off by six percent, which near saturation doubles latencies.
 */
function gaps({ requests, seed, gaps: known }: Experiment, arrivals: Exclude<Arrivals, { kind: 'closed' }>): readonly number[] {
	const n = requests.length;
	if (arrivals.kind === 'batch') return [];
	const mean = 1000 / arrivals.rate;
	if (arrivals.kind === 'constant') return new Array<number>(n).fill(mean);
	if (known !== undefined) return known.map((gap) => gap * mean);
	return shuffled(n, seed).order.map((i) => -Math.log(1 - (i + 0.5) / n) * mean);
}

/** Plays an experiment to its end. Requests that the server refuses are left out of the outcome. */
export function play(config: EngineConfig, experiment: Experiment): Outcome {
	const { requests, arrivals } = experiment;
	let state: EngineState = emptyEngine(config);
	const done: Finished[] = [];
	const send = (i: number, arrivalMs: number): boolean => {
		const r = requests[i];
		if (r === undefined) return false;
		const segments = r.shared === undefined || r.shared === 0 ? {} : { segments: [{ key: 'shared', tokens: r.shared }] };
		const next = submit(config, state, { id: String(i), arrivalMs, promptTokens: r.prompt, outputTokens: r.output, ...segments });
		if (next === undefined) return false;
		state = next;
		return true;
	};
	let sent = 0;
	const step = (toMs: number): number => {
		const a = advance(config, state, toMs);
		state = a.state;
		let ended = 0;
		for (const e of a.events) {
			if (e.kind !== 'finished') continue;
			done.push(finished(e.record, e.atMs));
			ended++;
		}
		return ended;
	};
	if (arrivals.kind === 'closed') {
		for (let open = 0; open < arrivals.concurrency && sent < requests.length; sent++) if (send(sent, 0)) open++;
		for (let to = nextEventMs(config, state); to !== undefined; to = nextEventMs(config, state)) {
			for (let ended = step(to); ended > 0 && sent < requests.length; sent++) if (send(sent, state.nowMs)) ended--;
		}
	} else {
		let at = 0;
		const waits = gaps(experiment, arrivals);
		for (; sent < requests.length; sent++) {
			// A queue of a few hundred arrivals ahead is enough, and cheaper than one of all.
			if (arrivals.kind !== 'batch' && sent % AHEAD === 0) step(at);
			send(sent, at);
			at += waits[sent] ?? 0;
		}
		step(FAR);
	}
	const durationMs = done.reduce((most, f) => Math.max(most, f.finishMs), 0);
	return { finished: done, durationMs, steps: state.counters.steps, preemptions: state.counters.preemptions };
}

/** Several runs as one: what they say of requests together, one after another. */
export function pooled(runs: readonly Outcome[]): Outcome {
	const sum = (of: (run: Outcome) => number): number => runs.reduce((total, run) => total + of(run), 0);
	return {
		finished: runs.flatMap((run) => run.finished),
		durationMs: sum((run) => run.durationMs),
		steps: sum((run) => run.steps),
		preemptions: sum((run) => run.preemptions),
	};
}

/** Value at share `q` of sorted numbers, interpolated as numpy does. */
export function quantile(values: readonly number[], q: number): number {
	if (values.length === 0) return Number.NaN;
	const sorted = [...values].sort((a, b) => a - b);
	const at = (sorted.length - 1) * q;
	const low = sorted[Math.floor(at)] ?? Number.NaN;
	const high = sorted[Math.ceil(at)] ?? low;
	return low + (high - low) * (at - Math.floor(at));
}

export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
