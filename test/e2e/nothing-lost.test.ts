/** Nothing is lost, in a browser: going back, playing a recording, a watch through reload and kill -9, another browser, splits. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { breaches } from '../site/browser.ts';
import { enter, enterLab, LabPage } from './lab-page.ts';
import { stage } from './stage.ts';

const at = stage('lost');
let page: Page;
let lab: LabPage;
let faults: string[];

const keys = (text: string): Promise<void> => lab.keys(text);
const history = () => page.getByRole('tab', { name: 'History' }).click();
const terminal = (number: number) => page.locator(`[data-terminal="t${number}"]`);

beforeAll(async () => {
	({ page, lab, faults } = await enterLab(at));
}, 120_000);

describe('nothing is lost', () => {
	it('goes back to a checkpoint after showing what will change, and back again', async () => {
		await lab.run('echo good > plan.txt; kubectl create configmap plan --from-literal=step=1');
		await history();
		await page.getByLabel('Save a checkpoint').fill('before the mistake');
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await page.getByRole('button', { name: 'Go back… to before the mistake' }).waitFor();
		await lab.run('echo bad > plan.txt; kubectl delete configmap plan');
		await page.getByRole('button', { name: 'Go back… to before the mistake' }).click();
		const dialog = page.getByRole('dialog', { name: /before the mistake/ });
		await dialog.getByText('ConfigMap notes/plan').waitFor();
		expect(await dialog.textContent()).toMatch(/ConfigMap notes\/plan comes back/);
		await dialog.getByText('/home/learner/plan.txt').click();
		expect(await dialog.getByLabel('Changes of /home/learner/plan.txt').textContent()).toMatch(/-bad\n\+good/);
		expect(await breaches(page)).toEqual([]);
		await dialog.getByRole('button', { name: 'Go back', exact: true }).click();
		await dialog.waitFor({ state: 'hidden' });
		await lab.until(/the cluster and your files went back to \d\d:\d\d UTC/);
		expect(await lab.run('cat plan.txt; kubectl get configmap plan -o name')).toMatch(/good\nconfigmap\/plan/);
		await page.getByRole('button', { name: /Go back… to Before going back/ }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Go back', exact: true }).click();
		await page.getByRole('dialog').waitFor({ state: 'hidden' });
		await lab.until(/\(before the mistake\)\][\s\S]*\$\s*$/);
		expect(await lab.run('cat plan.txt')).toMatch(/^bad$/m);
	});

	it('plays the recording: commands to jump to, speed, keys, text', async () => {
		// The list is read when somebody looks at it.
		await page.getByRole('tab', { name: 'Tasks' }).click();
		await history();
		await page.getByRole('button', { name: 'Play Terminal 1', exact: true }).click();
		const dialog = page.getByRole('dialog', { name: 'Terminal 1' });
		const rows = dialog.locator('.xterm-rows');
		await dialog.getByRole('button', { name: /kubectl create configmap plan/ }).click();
		await expect.poll(() => rows.textContent()).toContain('kubectl create configmap plan');
		expect(await rows.textContent()).not.toContain('configmap/plan created');
		await dialog.getByLabel('Speed').selectOption('8');
		await dialog.getByLabel(/Screen of the recording/).press(' ');
		await expect.poll(() => rows.textContent(), { timeout: 20_000 }).toContain('configmap/plan created');
		await dialog
			.getByRole('button', { name: 'Pause' })
			.or(dialog.getByRole('button', { name: 'Play', exact: true }))
			.first()
			.waitFor();
		await dialog.getByLabel('Place in the recording').press('End');
		await expect.poll(() => rows.textContent()).toMatch(/^bad.*\$/);
		expect(await breaches(page)).toEqual([]);
		const [download] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('link', { name: 'Download .cast' }).click()]);
		expect(download.suggestedFilename()).toBe('t1.cast');
		await dialog.getByRole('button', { name: 'Close' }).click();
	});

	it('keeps a watch through a reload and through kill -9', async () => {
		await lab.run('clear');
		await keys('watch -n 1 kubectl get configmaps{Enter}');
		await lab.until(/Every 1\.0s: kubectl get configmaps[\s\S]*kube-root-ca/);
		await page.reload();
		await lab.until(/Every 1\.0s: kubectl get configmaps[\s\S]*kube-root-ca/, 20_000);
		await at.restart();
		const time = async (): Promise<string> => /workstation: (.*)/.exec(await lab.until(/Every 1\.0s: .*workstation: /, 60_000))?.[1] ?? '';
		const before = await time();
		await expect.poll(time, { timeout: 60_000 }).not.toBe(before);
		await keys('{Control+c}');
		await lab.prompt();
		faults.length = 0;
	}, 180_000);

	it('shows the same in another browser at the same time', async () => {
		const other = await enter(at.browser, at.server.link);
		await other.page.goto(`${at.server.origin}/labs/three-tiers/`);
		const there = new LabPage(other.page);
		await there.prompt(20_000);
		await lab.run('echo from-the-first');
		await there.until(/^from-the-first$/m);
		await there.focusTerminal();
		await other.page.keyboard.type('echo from-the-second\n');
		await lab.until(/^from-the-second$/m);
		expect(other.faults).toEqual([]);
		await other.page.context().close();
	});

	it('splits, goes round by keys, and asks before it closes a terminal in which something runs', async () => {
		await lab.focusTerminal();
		await page.keyboard.press('Alt+Shift+Backslash');
		await terminal(2).getByText('workstation').first().waitFor();
		await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[data-terminal]')?.getAttribute('data-terminal'))).toBe('t2');
		await page.keyboard.type('watch -n 1 date\n');
		await terminal(2).getByText('Every 1.0s: date').first().waitFor();
		await page.keyboard.press('Alt+Shift+W');
		const dialog = page.getByRole('dialog', { name: 'Close terminal 2?' });
		await dialog.getByText('watch -n 1 date').waitFor();
		await dialog.getByRole('button', { name: 'Close it' }).click();
		await terminal(2).waitFor({ state: 'detached' });
		await page.getByText('Terminal 2 is closed; its recording is kept.').waitFor();
		await lab.run('echo still-here');
		expect(faults).toEqual([]);
	});
});
