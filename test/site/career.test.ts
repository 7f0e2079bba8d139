/** Plan and self-assessment from a first visit on: the check, a plan with dates, falling behind and going back; ratings with evidence, exercises. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breaches, buildSite, DIST, hasBrowser, launch, openPage } from './browser.ts';
import { type Mock, startMock } from './mock/server.ts';

const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
/** Sum of layout shifts since the page was opened. */
const shifts = (page: Page): Promise<number> =>
	page.evaluate(
		() =>
			new Promise<number>((resolve) => {
				let sum = 0;
				new PerformanceObserver((entries) => {
					for (const entry of entries.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) if (!entry.hadRecentInput) sum += entry.value;
				}).observe({ type: 'layout-shift', buffered: true });
				setTimeout(() => resolve(sum), 100);
			}),
	);

describe.skipIf(!hasBrowser)('the plan', () => {
	let browser: Browser;
	let mock: Mock;
	beforeAll(async () => {
		await buildSite();
		[browser, mock] = await Promise.all([launch(), startMock({ dist: DIST, fresh: true })]);
	});
	afterAll(async () => {
		await browser.close();
		await mock.close();
	});

	it('is proposed by the check, which explains each answer, and decided by the learner', async () => {
		const { page, faults } = await openPage(browser, `${mock.url}/plan/`);
		await page.waitForSelector('text=You have no plan yet.');
		for (const right of ['port-in-use:0', 'term-ignored:1', 'no-endpoints:2', 'liveness-database:3', 'drift:1', 'build-once:0']) {
			const [name, value] = right.split(':');
			await page.check(`input[name="${name}"][value="${value}"]`);
		}
		await page.fill('input[name="terminal"]', '8181');
		await page.check('input[name="years"][value="some"]');
		await page.click('text=Check my answers');
		await page.waitForSelector('#proposal:focus');
		expect(await page.textContent('#proposal')).toContain('2 to 3 years of DevOps');
		expect(await page.textContent('#proposal')).toContain('6 of 7 right about months 1 to 3');
		expect(await page.textContent('[data-answer="build-once"]')).toContain('Not right');
		expect(await page.textContent('[data-answer="audit-secret"]')).toContain('Not answered');
		expect(await page.isChecked('input[name="start"][value="devops"]')).toBe(true);
		await page.check('input[name="start"][value="none"]');
		expect(await page.isChecked('input[name="known"][value="2"]')).toBe(true);
		expect(await page.textContent('#plan-preview')).toMatch(/milestones, \d+ weeks/);
		expect(faults).toEqual([]);
		await page.context().close();
	});

	it('is made by the keyboard alone, and follows hours and months known', async () => {
		const { page } = await openPage(browser, `${mock.url}/plan/`);
		await page.focus('input[name="hours"]');
		await page.keyboard.press('Control+A');
		await page.keyboard.type('20');
		const before = await page.textContent('#plan-preview');
		await page.focus('input[name="known"][value="1"]:not([disabled]), input[name="known"][value="4"]');
		await page.keyboard.press('Space');
		expect(await page.textContent('#plan-preview')).not.toBe(before);
		await page.focus('#plan-form button');
		await page.keyboard.press('Enter');
		await page.waitForSelector('#plan-said:focus');
		await page.reload();
		await page.waitForSelector('text=You are where the plan wants you to be.');
		expect(await page.textContent('.plan-summary')).toContain('20 hours a week');
		await page.context().close();
	});

	it('says how far behind one is, moves nothing unasked, and goes back', async () => {
		const { page } = await openPage(browser, `${mock.url}/plan/`);
		await page.check('input[name="start"][value="none"]');
		for (const box of await page.locator('input[name="known"]:checked').all()) await box.uncheck();
		await page.fill('input[name="hours"]', '10');
		await page.fill('input[name="begins"]', daysAgo(60));
		await page.click('text=Adopt this plan');
		await page.waitForSelector('#plan-behind');
		expect(await page.textContent('#plan-behind')).toMatch(/You are \d+(\.\d)? weeks behind/);
		const summary = await page.textContent('.plan-summary');
		await page.reload();
		expect(await page.textContent('.plan-summary')).toBe(summary);
		expect(await page.locator('[data-offer="cut"] li').count()).toBeGreaterThan(0);
		await page.click('[data-offer="extended"] button');
		await page.waitForSelector('text=You are where the plan wants you to be.');
		expect(await page.textContent('.plan-summary')).not.toBe(summary);
		await page.click('#plan-undo');
		await page.waitForSelector('#plan-behind');
		expect(await page.textContent('.plan-summary')).toBe(summary);
		await page.context().close();
	});

	it('calls what is ticked declared, and keeps the keyboard where it was', async () => {
		const { page } = await openPage(browser, `${mock.url}/plan/`);
		const row = '[data-milestone="month-1/lab/five-machines"]';
		await page.focus(`${row} input`);
		await page.keyboard.press('Space');
		await page.waitForSelector(`${row} .badge:has-text("Declared")`);
		expect(await page.evaluate(() => document.activeElement?.closest('[data-milestone]')?.getAttribute('data-milestone'))).toBe('month-1/lab/five-machines');
		await page.keyboard.press('Space');
		await page.waitForSelector(`${row} .badge:has-text("Declared")`, { state: 'detached' });
		await page.context().close();
	});

	it('of the role has its own dates', async () => {
		const { page } = await openPage(browser, `${mock.url}/plan/role/`);
		await page.fill('input[name="begins"]', daysAgo(44));
		await page.click('text=Adopt this plan');
		await page.waitForSelector('text=You are 2 weeks behind.');
		expect(await page.locator('.plan-group h3').allTextContents()).toEqual(['30 days', '60 days', '90 days', '6 months', '12 months']);
		await page.context().close();
	});

	it.each(['light', 'dark'] as const)('has no breach of WCAG AA with a plan that is late, and nothing jumps: %s', async (colorScheme) => {
		for (const path of ['/plan/', '/plan/role/']) {
			const { page } = await openPage(browser, mock.url + path, { colorScheme, reducedMotion: 'reduce' });
			await page.waitForSelector('#plan-standing');
			expect(await breaches(page)).toEqual([]);
			expect(await shifts(page)).toBeLessThan(0.02);
			await page.context().close();
		}
	});

	it('prints what was agreed, without forms', async () => {
		const { page } = await openPage(browser, `${mock.url}/plan/`);
		await page.waitForSelector('#plan-standing');
		await page.emulateMedia({ media: 'print' });
		expect(await page.locator('#plan-form').isVisible()).toBe(false);
		expect(await page.locator('.plan-group').first().isVisible()).toBe(true);
		await page.context().close();
	});
});

describe.skipIf(!hasBrowser)('the self-assessment', () => {
	let browser: Browser;
	let mock: Mock;
	beforeAll(async () => {
		await buildSite();
		[browser, mock] = await Promise.all([launch(), startMock({ dist: DIST })]);
	});
	afterAll(async () => {
		await browser.close();
		await mock.close();
	});
	const form = '[data-rate="security"]';
	const cell = (name: string): string => `[data-dimension="security"] [data-cell="${name}"]`;

	it('refuses a senior claim on one piece, saying why, and takes it on two that are independent', async () => {
		const { page, faults } = await openPage(browser, `${mock.url}/rubric/#security`);
		await page.check(`${form} input[value="senior"]`);
		await page.check(`${form} label:has-text("Three tiers, attempt 2") input`);
		await page.click(`${form} button`);
		await page.waitForSelector('text=Senior needs two independent pieces of evidence. You have 1');
		await page.fill(`${form} input[name="url"]`, 'https://github.com/mina/policies');
		await page.click(`${form} button`);
		await page.waitForSelector('text=A link needs a web address and a claim');
		await page.fill(`${form} input[name="claim"]`, 'A policy set with its tests');
		await page.focus(`${form} button`);
		await page.keyboard.press('Enter');
		await page.waitForSelector(`${form} [role="status"]:focus`);
		expect(await page.textContent(cell('self'))).toBe('Senior');
		await page.reload();
		await page.waitForSelector(`${form} a[href="https://github.com/mina/policies"]`, { state: 'attached' });
		expect(await page.textContent(cell('graded'))).toBe('Started (1)');
		expect(await page.textContent(cell('mentor'))).toBe('Not yet seen');
		expect(await page.textContent(cell('gap'))).toContain('by your own word so far');
		expect(faults).toEqual([]);
		await page.context().close();
	});

	it('draws what the table says, names three next things, and keeps still while it loads', async () => {
		const { page } = await openPage(browser, `${mock.url}/rubric/`);
		await page.waitForSelector('#radar svg');
		expect(await shifts(page)).toBeLessThan(0.02);
		expect(await page.textContent('#radar desc')).toContain('Security engineering: Self 3, Graded 1, Mentor 0');
		expect(await page.locator('#radar .outline').count()).toBe(3);
		expect(await page.textContent('#over-time desc')).toMatch(/Now 3 by yourself and 4 graded/);
		expect(await page.locator('#next-things li').count()).toBe(3);
		expect(await page.locator('#next-things a').evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).pathname))).not.toContain(
			'/labs/three-tiers/',
		);
		await page.click('text=The same as a table');
		expect(await page.locator('#over-time tbody tr').count()).toBe(2);
		await page.context().close();
	});

	it.each(['light', 'dark'] as const)('has no breach of WCAG AA with a dimension open: %s', async (colorScheme) => {
		const { page } = await openPage(browser, `${mock.url}/rubric/#security`, { colorScheme, reducedMotion: 'reduce' });
		await page.waitForSelector(`${form} form`);
		expect(await breaches(page)).toEqual([]);
		await page.context().close();
	});

	it('has something to say to somebody with nothing', async () => {
		const fresh = await startMock({ dist: DIST, fresh: true });
		const { page } = await openPage(browser, `${fresh.url}/rubric/#product`);
		await page.waitForSelector('text=The line begins with your first rating');
		await page.waitForSelector('[data-rate="product"] >> text=No lab passed yet');
		expect(await page.locator('#next-things li').count()).toBe(3);
		await page.context().close();
		await fresh.close();
	});

	it('times an exercise, wants every score and a name, and keeps the round', async () => {
		const { page, faults } = await openPage(browser, `${mock.url}/rubric/exercises/rfc-discussion/`);
		await page.waitForSelector('text=No round yet.');
		await page.clock.install();
		await page.click('text=Start the clock');
		await page.clock.runFor(23 * 60_000);
		await page.waitForSelector('text=Half of the time is over.');
		expect(await page.textContent('#clock')).toBe('22:00 left');
		await page.clock.runFor(23 * 60_000);
		await page.waitForSelector('text=Time is up.');
		expect(await page.textContent('#clock')).toBe('1:00 over time');
		await page.click('text=Pause');
		await page.click('text=Keep this round');
		await page.waitForSelector('text=Score every criterion first.');
		for (const criterion of ['questions', 'rollout', 'compatibility', 'metrics']) await page.check(`input[name="${criterion}"][value="2"]`);
		await page.check('input[name="by"][value="mentor"]');
		await page.click('text=Keep this round');
		await page.waitForSelector('text=A name is needed.');
		await page.fill('input[name="mentor"]', 'Ada');
		await page.click('text=Keep this round');
		await page.waitForSelector('td:has-text("Ada, as typed in here")');
		expect(await page.textContent('#runs tbody')).toContain('8 / 12');
		expect(await page.textContent('#runs tbody')).toContain('46:00');
		expect(faults).toEqual([]);
		await page.context().close();
	});
});
