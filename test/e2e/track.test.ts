/** Reading and searching on the real server: what was read outlives a kill, and the search runs under the real policy. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasBrowser, launch, openPage } from '../site/browser.ts';
import { freePort, type RunningServer, startServer } from './server.ts';

const LESSON = '/track/month-2/services/';

describe.skipIf(!hasBrowser)('the track on the real server', () => {
	let browser: Browser;
	let data: string;
	let port: number;
	let server: RunningServer;
	beforeAll(async () => {
		data = await mkdtemp(join(tmpdir(), 'foothold-track-'));
		port = await freePort();
		[browser, server] = await Promise.all([launch(), startServer(data, port)]);
	});
	afterAll(async () => {
		await browser.close();
		await server.stop();
		await rm(data, { recursive: true, force: true });
	});

	it('keeps what was read through kill -9, and takes only lessons and states that can be', async () => {
		const { page } = await openPage(browser, server.link);
		await page.waitForURL(`${server.origin}/`);
		await page.goto(server.origin + LESSON);
		await page.click('button:has-text("Mark as read")');
		await page.waitForSelector('[data-mark-read][aria-pressed="true"]');
		await server.kill();
		server = await startServer(data, port);
		await page.reload();
		await page.waitForSelector('[data-mark-read][aria-pressed="true"]');
		const post = (body: string) => page.evaluate(async (text) => (await fetch('/api/reading', { method: 'POST', body: text })).status, body);
		expect(await post('{"lesson":"../../etc","state":"read"}')).toBe(400);
		expect(await post('{"lesson":"month-1/processes","state":"eaten"}')).toBe(400);
		expect(await post('{"lesson":"month-1/processes","state":"opened"}')).toBe(200);
		expect((await (await fetch(`${server.origin}/api/reading`)).json()) as unknown).toMatchObject({ error: { code: 'not-signed-in' } });
		await page.context().close();
	});

	it('searches in a worker that alone may run WebAssembly', async () => {
		const { page, faults } = await openPage(browser, server.link);
		await page.waitForURL(`${server.origin}/`);
		await page.goto(`${server.origin}/track/`);
		const worker = page.waitForEvent('worker');
		await page.keyboard.press('/');
		await page.waitForSelector('#search[open]');
		await page.keyboard.type('disruption budget');
		await page.waitForSelector('.search-results a[href*="staying-up"]');
		expect((await worker).url()).toBe(`${server.origin}/pagefind/pagefind-worker.js`);
		expect((await fetch(server.origin + LESSON)).headers.get('content-security-policy')).not.toContain('wasm');
		expect(faults).toEqual([]);
		await page.context().close();
	});
});
