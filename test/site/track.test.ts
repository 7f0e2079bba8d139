/** The track in a browser: lessons, search, reading progress, glossary, Korean, paper. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLessons } from '../../src/lib/lessons/lesson-files.ts';
import { breaches, buildSite, DIST, hasBrowser, launch, openPage } from './browser.ts';
import { type Mock, startMock } from './mock/server.ts';

const lessons = await readLessons('content/track/lessons');
const FIRST = '/track/month-1/processes/';
const PAGES = [
	...lessons.map(({ id }) => `/track/${id}/`),
	'/glossary/',
	'/track/',
	'/track/month-1/',
	'/ko/',
	'/ko/track/',
	'/ko/track/month-2/',
	`/ko${FIRST}`,
];
/** The ceiling for pages without a terminal. */
const SCRIPT_LIMIT_KB = 60;
/** Astro's own build may take this long on a busy machine. */
const BUILD_LIMIT_MS = 20_000;

/** Sum of unexpected layout shifts while the page loads and its progress arrives. */
const shiftOf = (page: Page): Promise<number> =>
	page.evaluate(
		() =>
			new Promise<number>((done) => {
				let sum = 0;
				new PerformanceObserver((list) => {
					for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
						if (!entry.hadRecentInput) sum += entry.value;
				}).observe({ type: 'layout-shift', buffered: true });
				setTimeout(() => done(sum), 300);
			}),
	);

/** Runs in the page: words of diagrams that leave their box or the picture, or lie on each other. */
function crowded(): string[] {
	const faults: string[] = [];
	for (const svg of document.querySelectorAll('.drawing svg')) {
		const whole = svg.getBoundingClientRect();
		const boxes = [...svg.querySelectorAll('rect')].map((rect) => rect.getBoundingClientRect()).sort((a, b) => a.width * a.height - b.width * b.height);
		const texts = [...svg.querySelectorAll('text')].map((text) => ({ words: text.textContent ?? '', at: text.getBoundingClientRect() }));
		for (const [index, { words, at }] of texts.entries()) {
			const [x, y] = [(at.left + at.right) / 2, (at.top + at.bottom) / 2];
			const box = boxes.find((rect) => x > rect.left && x < rect.right && y > rect.top && y < rect.bottom) ?? whole;
			if (at.left < box.left + 1 || at.right > box.right - 1) faults.push(`“${words}” is wider than its box`);
			for (const other of texts.slice(index + 1))
				if (at.left < other.at.right - 1 && other.at.left < at.right - 1 && at.top < other.at.bottom - 3 && other.at.top < at.bottom - 3)
					faults.push(`“${words}” lies on “${other.words}”`);
		}
	}
	return faults;
}

describe.skipIf(!hasBrowser)('the track', () => {
	let browser: Browser;
	let mock: Mock;
	let built = 0;
	beforeAll(async () => {
		built = await buildSite();
		[browser, mock] = await Promise.all([launch(), startMock({ dist: DIST })]);
	});
	afterAll(async () => {
		await browser.close();
		await mock.close();
	});

	it('is built in time, search and all', () => {
		expect(built).toBeLessThan(BUILD_LIMIT_MS);
	});

	it.each(PAGES)('%s: no breach of WCAG AA in either theme, wide or narrow, nothing moves, nothing fails', async (path) => {
		for (const [colorScheme, width] of [
			['light', 1440],
			['dark', 390],
		] as const) {
			const { page, faults } = await openPage(browser, mock.url + path, { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' });
			expect(await shiftOf(page), `${width} px`).toBeLessThan(0.02);
			expect(await breaches(page), `${colorScheme}, ${width} px`).toEqual([]);
			expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${width} px`).toBeLessThanOrEqual(0);
			expect(faults).toEqual([]);
			await page.context().close();
		}
	});

	it.each(lessons.map(({ id }) => id))('%s: words in its diagrams stay inside of their boxes, and apart', async (id) => {
		const { page } = await openPage(browser, `${mock.url}/track/${id}/`);
		expect(await page.evaluate(crowded)).toEqual([]);
		await page.context().close();
	});

	it(`ships less than ${SCRIPT_LIMIT_KB} KB of script with a lesson`, async () => {
		const context = await browser.newContext();
		const page = await context.newPage();
		const sizes: Promise<number>[] = [];
		page.on('response', (response) => {
			if (response.request().resourceType() === 'script') sizes.push(response.body().then((body) => body.length));
		});
		await page.goto(mock.url + FIRST, { waitUntil: 'networkidle' });
		expect((await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)).toBeLessThan(SCRIPT_LIMIT_KB * 1024);
		await context.close();
	});

	it('keeps what was read, shows it on month and track, and takes it back', async () => {
		const { page } = await openPage(browser, mock.url + FIRST);
		await page.click('button:has-text("Mark as read")');
		await page.waitForSelector('[data-mark-read][aria-pressed="true"]');
		await page.reload();
		await page.waitForSelector('[data-mark-read][aria-pressed="true"]');
		await page.goto(`${mock.url}/track/month-1/`);
		await page.waitForSelector('[data-lesson="month-1/processes"] .badge:has-text("✓ Read")');
		await page.waitForSelector(`text=1 of ${lessons.filter(({ id }) => id.startsWith('month-1/')).length} lessons read`);
		await page.goto(`${mock.url}/track/`);
		await page.waitForSelector('[data-lesson="month-1/processes"] .badge:has-text("✓ Read")');
		await page.waitForSelector(`[data-continue]:has-text("Go on reading: ")[href="/track/${lessons[1]?.id}/"]`);
		await page.goto(mock.url + FIRST);
		await page.click('[data-mark-read][aria-pressed="true"]');
		await page.waitForSelector('[data-mark-read][aria-pressed="false"]');
		await page.context().close();
	});

	it('goes through all lessons by their links to the next', async () => {
		const { page } = await openPage(browser, mock.url + FIRST);
		for (const { id } of lessons.slice(1)) {
			await page.click('a[rel="next"]');
			await page.waitForURL(`**/track/${id}/`);
		}
		expect(await page.locator('a[rel="next"]').count()).toBe(0);
		await page.context().close();
	});

	it('copies the commands of a block, without prompts and output', async () => {
		const { page } = await openPage(browser, mock.url + FIRST, { permissions: ['clipboard-read', 'clipboard-write'] });
		const block = page.locator('[data-block]:has-text("kubectl logs broken")');
		await block.locator('[data-copy]').click();
		await block.locator('[data-copy]:has-text("Copied")').waitFor();
		const copied = await page.evaluate(() => navigator.clipboard.readText());
		expect(copied.split('\n')).toHaveLength(4);
		expect(copied.split('\n').every((line) => line.startsWith('kubectl '))).toBe(true);
		expect(await block.locator('a.try').getAttribute('href')).toBe('/labs/three-tiers/');
		await page.context().close();
	});

	it('finds lessons and terms from the keyboard alone, under the strict policy', async () => {
		const { page, faults } = await openPage(browser, `${mock.url}/track/`);
		await page.keyboard.press('/');
		await page.waitForSelector('#search[open]');
		await page.keyboard.type('zombie');
		await page.waitForSelector('.search-results a');
		expect(await page.textContent('#search-status')).toMatch(/\d+ places? found/);
		await page.keyboard.press('ArrowDown');
		const wanted = await page.evaluate(() => (document.activeElement as HTMLAnchorElement).href);
		await page.keyboard.press('Enter');
		await page.waitForURL(wanted);
		expect(wanted).toMatch(/processes|glossary/);
		await page.keyboard.press('/');
		await page.waitForSelector('#search[open]');
		expect(await breaches(page)).toEqual([]);
		await page.keyboard.press('Escape');
		expect(await page.locator('#search[open]').count()).toBe(0);
		expect(faults).toEqual([]);
		await page.context().close();
	});

	it('says so when nothing is found, and finds what is new to be found in another language', async () => {
		const { page } = await openPage(browser, `${mock.url}/ko/track/`);
		await page.click('#search-open');
		await page.fill('#search-words', '쀍쀍쀍');
		await page.waitForSelector('text=‘쀍쀍쀍’에 대한 결과가 없습니다.');
		await page.fill('#search-words', '쿠버네티스');
		await page.waitForSelector('.search-results a[href*="/ko/"]');
		await page.context().close();
	});

	it('leaves the slash to whoever types', async () => {
		const newcomer = await startMock({ dist: DIST, name: null, fresh: true });
		const { page } = await openPage(browser, newcomer.url);
		await page.fill('#name', 'Ada');
		await page.focus('#name');
		await page.keyboard.press('End');
		await page.keyboard.type('/B');
		expect(await page.inputValue('#name')).toBe('Ada/B');
		await page.context().close();
		await newcomer.close();
	});

	it('leads from a term to its place in the glossary, and from there to the lessons', async () => {
		const { page } = await openPage(browser, mock.url + FIRST);
		await page.click('.prose a.term >> nth=0');
		await page.waitForURL('**/glossary/#process');
		expect(await page.locator('#process').isVisible()).toBe(true);
		await page.click('.entry:has(#process) a[href="/track/month-1/processes/"]');
		await page.waitForURL(`**${FIRST}`);
		await page.context().close();
	});

	it('speaks Korean where it says so, and says where it does not', async () => {
		const { page } = await openPage(browser, `${mock.url}/track/month-1/`);
		await page.click('a[hreflang="ko"]');
		await page.waitForURL('**/ko/track/month-1/');
		expect(await page.getAttribute('html', 'lang')).toBe('ko');
		await page.click('[data-lesson="month-1/processes"] a');
		await page.waitForSelector('text=이 글은 아직 영어로만 제공됩니다.');
		expect(await page.getAttribute('.lesson-body', 'lang')).toBe('en');
		await page.waitForSelector('button:has-text("읽음으로 표시")');
		await page.context().close();
	});

	it('opens every answer on paper, and leaves out what only moves', async () => {
		const { page } = await openPage(browser, mock.url + FIRST);
		await page.emulateMedia({ media: 'print' });
		expect(await page.locator('.site-header').isVisible()).toBe(false);
		expect(await page.locator('.toc').isVisible()).toBe(false);
		await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
		expect(await page.locator('details:not([open])').count()).toBe(0);
		await page.evaluate(() => dispatchEvent(new Event('afterprint')));
		expect(await page.locator('details[open]').count()).toBe(0);
		await page.context().close();
	});
});
