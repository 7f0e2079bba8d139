/** What holds for every kind of page: nothing moves while it loads, it prints, and the keyboard reaches all of it. */
import { readdir } from 'node:fs/promises';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSite, DIST, hasBrowser, launch, openPage } from './browser.ts';
import { KINDS, type PageKind } from './kinds.ts';
import { type Mock, startMock } from './mock/server.ts';

/** Half of what web.dev calls good. */
const SHIFT_LIMIT = 0.05;
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
/** A4 less margins of a centimetre, in CSS pixels. */
const PAPER = { width: 718, height: 1047 };

interface Stop {
	readonly name: string;
	readonly ring: boolean;
}

/** Notes in the page what gets the focus, and whether one sees that. */
function watchFocus(): void {
	const stops: Stop[] = [];
	Object.assign(window, { stops });
	document.addEventListener('focusin', ({ target }) => {
		if (!(target instanceof HTMLElement || target instanceof SVGElement)) return;
		const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(target);
		target.setAttribute('data-was-reached', '');
		stops.push({
			name: `${target.localName}#${target.id}.${target.className} ${target.outerHTML.slice(0, 90)}`,
			ring: (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2) || boxShadow !== 'none',
		});
	});
}

const stopsOf = (page: Page): Promise<Stop[]> => page.evaluate(() => (window as unknown as { stops: Stop[] }).stops);

/** What takes the focus by Tab but did not get it. Of a group of radio buttons one is enough: arrow keys lead to the others. */
function notReached(): string[] {
	const candidates = document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex="0"]');
	const group = (one: Element): string | undefined => (one instanceof HTMLInputElement && one.type === 'radio' ? one.name : undefined);
	const groups = new Set([...document.querySelectorAll('[data-was-reached]')].map(group));
	return [...candidates]
		.filter((one) => one.tabIndex >= 0 && !one.matches(':disabled') && one.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }))
		.filter((one) => !one.hasAttribute('data-was-reached') && !(group(one) !== undefined && groups.has(group(one))))
		.map((one) => one.outerHTML.slice(0, 120));
}

/** Runs in the page: what only works on a screen, but shows. */
function screenOnly(): string[] {
	return [...document.querySelectorAll('.site-header, .site-footer, nav, button, input, select, textarea, dialog')]
		.filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0)
		.map((one) => one.outerHTML.slice(0, 120));
}

describe.skipIf(!hasBrowser)('every kind of page', () => {
	let browser: Browser;
	let mock: Mock;
	beforeAll(async () => {
		await buildSite();
		[browser, mock] = await Promise.all([launch(), startMock({ dist: DIST })]);
		mock.session.setStage('running');
	});
	afterAll(async () => {
		await browser.close();
		await mock.close();
	});

	async function open({ path, drawn }: PageKind, options: BrowserContextOptions): Promise<Page> {
		const { page } = await openPage(browser, mock.url + path, { reducedMotion: 'reduce', ...options });
		if (drawn !== undefined) await page.waitForSelector(drawn, { state: 'attached' });
		await page.waitForLoadState('networkidle');
		return page;
	}

	it('is looked at: none that the build makes is forgotten', async () => {
		// Pages made one for each lesson, lab, month and exercise count as one kind; so do the languages, beyond the start page.
		const kindOf = (path: string): string =>
			path
				.replace(/^\/ko\/.+/, '/ko/')
				.replace(/\/month-\d+\/[^/]+\/$/, '/month/lesson/')
				.replace(/\/month-\d+\/$/, '/month/')
				.replace(/^\/labs\/.+/, '/labs/one/')
				.replace(/^\/market\/.+/, '/market/one/')
				.replace(/\/exercises\/.+/, '/exercises/one/');
		const built = (await readdir(DIST, { recursive: true }))
			.filter((file) => file.endsWith('index.html'))
			.map((file) => kindOf(`/${file.replace(/index\.html$/, '')}`));
		const looked = new Set(KINDS.map(({ path }) => kindOf(path.replace(/[?#].*/, ''))));
		expect([...new Set(built)].filter((kind) => !looked.has(kind))).toEqual([]);
	});

	it.each(KINDS)('$path: nothing moves while it loads', async (kind) => {
		for (const viewport of [DESKTOP, PHONE]) {
			const page = await open(kind, { viewport });
			const moved = await page.evaluate(
				() =>
					new Promise<{ sum: number; what: string[] }>((done) => {
						new PerformanceObserver((list) => {
							const entries = (list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean; sources: { node?: Node }[] })[]).filter(
								(entry) => !entry.hadRecentInput,
							);
							done({
								sum: entries.reduce((sum, { value }) => sum + value, 0),
								what: entries.flatMap(({ value, sources }) =>
									sources.map(({ node }) => `${value.toFixed(3)} ${node instanceof Element ? node.outerHTML.slice(0, 100) : node?.nodeName}`),
								),
							});
						}).observe({ type: 'layout-shift', buffered: true });
						// No entry, no call: two frames later there was none.
						requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done({ sum: 0, what: [] }))));
					}),
			);
			expect(moved.sum, `${viewport.width} px: ${moved.what.join('\n')}`).toBeLessThan(SHIFT_LIMIT);
			await page.context().close();
		}
	});

	it.each(KINDS)('$path: prints its words, and nothing that only works on a screen', async (kind) => {
		const page = await open(kind, { viewport: PAPER, colorScheme: 'dark' });
		await page.emulateMedia({ media: 'print' });
		expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
		expect(await page.evaluate(screenOnly)).toEqual([]);
		// biome-ignore lint/performance/useDomNodeTextContent: as it is rendered, since what paper hides does not count
		expect((await page.locator('main').innerText()).length).toBeGreaterThan(15);
		// The root's own style follows the medium a frame later than the rest.
		await page.waitForFunction(() => getComputedStyle(document.documentElement).backgroundColor === 'rgb(255, 255, 255)', undefined, { timeout: 10_000 });
		await page.context().close();
	});

	it.each(KINDS)('$path: the Tab key reaches everything, visibly, and leaves it again', async (kind) => {
		// Terminal and editor keep Tab for themselves, with F6 as the way out (tested with the lab); a narrow screen shows everything else.
		const page = await open(kind, { viewport: kind.path.startsWith('/labs/three') ? PHONE : DESKTOP });
		await page.evaluate(watchFocus);
		const rounds = async (): Promise<number> => (await stopsOf(page)).filter(({ name }) => name.includes('class="skip"')).length;
		const ceiling = 60 + (await page.locator('a[href], button, input, select, textarea, summary, [tabindex="0"]').count());
		for (let pressed = 0; pressed < ceiling && (await rounds()) < 2; pressed += 20) for (let i = 0; i < 20; i++) await page.keyboard.press('Tab');
		expect(await rounds(), 'comes round').toBeGreaterThan(1);
		expect(await page.evaluate(notReached)).toEqual([]);
		expect((await stopsOf(page)).filter(({ ring }) => !ring).map(({ name }) => name)).toEqual([]);
		await page.context().close();
	});

	it('sees a ring that is missing and what was not reached, so that its silence means something', async () => {
		const page = await open({ path: '/help/' }, { viewport: DESKTOP });
		await page.addStyleTag({ content: ':focus-visible { outline: none !important; box-shadow: none !important; }' });
		await page.evaluate(watchFocus);
		await page.keyboard.press('Tab');
		await page.keyboard.press('Tab');
		expect((await stopsOf(page)).map(({ ring }) => ring)).toEqual([false, false]);
		expect((await page.evaluate(notReached)).length).toBeGreaterThan(5);
		await page.context().close();
	});

	it.each([390, 768, 1024, 1440])('the header holds at %i px, with the link of this page in sight', async (width) => {
		for (const path of ['/', '/market/', '/help/', '/labs/three-tiers/']) {
			const page = await open({ path, drawn: '#who a' }, { viewport: { width, height: 900 } });
			expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), path).toBeLessThanOrEqual(0);
			const outside = await page.evaluate(() => {
				const within = (one: Element, room: DOMRect): boolean => {
					const { left, right } = one.getBoundingClientRect();
					return left >= room.left - 1 && right <= room.right + 1;
				};
				const [row, nav, here] = ['.site-header .wrap', '.site-nav', '.site-nav [aria-current]'].map((place) => document.querySelector(place));
				if (!row || !nav) return ['no header'];
				const parts = [...row.children].filter((part) => part.getClientRects().length > 0 && !within(part, row.getBoundingClientRect()));
				return [...parts, ...(here && !within(here, nav.getBoundingClientRect()) ? [here] : [])].map((part) => part.outerHTML.slice(0, 80));
			});
			expect(outside, path).toEqual([]);
			await page.context().close();
		}
	});
});
