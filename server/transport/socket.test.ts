import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { afterEach, expect, it, vi } from 'vitest';
import { LIMITS } from '../limits.ts';
import { servePage } from './socket.ts';

afterEach(() => {
	vi.restoreAllMocks();
});

it('takes LIMITS.bytesAtOnce bytes from a page, then LIMITS.bytesPerSecond', () => {
	let now = 0;
	vi.spyOn(performance, 'now').mockImplementation(() => now);
	const answers: string[] = [];
	const send = (text: string): void => void answers.push((JSON.parse(text) as { readonly code: string }).code);
	const socket = Object.assign(new EventEmitter(), { readyState: 1, OPEN: 1, bufferedAmount: 0, send, close: () => {} });
	servePage(socket as unknown as WebSocket, new Promise(() => {}), () => {});
	/** Taken bytes are no message, but get as far as being read. */
	const answered = (bytes: number): string | undefined => {
		socket.emit('message', Buffer.alloc(bytes, 'x'));
		return answers.pop();
	};
	const piece = LIMITS.bytesPerSecond / 2;
	for (let taken = 0; taken < LIMITS.bytesAtOnce; taken += piece) expect(answered(piece)).toBe('message-invalid');
	expect(answered(1)).toBe('messages-too-fast');
	now += 1000;
	expect(answered(LIMITS.bytesPerSecond)).toBe('message-invalid');
	expect(answered(1)).toBe('messages-too-fast');
});
