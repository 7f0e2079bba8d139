import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breaches, buildSite, DIST, hasBrowser, launch, openPage } from './browser.ts';
import { type Mock, startMock } from './mock/server.ts';

const PAGES = [
	'/',
	'/track/',
	'/track/month-2/',
	'/track/month-4/',
	'/labs/',
	'/labs/three-tiers/',
	'/portfolio/',
	'/portfolio/verify/',
	'/rubric/',
	'/plan/',
	'/rubric/exercises/rfc-discussion/',
	'/submissions/',
	'/submissions/new/',
	'/mentor/',
	'/mentor/cohort/',
	'/mentor/comments/',
	'/plan/role/',
	'/market/',
	'/market/abroad/',
	'/account/',
	'/join/#a-code-of-an-invitation',
	'/admin/',
	'/help/',
	'/no-such-page/',
];
const LIGHT_PAGES = PAGES.filter((path) => path !== '/labs/three-tiers/');
const SCRIPT_LIMIT_KB = 30;

describe.skipIf(!hasBrowser)('the pages', () => {
	let browser: Browser;
	let mock: Mock;
	beforeAll(async () => {
		await buildSite();
		[browser, mock] = await Promise.all([launch(), startMock({ dist: DIST })]);
		mock.session.setStage('starting');
	});
	afterAll(async () => {
		await browser.close();
		await mock.close();
	});

	describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
		it.each(PAGES)('%s has no breach of WCAG AA, wide or narrow, and loads without a fault', async (path) => {
			for (const viewport of [
				{ width: 1440, height: 900 },
				{ width: 390, height: 844 },
			]) {
				const { page, faults } = await openPage(browser, mock.url + path, { colorScheme, viewport, reducedMotion: 'reduce' });
				await page.waitForTimeout(400);
				expect(await breaches(page), `${viewport.width} px`).toEqual([]);
				expect(
					await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
					`${path} scrolls sideways at ${viewport.width} px`,
				).toBeLessThanOrEqual(0);
				expect(faults.filter((fault) => !fault.includes('404'))).toEqual([]);
				await page.context().close();
			}
		});
	});

	it.each(LIGHT_PAGES)(`%s ships less than ${SCRIPT_LIMIT_KB} KB of script`, async (path) => {
		const context = await browser.newContext();
		const page = await context.newPage();
		const sizes: Promise<number>[] = [];
		page.on('response', (response) => {
			if (response.request().resourceType() === 'script') sizes.push(response.body().then((body) => body.length));
		});
		await page.goto(mock.url + path, { waitUntil: 'networkidle' });
		const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
		expect(sizes.length).toBeGreaterThan(1);
		expect(bytes).toBeLessThan(SCRIPT_LIMIT_KB * 1024);
		await context.close();
	});

	it('remembers a chosen theme and applies it before anything is painted', async () => {
		const { page } = await openPage(browser, mock.url, { colorScheme: 'light' });
		await page.click('#theme-toggle');
		await page.goto(`${mock.url}/track/`, { waitUntil: 'commit' });
		await page.waitForSelector('body', { state: 'attached' });
		expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
		expect(await page.evaluate(() => getComputedStyle(document.body).colorScheme)).toBe('dark');
		await page.context().close();
	});

	it('leads past the header with the first Tab', async () => {
		const { page } = await openPage(browser, mock.url);
		await page.keyboard.press('Tab');
		await page.keyboard.press('Enter');
		expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
		await page.context().close();
	});

	it('offers the lab begun, and shows progress on its card', async () => {
		const { page } = await openPage(browser, mock.url);
		await page.waitForSelector('text=Continue: Three tiers');
		expect(await page.textContent('#who')).toBe('Mina Larsson');
		await page.goto(`${mock.url}/track/month-2/`);
		await page.waitForSelector('text=1 of 4 tasks done · best score 72 of 100');
		await page.context().close();
	});

	it('asks a newcomer for a name, refuses an empty one, and goes on with the first lab', async () => {
		const newcomer = await startMock({ dist: DIST, name: null, fresh: true });
		const { page } = await openPage(browser, newcomer.url);
		await page.fill('#name', '   ');
		await page.click('text=Begin');
		await page.waitForSelector('text=A name needs at least one letter.');
		await page.fill('#name', 'Ada <b>');
		await page.click('text=Begin');
		await page.waitForSelector('a:has-text("Start: Three tiers")');
		expect(await page.textContent('#who')).toBe('Ada <b>');
		await page.context().close();
		await newcomer.close();
	});

	it('says what to do when the browser is not signed in, on every page that needs it', async () => {
		const stranger = await startMock({ dist: DIST, signedOut: true });
		for (const path of ['/', '/portfolio/', '/rubric/', '/plan/', '/plan/role/']) {
			const { page } = await openPage(browser, stranger.url + path);
			await page.waitForSelector('text=Open the link that the start command printed');
			await page.context().close();
		}
		await stranger.close();
	});

	it('opens a piece of evidence from its address, with verdict, files and digest', async () => {
		const { page } = await openPage(browser, `${mock.url}/portfolio/#ev-2`);
		await page.waitForSelector('text=7 of 214 requests failed');
		expect(await page.textContent('#ev-2 summary')).toContain('Graded');
		await page.click('summary:has-text("/home/learner/api.yaml")');
		await page.waitForSelector('text=kind: Deployment');
		expect(await page.textContent('#ev-2 code')).toMatch(/^[0-9a-f]{64}$/);
		await page.context().close();
	});

	it('has words for an empty portfolio and a rubric where nothing moved', async () => {
		const fresh = await startMock({ dist: DIST, fresh: true });
		const { page } = await openPage(browser, `${fresh.url}/portfolio/`);
		await page.waitForSelector('text=Nothing here yet.');
		await page.goto(`${fresh.url}/rubric/`);
		await page.waitForSelector('text=Nothing has moved yet.');
		await page.context().close();
		await fresh.close();
	});

	it('shows on the rubric what moved, and the count against its target', async () => {
		const { page } = await openPage(browser, `${mock.url}/rubric/`);
		await page.waitForSelector('text=Moved last: Security and compliance');
		expect(await page.textContent('[data-row="incident-drills"] [data-standing]')).toContain('1 of 10 drills');
		await page.context().close();
	});

	it('keeps hints and their text out of the page', async () => {
		expect(await readFile(`${DIST}/labs/three-tiers/index.html`, 'utf8')).not.toContain('Follow one request from the ingress');
	});
});
