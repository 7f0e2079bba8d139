/** Refused requests, in the server's words. Models vllm/entrypoints/openai: the error envelope and the messages of its checks. */
import { nestedErrors } from './versions.ts';

export interface ApiError {
	readonly status: number;
	readonly type: string;
	readonly message: string;
	readonly param?: string;
}

export const badRequest = (message: string, param?: string): ApiError => ({
	status: 400,
	type: 'BadRequestError',
	message,
	...(param === undefined ? {} : { param }),
});
export const noModel = (name: string): ApiError => ({ status: 404, type: 'NotFoundError', message: `The model \`${name}\` does not exist.`, param: 'model' });

/** A body that pydantic refuses: one line of its own and two for each fault. */
export function invalidBody(
	faults: readonly { readonly at: readonly string[]; readonly type: string; readonly msg: string; readonly input: unknown }[],
	version: number,
): ApiError {
	if (version < 10) {
		const list = faults.map((f) => ({ type: f.type, loc: ['body', ...f.at], msg: f.msg, input: f.input }));
		return { status: 400, type: 'BadRequestError', message: python(list) };
	}
	const lines = faults.map(
		(f) =>
			`  {'type': '${f.type}', 'loc': (${["'body'", ...f.at.map((a) => `'${a}'`)].join(', ')}${f.at.length === 0 ? ',' : ''}), 'msg': ${quoted(f.msg)}, 'input': ${python(f.input)}}`,
	);
	return { status: 400, type: 'Bad Request', message: `${faults.length} validation error${faults.length === 1 ? '' : 's'}:\n${lines.join('\n')}\n` };
}

const quoted = (text: string): string => (text.includes("'") ? `"${text}"` : `'${text}'`);

/** A value as Python's repr prints it. */
export function python(v: unknown): string {
	if (v === null || v === undefined) return 'None';
	if (typeof v === 'boolean') return v ? 'True' : 'False';
	if (typeof v === 'string') return quoted(v);
	if (Array.isArray(v)) return `[${v.map(python).join(', ')}]`;
	if (typeof v === 'object')
		return `{${Object.entries(v)
			.map(([k, x]) => `'${k}': ${python(x)}`)
			.join(', ')}}`;
	return String(v);
}

/** The body of an error's answer. */
export function errorBody(e: ApiError, version: number): string {
	const error = { message: e.message, type: e.type, param: e.param ?? null, code: e.status };
	return JSON.stringify(nestedErrors(version) ? { error } : { object: 'error', ...error });
}

/** The prompt alone, or prompt and asked output, are longer than the context; worded by version. */
export function tooLong(version: number, maxLen: number, prompt: number, output: number | undefined, chat: boolean): ApiError {
	const what = chat ? 'messages' : 'prompt';
	if (version >= 15) {
		const asked = output ?? 0;
		return badRequest(
			`This model's maximum context length is ${maxLen} tokens. However, you requested ${asked} output tokens and your prompt contains ${prompt} input tokens, for a total of ${prompt + asked} tokens. Please reduce the length of the input prompt or the number of requested output tokens.`,
			'input_tokens',
		);
	}
	if (version >= 11) {
		if (prompt >= maxLen || output === undefined)
			return badRequest(
				`This model's maximum context length is ${maxLen} tokens. However, your request has ${prompt} input tokens. Please reduce the length of the input messages.`,
			);
		return badRequest(
			`'max_tokens' or 'max_completion_tokens' is too large: ${output}. This model's maximum context length is ${maxLen} tokens and your request has ${prompt} input tokens (${output} > ${maxLen} - ${prompt}).`,
			'max_tokens',
		);
	}
	if (output === undefined || prompt > maxLen)
		return badRequest(
			`This model's maximum context length is ${maxLen} tokens. However, you requested ${prompt} tokens in the ${what}, Please reduce the length of the ${what}.`,
		);
	return badRequest(
		`This model's maximum context length is ${maxLen} tokens. However, you requested ${prompt + output} tokens (${prompt} in the ${what}, ${output} in the completion). Please reduce the length of the ${what} or completion.`,
	);
}
