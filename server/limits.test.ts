/** That each limit is kept is tested beside the code that keeps it; here, that they fit together, that none is idle and none without a test. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MOST_TERMINALS } from '../src/lib/terminal-layout.ts';
import { LIMITS } from './limits.ts';

async function sources(folder: string, wanted: (name: string) => boolean): Promise<string> {
	let out = '';
	for (const entry of await readdir(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		if (entry.isDirectory() && entry.name !== 'simulator') out += await sources(path, wanted);
		else if (entry.isFile() && wanted(entry.name)) out += await readFile(path, 'utf8');
	}
	return out;
}

describe('limits', () => {
	const named = (text: string, name: string): boolean => new RegExp(`LIMITS\\.${name}\\b`).test(text);

	it('are all used', async () => {
		const text = await sources(import.meta.dirname, (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'limits.ts');
		expect(Object.keys(LIMITS).filter((name) => !named(text, name))).toEqual([]);
	});

	it('are each named by a test', async () => {
		const tests = (name: string): boolean => name.endsWith('.test.ts') && name !== 'limits.test.ts';
		const text = (await sources(import.meta.dirname, tests)) + (await sources(join(import.meta.dirname, '..', 'test'), tests));
		expect(Object.keys(LIMITS).filter((name) => !named(text, name))).toEqual([]);
	});

	it('are positive whole numbers', () => {
		for (const [name, value] of Object.entries(LIMITS)) expect([name, Number.isInteger(value) && value > 0]).toEqual([name, true]);
	});

	it('let the largest file travel in one message, escaped, and be acknowledged', () => {
		expect(LIMITS.messageBytes).toBeGreaterThan(LIMITS.fileBytes * 1.25);
		expect(LIMITS.bytesAtOnce).toBeGreaterThanOrEqual(LIMITS.messageBytes);
		expect(LIMITS.journalBytes).toBeGreaterThanOrEqual(LIMITS.fileBytes);
	});

	it('let a page that is behind be drawn anew from the scrollback', () => {
		expect(LIMITS.outputUnacknowledged).toBeLessThan(LIMITS.scrollbackCharacters);
		expect(LIMITS.socketBufferBytes).toBeLessThan(LIMITS.socketBufferCloseBytes);
	});

	it('let a page open as many terminals as a session has', () => {
		expect(MOST_TERMINALS).toBe(LIMITS.terminals);
	});

	it('hear several heartbeats before a worker counts as hung', () => {
		expect(LIMITS.workerSilenceMs / LIMITS.heartbeatMs).toBeGreaterThan(5);
	});
});
