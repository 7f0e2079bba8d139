/** What the HTTP side of the server has in common. */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { HttpResponse } from '../../network/types.ts';
import { plain } from './log.ts';
import type { Setup } from './setup.ts';
import type { Vllm } from './state.ts';
import { hash } from './tokens.ts';

const REASONS: { readonly [status: number]: string } = {
	200: 'OK',
	400: 'Bad Request',
	401: 'Unauthorized',
	404: 'Not Found',
	405: 'Method Not Allowed',
	415: 'Unsupported Media Type',
	500: 'Internal Server Error',
	503: 'Service Unavailable',
};
export const phrase = (status: number): string => REASONS[status] ?? '';

export function answer(status: number, body: string, type: string): HttpResponse {
	return {
		protocol: 'http',
		status,
		headers: { server: 'uvicorn', 'content-length': String(utf8ToBytes(body).length), ...(body === '' ? {} : { 'content-type': type }) },
		body,
	};
}

export const json = (status: number, body: string): HttpResponse => answer(status, body, 'application/json');

/** uvicorn's access log: `INFO:     10.244.1.1:40122 - "GET /health HTTP/1.1" 200 OK`. */
export function accessLine(process: Vllm, setup: Setup, remote: string, method: string, path: string, status: number): void {
	if (!setup.accessLog) return;
	const port = 32_768 + (hash(`${remote}${process.now}`) % 28_000);
	process.stdout(plain(setup.version, 'api', `INFO:     ${remote}:${port} - "${method} ${path} HTTP/1.1" ${status} ${phrase(status)}`));
}
