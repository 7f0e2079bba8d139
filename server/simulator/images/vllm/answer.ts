/** Answers as JSON and as server-sent events; models serving_chat.py and serving_completion.py. */
import type { Ask, Choice } from './ask.ts';
import { pieces, textOf } from './text.ts';
import { tokenId } from './tokens.ts';

/** What identifies an answer. */
export interface Head {
	/** `chatcmpl-…` or `cmpl-…`. */
	readonly id: string;
	/** Seconds since the epoch. */
	readonly created: number;
	readonly model: string;
}

export interface Usage {
	readonly prompt: number;
	readonly completion: number;
	/** Set where `--enable-prompt-tokens-details` asks for it. */
	readonly cached?: number;
}

/** A choice's text from token `from` to `to`, as far as a stop string lets it out. */
export function shownText(c: Choice, from: number, to: number): string {
	if (c.cut === undefined) return textOf(c.source, from, to);
	const before = textOf(c.source, 0, from).length;
	return textOf(c.source, 0, Math.min(to, c.outputTokens)).slice(before, Math.max(before, c.cut));
}

export const usageOf = (u: Usage) => ({
	prompt_tokens: u.prompt,
	total_tokens: u.prompt + u.completion,
	completion_tokens: u.completion,
	prompt_tokens_details: u.cached === undefined ? null : { cached_tokens: u.cached },
});

interface Logprob {
	readonly token: string;
	readonly logprob: number;
	readonly bytes: readonly number[];
}

/** A token's log probability: high, and the same for the same token. */
function logprobOf(token: string): Logprob {
	const bytes = [...token].map((c) => c.charCodeAt(0) & 255);
	return { token, logprob: -(tokenId(token, 100_000) % 1000) / 2500, bytes };
}

/** `logprobs` of a chat's choice. Alternatives are the token's own with a blank more or less. */
function chatLogprobs(c: Choice, from: number, to: number, top: number) {
	return {
		content: pieces(c.source, from, to).map((token) => {
			const own = logprobOf(token);
			const others = Array.from({ length: top }, (_, i) => (i === 0 ? own : { ...logprobOf(`${token}${i}`), logprob: own.logprob - 1.5 * i }));
			return { ...own, top_logprobs: others };
		}),
	};
}

function textLogprobs(c: Choice, from: number, to: number, top: number) {
	let offset = textOf(c.source, 0, from).length;
	const tokens = pieces(c.source, from, to);
	const offsets = tokens.map((t) => {
		const at = offset;
		offset += t.length;
		return at;
	});
	return {
		text_offset: offsets,
		token_logprobs: tokens.map((t) => logprobOf(t).logprob),
		tokens,
		top_logprobs: tokens.map((t) => (top === 0 ? null : { [t]: logprobOf(t).logprob })),
	};
}

const logprobs = (ask: Ask, c: Choice, from: number, to: number) =>
	ask.logprobs === undefined ? null : ask.chat ? chatLogprobs(c, from, to, ask.logprobs) : textLogprobs(c, from, to, ask.logprobs);

/** The whole answer. */
export function wholeAnswer(ask: Ask, head: Head, usage: Usage): string {
	const choices = ask.choices.map((c, index) => {
		const text = shownText(c, 0, c.outputTokens);
		const end = { logprobs: logprobs(ask, c, 0, c.outputTokens), finish_reason: c.finish, stop_reason: c.stopReason };
		return ask.chat
			? {
					index,
					message: {
						role: 'assistant',
						content: text,
						refusal: null,
						annotations: null,
						audio: null,
						function_call: null,
						tool_calls: [],
						reasoning_content: null,
					},
					...end,
					token_ids: null,
				}
			: { index, text: `${ask.echo?.[Math.floor(index / ask.n)] ?? ''}${text}`, ...end, token_ids: null, prompt_logprobs: null, prompt_token_ids: null };
	});
	return JSON.stringify({
		id: head.id,
		object: ask.chat ? 'chat.completion' : 'text_completion',
		created: head.created,
		model: head.model,
		choices,
		service_tier: null,
		system_fingerprint: null,
		usage: usageOf(usage),
		...(ask.chat ? { prompt_logprobs: null, prompt_token_ids: null } : {}),
		kv_transfer_params: null,
	});
}

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

function chunk(ask: Ask, head: Head, choices: readonly unknown[], usage?: Usage): string {
	return event({
		id: head.id,
		object: ask.chat ? 'chat.completion.chunk' : 'text_completion',
		created: head.created,
		model: head.model,
		choices,
		...(usage === undefined ? {} : { usage: usageOf(usage) }),
	});
}

/** What opens a chat's stream: the role, once a choice. */
export function openingEvents(ask: Ask, head: Head, prompt: number): string {
	if (!ask.chat) return '';
	return ask.choices
		.map((_c, index) =>
			chunk(
				ask,
				head,
				[{ index, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }],
				ask.continuousUsage ? { prompt, completion: 0 } : undefined,
			),
		)
		.join('');
}

/** Tokens `from` to `to` of a choice, and its end where they are its last. */
export function tokenEvents(ask: Ask, head: Head, index: number, from: number, to: number, usage: Usage): string {
	const c = ask.choices[index];
	if (c === undefined || to <= from) return '';
	const last = to >= c.outputTokens;
	const text = shownText(c, from, to);
	const end = {
		logprobs: logprobs(ask, c, from, to),
		finish_reason: last ? c.finish : null,
		...(last || !ask.chat ? { stop_reason: last ? c.stopReason : null } : {}),
	};
	const own = ask.chat
		? { index, delta: { content: text }, ...end, token_ids: null }
		: { index, text: `${from === 0 ? (ask.echo?.[Math.floor(index / ask.n)] ?? '') : ''}${text}`, ...end };
	return chunk(ask, head, [own], ask.continuousUsage ? usage : undefined);
}

/** What ends a stream. */
export const closingEvents = (ask: Ask, head: Head, usage: Usage): string => `${ask.includeUsage ? chunk(ask, head, [], usage) : ''}data: [DONE]\n\n`;
