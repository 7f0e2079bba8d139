/** Accuracy and speed of the serving model, on the rows that were kept from its fit. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseRecords } from '../../server/simulator/serving/csv.ts';
import { deployment } from '../../server/simulator/serving/deployment.ts';
import { engineConfig } from '../../server/simulator/serving/engine.ts';
import { play } from '../../server/simulator/serving/experiment.ts';
import { findGpu } from '../../server/simulator/serving/hardware.ts';
import { findModel } from '../../server/simulator/serving/models.ts';
import { predictRow } from '../../server/simulator/serving/predict.ts';
import { type Miss, missQuantile, type Score, scoreTable } from '../../server/simulator/serving/score.ts';
import { drawLengths } from '../../server/simulator/serving/setups.ts';
import { print } from './figures.ts';

const data = resolve(import.meta.dirname, '../../server/simulator/serving/data');
const rowsOf = (file: string) => parseRecords(readFileSync(join(data, file), 'utf8')).rows;

function figure(metric: string, value: number, unit: string, n: number): void {
	print({ bench: 'serving', metric, value, unit, n });
}

function perSource(name: string, misses: readonly Miss[]): void {
	for (const src of [...new Set(misses.map((m) => m.src))].sort()) {
		const own = misses.filter((m) => m.src === src);
		figure(`${name}_error_median_pct[${src}]`, missQuantile(own, 0.5), '%', own.length);
	}
}

/** An hour of an 8B model on an H100 at 8 requests a second, every request and step of it, on this one thread. */
function speed(): void {
	const model = findModel('Llama-3.1-8B');
	const gpu = findGpu('H100');
	if (model === undefined || gpu === undefined) throw new Error('the tables lack the model or the card');
	const config = engineConfig(deployment(model, gpu, 1, 11, { maxModelLen: 8192 }));
	const requests = drawLengths(
		8 * 3600,
		(q) => 100 + 900 * q,
		(q) => 50 + 400 * q,
		1,
	);
	const started = performance.now();
	const outcome = play(config, { requests, arrivals: { kind: 'open', rate: 8 }, seed: 1 });
	const seconds = (performance.now() - started) / 1000;
	figure('speed_x_realtime', outcome.durationMs / 1000 / seconds, 'x', outcome.finished.length);
}

function kv(): void {
	const errors = rowsOf('memory.csv').map((row) => {
		const p = predictRow(row);
		return 'error' in p ? Number.POSITIVE_INFINITY : Math.abs(p.kv_tokens / Number(row['kv_tokens']) - 1) * 100;
	});
	figure('kv_error_max_pct', Math.max(...errors), '%', errors.length);
}

export async function serving(): Promise<void> {
	speed();
	const started = performance.now();
	const s: Score = scoreTable(rowsOf('check.csv'));
	figure('check_speed_x_realtime', s.virtualMs / (performance.now() - started), 'x', s.tpot.length + s.e2e.length);
	figure('tpot_error_median_pct', missQuantile(s.tpot, 0.5), '%', s.tpot.length);
	figure('tpot_error_p90_pct', missQuantile(s.tpot, 0.9), '%', s.tpot.length);
	figure('e2e_error_median_pct', missQuantile(s.e2e, 0.5), '%', s.e2e.length);
	figure('e2e_error_p90_pct', missQuantile(s.e2e, 0.9), '%', s.e2e.length);
	figure('ttft_error_median_pct', missQuantile(s.ttft, 0.5), '%', s.ttft.length);
	figure('throughput_error_median_pct', missQuantile(s.throughput, 0.5), '%', s.throughput.length);
	kv();
	figure('ttft_overloaded_error_median_pct', missQuantile(s.queued, 0.5), '%', s.queued.length);
	figure('unpredicted_rows', s.unpredicted.length, 'rows', s.unpredicted.length);
	perSource('tpot', s.tpot);
	perSource('e2e', s.e2e);
	perSource('ttft', s.ttft);
	perSource('throughput', s.throughput);
}
