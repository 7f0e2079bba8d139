/** From an empty list of documents to a graded postmortem in the portfolio, on the real server, with a recorded attempt to draw facts from. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { excellent } from '../../server/documents/testing/postmortems.ts';
import { breaches } from '../site/browser.ts';
import { enter } from './lab-page.ts';
import { passedRecord } from './record.ts';
import { root } from './server.ts';
import { stage } from './stage.ts';

const shots = join(root, 'test-results');
const at = stage('writing', (data) => {
	mkdirSync(join(data, 'learners'));
	writeFileSync(join(data, 'learners', 'local.json'), JSON.stringify(passedRecord()));
});
let page: Page;
let faults: string[];
const shot = (name: string): Promise<unknown> => page.screenshot({ path: join(shots, `writing-${name}.png`), fullPage: true });

beforeAll(async () => {
	mkdirSync(shots, { recursive: true });
	({ page, faults } = await enter(at.browser, at.server.link));
});

const saved = (): Promise<unknown> => page.locator('#saved', { hasText: /^Saved/ }).waitFor();

describe('writing', () => {
	it('begins with an empty list and a template', async () => {
		await page.goto(`${at.server.origin}/portfolio/`);
		await page.getByRole('link', { name: 'Write a postmortem, memo or RFC' }).click();
		await page.getByText('Nothing written yet.').waitFor();
		await shot('1-empty');
		expect(await breaches(page)).toEqual([]);
		await page.getByRole('button', { name: 'New postmortem' }).click();
		await page.getByRole('heading', { level: 1, name: 'Postmortem' }).waitFor();
		await page.locator('#grade-body .score').waitFor();
		expect(await page.locator('#grade-body .score strong').textContent()).toBe('0');
		await shot('2-template');
	});

	it('draws the timeline from the recorded attempt', async () => {
		await page.getByLabel('Draw facts from').selectOption('ev-1');
		await page.getByRole('button', { name: /^Insert all/ }).click();
		await page.getByText('All its entries are in the timeline.').waitFor();
		expect(await page.locator('[data-table="timeline"] [data-row]').count()).toBe(5);
		await page.getByLabel('Type, entry 2').selectOption('detect');
		await page.getByLabel('Type, entry 4').selectOption('mitigated');
		await page.locator('#grade-body li', { hasText: 'The timeline is what was recorded' }).getByText('Pass').waitFor();
	});

	it('moves rows by keyboard, and takes changes back', async () => {
		const what = (n: number) => page.getByLabel(`What happened, entry ${n}`).inputValue();
		const first = await what(1);
		await page.getByLabel('What happened, entry 1').focus();
		await page.keyboard.press('Alt+ArrowDown');
		expect(await what(2)).toBe(first);
		await page.getByRole('button', { name: 'Undo' }).click();
		expect(await what(1)).toBe(first);
		await page.getByRole('button', { name: 'Remove entry 5' }).click();
		expect(await page.locator('[data-table="timeline"] [data-row]').count()).toBe(4);
		await page.getByRole('button', { name: 'Undo' }).click();
		expect(await page.locator('[data-table="timeline"] [data-row]').count()).toBe(5);
	});

	it('grades what is written, as it is written', async () => {
		await page.getByLabel('Title').fill(excellent.title);
		for (const [part, text] of Object.entries(excellent.texts)) {
			const field = page.locator(`#field-${part}`);
			if (part === 'mechanism') await field.selectOption(text);
			else await field.fill(text);
		}
		for (const [i, action] of excellent.actions.slice(0, 3).entries()) {
			await page.getByLabel(`Action, verb first, item ${i + 1}`).fill(action.what);
			await page.getByLabel(`Type, item ${i + 1}`).selectOption(action.type);
			await page.getByLabel(`Owner, item ${i + 1}`).fill(action.owner);
			await page.getByLabel(`Due, item ${i + 1}`).fill(action.due);
			await page.getByLabel(`Done when, item ${i + 1}`).fill(action.verify);
		}
		await page.locator('#grade-body .score strong', { hasText: '100' }).waitFor();
		await page.getByText('Some of its facts were held against the record').waitFor();
		await page.locator('#grade-body').getByText('For a mentor').waitFor();
		await saved();
		await shot('3-graded');
		await page.locator('#field-condition').fill(`${excellent.texts['condition']} The intern forgot the limit.`);
		await page.getByText('“The intern forgot”').waitFor();
		await page.locator('#field-condition').fill(excellent.texts['condition'] ?? '');
		await page.getByText('“The intern forgot”').waitFor({ state: 'detached' });
		expect(await breaches(page)).toEqual([]);
	});

	it('finds it again after a reload, shows a preview and gives Markdown', async () => {
		await saved();
		await page.reload();
		await page.getByRole('heading', { level: 1, name: 'Postmortem' }).waitFor();
		expect(await page.getByLabel('Title').inputValue()).toBe(excellent.title);
		await page.getByRole('button', { name: 'Preview' }).click();
		await page.locator('#preview h1', { hasText: excellent.title }).waitFor();
		await shot('4-preview');
		await page.emulateMedia({ media: 'print' });
		expect(await page.locator('.write-side').isVisible()).toBe(false);
		await shot('4-print');
		await page.emulateMedia({ media: 'screen' });
		await page.getByRole('button', { name: 'Preview' }).click();
		const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export .md' }).click()]);
		expect(readFileSync(await download.path(), 'utf8')).toContain(`# ${excellent.title}`);
	});

	it('goes into the portfolio with its grade, self-declared as long as no fault is on record for its cause', async () => {
		await page.getByRole('button', { name: 'Hand in' }).click();
		await page.getByText('In your portfolio as self-declared').waitFor();
		await page.getByRole('link', { name: 'See it there' }).click();
		const card = page.locator('[data-deliverable="postmortems"] details');
		await card.getByText('Self-declared', { exact: true }).waitFor();
		await card.getByText('Text as handed in').first().waitFor();
		await card.getByText('could be graded').first().waitFor();
		expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
		await shot('5-portfolio');
		expect(await breaches(page)).toEqual([]);
	});

	it('keeps a document without facts apart as self-declared', async () => {
		await page.goto(`${at.server.origin}/portfolio/write/`);
		await page.getByText(excellent.title).waitFor();
		await page.getByRole('button', { name: 'New decision memo' }).click();
		await page.getByRole('heading', { level: 1, name: 'Decision memo' }).waitFor();
		await page.getByLabel('Name, option 1').fill('One A100');
		await page.getByLabel('Chosen option', { exact: true }).selectOption('One A100');
		await page.getByRole('button', { name: 'Hand in' }).click();
		await page.getByText('In your portfolio as self-declared').waitFor();
		expect(faults).toEqual([]);
	});

	it.each(['light', 'dark'] as const)('has no breach of WCAG AA on a narrow screen, %s', async (colorScheme) => {
		await page.setViewportSize({ width: 390, height: 844 });
		await page.emulateMedia({ colorScheme });
		await page.goto(`${at.server.origin}/portfolio/write/`);
		await page.getByText(excellent.title).click();
		await page.locator('#grade-body .score').waitFor();
		expect(await breaches(page)).toEqual([]);
		expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
		await shot(`6-narrow-${colorScheme}`);
	});
});
