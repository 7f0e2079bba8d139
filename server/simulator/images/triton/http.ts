/** Answers as Triton's HTTP server gives them. */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { HttpResponse } from '../../network/types.ts';

export function textAnswer(status: number, body: string, type: string): HttpResponse {
	return { protocol: 'http', status, headers: { 'content-length': String(utf8ToBytes(body).length), ...(body === '' ? {} : { 'content-type': type }) }, body };
}

export const jsonAnswer = (status: number, body: string): HttpResponse => textAnswer(status, body, 'application/json');

/** `{"error":"…"}`. */
export const errorAnswer = (status: number, error: string): HttpResponse => jsonAnswer(status, JSON.stringify({ error }));
