/** A first visit to a plan and to a self-assessment on the real server: what was kept outlives a kill, and what may not be is refused. */
import { describe, expect, it } from 'vitest';
import { hasBrowser, openPage } from '../site/browser.ts';
import { stage } from './stage.ts';

describe.skipIf(!hasBrowser)('plan and self-assessment on the real server', () => {
	const at = stage('career');

	it('leads from the first page to a plan, keeps it through kill -9, and gives it as a calendar', async () => {
		const { page, faults } = await openPage(at.browser, at.server.link);
		await page.waitForURL(`${at.server.origin}/`);
		await page.fill('#name', 'Ada');
		await page.click('text=Begin');
		await page.waitForSelector('#who:has-text("Ada")');
		await page.click('.site-nav a:has-text("Plan")');
		await page.waitForSelector('text=You have no plan yet.');
		await page.check('input[name="start"][value="devops"]');
		await page.click('text=Adopt this plan');
		await page.waitForSelector('text=You are where the plan wants you to be.');
		const summary = await page.textContent('.plan-summary');
		await at.restart();
		await page.reload();
		await page.waitForSelector('.plan-summary');
		expect(await page.textContent('.plan-summary')).toBe(summary);
		const download = page.waitForEvent('download');
		await page.click('text=Calendar file (.ics)');
		expect((await download).suggestedFilename()).toBe('foothold-track.ics');
		const ics = await page.evaluate(async () => {
			const response = await fetch('/api/plan/track.ics');
			return { type: response.headers.get('content-type'), text: await response.text() };
		});
		expect(ics.type).toBe('text/calendar; charset=utf-8');
		expect(ics.text.match(/BEGIN:VEVENT\r\n/g)?.length).toBe(await page.locator('[data-milestone]').count());
		expect(faults).toEqual([]);
		await page.context().close();
	});

	it('keeps a rating with its link through kill -9', async () => {
		const { page } = await openPage(at.browser, at.server.link);
		await page.waitForURL(`${at.server.origin}/`);
		await page.goto(`${at.server.origin}/rubric/#product`);
		const form = '[data-rate="product"]';
		await page.check(`${form} input[value="mid"]`);
		await page.fill(`${form} input[name="url"]`, 'https://github.com/ada/golden-path');
		await page.fill(`${form} input[name="claim"]`, 'A scaffold that two teams use');
		await page.click(`${form} button`);
		await page.waitForSelector(`${form} >> text=Your rating is kept.`);
		await at.restart();
		await page.reload();
		await page.waitForSelector('[data-dimension="product"] [data-cell="self"]:has-text("Mid")');
		await page.context().close();
	});

	it('takes an engineer who only takes stock from a rating to the gap, three next things, a timed exercise and a market’s median', async () => {
		const { page, faults } = await openPage(at.browser, at.server.link);
		await page.waitForURL(`${at.server.origin}/`);
		await page.click('main a[href="/rubric/"]');
		await page.waitForSelector('#next-things li');
		const gap = (dimension: string): string => `[data-dimension="${dimension}"] [data-cell="gap"]`;
		expect(await page.textContent(gap('observability'))).toBe('3 of 3 steps');
		await page.click('a[href="#observability"]');
		const form = '[data-rate="observability"]';
		await page.check(`${form} input[value="mid"]`);
		await page.fill(`${form} input[name="url"]`, 'https://example.com/slo');
		await page.fill(`${form} input[name="claim"]`, 'Objectives that two teams are paged by');
		await page.click(`${form} button`);
		await page.waitForSelector(`${form} >> text=Your rating is kept.`);
		await page.waitForSelector(`${gap('observability')}:has-text("1 of 3 steps")`);
		expect(await page.locator('#next-things li').count()).toBe(3);
		expect(await page.textContent('#next-things')).toContain('Would lift');

		await page.goto(`${at.server.origin}/rubric/`);
		await page.click('a[href="/rubric/exercises/rfc-discussion/"]');
		const full = await page.textContent('#clock');
		await page.click('#clock-button');
		await page.waitForFunction((before) => document.querySelector('#clock')?.textContent !== before, full);
		await page.click('#clock-button');
		for (const criterion of await page.locator('#round fieldset:has(.scores)').all()) await criterion.locator('input[value="2"]').check();
		await page.fill('#round textarea', 'Costs came too late.');
		await page.click('#round button[type="submit"]');
		await page.waitForSelector('#runs td:has-text("Costs came too late.")');

		await page.goto(`${at.server.origin}/market/`);
		await page.waitForSelector('text=No listing yet.');
		for (let n = 1; n <= 12; n++) {
			await page.fill('#listing-form [name="title"]', `Platform engineer ${n}`);
			await page.fill('[name="minimum"]', String(90_000 + n * 5_000));
			await page.fill('[name="maximum"]', String(110_000 + n * 5_000));
			await page.keyboard.press('Enter');
			await page.waitForSelector(`[aria-label="Remove: Platform engineer ${n}"]`);
		}
		// The middles run from 105,000 to 160,000.
		expect(await page.textContent('.market-facts')).toContain('132,500 USD');
		await at.restart();
		await page.reload();
		await page.waitForSelector('.market-facts:has-text("132,500 USD")');
		expect(await page.locator('#market-listings tbody tr').count()).toBe(12);
		await page.goto(`${at.server.origin}/rubric/`);
		await page.waitForSelector(`${gap('observability')}:has-text("1 of 3 steps")`);
		expect(faults).toEqual([]);
		await page.context().close();
	});

	it('refuses what may not be kept, and tells nothing to whoever is not signed in', async () => {
		const { page } = await openPage(at.browser, at.server.link);
		await page.waitForURL(`${at.server.origin}/`);
		const post = (path: string, body: unknown) =>
			page.evaluate(
				async ([to, text]) => {
					const response = await fetch(to, { method: 'POST', body: text });
					return { status: response.status, text: await response.text() };
				},
				[path, JSON.stringify(body)] as const,
			);
		const senior = { action: 'rate', dimension: 'security', level: 'senior', pieces: [] };
		const refused = await post('/api/assessment', senior);
		expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('2 independent pieces')]);
		expect((await post('/api/assessment', { ...senior, by: 'mentor', level: 'mid' })).status).toBe(400);
		expect((await post('/api/plan', { action: 'adopt', kind: 'track', plan: {} })).status).toBe(400);
		expect((await post('/api/plan', { action: 'undo', kind: 'other' })).status).toBe(400);
		for (const path of ['/api/plan', '/api/plan/track.ics', '/api/assessment'])
			expect([path, (await fetch(at.server.origin + path)).status]).toEqual([path, 401]);
		expect(await page.evaluate(async () => (await fetch('/api/plan/role.ics')).status)).toBe(404);
		await page.context().close();
	});
});
