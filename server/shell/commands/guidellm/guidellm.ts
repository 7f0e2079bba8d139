/** `guidellm benchmark`: load profiles against a served model, with guidellm's flags and tables. */
import { LIMITS } from '../../../limits.ts';
import { drive, type Load, type Sender } from '../../../traffic/drive.ts';
import { type Lengths, promptStream } from '../../../traffic/prompts.ts';
import type { Command, CommandContext } from '../../command.ts';
import { type Benchmark, benchmarkJson, figuresOf, infoTable, measuredFigures, progressLines, statsTable } from './measures.ts';

const RATE_TYPES = ['synchronous', 'concurrent', 'throughput', 'constant', 'poisson', 'sweep'] as const;
type RateType = (typeof RATE_TYPES)[number];

const HELP = `Usage: guidellm benchmark [run] [OPTIONS]

  Run a benchmark against a generative model.

Options:
  --target TEXT          The target path or url for the backend to benchmark.  [required]
  --rate-type TYPE       ${RATE_TYPES.join(', ')}  (default: sweep)
  --rate NUMBER          Requests a second (constant, poisson), streams (concurrent) or the number of strategies (sweep,
                         10 by default); several, parted by commas, run one after another.
  --data TEXT            prompt_tokens=N,output_tokens=N[,prompt_tokens_stdev=N,prompt_tokens_min=N,prompt_tokens_max=N,output_tokens_…]
  --max-seconds NUMBER   Seconds of each strategy, of the sandbox's clock.
  --max-requests NUMBER  Requests of each strategy.
  --model TEXT           As served; the first that the server lists by default.
  --random-seed INTEGER
  --output-path PATH     (default: benchmarks.json)
  --disable-progress
  --help                 Show this message and exit.

Time passes as fast as it can be computed while a benchmark runs.
`;

const VALUES = new Set(
	'target rate-type profile rate data max-seconds max-requests model random-seed output-path backend-type backend processor request-type data-type'.split(' '),
);
const FLAGS = new Set(['disable-progress', 'disable-console-outputs', 'display-scheduler-stats']);

type Options = { readonly [flag: string]: string };

function parse(args: readonly string[]): Options | { readonly fault: string } {
	const out: { [flag: string]: string } = {};
	for (let i = 0; i < args.length; i++) {
		const arg = args[i] ?? '';
		const [name = '', inline] = arg.replace(/^--/, '').split(/=(.*)/s, 2);
		if (!arg.startsWith('--')) return { fault: `Got unexpected extra argument (${arg})` };
		if (FLAGS.has(name)) {
			out[name] = 'true';
			continue;
		}
		if (!VALUES.has(name)) return { fault: `No such option: --${name}` };
		const value = inline ?? args[++i];
		if (value === undefined) return { fault: `Option '--${name}' requires an argument.` };
		out[name] = name === 'rate' && out[name] !== undefined ? `${out[name]},${value}` : value;
	}
	return out;
}

/** Lengths of `--data`; models guidellm's SyntheticDatasetConfig. */
function lengthsOf(text: string, seed: number): Lengths | { readonly fault: string } {
	const fields = new Map<string, number>();
	const pairs: readonly (readonly [string, unknown])[] = text.trim().startsWith('{')
		? Object.entries(jsonOf(text))
		: text.split(',').map((p) => [p.slice(0, p.indexOf('=')).trim(), p.slice(p.indexOf('=') + 1)] as const);
	for (const [name, value] of pairs) {
		const n = Number(value);
		if (!/^(prompt|output)_tokens(_stdev|_min|_max)?$|^samples$/.test(name) || !(n >= 0))
			return { fault: `Invalid value for '--data': ${name}=${String(value)}` };
		fields.set(name, n);
	}
	const [input, output] = [fields.get('prompt_tokens'), fields.get('output_tokens')];
	if (input === undefined || output === undefined || input < 1 || output < 1)
		return { fault: "Invalid value for '--data': prompt_tokens and output_tokens are required and must be at least 1" };
	const spread = (name: string) => ({
		stdev: fields.get(`${name}_stdev`) ?? 0,
		min: fields.get(`${name}_min`) ?? 1,
		max: fields.get(`${name}_max`) ?? Number.POSITIVE_INFINITY,
	});
	return {
		dataset: 'random',
		count: LIMITS.benchPrompts,
		input,
		output,
		ratio: 0,
		prefix: 0,
		seed,
		spread: { input: spread('prompt_tokens'), output: spread('output_tokens') },
	};
}

function jsonOf(text: string): { readonly [field: string]: unknown } {
	try {
		return JSON.parse(text) as { readonly [field: string]: unknown };
	} catch {
		return { data: text };
	}
}

/** guidellm's own ceiling of requests under way (GUIDELLM__MAX_CONCURRENCY). */
const MAX_CONCURRENCY = 512;

interface Strategy {
	readonly name: string;
	readonly rate?: number;
	readonly burstiness?: number;
	readonly concurrency: number;
}

const rated = (type: 'constant' | 'poisson', rate: number): Strategy => ({
	name: `${type}@${rate.toFixed(2)}`,
	rate,
	burstiness: type === 'poisson' ? 1 : Number.POSITIVE_INFINITY,
	concurrency: MAX_CONCURRENCY,
});
const SYNCHRONOUS: Strategy = { name: 'synchronous', concurrency: 1 };
const THROUGHPUT: Strategy = { name: 'throughput', concurrency: MAX_CONCURRENCY };

/** The strategy after those that have run; undefined where all have. A sweep's rates lie evenly between the first two's. */
function nextStrategy(type: RateType, rates: readonly number[], done: readonly Benchmark[]): Strategy | undefined {
	const n = done.length;
	if (type === 'synchronous') return n === 0 ? SYNCHRONOUS : undefined;
	if (type === 'throughput') return n === 0 ? THROUGHPUT : undefined;
	const rate = rates[n];
	if (type === 'concurrent') return rate === undefined ? undefined : { name: `concurrent@${rate}`, concurrency: rate };
	if (type === 'constant' || type === 'poisson') return rate === undefined ? undefined : rated(type, rate);
	const size = rates[0] ?? 10;
	if (n === 0) return SYNCHRONOUS;
	if (n === 1) return THROUGHPUT;
	const [first, second] = done;
	if (n >= size || first === undefined || second === undefined) return undefined;
	const [low, high] = [figuresOf(first).perSecond, figuresOf(second).perSecond];
	return rated('constant', low + ((high - low) * (n - 1)) / (size - 2));
}

function faultOf(o: Options, type: RateType, rates: readonly number[]): string | undefined {
	if (o['target'] === undefined) return "Missing option '--target'.";
	if (!RATE_TYPES.includes(type)) return `Invalid value for '--rate-type': '${type}' is not one of ${RATE_TYPES.map((t) => `'${t}'`).join(', ')}.`;
	if (!/^https?:\/\//.test(o['target'])) return `Invalid value for '--target': '${o['target']}' is no url`;
	const bad = rates.find((r) => !(r > 0) || (type === 'concurrent' && !Number.isInteger(r)));
	if (bad !== undefined) return `Invalid value for '--rate': ${o['rate']}`;
	if (['constant', 'poisson', 'concurrent'].includes(type) && rates.length === 0)
		return `Invalid value for '--rate': rate must be provided for the ${type} profile`;
	if (type === 'sweep' && (rates[0] ?? 10) < 3) return `Invalid value for '--rate': a sweep needs at least 3 strategies`;
	for (const name of ['max-seconds', 'max-requests']) if (o[name] !== undefined && !(Number(o[name]) > 0)) return `Invalid value for '--${name}': ${o[name]}`;
	if (Number(o['max-requests'] ?? 0) > LIMITS.benchPrompts)
		return `Invalid value for '--max-requests': at most ${LIMITS.benchPrompts} here, got ${o['max-requests']}`;
	if (o['max-seconds'] === undefined && o['max-requests'] === undefined)
		return "Missing option '--max-seconds' or '--max-requests': without either a strategy has no end.";
	return undefined;
}

const FAILED = 'RuntimeError: Backend validation request failed. Could not connect to the server or validate the backend configuration.';

async function firstModel(target: string, context: CommandContext): Promise<string | undefined> {
	const result = await context.network.request({ method: 'GET', url: `${target}/v1/models`, signal: context.io.signal });
	if (!result.ok || result.response.protocol !== 'http' || result.response.status !== 200) return undefined;
	return (jsonOf(result.response.body)['data'] as readonly { readonly id?: string }[] | undefined)?.[0]?.id;
}

async function benchmark(args: readonly string[], context: CommandContext): Promise<number> {
	const { io } = context;
	const refuse = (why: string): number => {
		io.stderr(`Usage: guidellm benchmark run [OPTIONS]\nTry 'guidellm benchmark run --help' for help.\n\nError: ${why}\n`);
		return 2;
	};
	const o = parse(args);
	if ('fault' in o && o['fault'] !== undefined) return refuse(o['fault']);
	const options = o as Options;
	const type = (options['rate-type'] ?? options['profile'] ?? 'sweep') as RateType;
	const rates = (options['rate'] ?? '').split(',').flatMap((r) => (r.trim() === '' ? [] : [Number(r)]));
	const lengths = lengthsOf(options['data'] ?? 'prompt_tokens=256,output_tokens=128', Number(options['random-seed'] ?? 42));
	const wrong = faultOf(options, type, rates) ?? ('fault' in lengths ? lengths.fault : undefined);
	if (wrong !== undefined || 'fault' in lengths) return refuse(wrong ?? '');
	const target = (options['target'] ?? '').replace(/\/(v1\/?)?$/, '');
	io.stdout('Creating backend...\n');
	const served = await firstModel(target, context);
	if (served === undefined) {
		io.stderr(`${FAILED}\n`);
		return 1;
	}
	const model = options['model'] ?? served;
	io.stdout(
		`Backend openai_http connected to ${target} for model ${model}.\nCreating request loader...\nCreated loader with ${LIMITS.benchPrompts} unique requests from ${options['data'] ?? 'prompt_tokens=256,output_tokens=128'}.\n\n`,
	);
	const seconds = options['max-seconds'] === undefined ? undefined : Number(options['max-seconds']);
	const count = Math.min(LIMITS.benchPrompts, Number(options['max-requests'] ?? LIMITS.benchPrompts));
	const by: Sender = { network: context.network, clock: context.clock, sleep: (ms) => context.sleep(ms), signal: io.signal };
	const done: Benchmark[] = [];
	const release = context.clock.hurry?.();
	try {
		for (let s = nextStrategy(type, rates, done); s !== undefined; s = nextStrategy(type, rates, done)) {
			const chat = options['request-type'] === 'chat_completions';
			const plan: Load = {
				base: target,
				endpoint: chat ? '/v1/chat/completions' : '/v1/completions',
				chat,
				model,
				apiKey: context.env['OPENAI_API_KEY'] ?? context.env['GUIDELLM__OPENAI__API_KEY'],
				prompts: promptStream({ ...lengths, count, seed: lengths.seed + done.length }),
				rate: s.rate,
				burstiness: s.burstiness ?? 1,
				concurrency: s.concurrency,
				ignoreEos: true,
				...(seconds === undefined ? {} : { maxMs: seconds * 1000 }),
			};
			const startedAt = context.clock.now();
			const all = await drive(plan, lengths.seed, by);
			if (io.signal.aborted) return 130;
			const one: Benchmark = { strategy: s.name, startedAt, endedAt: context.clock.now(), all };
			done.push(one);
			context.measured({ label: s.name, figures: measuredFigures(one) });
			if (options['disable-progress'] === undefined) io.stdout(progressLines(done.at(-1) as Benchmark));
			if (done.length === 1 && all.every((m) => !m.ok) && all.some((m) => m.error !== 'incomplete')) {
				io.stderr(`RuntimeError: all requests of ${s.name} failed: ${all[0]?.error ?? ''}\n`);
				return 1;
			}
		}
	} finally {
		release?.();
	}
	const [first, last] = [done[0], done.at(-1)];
	if (first === undefined || last === undefined) return 1;
	const strategies = done.map((b) => b.strategy.replace(/@.*/, ''));
	io.stdout(
		`\n\nBenchmarks Metadata:\n    Run id:${idOf(first)}\n    Duration:${((last.endedAt - first.startedAt) / 1000).toFixed(1)} seconds\n    Profile:type=${type}, strategies=[${strategies.map((x) => `'${x}'`).join(', ')}]${type === 'sweep' ? `, sweep_size=${rates[0] ?? 10}` : ''}\n`,
	);
	io.stdout(infoTable(done));
	io.stdout(statsTable(done));
	const file = options['output-path'] ?? 'benchmarks.json';
	await context.files.write(file, `${JSON.stringify({ metadata: { model, target, profile: type }, benchmarks: done.map(benchmarkJson) })}\n`);
	io.stdout(`\nBenchmarks report saved to ${file}\n`);
	return 0;
}

/** An id of the run that follows from when it began. */
const idOf = (b: Benchmark): string => `${b.startedAt.toString(16).padStart(12, '0')}-${b.all.length.toString(16).padStart(4, '0')}`;

export const guidellm: Command = {
	name: 'guidellm',
	summary: 'measure a served model by load profiles (guidellm benchmark)',
	help: HELP,
	async run(args, context) {
		if (args[0] !== 'benchmark') {
			context.io.stderr(
				`Usage: guidellm [OPTIONS] COMMAND [ARGS]...\nTry 'guidellm --help' for help.\n\nError: ${args[0] === undefined ? 'Missing command.' : `No such command '${args[0]}'.`}\n`,
			);
			return 2;
		}
		return benchmark(args.slice(args[1] === 'run' ? 2 : 1), context);
	},
};
