/** The market worksheet from an empty sheet to a picture, and the hours that two places share. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { breaches, buildSite, DIST, hasBrowser, launch, openPage } from './browser.ts';
import { type Mock, startMock } from './mock/server.ts';

describe.skipIf(!hasBrowser)('the market', () => {
	let browser: Browser;
	let mock: Mock;
	beforeAll(async () => {
		await buildSite();
		browser = await launch();
	});
	afterAll(() => browser.close());
	beforeEach(async () => {
		mock = await startMock({ dist: DIST, fresh: true });
	});
	afterEach(() => mock.close());

	it('goes from an empty sheet to a median, asks for the rate it lacks, and takes a removal back', async () => {
		const { page, faults } = await openPage(browser, `${mock.url}/market/`);
		await page.waitForSelector('text=No listing yet.');
		for (const [title, low, high, currency, gpu] of [
			['Alpha', 100_000, 120_000, 'USD', false],
			['Beta', 150_000, 170_000, 'USD', true],
			['Gamma', 90_000, 100_000, 'eur', false],
		] as const) {
			await page.fill('[name="title"]', title);
			await page.fill('[name="minimum"]', String(low));
			await page.fill('[name="maximum"]', String(high));
			await page.fill('#listing-form [name="currency"]', currency);
			await page.setChecked('[name="gpu"]', gpu);
			await page.keyboard.press('Enter');
			await page.waitForSelector(`[aria-label="Remove: ${title}"]`);
		}
		await page.waitForSelector('text=1 listings in EUR wait for an exchange rate.');
		await page.fill('[name="worth-EUR"]', '1.2');
		await page.fill('[name="own"]', '115000');
		await page.keyboard.press('Enter');
		await page.waitForSelector('text=Yours: 115,000 USD a year.');
		expect(await page.textContent('.market-facts')).toContain('114,000 USD');
		expect(await page.textContent('.market-premiums')).toContain('too few for an interval');
		expect(await page.textContent('.ranges desc')).toContain('3 ranges');
		await page.click('[aria-label="Remove: Alpha"]');
		await page.waitForSelector('text=Removed “Alpha”.');
		expect(await page.locator('[aria-label="Remove: Alpha"]').count()).toBe(0);
		// The way back has the focus.
		await page.keyboard.press('Enter');
		await page.waitForSelector('[aria-label="Remove: Alpha"]');
		expect(await breaches(page)).toEqual([]);
		expect(faults).toEqual([]);
		await page.context().close();
	});

	it('draws shared hours on the reader’s own clock, summer time included', async () => {
		const { page } = await openPage(browser, `${mock.url}/market/abroad/`, { timezoneId: 'Asia/Seoul' });
		await page.fill('[name="day"]', '2026-01-15');
		expect(await page.textContent('[data-hours="san-francisco"]')).toBe('2 h shared');
		await page.fill('[name="day"]', '2026-07-15');
		expect(await page.textContent('[data-hours="san-francisco"]')).toBe('1 h shared');
		await page.selectOption('[name="from"]', '22');
		await page.selectOption('[name="to"]', '6');
		expect(await page.textContent('[data-hours="new-york"]')).toBe('8 h shared');
		await page.context().close();
	});
});
