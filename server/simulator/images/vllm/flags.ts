/** The command line of `vllm serve` and of `python3 -m vllm.entrypoints.openai.api_server`, as argparse reads it. */

type Kind = 'text' | 'int' | 'float' | 'flag' | 'list';

interface Flag {
	readonly kind: Kind;
	readonly choices?: readonly string[];
	/** `-tp`. */
	readonly short?: string;
}

const DTYPES = ['auto', 'bfloat16', 'float', 'float16', 'float32', 'half'];
const KV_TYPES = ['auto', 'bfloat16', 'fp8', 'fp8_ds_mla', 'fp8_e4m3', 'fp8_e5m2', 'fp8_inc'];

const text: Flag = { kind: 'text' };
const int: Flag = { kind: 'int' };
const float: Flag = { kind: 'float' };
const flag: Flag = { kind: 'flag' };
const list: Flag = { kind: 'list' };
const oneOf = (...choices: readonly string[]): Flag => ({ kind: 'text', choices });

/** Every flag that is read or let pass. `--no-<flag>` turns a flag off. */
const FLAGS: { readonly [name: string]: Flag } = {
	model: text,
	'served-model-name': list,
	tokenizer: text,
	'tokenizer-mode': oneOf('auto', 'slow', 'mistral', 'custom'),
	'trust-remote-code': flag,
	revision: text,
	'code-revision': text,
	'tokenizer-revision': text,
	'download-dir': text,
	'load-format': text,
	dtype: { kind: 'text', choices: DTYPES },
	'kv-cache-dtype': { kind: 'text', choices: KV_TYPES },
	'max-model-len': text,
	'tensor-parallel-size': { kind: 'int', short: 'tp' },
	'pipeline-parallel-size': { kind: 'int', short: 'pp' },
	'data-parallel-size': { kind: 'int', short: 'dp' },
	'enable-expert-parallel': flag,
	'distributed-executor-backend': oneOf('ray', 'mp', 'uni', 'external_launcher'),
	'block-size': int,
	'gpu-memory-utilization': float,
	'swap-space': float,
	'cpu-offload-gb': float,
	'max-num-batched-tokens': int,
	'max-num-seqs': int,
	'max-logprobs': int,
	'enable-chunked-prefill': flag,
	'enable-prefix-caching': flag,
	'enforce-eager': flag,
	quantization: { kind: 'text', short: 'q' },
	'enable-lora': flag,
	'max-loras': int,
	'max-lora-rank': int,
	'max-cpu-loras': int,
	'lora-modules': list,
	'scheduling-policy': oneOf('fcfs', 'priority'),
	'async-scheduling': flag,
	'compilation-config': { kind: 'text', short: 'O' },
	'generation-config': text,
	'override-generation-config': text,
	'hf-overrides': text,
	'hf-token': text,
	'rope-scaling': text,
	seed: int,
	host: text,
	port: int,
	uds: text,
	'uvicorn-log-level': oneOf('debug', 'info', 'warning', 'error', 'critical', 'trace'),
	'disable-uvicorn-access-log': flag,
	'allowed-origins': text,
	'api-key': list,
	'chat-template': text,
	'chat-template-content-format': oneOf('auto', 'string', 'openai'),
	'response-role': text,
	'enable-auto-tool-choice': flag,
	'tool-call-parser': text,
	'reasoning-parser': text,
	'enable-reasoning': flag,
	'root-path': text,
	'max-log-len': int,
	'disable-log-requests': flag,
	'enable-log-requests': flag,
	'disable-log-stats': flag,
	'enable-prompt-tokens-details': flag,
	'enable-server-load-tracking': flag,
	'disable-frontend-multiprocessing': flag,
	'return-tokens-as-token-ids': flag,
	'disable-custom-all-reduce': flag,
	'limit-mm-per-prompt': text,
	'speculative-config': text,
	'guided-decoding-backend': text,
	'api-server-count': int,
	'show-hidden-metrics-for-version': text,
	'otlp-traces-endpoint': text,
	'enable-sleep-mode': flag,
	'use-v2-block-manager': flag,
	'num-scheduler-steps': int,
	'ssl-keyfile': text,
	'ssl-certfile': text,
	headless: flag,
	task: text,
	runner: text,
	config: text,
};

const SHORTS: { readonly [short: string]: string } = Object.fromEntries(
	Object.entries(FLAGS).flatMap(([name, f]) => (f.short === undefined ? [] : [[f.short, name]])),
);

export type Given = { readonly [flag: string]: string | number | boolean | readonly string[] };

export interface Refused {
	readonly refused: string;
}

/** `vllm serve`'s long usage text in short. */
const usage = (program: string): string =>
	program === 'api_server.py'
		? 'usage: api_server.py [-h] [--headless] [--api-server-count API_SERVER_COUNT]\n                     [--host HOST] [--port PORT] [--model MODEL] [...]\n'
		: 'usage: vllm serve [model_tag] [options]\n';

/** The flag that a name on the command line means; argparse takes any unambiguous beginning. */
function resolve(name: string): { readonly flag: string; readonly on: boolean } | { readonly ambiguous: readonly string[] } | undefined {
	const plain = name.replaceAll('_', '-');
	if (FLAGS[plain] !== undefined) return { flag: plain, on: true };
	if (plain.startsWith('no-') && FLAGS[plain.slice(3)]?.kind === 'flag') return { flag: plain.slice(3), on: false };
	const matches = Object.keys(FLAGS).filter((f) => f.startsWith(plain));
	if (matches.length > 1) return { ambiguous: matches };
	return matches[0] === undefined ? undefined : { flag: matches[0], on: true };
}

/** Flags and the positional model out of arguments; or argparse's complaint (exit code 2). */
export function parseFlags(args: readonly string[], program: string): Given | Refused {
	const given: { [flag: string]: string | number | boolean | readonly string[] } = {};
	const unknown: string[] = [];
	const error = (words: string): Refused => ({ refused: `${usage(program)}${program}: error: ${words}\n` });
	for (let i = 0; i < args.length; i++) {
		const arg = args[i] ?? '';
		if (!arg.startsWith('-') || arg === '-') {
			if (given['model'] === undefined && program !== 'api_server.py') given['model'] = arg;
			else unknown.push(arg);
			continue;
		}
		const [head = '', inline] = arg.split(/=(.*)/s, 2);
		const name = head.startsWith('--') ? head.slice(2) : (SHORTS[head.slice(1)] ?? head.slice(1));
		const found = resolve(name);
		if (found !== undefined && 'ambiguous' in found) return error(`ambiguous option: ${head} could match ${found.ambiguous.map((f) => `--${f}`).join(', ')}`);
		const spec = found === undefined ? undefined : FLAGS[found.flag];
		if (found === undefined || spec === undefined) {
			unknown.push(arg);
			continue;
		}
		const shown = `--${found.flag}`;
		if (spec.kind === 'flag') {
			given[found.flag] = found.on && inline !== 'False' && inline !== 'false';
			continue;
		}
		if (spec.kind === 'list') {
			const values: string[] = inline === undefined ? [] : [inline];
			while (inline === undefined && args[i + 1] !== undefined && !(args[i + 1] ?? '').startsWith('-')) values.push(args[++i] ?? '');
			if (values.length === 0) return error(`argument ${shown}: expected at least one argument`);
			given[found.flag] = values;
			continue;
		}
		const value = inline ?? args[++i];
		if (value === undefined || (inline === undefined && /^-[^\d]/.test(value))) return error(`argument ${shown}: expected one argument`);
		const read = readValue(spec, found.flag, value);
		if (typeof read === 'object') return error(`argument ${shown}${found.flag === 'quantization' ? '/-q' : ''}: ${read.wrong}`);
		given[found.flag] = read;
	}
	return unknown.length > 0 ? error(`unrecognized arguments: ${unknown.join(' ')}`) : given;
}

function readValue(spec: Flag, name: string, value: string): string | number | { readonly wrong: string } {
	if (spec.choices !== undefined && !spec.choices.includes(value)) {
		return { wrong: `invalid choice: '${value}' (choose from ${spec.choices.map((c) => `'${c}'`).join(', ')})` };
	}
	if (spec.kind === 'int') return /^[+-]?\d+$/.test(value) ? Number(value) : { wrong: `invalid int value: '${value}'` };
	if (spec.kind === 'float') return value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : { wrong: `invalid float value: '${value}'` };
	if (name === 'max-model-len') {
		const tokens = humanInt(value);
		return tokens ?? { wrong: `invalid int value: '${value}'` };
	}
	return value;
}

/** `32k` is 32,000, `32K` 32,768 (`human_readable_int`); `auto` and -1 ask for what fits. */
function humanInt(value: string): number | undefined {
	if (value === 'auto') return -1;
	const m = /^(-?\d+(?:\.\d+)?)([kKmMgG])?$/.exec(value);
	if (m === null) return undefined;
	const scale: { readonly [s: string]: number } = { k: 1e3, K: 1024, m: 1e6, M: 1 << 20, g: 1e9, G: 1 << 30 };
	const n = Number(m[1]) * (scale[m[2] ?? ''] ?? 1);
	return m[2] === undefined && !Number.isInteger(n) ? undefined : Math.floor(n);
}

/** Typed readers of what was given. */
export const textOf = (g: Given, name: string): string | undefined => (typeof g[name] === 'string' ? g[name] : undefined);
export const numberOf = (g: Given, name: string): number | undefined => (typeof g[name] === 'number' ? g[name] : undefined);
export const flagOf = (g: Given, name: string): boolean | undefined => (typeof g[name] === 'boolean' ? g[name] : undefined);
export function listOf(g: Given, name: string): readonly string[] {
	const v = g[name];
	return Array.isArray(v) ? (v as readonly string[]) : [];
}

/** The given flags as Python prints a dictionary: `non-default args: {…}`. */
export function pythonDict(g: Given): string {
	const shown = (v: Given[string]): string =>
		typeof v === 'string'
			? `'${v}'`
			: typeof v === 'boolean'
				? v
					? 'True'
					: 'False'
				: typeof v === 'number'
					? String(v)
					: `[${v.map((x) => `'${x}'`).join(', ')}]`;
	return `{${Object.entries(g)
		.map(([k, v]) => `'${k.replaceAll('-', '_')}': ${k === 'api-key' || k === 'hf-token' ? "['***']" : shown(v)}`)
		.join(', ')}}`;
}
