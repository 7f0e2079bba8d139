/** The site as a learner enters it, and the lab page as a learner handles it. */
import type { Browser, Page } from 'playwright-core';
import { openPage, type Watched } from '../site/browser.ts';
import type { Stage } from './stage.ts';

/** Opens the printed link and waits until its welcome page has led on: it goes by itself, and would interrupt what comes next. */
export async function enter(browser: Browser, link: string): Promise<Watched> {
	const watched = await openPage(browser, link);
	await watched.page.waitForURL((url) => !url.searchParams.has('token'), { waitUntil: 'load' });
	return watched;
}

/** Comes in as Robin, and opens the lab that most tests use, to its prompt. */
export async function enterLab({ browser, server }: Stage): Promise<Watched & { readonly lab: LabPage }> {
	const watched = await enter(browser, server.link);
	const { page } = watched;
	await page.getByLabel('What shall we call you?').fill('Robin');
	await page.getByRole('button', { name: 'Begin' }).click();
	await page.getByRole('link', { name: /Start: Three tiers/ }).waitFor();
	await page.goto(`${server.origin}/labs/three-tiers/`);
	const lab = new LabPage(page);
	await lab.prompt();
	return { ...watched, lab };
}

export class LabPage {
	readonly page: Page;

	constructor(page: Page) {
		this.page = page;
	}

	/** What the terminal shows now, as text. */
	async screen(): Promise<string> {
		return this.page
			.locator('.xterm-rows')
			.first()
			.evaluate((rows) => [...rows.children].map((r) => (r.textContent ?? '').replace(/\u00a0/g, ' ').trimEnd()).join('\n'));
	}

	async until(what: RegExp, timeoutMs = 60_000): Promise<string> {
		const end = Date.now() + timeoutMs;
		for (;;) {
			const text = await this.screen();
			if (what.test(text)) return text;
			if (Date.now() > end) throw new Error(`waited for ${what}; the terminal shows:\n${text}`);
			await this.page.waitForTimeout(100);
		}
	}

	/** Waits for a prompt with nothing typed behind it. */
	async prompt(timeoutMs?: number): Promise<void> {
		await this.until(/learner@workstation:[^\n]*\$\s*$/, timeoutMs);
	}

	async focusTerminal(): Promise<void> {
		await this.page.locator('.xterm-helper-textarea').first().focus();
	}

	/** Types in the terminal that is in front, key names in braces pressed: `ls{Enter}{Control+d}`. */
	async keys(text: string): Promise<void> {
		await this.focusTerminal();
		for (const piece of text.split(/(\{[\w+]+\})/)) {
			const key = /^\{(.+)\}$/.exec(piece)?.[1];
			if (key !== undefined) await this.page.keyboard.press(key);
			else if (piece !== '') await this.page.keyboard.type(piece);
		}
	}

	/** Types a line key by key and waits for the next prompt; the screen is cleared before, so that what is shown is its output. */
	async run(line: string, timeoutMs?: number): Promise<string> {
		await this.prompt(timeoutMs);
		await this.focusTerminal();
		await this.page.keyboard.type(`clear; ${line}`);
		await this.page.keyboard.press('Enter');
		await this.page.waitForTimeout(250);
		await this.prompt(timeoutMs);
		return this.screen();
	}

	/** Pastes as Ctrl-Shift-V does. */
	async paste(text: string): Promise<void> {
		await this.focusTerminal();
		await this.page
			.locator('.xterm-helper-textarea')
			.first()
			.evaluate((area, t) => {
				const data = new DataTransfer();
				data.setData('text/plain', t);
				area.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
			}, text);
	}
}
