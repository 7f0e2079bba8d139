/** Reading and searching on the real server: what was read outlives a kill, and the search runs under the real policy. */
import { describe, expect, it } from 'vitest';
import { hasBrowser, openPage } from '../site/browser.ts';
import { stage } from './stage.ts';

const LESSON = '/track/month-2/services/';

describe.skipIf(!hasBrowser)('the track on the real server', () => {
	const at = stage('track');

	it('keeps what was read through kill -9, and takes only lessons and states that can be', async () => {
		const { page } = await openPage(at.browser, at.server.link);
		await page.waitForURL(`${at.server.origin}/`);
		await page.goto(at.server.origin + LESSON);
		await page.click('button:has-text("Mark as read")');
		await page.waitForSelector('[data-mark-read][aria-pressed="true"]');
		await at.restart();
		await page.reload();
		await page.waitForSelector('[data-mark-read][aria-pressed="true"]');
		const post = (body: string) => page.evaluate(async (text) => (await fetch('/api/reading', { method: 'POST', body: text })).status, body);
		expect(await post('{"lesson":"../../etc","state":"read"}')).toBe(400);
		expect(await post('{"lesson":"month-1/processes","state":"eaten"}')).toBe(400);
		expect(await post('{"lesson":"month-1/processes","state":"opened"}')).toBe(200);
		expect((await (await fetch(`${at.server.origin}/api/reading`)).json()) as unknown).toMatchObject({ error: { code: 'not-signed-in' } });
		await page.context().close();
	});

	it('searches in a worker that alone may run WebAssembly', async () => {
		const { page, faults } = await openPage(at.browser, at.server.link);
		await page.waitForURL(`${at.server.origin}/`);
		await page.goto(`${at.server.origin}/track/`);
		const worker = page.waitForEvent('worker');
		await page.keyboard.press('/');
		await page.waitForSelector('#search[open]');
		await page.keyboard.type('disruption budget');
		await page.waitForSelector('.search-results a[href*="staying-up"]');
		expect((await worker).url()).toBe(`${at.server.origin}/pagefind/pagefind-worker.js`);
		expect((await fetch(at.server.origin + LESSON)).headers.get('content-security-policy')).not.toContain('wasm');
		expect(faults).toEqual([]);
		await page.context().close();
	});
});
