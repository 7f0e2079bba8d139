/** `vllm bench serve`: load for a served model, with the flags and the table of vLLM's own. */
import { LIMITS } from '../../../limits.ts';
import type { Command, CommandContext } from '../../command.ts';
import { drive, type Measured, measure, type Plan, type Sender } from '../../../traffic/drive.ts';
import { DATASETS, prompts } from '../../../traffic/prompts.ts';
import { progressBar } from './progress.ts';
import { METRIC_NAMES, report } from './report.ts';
import { type Options, resultFile, resultOf } from './result.ts';

const HELP = `usage: vllm bench serve [options]

  --base-url URL              Server or API base url if not using http host and port.
  --host HOST                 (default: 127.0.0.1)
  --port PORT                 (default: 8000)
  --endpoint ENDPOINT         API endpoint. (default: /v1/completions)
  --backend {vllm,openai,openai-chat}
  --model MODEL               Name of the model, as served.
  --dataset-name {random,sharegpt,rag,code}
  --num-prompts N             Number of prompts to process. (default: 1000)
  --random-input-len N        (default: 1024)
  --random-output-len N       (default: 128)
  --random-range-ratio R      (default: 0.0)
  --random-prefix-len N       Tokens that all prompts begin with. (default: 0)
  --request-rate R            Requests per second; inf sends all at once. (default: inf)
  --burstiness B              (default: 1.0)
  --max-concurrency N
  --ignore-eos
  --goodput KEY:MS [KEY:MS …] Requests within these count as good; keys: ttft, tpot, e2el.
  --percentile-metrics LIST   (default: ttft,tpot,itl)
  --metric-percentiles LIST   (default: 99)
  --seed SEED                 (default: 0)
  --disable-tqdm
  --save-result, --save-detailed, --result-dir DIR, --result-filename FILE
  --metadata KEY=VALUE [KEY=VALUE …]

Time passes as fast as it can be computed while a benchmark runs.
`;

const FLAGS = new Set(['ignore-eos', 'save-result', 'save-detailed', 'disable-tqdm', 'trust-remote-code']);
const VALUES = new Set(
	'base-url host port endpoint backend model served-model-name tokenizer dataset-name num-prompts random-input-len random-output-len random-range-ratio random-prefix-len request-rate burstiness max-concurrency percentile-metrics metric-percentiles seed result-filename result-dir label dataset-path'.split(
		' ',
	),
);

/** Flags that take all the words up to the next flag. */
const LISTS = new Set(['goodput', 'metadata', 'header']);

function parse(args: readonly string[]): Options | { readonly error: string } {
	const out: { [flag: string]: string } = {};
	for (let i = 0; i < args.length; i++) {
		const [name = '', inline] = (args[i] ?? '').replace(/^--/, '').split(/=(.*)/s, 2);
		if (!(args[i] ?? '').startsWith('--') || (!FLAGS.has(name) && !VALUES.has(name) && !LISTS.has(name)))
			return { error: `unrecognized arguments: ${args[i]}` };
		if (LISTS.has(name)) {
			const words = inline === undefined ? [] : [inline];
			while (i + 1 < args.length && args[i + 1]?.startsWith('--') === false) words.push(args[++i] ?? '');
			if (words.length === 0) return { error: `argument --${name}: expected at least one argument` };
			out[name] = words.join('\n');
			continue;
		}
		const value = FLAGS.has(name) ? 'true' : (inline ?? args[++i]);
		if (value === undefined) return { error: `argument --${name}: expected one argument` };
		out[name] = value;
	}
	return out;
}

function planOf(o: Options, model: string, base: string): Plan {
	const chat = (o['backend'] ?? 'vllm').endsWith('chat');
	const rate = Number(o['request-rate'] ?? 'inf');
	return {
		base,
		endpoint: o['endpoint'] ?? (chat ? '/v1/chat/completions' : '/v1/completions'),
		chat,
		model,
		apiKey: undefined,
		prompts: prompts({
			dataset: o['dataset-name'] ?? 'random',
			count: Number(o['num-prompts'] ?? 1000),
			input: Number(o['random-input-len'] ?? 1024),
			output: Number(o['random-output-len'] ?? 128),
			ratio: Number(o['random-range-ratio'] ?? 0),
			prefix: Number(o['random-prefix-len'] ?? 0),
			seed: Number(o['seed'] ?? 0),
		}),
		rate: Number.isFinite(rate) ? rate : undefined,
		burstiness: Number(o['burstiness'] ?? 1),
		concurrency: o['max-concurrency'] === undefined ? undefined : Number(o['max-concurrency']),
		ignoreEos: o['ignore-eos'] !== undefined || (o['dataset-name'] ?? 'random') === 'random',
	};
}

function numberFault(o: Options): string | undefined {
	const positive = ['num-prompts', 'request-rate', 'burstiness', 'max-concurrency', 'random-input-len', 'random-output-len'];
	const wrong = positive.find((name) => {
		const text = o[name];
		return text !== undefined && !(name === 'request-rate' && text === 'inf') && !(Number(text) > 0);
	});
	const set = o['dataset-name'];
	if (set !== undefined && set !== 'random' && !DATASETS.includes(set))
		return `argument --dataset-name: invalid choice: '${set}' (choose from ${['random', ...DATASETS].map((d) => `'${d}'`).join(', ')})`;
	const backend = o['backend'];
	if (backend !== undefined && !BACKENDS.includes(backend))
		return `argument --backend: invalid choice: '${backend}' (choose from ${BACKENDS.map((b) => `'${b}'`).join(', ')})`;
	const ratio = Number(o['random-range-ratio'] ?? 0);
	if (!(ratio >= 0 && ratio < 1)) return 'argument --random-range-ratio: must be in [0, 1)';
	if (Number(o['num-prompts'] ?? 0) > LIMITS.benchPrompts) return `argument --num-prompts: at most ${LIMITS.benchPrompts} here, got ${o['num-prompts']}`;
	return wrong === undefined ? undefined : `argument --${wrong}: invalid value: '${o[wrong]}'`;
}

const BACKENDS: readonly string[] = ['vllm', 'openai', 'openai-chat'];

/** Service level objectives, ms; models `check_goodput_args`. */
function goodputOf(text: string | undefined): { readonly [metric: string]: number } | { readonly fault: string } {
	const out: { [metric: string]: number } = {};
	for (const pair of text === undefined ? [] : text.split('\n')) {
		const [name = '', value = ''] = pair.split(':');
		const ms = Number(value);
		if (value === '' || Number.isNaN(ms))
			return {
				fault:
					'argparse.ArgumentTypeError: Invalid format found for service level objectives. Specify service level objectives for goodput as "KEY:VALUE" pairs, where the key is a metric name, and the value is a number in milliseconds.',
			};
		if (!['ttft', 'tpot', 'e2el'].includes(name))
			return {
				fault: `ValueError: Invalid metric name found, ${name}: ${ms}. The service level objective name should be one of ['ttft', 'tpot', 'e2el']. `,
			};
		if (ms < 0) return { fault: `ValueError: Invalid value found, ${name}: ${ms}. The service level objective value should be non-negative.` };
		out[name] = ms;
	}
	return out;
}

/** The first model that the server lists: what is asked for where `--model` is left out. */
async function firstModel(base: string, headers: { readonly [name: string]: string }, context: CommandContext): Promise<string | { readonly error: string }> {
	const result = await context.network.request({ method: 'GET', url: `${base}/v1/models`, headers, signal: context.io.signal });
	if (!result.ok) return { error: `Cannot connect to host ${base.replace(/^https?:\/\//, '')} [${result.error}]` };
	try {
		const body = result.response.protocol === 'http' ? (JSON.parse(result.response.body) as { readonly data?: readonly { readonly id: string }[] }) : {};
		return body.data?.[0]?.id ?? { error: 'No models found on the server' };
	} catch {
		return { error: 'No models found on the server: its answer is no JSON' };
	}
}

async function benchServe(args: readonly string[], context: CommandContext): Promise<number> {
	const { io } = context;
	const by: Sender = { network: context.network, clock: context.clock, sleep: (ms) => context.sleep(ms), signal: io.signal };
	const o = parse(args);
	const fault = 'error' in o && o['error'] !== undefined ? o['error'] : numberFault(o as Options);
	if (fault !== undefined) {
		io.stderr(`usage: vllm bench serve [options]\nvllm bench serve: error: ${fault}\n`);
		return 2;
	}
	const options = o as Options;
	const goodput = goodputOf(options['goodput']);
	if ('fault' in goodput) {
		io.stderr(`${goodput.fault}\n`);
		return 1;
	}
	const base = (options['base-url'] ?? `http://${options['host'] ?? '127.0.0.1'}:${options['port'] ?? '8000'}`).replace(/\/$/, '');
	const apiKey = context.env['OPENAI_API_KEY'];
	const model =
		options['served-model-name'] ?? options['model'] ?? (await firstModel(base, apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }, context));
	if (typeof model !== 'string') {
		io.stderr(`ValueError: ${model.error}\n`);
		return 1;
	}
	const plan: Plan = { ...planOf(options, model, base), apiKey };
	const count = Number(options['num-prompts'] ?? 1000);
	io.stdout('Starting initial single prompt test run...\n');
	const [prompt] = plan.prompts;
	const trial = prompt === undefined ? undefined : await measure(plan, { ...prompt, output: Math.min(prompt.output, 16) }, by);
	if (trial?.ok !== true) {
		io.stderr(`ValueError: Initial test run failed - Please make sure benchmark arguments are correctly specified. Error: ${trial?.error ?? 'no prompts'}\n`);
		return 1;
	}
	io.stdout('Initial test run completed. Starting main benchmark run...\n');
	io.stdout(
		`Traffic request rate: ${plan.rate ?? 'inf'}\nBurstiness factor: ${plan.burstiness} (${plan.burstiness === 1 ? 'Poisson process' : 'Gamma distribution'})\n`,
	);
	io.stdout(`Maximum request concurrency: ${plan.concurrency ?? 'None'}\n`);
	const shown = options['disable-tqdm'] === undefined ? progressBar(io, count, () => context.clock.now()) : undefined;
	const release = context.clock.hurry?.();
	let results: readonly Measured[];
	try {
		results = await drive(plan, Number(options['seed'] ?? 0), by, () => shown?.step());
	} finally {
		release?.();
		shown?.end();
	}
	if (io.signal.aborted || results.length === 0) return 130;
	const metrics = (options['percentile-metrics'] ?? 'ttft,tpot,itl').split(',').filter((m) => METRIC_NAMES.includes(m));
	const percentiles = (options['metric-percentiles'] ?? '99').split(',').map(Number);
	const summary = report(results, { metrics, percentiles, concurrency: plan.concurrency, rate: plan.rate, goodput });
	io.stdout(summary.text);
	context.measured({ label: options['label'] ?? model, figures: summary.fields });
	if (options['save-result'] !== undefined || options['result-filename'] !== undefined)
		await context.files.write(
			resultFile(options, plan, context.clock.now()),
			`${JSON.stringify(resultOf(options, plan, summary.fields, results, context.clock.now()))}\n`,
		);
	return 0;
}

export const vllm: Command = {
	name: 'vllm',
	summary: 'measure a served model (vllm bench serve)',
	help: HELP,
	async run(args, context) {
		if (args[0] === 'bench' && args[1] === 'serve') {
			if (args.includes('--help') || args.includes('-h')) context.io.stdout(HELP);
			else return benchServe(args.slice(2), context);
			return 0;
		}
		context.io.stderr(
			'usage: vllm bench serve [options]\nvllm: error: this workstation has no GPU: servers run in the cluster (image vllm/vllm-openai), here is the benchmark alone\n',
		);
		return 2;
	},
};
