import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { predictTable } from '../../cli/serving-predict.ts';
import { SERVING_LIMITS } from '../limits.ts';
import { csvLine, parseCsv, parseRecords } from './csv.ts';
import { deployment } from './deployment.ts';
import { engineConfig } from './engine.ts';
import { mean, play, quantile } from './experiment.ts';
import { findGpu } from './hardware.ts';
import { findModel } from './models.ts';
import { caseOf, predictCase, predictRow, type Row } from './predict.ts';
import { missQuantile, scoreTable } from './score.ts';
import { drawLengths } from './setups.ts';
import { expertsTouched } from './step.ts';

const table = (name: string) => parseRecords(readFileSync(join(import.meta.dirname, 'data', name), 'utf8')).rows;

const row: Row = {
	src: 'X',
	engine_version: '0.11.0',
	model: 'Llama-3.1-8B',
	precision: 'bf16',
	gpu: 'H100',
	tp: '1',
	load: 'closed',
	isl: '512',
	osl: '128',
	concurrency: '4',
};
const predicted = (over: Row = {}) => {
	const p = predictRow({ ...row, ...over });
	if ('error' in p) throw new Error(p.error);
	return p;
};

describe('accuracy on rows that no constant was fitted on', () => {
	// Bounds a little above what the fit reaches; `npm run bench -- serving` prints the figures themselves.
	const score = scoreTable(table('check.csv'));

	it('predicts every row', () => expect(score.unpredicted).toEqual([]));
	it('time per output token', () => {
		expect(score.tpot.length).toBeGreaterThanOrEqual(19);
		expect(missQuantile(score.tpot, 0.5)).toBeLessThan(4);
		expect(missQuantile(score.tpot, 0.9)).toBeLessThan(15);
	});
	it('end-to-end latency', () => {
		expect(score.e2e.length).toBeGreaterThanOrEqual(78);
		expect(missQuantile(score.e2e, 0.5)).toBeLessThan(5);
		expect(missQuantile(score.e2e, 0.9)).toBeLessThan(13);
	});
	it('time to the first token, without overload', () => expect(missQuantile(score.ttft, 0.5)).toBeLessThan(9));
	it('throughput at the limit', () => expect(missQuantile(score.throughput, 0.5)).toBeLessThan(8));
});

describe('what a prediction must do whatever the constants are', () => {
	it('is the same every time', () => expect(predicted()).toEqual(predicted()));

	it('is faster on a faster card, and slower with more clients', () => {
		const at = (gpu: string, concurrency = '4') => predicted({ gpu, concurrency }).tpot_ms;
		expect(at('H200')).toBeLessThan(at('H100'));
		expect(at('H100')).toBeLessThan(at('A100-80GB'));
		expect(at('A100-80GB')).toBeLessThan(at('A10G'));
		expect(at('A10G')).toBeLessThan(at('L4'));
		expect(at('H100', '64')).toBeGreaterThan(at('H100', '4'));
		expect(at('H100-MIG-3g.40gb')).toBeGreaterThan(at('H100'));
	});

	it('weighs latencies between tokens by tokens where the row says that it did', () => {
		const requests = {
			load: 'open-rate',
			concurrency: '',
			rate_rps: '3',
			isl: '3000',
			osl: '32',
			src: 'S10',
			model: 'CodeLlama-34B',
			engine_version: '0.11.0',
		};
		const between = caseOf({ ...row, ...requests, tpot_stat: 'mean ITL' });
		const each = caseOf({ ...row, ...requests, tpot_stat: 'mean' });
		if ('error' in between || 'error' in each) throw new Error('not understood');
		expect([between.tokenMean, each.tokenMean]).toEqual([true, false]);
		const of = (c: typeof each) => {
			const p = predictCase(c);
			return 'error' in p ? 0 : p.tpot_ms;
		};
		expect(of(between)).not.toBe(of(each));
		expect(of(between) / of(each)).toBeGreaterThan(0.8);
		expect(of(between) / of(each)).toBeLessThan(1.25);
	});

	it('knows how a source served better than its row: two servers of two cards, everything at once', () => {
		const red = caseOf({ src: 'S4', engine_version: '0.5.1', model: 'Llama-2-70B', precision: 'fp8', gpu: 'L40S', gpus: '4', tp: '4', load: 'mlperf-offline' });
		if ('error' in red) throw new Error(red.error);
		expect([red.deployment.tp, red.servers, red.deployment.kv]).toEqual([2, 2, 'fp8']);
		const limit = caseOf({ ...row, src: 'S10', model: 'CodeLlama-34B', load: 'closed-max', concurrency: '31.5', isl: '3001', osl: '31.6' });
		if ('error' in limit) throw new Error(limit.error);
		expect(limit.arrivals).toEqual({ kind: 'batch' });
		expect(limit.collected).toBe(false);
		expect(limit.requests).toHaveLength(40);
	});

	it('gains less than twice from twice the GPUs', () => {
		const one = predicted({ model: 'Qwen3-32B' }).tpot_ms;
		const two = predicted({ model: 'Qwen3-32B', tp: '2' }).tpot_ms;
		expect(two).toBeLessThan(one);
		expect(two).toBeGreaterThan(one / 2);
	});

	it('touches the experts of one token with one, all of them with many', () => {
		expect(expertsTouched(128, 8, 1)).toBeCloseTo(8);
		expect(expertsTouched(128, 8, 64)).toBeCloseTo(94.2, 0);
		expect(expertsTouched(128, 8, 4096)).toBeCloseTo(128);
		expect(expertsTouched(8, 2, 1)).toBeCloseTo(2);
		expect(expertsTouched(0, 0, 9)).toBe(0);
	});

	it('spreads the load over servers where there are more GPUs than one server takes', () => {
		const one = predicted({ concurrency: '8' });
		const four = predicted({ concurrency: '32', gpus: '4', tp: '1' });
		expect(four.out_tok_s).toBeCloseTo(4 * one.out_tok_s, 6);
		expect(four.tpot_ms).toBe(one.tpot_ms);
	});

	it('reads fewer bytes with quantised weights and with few experts', () => {
		expect(predicted({ precision: 'fp8' }).tpot_ms).toBeLessThan(predicted().tpot_ms);
		expect(predicted({ model: 'Qwen3-30B-A3B', concurrency: '1' }).tpot_ms).toBeLessThan(predicted({ model: 'Qwen3-32B', concurrency: '1' }).tpot_ms);
	});

	it('takes an overloaded server for what it is', () => {
		const l4 = predicted({ gpu: 'L4', load: 'open-poisson', rate_rps: '5', isl: '280', osl: '310', concurrency: '' });
		expect(l4.ttft_ms).toBeGreaterThan(5000);
	});

	it('keeps a budget of prompt tokens apart from the decodes it slows down', () => {
		const small = predicted({ isl: '3000', load: 'closed', concurrency: '1', max_num_batched_tokens: '64' });
		const large = predicted({ isl: '3000', load: 'closed', concurrency: '1', max_num_batched_tokens: '4096' });
		expect(small.ttft_ms).toBeGreaterThan(2 * large.ttft_ms);
		expect(Math.abs(small.tpot_ms / large.tpot_ms - 1)).toBeLessThan(0.02);
	});
});

describe('the table on the command line', () => {
	const errorOf = (over: Row): string => {
		const p = predictRow({ ...row, ...over });
		return 'error' in p ? p.error : '';
	};

	it('says what is known where a name is not', () => {
		expect(errorOf({ model: 'meta/Lama-3.1-8b-it' })).toMatch(/^unknown model "meta\/Lama-3.1-8b-it"; closest known: Llama-3.1-8B/);
		expect(errorOf({ gpu: 'Voodoo 2' })).toMatch(/^unknown GPU "Voodoo 2"; known: V100-SXM-16, .*gpu_memory_gib/);
		expect(errorOf({ gpu: 'T400' })).toMatch(/^unknown GPU/);
		expect(errorOf({ model: '' })).toBe('no model: the column "model" is missing or empty');
		expect(errorOf({ gpu: undefined })).toBe('no GPU: the column "gpu" is missing or empty');
		expect(errorOf({ model: 'x'.repeat(1e6) }).length).toBeLessThan(200);
	});

	it('takes a card that is not in the table from its columns', () => {
		const described = { gpu: 'Voodoo 9', gpu_memory_gib: '80', gpu_bandwidth_gbs: '3350', gpu_tflops: '989', gpu_tflops_fp8: '1979' };
		expect(predicted(described).tpot_ms / predicted().tpot_ms).toBeCloseTo(1, 1);
		expect(predicted({ ...described, gpu_bandwidth_gbs: '6700' }).tpot_ms).toBeLessThan(0.75 * predicted().tpot_ms);
		expect(errorOf({ gpu: 'Voodoo 9', gpu_memory_gib: '80' })).toMatch(/^unknown GPU/);
	});

	it('refuses figures that are none or past SERVING_LIMITS, row by row', () => {
		expect(errorOf({ concurrency: 'many' })).toBe('concurrency "many" is no number');
		expect(errorOf({ tp: '-2' })).toBe('tp "-2" is negative');
		expect(errorOf({ concurrency: String(SERVING_LIMITS.predictedConcurrency + 1) })).toContain(`is over ${SERVING_LIMITS.predictedConcurrency}`);
		expect(errorOf({ isl: String(SERVING_LIMITS.predictedTokens + 1) })).toContain(`is over ${SERVING_LIMITS.predictedTokens}`);
		expect(errorOf({ gpus: String(SERVING_LIMITS.predictedGpus + 1) })).toContain(`is over ${SERVING_LIMITS.predictedGpus}`);
		expect(errorOf({ isl: 'ShareGPT', osl: '' })).toBe('');
	});

	it('reads number types from the name where the column is empty', () => {
		const fp8 = predicted({ precision: 'fp8' }).tpot_ms;
		expect(predicted({ precision: '', model: 'neuralmagic/Meta-Llama-3.1-8B-Instruct-FP8' }).tpot_ms).toBe(fp8);
		expect(predicted({ precision: '', model: 'hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4', concurrency: '1' }).tpot_ms).toBeLessThan(fp8);
	});

	it('reads a byte order mark, CRLF, quotes, extra columns, short rows and empty lines', () => {
		const csv = '\ufeff"model", gpu ,load,isl,osl,concurrency,tpot_ms,my note\r\n"Llama-3.1-8B",H100,closed,"1,024",128,4,,"a, b"\r\n\r\nLlama-3.1-8B,L4\r\n';
		const { text, rows, errors } = predictTable(csv);
		expect([rows, errors]).toEqual([2, []]);
		const out = parseRecords(text);
		expect(out.columns.slice(0, 8)).toEqual(['model', 'gpu', 'load', 'isl', 'osl', 'concurrency', 'tpot_ms', 'my note']);
		expect(out.rows.map((r) => Number(r['tpot_ms']) > 0)).toEqual([true, true]);
		expect(out.rows[0]?.['my note']).toBe('a, b');
		expect(predictTable('').rows).toBe(0);
	});

	it('fills the measured columns, keeps the others and says why a row has none', () => {
		const csv = [
			'id,model,gpu,load,isl,osl,concurrency,tpot_ms,note',
			'1,Llama-3.1-8B,H100,closed,512,128,4,,"a ""quoted"", note"',
			'2,acme/secret-7b,H100,closed,512,128,4,9.9,',
			'3,Llama-3.1-8B,Voodoo 2,closed,512,128,4,,',
			'4,Llama-3.1-70B,L4,closed,512,128,4,,',
		].join('\r\n');
		const { text, rows, errors } = predictTable(csv);
		expect(rows).toBe(4);
		expect(errors).toHaveLength(3);
		const out = parseRecords(text);
		expect(out.columns).toEqual([
			'id',
			'model',
			'gpu',
			'load',
			'isl',
			'osl',
			'concurrency',
			'tpot_ms',
			'note',
			'ttft_ms',
			'e2e_ms',
			'out_tok_s',
			'total_tok_s',
			'kv_tokens',
			'error',
		]);
		expect(out.rows[0]).toMatchObject({ id: '1', note: 'a "quoted", note', error: '' });
		expect(Number(out.rows[0]?.['tpot_ms'])).toBeGreaterThan(1);
		expect(out.rows[1]).toMatchObject({ id: '2', tpot_ms: '', error: 'unknown model "acme/secret-7b"; closest known: MPT-7B' });
		expect(out.rows[2]?.['error']).toMatch(/^unknown GPU "Voodoo 2"; known: /);
		expect(out.rows[3]?.['error']).toMatch(/^Llama-3.1-70B does not fit: 131\.\d GiB of weights a GPU on L4$/);
	});

	it('gives the same with the measurements left out', () => {
		const rows = table('check.csv').filter((_, i) => i % 20 === 0);
		for (const r of rows) expect(predictRow({ ...r, ttft_ms: '', tpot_ms: '', e2e_ms: '', out_tok_s: '', total_tok_s: '' })).toEqual(predictRow(r));
	});

	it('writes nothing but a header for an empty table', () => {
		expect(predictTable('model,gpu\n')).toMatchObject({ rows: 0, errors: [] });
	});
});

describe('tables of values', () => {
	it('reads quoted fields, doubled quotes, line ends in quotes and a byte order mark', () => {
		expect(parseCsv('\ufeffa,b\r\n"1,\n2","say ""so"""\n3,')).toEqual([
			['a', 'b'],
			['1,\n2', 'say "so"'],
			['3', ''],
		]);
		expect(csvLine(['a', 'b,c', 'd"e'])).toBe('a,"b,c","d""e"');
	});
});

describe('load', () => {
	it('draws lengths that have their distribution, in an order of the seed', () => {
		const drawn = drawLengths(
			100,
			(q) => 100 + 200 * q,
			() => 50,
			3,
		);
		expect(mean(drawn.map((l) => l.prompt))).toBeCloseTo(200, 0);
		expect(
			drawLengths(
				100,
				(q) => 100 + 200 * q,
				() => 50,
				4,
			),
		).not.toEqual(drawn);
	});

	it('arrives at the rate that was asked for, however few the requests and whatever the seed', () => {
		const model = findModel('Qwen2.5-0.5B');
		const gpu = findGpu('H100');
		if (model === undefined || gpu === undefined) throw new Error('tables');
		const config = engineConfig(deployment(model, gpu, 1, 15, { maxModelLen: 2048 }));
		const requests = Array.from({ length: 200 }, () => ({ prompt: 10, output: 1 }));
		const last = [1, 2, 3].map((seed) => play(config, { requests, arrivals: { kind: 'open', rate: 10 }, seed }).durationMs);
		// 199 waits of 100 ms at the mean, and the last request itself.
		for (const ms of last) expect(Math.abs(ms / 19900 - 1)).toBeLessThan(0.05);
		expect(new Set(last).size).toBe(3);
	});

	it('interpolates quantiles', () => {
		expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
		expect(quantile([], 0.5)).toBeNaN();
	});

	it('keeps a closed loop at its number of clients and sends every request', () => {
		const config = {
			costs: {
				fixed: 10,
				prefillFixed: 0,
				perSequence: 0,
				launch: 0,
				prefillLaunch: 0,
				besideSequence: 0,
				kernels: 0,
				denseRead: 0,
				densePerToken: 0,
				experts: 0,
				expertsActive: 0,
				expertRead: 0,
				expertPerToken: 0,
				headRead: 0,
				headPerRow: 0,
				perContext: 0,
				window: 0,
				perWindowContext: 0,
				perPromptWork: 0,
				windowPromptShare: 0,
				reducePerToken: 0,
				oneStageTokens: 1e9,
				reduceTwo: 0,
				overlap: 2,
			},
			blocks: 1000,
			windowBlocks: 0,
			maxNumSeqs: 100,
			budget: 1000,
			maxModelLen: 1000,
			chunked: true,
			prefixCaching: false,
			lateOutputs: false,
			frontMs: 0,
			promptMs: 0,
		};
		const requests = Array.from({ length: 12 }, () => ({ prompt: 10, output: 10 }));
		const outcome = play(config, { requests, arrivals: { kind: 'closed', concurrency: 3 }, seed: 1 });
		// Four rounds of three requests, each ten steps of 10 ms.
		expect(outcome.durationMs).toBeCloseTo(400, 6);
		expect(outcome.finished.map((f) => [f.ttftMs, f.tpotMs, f.e2eMs].map((x) => Math.round(x ?? -1)))).toEqual(requests.map(() => [10, 10, 100]));
	});
});
