/** The portfolio on the real server: work declared, everything taken along, and a badge that anybody can verify, by the site and from a folder. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { breaches, hasBrowser, openPage } from '../site/browser.ts';
import { passedRecord } from './record.ts';
import { root } from './server.ts';
import { stage } from './stage.ts';

describe.skipIf(!hasBrowser)('the portfolio on the real server', () => {
	const at = stage('portfolio', (data) => {
		mkdirSync(join(data, 'learners'), { recursive: true, mode: 0o700 });
		writeFileSync(join(data, 'learners', 'local.json'), JSON.stringify(passedRecord()));
	});
	const unpacked = join(at.data, 'unpacked');
	const shots = join(root, 'test-results');
	let page: Page;
	let faults: string[];

	beforeAll(async () => {
		mkdirSync(shots, { recursive: true });
		({ page, faults } = await openPage(at.browser, at.server.link));
		await page.waitForURL(`${at.server.origin}/`);
	});

	const download = async (selector: string): Promise<Buffer> => {
		const [file] = await Promise.all([page.waitForEvent('download'), page.click(selector)]);
		return readFile(await file.path());
	};

	it('takes a piece of work elsewhere as self-declared, counts it, and takes a removal back', async () => {
		await page.goto(`${at.server.origin}/portfolio/`);
		await page.waitForSelector('[data-deliverable="month-2-three-tier-app"] .evidence');
		await page.selectOption('[name="deliverable"]', 'mentoring-reviews');
		await page.selectOption('[name="kind"]', 'review');
		await page.fill('[name="title"]', 'Reviews for the platform guild');
		await page.fill('[name="url"]', 'https://example.com/reviews');
		await page.fill('[name="claim"]', 'Twelve reviews of juniors’ pull requests, with what changed afterwards.');
		await page.fill('[name="count"]', '12');
		await page.click('#declare-save');
		const place = '[data-deliverable="mentoring-reviews"]';
		await page.waitForSelector(`${place} >> text=12 of 50 reviews for the senior level`);
		expect(await page.textContent(`${place} .declared`)).toContain('Self-declared');
		await page.click('[aria-label="Remove: Reviews for the platform guild"]');
		await page.waitForSelector(`${place} >> text=No evidence yet.`);
		await page.keyboard.press('Enter');
		await page.waitForSelector(`${place} .declared`);
		expect(await breaches(page)).toEqual([]);
		await page.screenshot({ path: join(shots, 'portfolio.png'), fullPage: true });
	});

	it('leaves as a site whose pages open from a folder, with a badge that its own page verifies', async () => {
		for (const [path, bytes] of Object.entries(unzipSync(await download('[data-export="site.zip"]')))) {
			mkdirSync(dirname(join(unpacked, path)), { recursive: true });
			writeFileSync(join(unpacked, path), bytes);
		}
		const outside = await (await at.browser.newContext()).newPage();
		await outside.goto(`file://${unpacked}/portfolio/index.html`);
		expect(await outside.textContent('h1')).toBe('Portfolio of Robin');
		expect(await breaches(outside)).toEqual([]);
		await outside.screenshot({ path: join(shots, 'portfolio-export.png'), fullPage: true });
		await outside.goto(`file://${unpacked}/portfolio/evidence/ev-1/index.html`);
		expect(await breaches(outside)).toEqual([]);
		await outside.goto(`file://${unpacked}/portfolio/verify.html`);
		await outside.setInputFiles('[name="file"]', join(unpacked, 'portfolio/evidence/ev-1/badge.svg'));
		await outside.click('button');
		await outside.waitForSelector('text=The signature is good');
		await outside.context().close();
	});

	it('leaves as PDF and as a résumé', async () => {
		const pdf = await download('[data-export="portfolio.pdf"]');
		expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
		expect(pdf.length).toBeGreaterThan(5_000);
		const resume = JSON.parse(String(await download('[data-export="resume.json"]'))) as { readonly basics: unknown; readonly projects: readonly unknown[] };
		expect(resume.basics).toMatchObject({ name: 'Robin' });
		expect(resume.projects).toHaveLength(1);
		expect(faults).toEqual([]);
	});

	it('has its badges verified by anybody, who learns whether they were altered and whose they are', async () => {
		const good = readFileSync(join(unpacked, 'portfolio/evidence/ev-1/badge.json'), 'utf8');
		const visitor = await (await at.browser.newContext()).newPage();
		await visitor.goto(`${at.server.origin}/portfolio/verify/`);
		const verdict = async (text: string): Promise<string> => {
			await visitor.fill('[name="text"]', text);
			await visitor.click('#verify-form button');
			return (await visitor.textContent('#verify-result')) ?? '';
		};
		await visitor.waitForSelector('#issuer-key:not(:empty)');
		await expect.poll(() => verdict(good)).toContain('It was signed by this server.');
		expect(await verdict(good)).toContain('Robin, 92 of 100 points, 2026-11-12');
		await expect.poll(() => verdict(good.replace(/\.(\w)/, (_, c: string) => `.${c === 'e' ? 'f' : 'e'}`))).toMatch(/does not fit|no badge/);
		await visitor.context().close();
	});

	it('keeps its key over a restart', async () => {
		const key = async (): Promise<unknown> => (await fetch(`${at.server.origin}/api/issuer`)).json();
		const before = await key();
		await at.restart();
		expect(await key()).toEqual(before);
	});
});
