/** `npm run serving:predict -- --csv FILE`: what a table of serving benchmarks should have measured, from specifications alone. */
import { readFileSync } from 'node:fs';
import { fault } from '../errors/catalogue.ts';
import { csvLine, parseRecords } from '../simulator/serving/csv.ts';
import { predictRow, type Row } from '../simulator/serving/predict.ts';
import { readFlags } from './flags.ts';

const HELP = `Usage: npm run serving:predict -- --csv FILE

Reads rows with the columns of server/simulator/serving/data/calibration.csv and writes the same rows, in the same order, as CSV to
standard output, with ttft_ms, tpot_ms, e2e_ms, out_tok_s and total_tok_s replaced by predictions and two columns added:
kv_tokens (size of the KV cache in tokens) and error (why a row has no prediction; empty otherwise).

Columns read: src, engine_version, model, precision, gpu, gpus, tp, load, isl, osl, concurrency, rate_rps, ttft_stat, tpot_stat, and where
present max_model_len, max_num_seqs, max_num_batched_tokens, gpu_memory_utilization. Any may be missing or empty but model and gpu; others
are passed through. Measured columns are never read. A card that is not known is described by gpu_memory_gib, gpu_bandwidth_gbs and
gpu_tflops (dense, 16 bit), and where given gpu_tflops_fp8, gpu_tflops_int8, gpu_sms, gpu_clock_ghz, gpu_link_gbs, gpu_tdp_watts.
A row that can't be predicted has its reason in error and costs no other row; reasons are listed on standard error, too.

  --csv FILE   the table; - is standard input
  --help       this text

Exit code: 0 when a row was predicted, 1 when none was or the file can't be read, 2 for wrong flags.
`;

/** Figures that a prediction fills, with the digits they are written with. */
const FIGURES = { ttft_ms: 2, tpot_ms: 3, e2e_ms: 1, out_tok_s: 2, total_tok_s: 2, kv_tokens: 0 } as const;
type Figure = keyof typeof FIGURES;
const NAMES = Object.keys(FIGURES) as readonly Figure[];

export interface Predicted {
	readonly text: string;
	readonly rows: number;
	readonly errors: readonly string[];
}

/** A row's prediction; a fault of ours costs that row alone and says so in its `error`. */
function predicted(row: Row): ReturnType<typeof predictRow> {
	try {
		return predictRow(row);
	} catch (error) {
		return { error: `internal: ${error instanceof Error ? error.message : String(error)}` };
	}
}

/** The table with predictions in place of measurements. */
export function predictTable(csv: string): Predicted {
	const { columns, rows } = parseRecords(csv);
	const header = [...columns, ...NAMES.filter((n) => !columns.includes(n)), ...(columns.includes('error') ? [] : ['error'])];
	const errors: string[] = [];
	const lines = rows.map((row, i) => {
		const prediction = predicted(row);
		const filled: { [column: string]: string } = { ...row };
		for (const name of NAMES) filled[name] = 'error' in prediction || !Number.isFinite(prediction[name]) ? '' : prediction[name].toFixed(FIGURES[name]);
		filled['error'] = 'error' in prediction ? prediction.error : '';
		if ('error' in prediction) errors.push(`row ${i + 2}: ${prediction.error}`);
		return csvLine(header.map((h) => filled[h] ?? ''));
	});
	return { text: `${[csvLine(header), ...lines].join('\n')}\n`, rows: rows.length, errors };
}

function main(args: readonly string[]): number {
	if (args.includes('--help') || args.includes('-h')) {
		process.stdout.write(HELP);
		return 0;
	}
	let file: string | undefined;
	try {
		file = readFlags(args, { csv: { type: 'string' } }).csv;
		if (file === undefined) throw fault('flag-wrong', { why: '--csv FILE is missing' });
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
		return 2;
	}
	let text: string;
	try {
		text = readFileSync(file === '-' ? 0 : file, 'utf8');
	} catch (error) {
		process.stderr.write(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}\n`);
		return 1;
	}
	const predicted = predictTable(text);
	process.stdout.write(predicted.text);
	for (const e of predicted.errors) process.stderr.write(`${e}\n`);
	if (predicted.rows === 0) process.stderr.write(`${file} has no rows\n`);
	return predicted.errors.length < predicted.rows ? 0 : 1;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
