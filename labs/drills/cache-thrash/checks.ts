/** G2: a batch that the cache cannot hold. */
import { type CheckContext, type CheckFunction, type CheckTable, fail, pass } from '../../../server/grading/check.ts';
import { annotatedMetrics, counter } from '../../../server/grading/kube.ts';
import { allAnew, complete, diagnosis, ready } from '../served.ts';

/** ~/replay.sh, for so many ms of the cluster's clock. */
const REPLAY = { atOnce: 110, input: 1000, output: 300, ms: 120_000 };
/** ms a token, mean; output tokens a second. The set-up before the change: 72 ms and 511. */
const TARGETS = { tpot: 90, throughput: 460 };

interface Replay {
	readonly preemptions: number;
	readonly tpot: number;
	readonly throughput: number;
	readonly failed: number;
}

async function metric(c: CheckContext, name: string): Promise<number> {
	const [pod] = await ready(c);
	const page = pod === undefined ? '' : await annotatedMetrics(c, pod);
	return typeof page === 'string' ? 0 : (counter(page.text, name) ?? 0);
}

async function replay(c: CheckContext, forMs = REPLAY.ms): Promise<Replay> {
	const names = [
		'vllm:num_preemptions_total',
		'vllm:request_time_per_output_token_seconds_sum',
		'vllm:request_time_per_output_token_seconds_count',
		'vllm:generation_tokens_total',
	];
	const read = (): Promise<number[]> => Promise.all(names.map((n) => metric(c, n)));
	const before = await read();
	const begun = c.clock.now();
	let serial = c.seed;
	let failed = 0;
	const client = async (): Promise<void> => {
		while (c.clock.now() < begun + forMs && failed < REPLAY.atOnce) if (!(await complete(c, REPLAY.input, REPLAY.output, serial++)).ok) failed++;
	};
	await Promise.all(Array.from({ length: REPLAY.atOnce }, client));
	const after = await read();
	const [preemptions = 0, seconds = 0, count = 0, tokens = 0] = after.map((n, i) => n - (before[i] ?? 0));
	return { preemptions, tpot: count === 0 ? 0 : (1000 * seconds) / count, throughput: (1000 * tokens) / (c.clock.now() - begun), failed };
}

const words = (r: Replay): string =>
	r.failed > 0 ? `${r.failed} requests failed` : `${r.preemptions} preempted, ${r.tpot.toFixed(0)} ms a token, ${r.throughput.toFixed(0)} tokens/s`;

const runs = new WeakMap<object, Promise<Replay>>();
const asItStands = (context: CheckContext): Promise<Replay> => {
	const run = runs.get(context.network) ?? context.inFork(replay);
	runs.set(context.network, run);
	return run;
};

export const symptom: CheckFunction = async (context) => {
	const r = await asItStands(context);
	return r.preemptions > 0 ? pass(words(r)) : fail('requests are preempted', words(r));
};

const mitigated: CheckFunction = async (context) => {
	const expected = `under ~/replay.sh no request is preempted or fails, and a token takes ${TARGETS.tpot} ms at most`;
	const r = await asItStands(context);
	return r.failed === 0 && r.preemptions === 0 && r.tpot > 0 && r.tpot <= TARGETS.tpot ? pass(words(r)) : fail(expected, words(r));
};

const durable: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'with the server deleted, the one that replaces it holds as well';
		if (!(await allAnew(c, 1))) return fail(expected, 'no server came up again');
		const r = await replay(c, 40_000);
		return r.failed === 0 && r.preemptions === 0 ? pass(words(r)) : fail(expected, words(r));
	});

const invariants: CheckFunction = async (context) => {
	const expected = `at least ${TARGETS.throughput} tokens/s under ~/replay.sh, and a request of 6,000 tokens is answered`;
	const r = await asItStands(context);
	if (r.throughput < TARGETS.throughput) return fail(expected, words(r));
	const long = await context.inFork((c) => complete(c, 6000, 20));
	return long.ok ? pass(words(r)) : fail(expected, `a request of 6,000 tokens came to ${long.words}`);
};

export const checks: CheckTable = { mitigated, durable, invariants, diagnosis: diagnosis(['deployment/llama'], ['gpu-memory']) };
