/** `generate` and `generate_stream` of the LLM backends: a prompt in, a text out; tokens one by one where it streams. */
import { textOf } from '../vllm/text.ts';
import { countTokens, hash } from '../vllm/tokens.ts';
import { inferMs } from './batcher.ts';
import type { Work } from './repository.ts';
import { keyOf, type Model, type Stream, setStats, type Triton } from './state.ts';

export interface Generation {
	readonly prompt: string;
	readonly tokens: number;
	readonly seed: number;
	readonly echo: boolean;
	readonly stream: boolean;
}

/** Tokens that the vLLM backend generates where nobody says (`SamplingParams.max_tokens`). */
const DEFAULT_TOKENS = 16;

/** Reads a body: parameters stand at the top or under `parameters`. */
export function readGeneration(model: Model, text: string): Generation | { readonly error: string } {
	let body: { readonly [field: string]: unknown };
	try {
		body = JSON.parse(text) as { readonly [field: string]: unknown };
	} catch {
		return { error: 'failed to parse the request JSON buffer: Invalid value. at 0' };
	}
	if (body === null || typeof body !== 'object' || typeof body['text_input'] !== 'string')
		return {
			error: `[request id: <id_unknown>] expected 1 inputs but got 0 inputs for model '${model.config.name}'. Got input(s) [], but missing required input(s) ['text_input']. Please provide all required input(s).`,
		};
	const nested = body['parameters'];
	const parameters = (nested !== null && typeof nested === 'object' ? nested : {}) as { readonly [field: string]: unknown };
	const asked = parameters['max_tokens'] ?? body['max_tokens'];
	if (asked !== undefined && (typeof asked !== 'number' || !Number.isInteger(asked) || asked < 1))
		return { error: `[request id: <id_unknown>] Error generating stream: max_tokens must be at least 1, got ${JSON.stringify(asked)}.` };
	const work = model.versions.find((v) => v.work?.kind === 'llm')?.work;
	const longest = work?.kind === 'llm' ? work.deployment.maxModelLen : 0;
	const prompt = body['text_input'];
	const length = countTokens(prompt) + 1;
	if (length > longest)
		return {
			error: `[request id: <id_unknown>] Error generating stream: The prompt (total length ${length}) is too long to fit into the model (context length ${longest}). Make sure that \`max_model_len\` is no smaller than the number of text tokens.`,
		};
	return {
		prompt,
		tokens: Math.min(typeof asked === 'number' ? asked : DEFAULT_TOKENS, longest - length),
		seed: hash(prompt),
		echo: (parameters['exclude_input_in_output'] ?? body['exclude_input_in_output']) !== true,
		stream: (parameters['stream'] ?? body['stream']) === true,
	};
}

/** Body of an answer with these tokens, behind `prompt`. */
export function generated(model: string, version: number, seed: number, from: number, to: number, prompt: string): string {
	return JSON.stringify({ model_name: model, model_version: String(version), text_output: `${prompt}${textOf({ kind: 'prose', seed }, from, to)}` });
}

/** Answers with the head now; tokens follow on timers. */
export function startStream(process: Triton, connection: string, work: Work, stream: Stream): void {
	process.data = { ...process.data, streams: { ...process.data.streams, [connection]: stream } };
	process.respond(connection, {
		protocol: 'http',
		status: 200,
		headers: { 'content-type': 'text/event-stream; charset=utf-8', 'transfer-encoding': 'chunked' },
		body: '',
		open: true,
	});
	process.timer(inferMs(process, work, Object.keys(process.data.streams).length, 0, 0), `token:${connection}`);
}

/** The next token of a stream. */
export function nextToken(process: Triton, connection: string): void {
	const stream = process.data.streams[connection];
	const work = process.data.models[stream?.model ?? '']?.versions.find((v) => v.version === stream?.version)?.work;
	if (stream === undefined || work?.kind !== 'llm') return;
	const sent = stream.sent + 1;
	const last = sent >= stream.tokens;
	process.send(connection, `data: ${generated(stream.model, stream.version, stream.seed, stream.sent, sent, '')}\n\n`, last);
	const { [connection]: _done, ...streams } = process.data.streams;
	process.data = { ...process.data, streams: last ? streams : { ...streams, [connection]: { ...stream, sent } } };
	const live = Object.keys(process.data.streams).length;
	if (!last) process.timer(inferMs(process, work, live, 0, 1) - inferMs(process, work, live, 0, 0), `token:${connection}`);
	else {
		const us = Math.round((process.now - stream.at) * 1000);
		setStats(process, keyOf(stream.model, stream.version), (s) => ({
			...s,
			success: s.success + 1,
			count: s.count + 1,
			executions: s.executions + 1,
			requestUs: s.requestUs + us,
			inferUs: s.inferUs + us,
			last: process.now,
		}));
	}
}
