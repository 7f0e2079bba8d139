/** Traffic against a served model: streamed requests, one by one or by a plan. Learners send it with `vllm bench serve`, graders send the same. Times are of the sandbox's clock, ms. */
import type { SandboxNetwork } from '../sandboxes/sandbox.ts';
import type { Prompt } from './prompts.ts';
import { randomFrom } from './random.ts';

/** What traffic needs of whoever sends it. */
export interface Sender {
	readonly network: SandboxNetwork;
	readonly clock: { now(): number };
	sleep(ms: number): Promise<void>;
	readonly signal?: AbortSignal;
}

export interface Plan {
	/** `http://host:port`. */
	readonly base: string;
	readonly endpoint: string;
	readonly chat: boolean;
	readonly model: string;
	readonly apiKey: string | undefined;
	readonly prompts: readonly Prompt[];
	/** Requests a second; undefined sends all at once. */
	readonly rate: number | undefined;
	/** 1 is a Poisson process, less is burstier. */
	readonly burstiness: number;
	readonly concurrency: number | undefined;
	readonly ignoreEos: boolean;
	/** Ends the sending of new requests, and those under way, after so many ms. */
	readonly maxMs?: number;
}

/** A plan whose prompts are drawn as they are sent. */
export type Load = Omit<Plan, 'prompts'> & { readonly prompts: Iterable<Prompt> };

export interface Measured {
	readonly ok: boolean;
	/** Why it failed, '' where it didn't; `incomplete` where the run ended first. */
	readonly error: string;
	readonly input: number;
	readonly output: number;
	readonly startedAt: number;
	readonly endedAt: number;
	/** When each piece with text arrived. */
	readonly at: readonly number[];
}

/** A gamma variate with this shape and mean 1 (Marsaglia and Tsang): gaps between arrivals, exponential for shape 1. */
function gamma(shape: number, random: () => number): number {
	if (shape < 1) return (gamma(shape + 1, random) * (shape + 1) * random() ** (1 / shape)) / shape;
	const d = shape - 1 / 3;
	const c = 1 / Math.sqrt(9 * d);
	for (;;) {
		const x = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
		const v = (1 + c * x) ** 3;
		if (v > 0 && Math.log(1 - random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape;
	}
}

/** One request, streamed. */
export async function measure(plan: Load, prompt: Prompt, by: Sender): Promise<Measured> {
	const startedAt = by.clock.now();
	const at: number[] = [];
	let pending = '';
	let output = 0;
	const take = (text: string, now: number): void => {
		pending += text;
		for (let end = pending.indexOf('\n\n'); end >= 0; end = pending.indexOf('\n\n')) {
			const line = pending.slice(0, end);
			pending = pending.slice(end + 2);
			if (!line.startsWith('data: {')) continue;
			const event = JSON.parse(line.slice(6)) as {
				readonly usage?: { readonly completion_tokens?: number } | null;
				readonly choices?: readonly { readonly text?: string; readonly delta?: { readonly content?: string } }[];
			};
			output = event.usage?.completion_tokens ?? output;
			const [choice] = event.choices ?? [];
			if (choice !== undefined && (choice.text ?? choice.delta?.content ?? '') !== '') at.push(now);
		}
	};
	const asked = plan.chat ? { messages: [{ role: 'user', content: prompt.text }] } : { prompt: prompt.text };
	const result = await by.network.request({
		method: 'POST',
		url: `${plan.base}${plan.endpoint}`,
		headers: { 'content-type': 'application/json', ...(plan.apiKey === undefined ? {} : { authorization: `Bearer ${plan.apiKey}` }) },
		body: JSON.stringify({
			model: plan.model,
			...asked,
			temperature: 0,
			max_tokens: prompt.output,
			stream: true,
			stream_options: { include_usage: true },
			...(plan.ignoreEos ? { ignore_eos: true } : {}),
		}),
		...(by.signal === undefined ? {} : { signal: by.signal }),
		onPiece: (text, _head, now) => take(text, now),
	});
	const failed = !result.ok
		? result.error
		: result.response.protocol !== 'http'
			? 'EPROTO'
			: result.response.status === 200
				? ''
				: `HTTP ${result.response.status}: ${result.response.body}`;
	const ok = failed === '' && at.length > 0;
	return { ok, error: failed, input: prompt.input, output: output === 0 ? at.length : output, startedAt, endedAt: at.at(-1) ?? by.clock.now(), at };
}

/** A request that the end of the run cut off. */
export const INCOMPLETE = 'incomplete';

/**
 * Sends the whole plan: open loop at a rate, closed by the number under way at a time. Prompts past the end of the time or after an abort
 * are not sent. `onDone` hears of every request that has ended.
 */
export async function drive(plan: Load, seed: number, by: Sender, onDone: (m: Measured) => void = () => undefined): Promise<readonly Measured[]> {
	const random = randomFrom(seed);
	const results: Promise<Measured | undefined>[] = [];
	const waiting: (() => void)[] = [];
	let free = plan.concurrency ?? Number.POSITIVE_INFINITY;
	const end = new AbortController();
	const stop = (): void => end.abort();
	by.signal?.addEventListener('abort', stop, { once: true });
	if (by.signal?.aborted === true) stop();
	const sender: Sender = { ...by, signal: end.signal };
	const begun = by.clock.now();
	const until = begun + (plan.maxMs ?? Number.POSITIVE_INFINITY);
	// A listener of the end while it lasts: the clock is the sandbox's, which may stand still once nobody waits.
	const timer = plan.maxMs === undefined ? undefined : sleepQuietly(sender, plan.maxMs).then(stop);
	const one = async (prompt: Prompt): Promise<Measured | undefined> => {
		if (free <= 0)
			await new Promise<void>((resolve) => {
				waiting.push(resolve);
			});
		free--;
		try {
			if (end.signal.aborted) return undefined;
			const measured = await measure(plan, prompt, sender);
			const m = end.signal.aborted && !measured.ok ? { ...measured, error: INCOMPLETE } : measured;
			onDone(m);
			return m;
		} finally {
			free++;
			waiting.shift()?.();
		}
	};
	let due = 0;
	for (const prompt of plan.prompts) {
		const wait = begun + due - by.clock.now();
		if (wait > 0) await sleepQuietly(sender, Math.min(wait, Math.max(0, until - by.clock.now())));
		// A closed loop draws its next prompt when there is room for it.
		if (free <= 0 && plan.maxMs !== undefined)
			await new Promise<void>((resolve) => {
				waiting.push(resolve);
			});
		if (end.signal.aborted || by.clock.now() >= until) break;
		results.push(one(prompt));
		if (plan.rate !== undefined) due += (1000 / plan.rate) * (plan.burstiness === Number.POSITIVE_INFINITY ? 1 : gamma(plan.burstiness, random));
	}
	const all = (await Promise.all(results)).filter((m) => m !== undefined);
	stop();
	await timer;
	by.signal?.removeEventListener('abort', stop);
	return all;
}

/** Sleeps, or returns at once when the signal fires. */
async function sleepQuietly(by: Sender, ms: number): Promise<void> {
	if (by.signal?.aborted === true) return;
	let wake = (): void => undefined;
	const aborted = new Promise<void>((resolve) => {
		wake = resolve;
		by.signal?.addEventListener('abort', wake, { once: true });
	});
	try {
		await Promise.race([by.sleep(ms), aborted]);
	} catch (error) {
		// The sandbox's sleep rejects where its command was interrupted: that is what the caller looks at next.
		if (!(error instanceof Error && error.name === 'AbortError')) throw error;
	} finally {
		by.signal?.removeEventListener('abort', wake);
	}
}
