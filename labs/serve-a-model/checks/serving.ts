/** Does the model answer, fast enough, at the brief's load? And are its cards what it asked for? */
import { type CheckFunction, fail, pass } from '../../../server/grading/check.ts';
import { annotatedMetrics, bodyOf, counter, describe, restartsOf, statusOf, gpuContainer } from '../../../server/grading/kube.ts';
import type { KubeObject } from '../../../server/grading/readers.ts';
import { drive } from '../../../server/traffic/drive.ts';
import { inMs, senderIn } from '../../../server/grading/traffic.ts';
import { briefLoad, DOOR, LOAD, MODEL, NAMESPACE, planFor, readyServers, servers, TARGETS } from '../app.ts';

/** Why the first server that ended did so: the error above its last traceback. */
async function lastWords(c: Parameters<CheckFunction>[0], pods: readonly KubeObject[]): Promise<string> {
	const ended = pods.find((p) => restartsOf(p) > 0);
	if (ended === undefined) return '';
	const log = await c.api.logs(NAMESPACE, ended.metadata.name, { container: String(gpuContainer(ended)?.['name'] ?? ''), previous: true });
	const error = log.split('\n').find((l) => /(Error|OSError|error): /.test(l));
	return error === undefined ? '' : `; ${ended.metadata.name} had ended with ${error.replace(/^\([^)]*\)\s*/, '').slice(0, 220)}`;
}

export const answers: CheckFunction = (context) =>
	context.inCopy(async (c) => {
		const expected = `POST ${DOOR}/v1/chat/completions for the model "${MODEL}" answers with as many tokens as asked for, from Llama-3.1-8B-Instruct`;
		const pods = await servers(c);
		if (typeof pods === 'string') return fail(expected, pods);
		const models = await c.network.request({ method: 'GET', url: `${DOOR}/v1/models`, timeoutMs: 10_000 });
		if (statusOf(models) !== 200) return fail(expected, `GET /v1/models came to ${describe(models)}${await lastWords(c, pods)}`);
		const r = await c.network.request({
			method: 'POST',
			url: `${DOOR}/v1/chat/completions`,
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: c.token('question') }], max_tokens: 40, ignore_eos: true }),
			timeoutMs: 60_000,
		});
		if (statusOf(r) !== 200) return fail(expected, `it came to ${describe(r)}: ${bodyOf(r).slice(0, 200)}`);
		try {
			const card = (JSON.parse(bodyOf(models)) as { readonly data: readonly { readonly id: string; readonly root?: string }[] }).data.find(
				(m) => m.id === MODEL,
			);
			const answer = JSON.parse(bodyOf(r)) as { readonly usage?: { readonly completion_tokens?: number } };
			if (!/Llama-3\.1-8B-Instruct/i.test(String(card?.root))) return fail(expected, `the model behind "${MODEL}" is ${card?.root}`);
			if (answer.usage?.completion_tokens !== 40) return fail(expected, `the answer says ${answer.usage?.completion_tokens} tokens`);
			return pass(`${card?.root} answered with 40 tokens after ${inMs(r.elapsedMs)}`);
		} catch {
			return fail(expected, 'the answer is no JSON');
		}
	});

export const latency: CheckFunction = async (context) => {
	const expected = `at ${LOAD.rate} requests a second (about ${LOAD.input} tokens in, ${LOAD.output} out) none fails; p95 of TTFT at most ${TARGETS.ttft} ms, of TPOT at most ${TARGETS.tpot} ms`;
	const run = await briefLoad(context);
	const seen = `${run.sent} requests: TTFT p95 ${inMs(run.ttft)}, TPOT p95 ${inMs(run.tpot)}, ${run.throughput.toFixed(0)} tokens/s`;
	if (run.failed > 0) return fail(expected, `${run.failed} of ${run.sent} requests failed (${run.failure})`);
	const missed = [...(run.ttft > TARGETS.ttft ? ['TTFT'] : []), ...(run.tpot > TARGETS.tpot ? ['TPOT'] : [])];
	return missed.length === 0 ? pass(seen) : fail(expected, `${missed.join(' and ')} missed: ${seen}`);
};

/** MiB that a loaded model takes at the least: a card below that is asked for and not used. */
const IN_USE_MIB = 2000;

export const cards: CheckFunction = async (c) => {
	const expected = 'every container sees as many GPUs as its limit says, and the model lies on each of them';
	const pods = await servers(c);
	if (typeof pods === 'string') return fail(expected, pods);
	const seen: string[] = [];
	for (const pod of pods) {
		const container = gpuContainer(pod);
		const limit = Number(container?.['resources']?.limits?.['nvidia.com/gpu'] ?? 0);
		const r = await c.api.exec(
			NAMESPACE,
			pod.metadata.name,
			['nvidia-smi', '--query-gpu=memory.used', '--format=csv,noheader,nounits'],
			String(container?.['name'] ?? ''),
		);
		const used = r.stdout
			.split('\n')
			.filter((l) => /^\d+/.test(l.trim()))
			.map(Number);
		if (limit === 0)
			return fail(expected, `${pod.metadata.name} has no limit for nvidia.com/gpu${used.length > 0 ? ` and sees ${used.length} GPUs all the same` : ''}`);
		if (used.length !== limit) return fail(expected, `${pod.metadata.name} asks for ${limit} and sees ${used.length}`);
		const idle = used.filter((mib) => mib < IN_USE_MIB).length;
		if (idle > 0) return fail(expected, `${pod.metadata.name} holds ${limit} GPUs, and ${idle} of them ${idle === 1 ? 'is' : 'are'} empty`);
		seen.push(`${pod.metadata.name}: ${limit}`);
	}
	return pass(seen.join('; '));
};

async function total(c: Parameters<CheckFunction>[0], pods: readonly KubeObject[]): Promise<number | string> {
	let sum = 0;
	for (const p of pods) {
		const found = await annotatedMetrics(c, p);
		if (typeof found === 'string') return found;
		const n = counter(found.text, 'vllm:generation_tokens_total');
		if (n === undefined) return `the metrics of ${p.metadata.name} have no vllm:generation_tokens_total`;
		sum += n;
	}
	return sum;
}

export const metrics: CheckFunction = (context) =>
	context.inFork(async (c) => {
		const expected = 'following the annotations of every serving pod leads to vllm:generation_tokens_total, which grows with the tokens of the front door';
		const pods = await readyServers(c);
		const before = await total(c, pods);
		if (typeof before === 'string') return fail(expected, before);
		const done = await drive(planFor(c, { count: 12, output: 20, input: 50 }), c.seed, senderIn(c));
		const tokens = done.reduce((n, m) => n + m.output, 0);
		const after = await total(c, pods);
		if (typeof after === 'string') return fail(expected, after);
		return after - before >= tokens
			? pass(`${tokens} tokens moved the counters by ${after - before}`)
			: fail(expected, `${tokens} tokens moved the counters by ${after - before}`);
	});
