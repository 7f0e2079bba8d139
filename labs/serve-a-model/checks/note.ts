/** Do the figures of the capacity note agree with what a run measures? */
import { type CheckFunction, fail, pass } from '../../../server/grading/check.ts';
import { agrees, readFigures } from '../../../server/grading/figures.ts';
import { annotatedMetrics, gpuContainer } from '../../../server/grading/kube.ts';
import { briefLoad, PRICE, readyServers } from '../app.ts';

const FILE = '/home/learner/serve/capacity.md';

/** Tokens of one server's KV cache, from `vllm:cache_config_info`. */
function cacheTokens(metrics: string): number | undefined {
	const line = metrics.split('\n').find((l) => l.startsWith('vllm:cache_config_info'));
	const of = (label: string): number => Number(new RegExp(`${label}="(\\d+)"`).exec(line ?? '')?.[1] ?? Number.NaN);
	const tokens = of('num_gpu_blocks') * of('block_size');
	return Number.isFinite(tokens) ? tokens : undefined;
}

export const note: CheckFunction = async (c) => {
	const expected =
		'every figure of ~/serve/capacity.md is there and agrees with a run of the same load (counts exactly, the cache to 2 %, TPOT to 10 %, throughput to 15 %, TTFT to 25 %)';
	const text = await c.files.read(FILE);
	if (text === undefined) return fail(expected, '~/serve/capacity.md is not there');
	const f = readFigures(text);
	const pods = await readyServers(c);
	const first = pods[0];
	const page = first === undefined ? 'no server is ready' : await annotatedMetrics(c, first);
	const tokens = typeof page === 'string' ? undefined : cacheTokens(page.text);
	const run = await briefLoad(c);
	const gpus = pods.reduce((n, p) => n + Number(gpuContainer(p)?.['resources']?.limits?.['nvidia.com/gpu'] ?? 0), 0);
	const throughput = f.get('Output throughput') ?? run.throughput;
	const rows: readonly (readonly [label: string, measured: number | undefined, share: number])[] = [
		['Replicas', pods.length, 0],
		['GPUs', gpus, 0],
		['KV cache of one replica', tokens, 0.02],
		['TTFT p95', run.ttft, 0.25],
		['TPOT p95', run.tpot, 0.1],
		['Output throughput', run.throughput, 0.15],
		// What an hour of the cards costs over what they put out in it, by the note's own throughput.
		['Cost of a million output tokens', (PRICE * gpus * 1e6) / (throughput * 3600), 0.05],
	];

	const missing = rows.filter(([label]) => f.get(label) === undefined).map(([label]) => label);
	if (missing.length > 0) return fail(expected, `no figure for ${missing.join(', ')}`);
	const wrong = rows.flatMap(([label, measured, share]) => {
		const claimed = f.get(label) ?? 0;
		if (measured === undefined) return [`${label} could not be read from the server's metrics`];
		return agrees(claimed, measured, share) ? [] : [`${label}: the note says ${claimed}, the run ${Number(measured.toFixed(1))}`];
	});
	return wrong.length === 0 ? pass(`${rows.length} figures agree`) : fail(expected, wrong.join('; '));
};
