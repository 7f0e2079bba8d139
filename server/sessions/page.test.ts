import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { Page } from './page.ts';

const make = () => {
	const sent: { type: string; data?: string }[] = [];
	const socket = { buffered: 0, closed: 0, send: (text: string) => void sent.push(JSON.parse(text)), close: (code: number) => void (socket.closed = code) };
	return { page: new Page(socket), sent, socket };
};

describe('a page', () => {
	it('gets output only of terminals that it shows', () => {
		const { page, sent } = make();
		expect(page.output('main', 'x')).toBe(false);
		page.terminalOpened('main', 'old', 80, 24);
		expect(page.output('main', 'x')).toBe(true);
		expect(sent.map((m) => m.type)).toEqual(['terminal.opened', 'terminal.output']);
	});

	it('that does not draw is left behind within bounds, and drawn anew when it has caught up', () => {
		const { page, sent } = make();
		page.terminalOpened('main', '', 80, 24);
		const chunk = 'x'.repeat(64 * 1024);
		let delivered = 0;
		for (let i = 0; i < 100; i++) if (page.output('main', chunk)) delivered += chunk.length;
		expect(delivered).toBeLessThanOrEqual(LIMITS.scrollbackCharacters + 2 * chunk.length);
		expect(page.acknowledge('main', 1000)).toBe(false);
		expect(page.acknowledge('main', delivered)).toBe(true);
		expect(sent.length).toBeLessThan(10);
	});

	it('whose socket is full misses views, not answers', () => {
		const { page, sent, socket } = make();
		socket.buffered = LIMITS.socketBufferBytes + 1;
		page.sendIfRoom({ type: 'pong', at: 1 });
		page.send({ type: 'pong', at: 2 });
		expect(sent).toEqual([{ type: 'pong', at: 2 }]);
	});

	it('that never reads is closed', () => {
		const { page, socket, sent } = make();
		socket.buffered = LIMITS.socketBufferCloseBytes + 1;
		page.send({ type: 'pong', at: 1 });
		expect([socket.closed, sent.length]).toEqual([1013, 0]);
	});
});
