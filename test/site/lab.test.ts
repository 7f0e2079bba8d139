import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { breaches, buildSite, DIST, hasBrowser, launch, openPage, type Watched } from './browser.ts';
import { clusterView } from './mock/cluster.ts';
import { type Mock, startMock } from './mock/server.ts';

const focusedPane = (page: Page): Promise<string | undefined> =>
	page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-pane]')?.dataset['pane']);
const screen = (page: Page): Promise<string | null> => page.textContent('[data-terminal="t1"] .xterm-rows');

describe.skipIf(!hasBrowser)('the lab page', () => {
	let browser: Browser;
	let mock: Mock;
	let watched: Watched;
	let page: Page;
	beforeAll(async () => {
		await buildSite();
		browser = await launch();
	});
	afterAll(() => browser.close());
	beforeEach(async () => {
		mock = await startMock({ dist: DIST });
		watched = await openPage(browser, `${mock.url}/labs/three-tiers/`);
		page = watched.page;
		await page.waitForSelector('.xterm-helper-textarea', { state: 'attached' });
		await page.waitForFunction(() => document.querySelector('.xterm-rows')?.textContent?.includes('learner@workstation'));
	});
	afterEach(async () => {
		expect(mock.session.violations, 'messages that break the protocol').toEqual([]);
		await page.context().close();
		await mock.close();
	});

	const type = async (line: string) => {
		await page.focus('[data-terminal="t1"] .xterm-helper-textarea');
		await page.keyboard.type(`${line}\r`);
	};

	it('runs commands, and a task turns green by itself and is announced', async () => {
		await type('kubectl apply -f web/');
		await page.waitForSelector('.cluster >> text=ImagePullBackOff');
		await page.waitForSelector('text=/^1 of 4 tasks$/');
		expect(await page.textContent('[aria-live="polite"].visually-hidden')).toContain('Task done: Make the app answer at its address.');
		await page.click('[role="tab"]:has-text("Tasks")');
		expect(await page.getAttribute('[data-task="front-door"]', 'class')).toContain('done');
		expect(watched.faults).toEqual([]);
	});

	it('says why a pod is Pending to whoever asks, by keyboard alone', async () => {
		await type('kubectl apply -f web/');
		const summary = page.locator('.pending summary');
		await summary.waitFor();
		expect(await page.isVisible('text=It asks for 3 CPU')).toBe(false);
		await summary.focus();
		await page.keyboard.press('Enter');
		await page.waitForSelector('text=It asks for 3 CPU; of 4 CPU there 0.9 CPU are free.');
		expect(await page.locator('.pending li').count()).toBe(2);
		expect(await breaches(page)).toEqual([]);
	});

	it('never traps the keyboard: F6 goes through all panes and back', async () => {
		await page.click('text=README.md');
		await page.waitForSelector('.cm-content');
		await page.focus('[data-terminal="t1"] .xterm-helper-textarea');
		const seen: (string | undefined)[] = [];
		for (let turn = 0; turn < 4; turn++) {
			await page.keyboard.press('F6');
			seen.push(await focusedPane(page));
		}
		expect(seen).toEqual(['cluster', 'reading', 'editor', 'terminal']);
		await page.keyboard.press('Shift+F6');
		expect(await focusedPane(page)).toBe('editor');
		const reached = mock.session.received.filter((message) => message.type === 'terminal.input');
		expect(reached, 'F6 is not sent to the shell').toEqual([]);
	});

	it('checks, shows expected, seen, why and a command, tells outcomes apart, and submits', async () => {
		expect(await page.isDisabled('button:has-text("Submit")')).toBe(true);
		await page.click('text=Check my work');
		await page.waitForSelector('[role="progressbar"]');
		await page.waitForSelector('[data-check="rollout"][open] >> text=7 of 214 requests failed: 502 Bad Gateway');
		const outcomes = await page.$$eval('[data-outcome]', (items) =>
			items.map((item) => `${item.getAttribute('data-check')}:${item.getAttribute('data-outcome')}`),
		);
		expect(outcomes).toEqual(['end-to-end:pass', 'data-survives:pass', 'rollout:fail', 'readiness:ungraded', 'connectivity:pass', 'secrets:gated']);
		await page.waitForSelector('text=One check could not be graded here.');
		await page.click('button:has-text("Submit")');
		await page.waitForSelector('text=Submitted with 77 of 100');
		expect(await page.getAttribute('.submission a', 'href')).toBe('/portfolio/#ev-2');
	});

	it('opens hints one at a time', async () => {
		await page.click('[role="tab"]:has-text("Tasks")');
		const first = page.locator('[data-task="front-door"]');
		await first.locator('text=Open a hint (2 left)').click();
		await first.locator('text=Open the next hint (1 left)').click();
		await first.locator('text=Hint 2.').waitFor();
		expect(await first.locator('button').count()).toBe(0);
	});

	it('saves with Ctrl S against the version it read, and asks when somebody else was faster', async () => {
		await page.click('text=deployment.yaml');
		await page.click('.cm-content');
		await page.keyboard.type('# one\n');
		await page.waitForSelector('.editor-tab .dirty');
		await page.keyboard.press('Control+s');
		await page.waitForSelector('.editor-tab .dirty', { state: 'detached' });
		await page.keyboard.type('# two\n');
		mock.session.touch('web/deployment.yaml', 'kind: Elsewhere\n');
		await page.waitForSelector('text=deployment.yaml was changed elsewhere since you opened it.');
		await page.click('text=See the difference');
		await page.waitForSelector('dialog .diff-remove:has-text("-kind: Elsewhere")');
		await page.waitForSelector('dialog .diff-add:has-text("+# two")');
		expect(await breaches(page)).toEqual([]);
		await page.click('dialog >> text=Take theirs');
		await page.waitForSelector('.cm-content >> text=kind: Elsewhere');
		expect(await page.isVisible('.editor-tab .dirty')).toBe(false);
		// What was typed here is not lost: undo brings it back.
		await page.focus('.cm-content');
		await page.keyboard.press('Control+z');
		await page.waitForSelector('.cm-content >> text=# two');
		await page.waitForSelector('.editor-tab .dirty');
	});

	it('takes a change made by a command into a clean tab by itself', async () => {
		await page.click('text=deployment.yaml');
		await page.waitForSelector('.cm-content >> text=Deployment');
		mock.session.touch('web/deployment.yaml', 'kind: Newer\n');
		await page.waitForSelector('.cm-content >> text=kind: Newer');
	});

	it('marks what is no YAML while one types', async () => {
		await page.click('text=deployment.yaml');
		await page.click('.cm-content');
		await page.keyboard.press('Control+End');
		await page.keyboard.type('kind: Twice\n');
		await page.waitForSelector('.cm-lint-marker-error');
	});

	it('makes files, and deletes them with a way back', async () => {
		await page.click('[aria-label="New file"]');
		await page.keyboard.type('api/service.yaml\n');
		await page.waitForSelector('.editor-tab:has-text("service.yaml")');
		await page.hover('.file:has-text("service.yaml")');
		await page.click('[aria-label="Delete service.yaml"]');
		await page.click('dialog >> text=Delete it');
		await page.waitForSelector('text=Deleted service.yaml.');
		await page.waitForSelector('.file:has-text("service.yaml")', { state: 'detached' });
		await page.click('text=Undo');
		await page.waitForSelector('.file:has-text("service.yaml")');
	});

	it('finds unsaved text again after a reload, and saves it by itself where that is wanted', async () => {
		await page.click('text=deployment.yaml');
		await page.click('.cm-content');
		await page.keyboard.type('# draft\n');
		await page.waitForSelector('.editor-tab .dirty');
		await page.reload();
		await page.waitForSelector('.cm-content >> text=# draft');
		await page.waitForSelector('.editor-tab .dirty');
		await page.click('text=Autosave');
		await page.waitForSelector('.editor-tab .dirty', { state: 'detached' });
		expect(mock.session.received.filter((message) => message.type === 'files.write')).toHaveLength(1);
	});

	it('walks, renames and deletes in the list of files by keyboard alone', async () => {
		await page.locator('[role="treeitem"]').first().focus();
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('Enter');
		await page.waitForSelector('.editor-tab.active:has-text("deployment.yaml")');
		await page.locator('[role="treeitem"]:has-text("deployment.yaml")').focus();
		await page.keyboard.press('F2');
		await page.getByLabel('New name or place of deployment.yaml').fill('api/app.yaml');
		await page.keyboard.press('Enter');
		await page.waitForSelector('.editor-tab.active:has-text("app.yaml")');
		const item = page.locator('[role="treeitem"]:has-text("app.yaml")');
		await item.focus();
		await page.keyboard.press('ArrowLeft');
		expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('api');
		await page.keyboard.press('ArrowLeft');
		await item.waitFor({ state: 'detached' });
		expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-expanded'))).toBe('false');
		expect(await breaches(page)).toEqual([]);
	});

	it('shows what applying a file would change, then applies it', async () => {
		await page.click('text=deployment.yaml');
		await page.click('.cm-content');
		await page.keyboard.press('Control+Enter');
		await page.waitForSelector('dialog >> text=1 of 1 object would change:');
		expect(await page.textContent('dialog .diff-add')).toContain('+  replicas: 2');
		await page.waitForSelector('dialog >> text=spec.foo: unknown');
		expect(await breaches(page)).toEqual([]);
		await page.click('dialog >> button:has-text("Apply")');
		await page.waitForSelector('dialog >> text=Applied.');
		const path = '/home/learner/web/deployment.yaml';
		expect(mock.session.applied).toEqual([
			{ path, dryRun: true },
			{ path, dryRun: false },
		]);
	});

	it('serves kubectl edit: opens the file, and tells the command whether it was saved', async () => {
		await type('kubectl edit deployment web');
		await page.waitForSelector('text=A command in the terminal waits until you save this file');
		await page.click('.cm-content');
		await page.keyboard.type('# edited\n');
		await page.click('text=Save and finish');
		await page.waitForSelector('text=A command in the terminal waits until you save this file', { state: 'detached' });
		expect(mock.session.received.filter((message) => message.type === 'edit.done')).toEqual([{ type: 'edit.done', edit: 'edit-1', saved: true }]);
	});

	it('acknowledges every character of a flood', async () => {
		await type('flood');
		await expect
			.poll(() => mock.session.received.reduce((sum, message) => sum + (message.type === 'terminal.ack' ? message.characters : 0), 0), { timeout: 10_000 })
			.toBeGreaterThanOrEqual(60_000);
	});

	it('comes back after a lost connection with its scrollback, says so quietly, and sends nothing twice', async () => {
		await type('kubectl get pods');
		await page.waitForFunction(() => document.querySelector('.xterm-rows')?.textContent?.includes('No resources found'));
		mock.drop();
		await page.waitForSelector('text=The connection is lost.');
		await page.waitForSelector('text=The connection is lost.', { state: 'detached' });
		// The scrollback is drawn a moment after the banner has gone.
		await page.waitForFunction(() => document.querySelector('.xterm-rows')?.textContent?.includes('No resources found'));
		expect((await screen(page))?.match(/No resources found/g)).toHaveLength(1);
		await type('kubectl apply -f web/');
		await page.waitForFunction(() => document.querySelector('.xterm-rows')?.textContent?.includes('deployment.apps/web created'));
	});

	it('finds text in the scrollback, and Escape leads back to the prompt', async () => {
		await type('hello');
		await page.keyboard.press('Control+Shift+F');
		await page.keyboard.type('command not found');
		await page.waitForSelector('text=/1 of 1/');
		await page.keyboard.press('Escape');
		expect(await page.evaluate(() => document.activeElement?.className)).toContain('xterm-helper-textarea');
	});

	it('copies and pastes with the keys of a terminal', async () => {
		await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
		await page.evaluate(() => navigator.clipboard.writeText('echo pasted'));
		await page.focus('[data-terminal="t1"] .xterm-helper-textarea');
		await page.keyboard.press('Control+Shift+V');
		await page.waitForFunction(() => document.querySelector('.xterm-rows')?.textContent?.includes('echo pasted'));
		await page.locator('[data-terminal="t1"] .xterm-screen').dblclick({ position: { x: 20, y: 10 } });
		await page.keyboard.press('Control+Shift+C');
		await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('Three');
	});

	it('copies by Ctrl Insert and by the context menu, pastes by Shift Insert', async () => {
		await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
		const input = page.locator('[data-terminal="t1"] .xterm-helper-textarea');
		const word = { x: 20, y: 10 };
		await page.locator('[data-terminal="t1"] .xterm-screen').dblclick({ position: word });
		// What a browser's own menu copies is what stands in the field under the pointer.
		await page.locator('[data-terminal="t1"] .xterm-screen').click({ button: 'right', position: word });
		expect(await input.inputValue()).toBe('Three');
		await page.keyboard.press('Control+Insert');
		await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe('Three');
		await input.focus();
		await page.keyboard.press('Shift+Insert');
		await page.waitForFunction(() => document.querySelector('.xterm-rows')?.textContent?.includes('$ Three'));
	});

	it('tells whoever hears it how to leave terminal and editor, and lets the Tab key out of the editor', async () => {
		const described = () =>
			page.evaluate(() =>
				document
					.getElementById(document.activeElement?.getAttribute('aria-describedby') ?? '')
					?.textContent?.trim()
					.replace(/\s+/g, ' '),
			);
		await page.focus('[data-terminal="t1"] .xterm-helper-textarea');
		expect(await described()).toBe('F6 leaves the terminal');
		await page.click('text=README.md');
		await page.focus('.cm-content');
		expect(await described()).toContain('F6 leaves the editor');
		await page.keyboard.press('Escape');
		await page.keyboard.press('Tab');
		expect(await page.evaluate(() => document.activeElement?.classList.contains('cm-content'))).toBe(false);
	});

	it('writes what the terminal shows for screen readers, and closes its menu by Escape', async () => {
		await page.click('summary[aria-label="Terminal settings"]');
		await page.getByLabel('Screen-reader mode').check();
		await page.keyboard.press('Escape');
		expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Terminal settings');
		expect(await page.getByLabel('Screen-reader mode').isVisible()).toBe(false);
		await type('hello');
		await page.waitForFunction(() => document.querySelector('.xterm-accessibility-tree')?.textContent?.includes('command not found'));
		expect(await breaches(page)).toEqual([]);
	});

	it('keeps the layout that was chosen', async () => {
		await page.focus('[aria-label="Width of the brief"]');
		for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowRight');
		expect(await page.getAttribute('[aria-label="Width of the brief"]', 'aria-valuenow')).toBe('35');
		await page.reload();
		expect(await page.getAttribute('[aria-label="Width of the brief"]', 'aria-valuenow')).toBe('35');
	});

	it('starts over only when told twice, and can take it back', async () => {
		mock.session.setStage('running');
		mock.session.touch('extra.yaml', 'kind: Extra\n');
		await page.click('.file:has-text("extra.yaml") >> .file-open');
		await page.waitForSelector('.editor-tab:has-text("extra.yaml")');
		await page.click('button:has-text("Start over")');
		await page.click('dialog >> text=Keep it');
		expect(mock.session.received.some((message) => message.type === 'lab.reset')).toBe(false);
		await page.click('button:has-text("Start over")');
		await page.click('dialog >> button:has-text("Start over")');
		await page.waitForSelector('.cluster >> text=Nothing runs in');
		await page.waitForSelector('.editor-tab:has-text("extra.yaml")', { state: 'detached' });
		await page.click('text=Take “Start over” back');
		await page.waitForSelector('.cluster >> text=db-0');
	});

	it('shows the way in for one’s own kubectl', async () => {
		await page.click('text=Use your own kubectl');
		await page.waitForSelector('textarea[aria-label="Kubeconfig"]');
		expect(await page.inputValue('textarea[aria-label="Kubeconfig"]')).toContain('server: https://127.0.0.1:7443');
	});

	it('says so when thousands of pods are not all shown, and draws those in trouble first', async () => {
		const view = clusterView('running', 1);
		const [first] = view.pods;
		if (!first) throw new Error('the mock has no pods');
		const many = Array.from({ length: 5000 }, (_, index) => ({
			...first,
			name: `many-${index}`,
			...(index === 4999 ? { ok: false, status: 'CrashLoopBackOff' } : {}),
		}));
		mock.session.send({ type: 'cluster', view: { ...view, pods: many } });
		// Looked at in one go: the mock's next view replaces this one within a second.
		await page.waitForFunction(() => {
			const text = document.querySelector('.cluster')?.textContent ?? '';
			return text.includes('150 of 5000 are shown') && text.includes('many-4999');
		});
	});

	it('filters the cluster by namespace', async () => {
		expect(await page.locator('.cluster >> text=coredns').count()).toBe(0);
		await page.selectOption('.cluster select', 'kube-system');
		await page.waitForSelector('.cluster >> text=coredns-674b8bbfcf-2hx5p');
	});

	it('has no breach of WCAG AA in tasks, verdict, dialog or an open file', async () => {
		await page.click('text=deployment.yaml');
		await type('kubectl apply -f web/');
		await page.click('[role="tab"]:has-text("Tasks")');
		await page.click('text=Open a hint (2 left)');
		await page.waitForSelector('text=Hint 1.');
		expect(await breaches(page)).toEqual([]);
		await page.click('text=Check my work');
		await page.waitForSelector('[data-check]');
		expect(await breaches(page)).toEqual([]);
		await page.click('text=Use your own kubectl');
		await page.waitForSelector('textarea[aria-label="Kubeconfig"]');
		expect(await breaches(page)).toEqual([]);
	});

	it('gives several terminals, remembered', async () => {
		await page.click('[aria-label="New terminal"]');
		await page.waitForFunction(() => document.querySelector('[data-terminal="t2"] .xterm-rows')?.textContent?.includes('learner@workstation'));
		await page.reload();
		await page.waitForSelector('[role="tab"]:has-text("Terminal 2")');
	});
});

describe.skipIf(!hasBrowser)('the lab page on smaller screens', () => {
	let browser: Browser;
	let mock: Mock;
	beforeAll(async () => {
		browser = await launch();
		mock = await startMock({ dist: DIST });
	});
	afterAll(async () => {
		await browser.close();
		await mock.close();
	});

	it('shows one pane at a time on a narrow one', async () => {
		const { page } = await openPage(browser, `${mock.url}/labs/three-tiers/`, { viewport: { width: 900, height: 800 } });
		await page.click('[role="tab"]:has-text("Terminal") >> nth=0');
		await page.waitForFunction(() => document.querySelector('.xterm-rows')?.textContent?.includes('learner@workstation'));
		expect(await page.isVisible('.cluster')).toBe(false);
		await page.context().close();
	});

	it('shows brief and progress on a phone, and no terminal that would not work', async () => {
		const { page } = await openPage(browser, `${mock.url}/labs/three-tiers/`, { viewport: { width: 390, height: 844 } });
		await page.waitForSelector('text=Terminal and editor need a wider screen.');
		expect(await page.$$eval('[role="tab"]', (tabs) => tabs.map((tab) => tab.textContent?.trim().split(' ')[0]))).toEqual([
			'Brief',
			'Tasks',
			'Verdict',
			'History',
			'Cluster',
		]);
		expect(await page.locator('.xterm').count()).toBe(0);
		await page.context().close();
	});

	it.each([
		{ zoom: 200, viewport: { width: 640, height: 400 } },
		{ zoom: 400, viewport: { width: 320, height: 256 } },
	])('has everything at a zoom of $zoom %, without scrolling sideways', async ({ zoom, viewport }) => {
		const { page, faults } = await openPage(browser, `${mock.url}/labs/three-tiers/`, { viewport, deviceScaleFactor: zoom / 100 });
		if (zoom > 200) await page.click('text=Show them all the same');
		await page.click('[role="tab"]:has-text("Terminal")');
		// xterm draws what can be seen.
		await page.locator('.terminal-host').first().scrollIntoViewIfNeeded();
		await page.waitForFunction(() => document.querySelector('.xterm-rows')?.textContent?.includes('learner@workstation'));
		const box = await page.locator('.terminal-host').first().boundingBox();
		expect(box?.height ?? 0).toBeGreaterThan(120);
		await page.getByRole('tab', { name: 'Editor' }).click();
		await page.click('.file-open:has-text("deployment.yaml")');
		await page.click('.cm-content');
		await page.keyboard.type('#');
		await page.waitForSelector('.editor-tab .dirty');
		expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
		expect(await breaches(page)).toEqual([]);
		expect(faults).toEqual([]);
		await page.context().close();
	});
});
