/** From a request's body to what the engine is to do, or the refusal. Models protocol.py's fields and checks and SamplingParams._verify_args. */
import { type ApiError, badRequest, invalidBody, noModel, python, tooLong } from './errors.ts';
import type { Setup } from './setup.ts';
import { exampleOf, naturalLength, type Source, textOf } from './text.ts';
import { countTokens, hash, tokenize } from './tokens.ts';
import type { Segment } from '../../serving/prefix-cache.ts';

/** One answer to be made. */
export interface Choice {
	readonly source: Source;
	readonly outputTokens: number;
	readonly finish: 'stop' | 'length';
	/** The stop string or id that ends it. */
	readonly stopReason: string | null;
	/** Characters of the text that are given out, where a stop string cuts it. */
	readonly cut?: number;
}

/** A request as it is understood. */
export interface Ask {
	readonly chat: boolean;
	readonly model: string;
	readonly stream: boolean;
	readonly includeUsage: boolean;
	readonly continuousUsage: boolean;
	readonly n: number;
	readonly prompts: readonly { readonly tokens: number; readonly segments: readonly Segment[] }[];
	/** One for each prompt and each of `n`. */
	readonly choices: readonly Choice[];
	readonly echo?: readonly string[];
	readonly logprobs: number | undefined;
	readonly maxTokens: number;
}

type Body = { readonly [field: string]: unknown };

/** Tokens that a chat template puts around each message, and before the answer (Llama 3's header ids and end of turn; the begin of text). */
const MESSAGE_TOKENS = 5;
const TEMPLATE_TOKENS = 6;

const isObject = (v: unknown): v is Body => typeof v === 'object' && v !== null && !Array.isArray(v);

interface Numbers {
	readonly [field: string]: 'int' | 'float';
}
const NUMBERS: Numbers = {
	max_tokens: 'int',
	max_completion_tokens: 'int',
	min_tokens: 'int',
	n: 'int',
	best_of: 'int',
	seed: 'int',
	top_k: 'int',
	top_logprobs: 'int',
	temperature: 'float',
	top_p: 'float',
	min_p: 'float',
	presence_penalty: 'float',
	frequency_penalty: 'float',
	repetition_penalty: 'float',
};

type BodyFault = Parameters<typeof invalidBody>[0][number];

/** Wrong types and missing fields: what pydantic finds before anything is looked at. */
function typeFaults(body: Body, chat: boolean): readonly BodyFault[] {
	const faults: BodyFault[] = [];
	const required = chat ? 'messages' : 'prompt';
	if (body[required] === undefined && (chat || body['prompt_embeds'] === undefined))
		faults.push({ type: 'missing', at: [required], msg: 'Field required', input: body });
	if (chat && body['messages'] !== undefined && !Array.isArray(body['messages'])) {
		faults.push({ type: 'list_type', at: ['messages'], msg: 'Input should be a valid list', input: body['messages'] });
	}
	for (const [name, kind] of Object.entries(NUMBERS)) {
		const v = body[name];
		if (v === undefined || v === null) continue;
		const n = typeof v === 'string' && v.trim() !== '' ? Number(v) : v;
		if (typeof n !== 'number' || Number.isNaN(n)) {
			const word = kind === 'int' ? 'integer' : 'number';
			faults.push({
				type: `${kind}_parsing`,
				at: [name],
				msg: `Input should be a valid ${word}, unable to parse string as ${kind === 'int' ? 'an integer' : 'a number'}`,
				input: v,
			});
		} else if (kind === 'int' && !Number.isInteger(n)) {
			faults.push({ type: 'int_from_float', at: [name], msg: 'Input should be a valid integer, got a number with a fractional part', input: v });
		}
	}
	for (const name of ['stream', 'echo', 'ignore_eos', 'logprobs'] as const) {
		const v = body[name];
		if (v === undefined || v === null || typeof v === 'boolean' || (name === 'logprobs' && typeof v === 'number' && !chat)) continue;
		faults.push({ type: 'bool_parsing', at: [name], msg: 'Input should be a valid boolean, unable to interpret input', input: v });
	}
	return faults;
}

const num = (body: Body, name: string): number | undefined => {
	const v = body[name];
	return v === undefined || v === null ? undefined : Number(v);
};

/** Values out of range. */
function rangeFault(body: Body, version: number): ApiError | undefined {
	const maxTokens = num(body, 'max_completion_tokens') ?? num(body, 'max_tokens');
	const checks: readonly (readonly [bad: boolean, words: string, param: string])[] = [
		[(num(body, 'n') ?? 1) < 1, `n must be at least 1, got ${num(body, 'n')}.`, 'n'],
		[Math.abs(num(body, 'presence_penalty') ?? 0) > 2, `presence_penalty must be in [-2, 2], got ${num(body, 'presence_penalty')}.`, 'presence_penalty'],
		[Math.abs(num(body, 'frequency_penalty') ?? 0) > 2, `frequency_penalty must be in [-2, 2], got ${num(body, 'frequency_penalty')}.`, 'frequency_penalty'],
		[
			(num(body, 'repetition_penalty') ?? 1) <= 0,
			`repetition_penalty must be greater than zero, got ${num(body, 'repetition_penalty')}.`,
			'repetition_penalty',
		],
		[(num(body, 'temperature') ?? 1) < 0, `temperature must be non-negative, got ${num(body, 'temperature')}.`, 'temperature'],
		[(num(body, 'top_p') ?? 1) <= 0 || (num(body, 'top_p') ?? 1) > 1, `top_p must be in (0, 1], got ${num(body, 'top_p')}.`, 'top_p'],
		[(num(body, 'top_k') ?? 0) < -1, `top_k must be 0 (disable), or at least 1, got ${num(body, 'top_k')}.`, 'top_k'],
		[(num(body, 'min_p') ?? 0) < 0 || (num(body, 'min_p') ?? 0) > 1, `min_p must be in [0, 1], got ${num(body, 'min_p')}.`, 'min_p'],
		[maxTokens !== undefined && maxTokens < 1, `max_tokens must be at least 1, got ${maxTokens}.`, 'max_tokens'],
		[(num(body, 'min_tokens') ?? 0) < 0, `min_tokens must be greater than or equal to 0, got ${num(body, 'min_tokens')}.`, 'min_tokens'],
		[
			maxTokens !== undefined && (num(body, 'min_tokens') ?? 0) > maxTokens,
			`min_tokens must be less than or equal to max_tokens=${maxTokens}, got ${num(body, 'min_tokens')}.`,
			'min_tokens',
		],
	];
	const found = checks.find(([bad]) => bad);
	return found === undefined ? undefined : badRequest(found[1], version >= 15 ? found[2] : undefined);
}

/** A message's text: a string, or the text parts of a list. */
export function contentOf(content: unknown): string {
	if (typeof content === 'string') return content;
	if (!Array.isArray(content)) return '';
	return content.map((part) => (isObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('\n');
}

/** Places at which a prompt is cut for the prefix cache: whoever begins alike shares what lies before them. */
const CUTS = [64, 256, 1024, 4096, 16_384, 65_536];

function segmentsOf(parts: readonly { readonly text: string; readonly tokens: number }[]): readonly Segment[] {
	const out: Segment[] = [];
	for (const part of parts) {
		// A long first part may be a common instruction with something of its own behind it.
		const inner = out.length === 0 ? CUTS.filter((c) => c < part.tokens) : [];
		let from = 0;
		for (const end of [...inner, part.tokens]) {
			const share = part.text.slice(Math.round((part.text.length * from) / part.tokens), Math.round((part.text.length * end) / part.tokens));
			out.push({ key: hash(share).toString(36), tokens: end - from });
			from = end;
		}
	}
	return out;
}

interface Prompt {
	readonly text: string;
	readonly tokens: number;
	readonly segments: readonly Segment[];
}

function chatPrompt(messages: readonly unknown[]): Prompt {
	const parts = messages.map((m) => {
		const text = isObject(m) ? `${String(m['role'] ?? 'user')}\n${contentOf(m['content'])}` : '';
		return { text, tokens: MESSAGE_TOKENS + countTokens(isObject(m) ? contentOf(m['content']) : '') };
	});
	const tokens = TEMPLATE_TOKENS + parts.reduce((n, p) => n + p.tokens, 0);
	const segments = segmentsOf(parts.slice(0, 64));
	return { text: parts.map((p) => p.text).join('\n'), tokens, segments };
}

/** `prompt`: a text, token ids, or several of either. */
function completionPrompts(prompt: unknown): readonly Prompt[] {
	const one = (p: unknown): Prompt => {
		if (Array.isArray(p)) return { text: p.join(' '), tokens: p.length, segments: segmentsOf([{ text: p.join(' '), tokens: p.length }]) };
		const text = String(p);
		const tokens = countTokens(text) + 1;
		return { text, tokens, segments: segmentsOf([{ text, tokens }]) };
	};
	if (!Array.isArray(prompt)) return [one(prompt)];
	return prompt.every((p) => typeof p === 'number') ? [one(prompt)] : prompt.map(one);
}

/** What the model says, where something fixes its form; undefined for prose. */
function fixedText(body: Body, seed: number): string | undefined {
	const format = isObject(body['response_format']) ? body['response_format'] : undefined;
	const structured = isObject(body['structured_outputs']) ? body['structured_outputs'] : undefined;
	const choice = body['guided_choice'] ?? structured?.['choice'];
	if (Array.isArray(choice) && choice.length > 0) return String(choice[seed % choice.length]);
	const wrapped = isObject(format?.['json_schema']) ? format['json_schema']['schema'] : undefined;
	const schema = wrapped ?? body['guided_json'] ?? structured?.['json'];
	if (isObject(schema)) return JSON.stringify(exampleOf(schema, seed), null, 2);
	if (format?.['type'] !== 'json_object') return undefined;
	return JSON.stringify(
		{ answer: exampleOf({ type: 'string' }, seed), confidence: (60 + (seed % 40)) / 100, steps: exampleOf({ type: 'array', items: { type: 'string' } }, seed) },
		null,
		2,
	);
}

interface Limits {
	readonly max: number;
	readonly min: number;
	readonly ignoreEos: boolean;
	readonly stops: readonly string[];
	readonly keepStop: boolean;
}

function choiceOf(body: Body, seed: number, limits: Limits): Choice {
	const fixed = fixedText(body, seed);
	const source: Source = fixed === undefined ? { kind: 'prose', seed } : { kind: 'fixed', pieces: tokenize(fixed) };
	const natural = source.kind === 'fixed' ? source.pieces.length + 1 : limits.ignoreEos ? Number.MAX_SAFE_INTEGER : Math.max(limits.min, naturalLength(seed));
	let outputTokens = Math.min(natural, limits.max);
	let finish: Choice['finish'] = natural <= limits.max ? 'stop' : 'length';
	if (limits.stops.length > 0) {
		const text = textOf(source, 0, outputTokens);
		const from = textOf(source, 0, limits.min).length;
		const found = limits.stops
			.map((s) => ({ s, at: text.indexOf(s, Math.max(0, from - s.length + 1)) }))
			.filter((f) => f.at >= 0 && f.s !== '')
			.sort((a, b) => a.at - b.at)[0];
		if (found !== undefined) {
			const end = found.at + found.s.length;
			let length = 0;
			let count = 0;
			for (const piece of source.kind === 'fixed' ? source.pieces : tokenize(text)) {
				if (length >= end) break;
				length += piece.length;
				count++;
			}
			outputTokens = Math.max(1, Math.min(outputTokens, count));
			finish = 'stop';
			return { source, outputTokens, finish, stopReason: found.s, cut: limits.keepStop ? end : found.at };
		}
	}
	return { source, outputTokens, finish, stopReason: null };
}

/** Understands a body; `models` are the names that are served besides the base model's. */
export function understand(body: unknown, chat: boolean, setup: Setup, adapters: readonly string[]): Ask | ApiError {
	const { version } = setup;
	if (!isObject(body))
		return invalidBody(
			[{ type: 'model_attributes_type', at: [], msg: 'Input should be a valid dictionary or object to extract fields from', input: body }],
			version,
		);
	const faults = typeFaults(body, chat);
	if (faults.length > 0) return invalidBody(faults, version);
	if (isObject(body['stream_options']) && body['stream'] !== true)
		return invalidBody([{ type: 'value_error', at: [], msg: 'Value error, Stream options can only be defined when `stream=True`.', input: body }], version);
	const model = typeof body['model'] === 'string' && body['model'] !== '' ? body['model'] : (setup.names[0] ?? '');
	if (!setup.names.includes(model) && !adapters.includes(model)) return noModel(model);
	const outOfRange = rangeFault(body, version);
	if (outOfRange !== undefined) return outOfRange;
	const logprobs = chat ? (body['logprobs'] === true ? (num(body, 'top_logprobs') ?? 0) : undefined) : num(body, 'logprobs');
	if (chat && body['top_logprobs'] !== undefined && body['logprobs'] !== true && (num(body, 'top_logprobs') ?? 0) > 0) {
		return invalidBody([{ type: 'value_error', at: [], msg: 'Value error, when using `top_logprobs`, `logprobs` must be set to true.', input: body }], version);
	}
	if (logprobs !== undefined && logprobs > setup.maxLogprobs)
		return badRequest(`Requested sample logprobs of ${logprobs}, which is greater than max allowed: ${setup.maxLogprobs}`);
	if (chat && Array.isArray(body['tools']) && body['tools'].length > 0 && (body['tool_choice'] ?? 'auto') === 'auto' && !setup.tools) {
		return badRequest('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set');
	}
	const messages = Array.isArray(body['messages']) ? body['messages'] : [];
	if (chat) {
		if (messages.length === 0) return badRequest('list index out of range');
		const wrong = messages.findIndex((m) => !isObject(m) || typeof m['role'] !== 'string');
		if (wrong >= 0) return invalidBody([{ type: 'missing', at: ['messages', String(wrong), 'role'], msg: 'Field required', input: messages[wrong] }], version);
	}
	const prompts = chat ? [chatPrompt(messages)] : completionPrompts(body['prompt']);
	if (prompts.length === 0 || prompts.some((p) => p.tokens === 0)) return badRequest('Either prompt or prompt_embeds must be provided and non-empty.');
	const d = setup.deployment;
	const n = num(body, 'n') ?? 1;
	const asked = chat ? (num(body, 'max_completion_tokens') ?? num(body, 'max_tokens')) : (num(body, 'max_tokens') ?? 16);
	const stop = body['stop'];
	const stops = typeof stop === 'string' ? [stop] : Array.isArray(stop) ? stop.map(String) : [];
	const choices: Choice[] = [];
	let maxTokens = 0;
	for (const prompt of prompts) {
		const room = d.maxModelLen - prompt.tokens;
		if (room < 1 || (asked !== undefined && asked > room)) return tooLong(version, d.maxModelLen, prompt.tokens, asked, chat);
		maxTokens = asked ?? room;
		const limits: Limits = {
			max: maxTokens,
			min: num(body, 'min_tokens') ?? 0,
			ignoreEos: body['ignore_eos'] === true,
			stops,
			keepStop: body['include_stop_str_in_output'] === true,
		};
		for (let i = 0; i < n; i++) choices.push(choiceOf(body, hash(`${prompt.text}|${i}|${model}|${python(body['seed'])}`), limits));
	}
	const options = isObject(body['stream_options']) ? body['stream_options'] : {};
	return {
		chat,
		model,
		stream: body['stream'] === true,
		includeUsage: options['include_usage'] === true,
		continuousUsage: options['continuous_usage_stats'] === true,
		n,
		prompts: prompts.map(({ tokens, segments }) => ({ tokens, segments })),
		choices,
		...(!chat && body['echo'] === true ? { echo: prompts.map((p) => p.text) } : {}),
		logprobs,
		maxTokens,
	};
}
