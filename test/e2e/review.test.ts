/**
 * A review from both sides, on a team's server with a real identity provider: an attempt is sent, a mentor comments on a line and a
 * moment, the learner answers and sends a new round, it is approved, and rubric and portfolio tell a mentor's word from all else.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Running } from '../../server/cli/start.ts';
import { startServer } from '../../server/foothold.ts';
import { readTeam } from '../../server/people/team.ts';
import type { CohortView, MadeInvitation } from '../../server/protocol/people.ts';
import type { Declared } from '../../server/protocol/portfolio.ts';
import type { Learner } from '../../server/protocol/progress.ts';
import { isSampled } from '../../server/reviews/sample.ts';
import { TestPage } from '../../server/sessions/testing/client.ts';
import { CLIENT, startProvider, Browser as SignInBrowser, type TestProvider } from '../../server/transport/testing/provider.ts';
import { breaches, hasBrowser, launch } from '../site/browser.ts';
import { freePort } from '../../server/transport/testing/free-port.ts';
import { root } from './server.ts';

const FILE = 'deployment.yaml';

describe.skipIf(!hasBrowser)('a review, from both sides', () => {
	const folder = mkdtempSync(join(tmpdir(), 'foothold-review-'));
	const shots = join(root, 'test-results');
	const faults: string[] = [];
	let base: string;
	let provider: TestProvider;
	let server: Running;
	let browser: Browser;
	let learner: SignInBrowser;
	let mentor: SignInBrowser;
	let desk: Page;
	let seat: Page;

	const ask = async <T>(who: SignInBrowser, method: string, path: string, body?: unknown): Promise<T> => {
		const response = await who.fetch(`${base}/api${path}`, {
			method,
			headers: { origin: base },
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		expect([path, response.status, response.status === 200 ? '' : await response.text()]).toEqual([path, 200, '']);
		return (await response.json()) as T;
	};
	const signedIn = async (name: string): Promise<SignInBrowser> => {
		const who = new SignInBrowser();
		await who.signIn(base, name);
		return who;
	};
	/** A window of this person's, as signed in as they are. */
	const windowOf = async (who: SignInBrowser): Promise<Page> => {
		const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
		const cookies = who.cookies(base).split('; ');
		await context.addCookies(
			cookies.map((cookie) => ({ name: cookie.slice(0, cookie.indexOf('=')), value: cookie.slice(cookie.indexOf('=') + 1), url: base })),
		);
		const page = await context.newPage();
		page.on('pageerror', (error) => faults.push(error.message));
		page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
		return page;
	};
	/** Both themes, wide and narrow: no breach of WCAG, nothing wider than the window. */
	const look = async (page: Page, name: string): Promise<void> => {
		for (const colorScheme of ['light', 'dark'] as const)
			for (const width of [1280, 390]) {
				await page.emulateMedia({ colorScheme });
				await page.setViewportSize({ width, height: 900 });
				expect(await breaches(page), `${name} ${colorScheme} ${width}`).toEqual([]);
				expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name} at ${width}`).toBeLessThanOrEqual(0);
				await page.screenshot({ path: join(shots, `review-${name}-${colorScheme}-${width}.png`), fullPage: true });
			}
		await page.emulateMedia({ colorScheme: 'light' });
		await page.setViewportSize({ width: 1280, height: 900 });
	};
	/** An attempt at the lab through its socket: a file, a change of the cluster, a recording. */
	const attempt = async (replicas: number): Promise<void> => {
		const page = await TestPage.open(base, learner.cookies(base), 'three-tiers');
		await page.next('session', 120_000);
		await page.openTerminal('t1');
		await page.screenShows('t1', '$', 60_000);
		const content = `kind: Deployment\nspec:\n  replicas: ${replicas}\n`;
		expect((await page.ask({ type: 'files.write', path: `/home/learner/${FILE}`, content })).type).toBe('done');
		page.send({ type: 'terminal.input', terminal: 't1', data: `kubectl create configmap round-${replicas} --from-literal=a=1\r` });
		await page.screenShows('t1', `configmap/round-${replicas} created`, 60_000);
		expect((await page.ask({ type: 'lab.submit' }, 120_000)).type).toMatch(/verdict|submitted/);
		await page.next('submitted', 120_000);
		page.close();
	};

	beforeAll(async () => {
		mkdirSync(shots, { recursive: true });
		mkdirSync(join(folder, 'labs'));
		symlinkSync(join(root, 'labs', 'three-tiers'), join(folder, 'labs', 'three-tiers'));
		// What the server reads beside the site that was built for it.
		symlinkSync(join(root, 'content'), join(folder, 'content'));
		const env = { ...process.env, ASTRO_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
		await promisify(execFile)(process.execPath, ['node_modules/astro/bin/astro.mjs', 'build', '--outDir', join(folder, 'dist')], { cwd: root, env });
		base = `http://127.0.0.1:${await freePort()}`;
		provider = await startProvider(base);
		const team = await readTeam(undefined, {
			FOOTHOLD_OIDC_ISSUER: provider.issuer,
			FOOTHOLD_OIDC_CLIENT_ID: CLIENT.clientId,
			FOOTHOLD_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
			FOOTHOLD_PUBLIC_URL: base,
			FOOTHOLD_ADMINS: 'mina@x.example',
		});
		const settings = { root: folder, data: join(folder, 'data'), labs: join(folder, 'labs'), port: Number(new URL(base).port) };
		server = await startServer({ ...settings, provider: 'simulator', kubeconfig: '', workers: 1, team, log: () => {} });
		[browser, mentor, learner] = [await launch(), await signedIn('mina'), await signedIn('ada')];
		const { id } = await ask<{ id: string }>(mentor, 'GET', '/me');
		await ask(mentor, 'POST', `/people/${id}/roles`, { roles: ['learner', 'mentor', 'admin'] });
		const cohort = await ask<CohortView>(mentor, 'POST', '/cohorts', { name: 'Autumn' });
		const { path } = await ask<MadeInvitation>(mentor, 'POST', `/cohorts/${cohort.id}/invitations`, {});
		await ask(learner, 'POST', '/invitations/accept', { code: path.split('#')[1] });
		await attempt(1);
		[seat, desk] = [await windowOf(learner), await windowOf(mentor)];
	});
	afterAll(async () => {
		await browser.close();
		await server.stop();
		await provider.close();
		rmSync(folder, { recursive: true, force: true });
	});

	it('is asked for by the learner, who is held up by nothing', async () => {
		await seat.goto(`${base}/submissions/`);
		await seat.waitForSelector('text=You have sent nothing yet.');
		await seat.click('main >> text=Send something to a mentor >> nth=0');
		await seat.waitForSelector('#what');
		await seat.fill('#note', 'Is one replica enough here?');
		await look(seat, 'new');
		await seat.click('text=Send it');
		await seat.waitForURL(/\/submissions\/view\/\?s=/);
		await seat.waitForSelector('text=No review yet. You need not wait for it.');
		await look(seat, 'waiting');
	});

	it('is found in the queue, and made: a finding at a line, one at a moment, marks, words', async () => {
		await desk.goto(`${base}/mentor/`);
		await desk.waitForSelector('[data-row]');
		await look(desk, 'queue');
		await desk.keyboard.press('j');
		await desk.keyboard.press('Enter');
		await desk.waitForSelector('text=Is one replica enough here?');
		await desk.click('text=Claim it');
		await desk.waitForSelector('.draft-panel');
		await desk.click(`summary:has-text("${FILE}")`);
		await desk.click('[aria-label="Comment on line 3"]');
		await desk.locator('[data-edit] textarea').first().fill('One replica is gone with its node. Run two.');
		await desk.locator('[data-edit] select').first().selectOption('essential');
		await desk.waitForSelector('.inline-finding >> text=Run two.');
		await desk.click('summary:has-text("Terminal t1")');
		await desk.click('text=/Comment at \\d/');
		await desk.locator('[data-edit] textarea').nth(1).fill('A literal works; a file can be reviewed.');
		await desk.click('summary:has-text("Rubric marks")');
		await desk.selectOption('#mark-cloud-kubernetes', 'started');
		await desk.click('summary:has-text("round-1")');
		await desk.fill('#summary', 'A sound start. **Think of the node.**');
		await desk.click('text=Preview');
		await desk.waitForSelector('strong:has-text("Think of the node.")');
		await desk.click('text=Preview');
		// What was deleted by mistake comes back.
		await desk.locator('[data-edit]').nth(1).locator('text=Remove').click();
		await desk.click('text=Undo');
		expect(await desk.locator('[data-edit]').count()).toBe(2);
		await desk.locator('[data-edit]').first().locator('text=Save for later').click();
		await desk.waitForSelector('text=✓ Saved');
		await desk.waitForSelector('text=Draft saved.');
		await look(desk, 'workbench');
		await desk.check('input[value="ask-changes"]');
		await desk.click('text=Send the review');
		await desk.waitForSelector('text=Changes asked for');
	});

	it('is read where it points, answered, and followed by a new round', async () => {
		await seat.goto(`${base}/`);
		await seat.waitForSelector('#notices[aria-label="Reviews, 1 unread"]');
		await seat.click('#notices');
		await seat.waitForSelector('text=Findings that want an answer: 2');
		await look(seat, 'list');
		await seat.click('.submission-row a');
		await seat.waitForSelector('.inline-finding >> text=Run two.');
		await seat.click(`.place:has-text("${FILE}, line 3")`);
		await seat.waitForSelector('.code-line[data-line="3"].pointed');
		await look(seat, 'reviewed');
		await seat.waitForSelector('text=Answer the findings first; still open: 2.');
		await seat.locator('[data-finding]').first().locator('button:has-text("Done")').click();
		await seat.locator('[data-finding]').nth(1).locator('text=Disagree…').click();
		await seat.locator('[data-finding]').nth(1).locator('textarea').fill('It is a throwaway value for this lab alone.');
		await seat.locator('[data-finding]').nth(1).locator('text=Send the reason').click();
		await seat.waitForSelector('text=Disagreed: It is a throwaway value');
		await seat.click('button:has-text("Yes")');
		await seat.waitForSelector('button:has-text("Yes")[aria-pressed="true"]');
		await attempt(2);
		await seat.fill('#next-note', 'Two replicas now.');
		await seat.click('text=Send the next round');
		await seat.waitForSelector('text=What changed since round 1');
		await seat.click(`#round-diff summary:has-text("${FILE}")`);
		await seat.waitForSelector('.code-line.added:has-text("replicas: 2")');
	});

	it('ends with an approval, which rubric and portfolio show as a mentor’s', async () => {
		await desk.goto(`${base}/mentor/`);
		await desk.waitForSelector('text=You reviewed it before');
		await desk.click('[data-row]');
		await desk.click('text=Claim it');
		await desk.waitForSelector('.draft-panel');
		await desk.click('text=Comment on the whole');
		await desk.locator('[data-edit] select').selectOption('celebratory');
		await desk.locator('[data-edit] textarea').fill('You checked it by draining the node. Keep that.');
		await desk.click('summary:has-text("Rubric marks")');
		await desk.selectOption('#mark-cloud-kubernetes', 'mid');
		await desk.check('input[value="approve"]');
		await desk.click('text=Send the review');
		await desk.waitForSelector('.review >> text=✓ Approved');
		await seat.goto(`${base}/rubric/`);
		await seat.waitForSelector('[data-dimension="cloud-kubernetes"] [data-cell="mentor"]:has-text("Mid")');
		expect(await seat.textContent('[data-dimension="cloud-kubernetes"] [data-cell="self"]')).toBe('Not rated');
		await seat.goto(`${base}/portfolio/`);
		await seat.waitForSelector('.evidence >> text=Mentor-confirmed');
		const record = await ask<Learner>(learner, 'GET', '/progress');
		expect(record.evidence.map(({ kind }) => kind)).toEqual(['graded', 'mentor-confirmed']);
		expect((await ask<Learner>(mentor, 'GET', '/progress')).mentoring).toMatchObject({ reviews: 2, approved: 1, helpful: 1, learners: 1, mentees: 0 });
	});

	it('is asked for of work elsewhere: sent back, confirmed in the words that the mentor read, and told apart', async () => {
		await seat.goto(`${base}/portfolio/`);
		await seat.selectOption('[name="deliverable"]', 'automation-library');
		await seat.fill('[name="title"]', 'Backup tool');
		await seat.fill('[name="url"]', 'https://example.com/backup');
		await seat.fill('[name="claim"]', 'Backs up a cluster’s objects; two teams use it.');
		await seat.click('#declare-save');
		await seat.waitForSelector('.declared >> text=Self-declared');
		await seat.click('.declared >> text=Ask a mentor to confirm it');
		await seat.waitForSelector('#what');
		expect(await seat.inputValue('#what')).toMatch(/^declared:/);
		await seat.click('text=Send it');
		await seat.waitForURL(/\/submissions\/view\/\?s=/);
		const id = new URL(seat.url()).searchParams.get('s') ?? '';

		await ask(mentor, 'POST', `/submissions/${id}/claim`, {});
		const missing = [{ id: 'f1', type: 'essential', text: 'Which two teams?', place: { at: 'whole' } }];
		await ask(mentor, 'PUT', `/submissions/${id}/draft`, { base: 0, draft: { findings: missing, marks: {}, summary: '', decision: 'ask-changes' } });
		await ask(mentor, 'POST', `/submissions/${id}/review`, { base: 1 });
		await seat.goto(`${base}/portfolio/`);
		await seat.click('.declared >> text=A mentor sent it back: read what is missing');
		await seat.waitForSelector('text=Which two teams?');
		await ask(learner, 'POST', `/submissions/${id}/answers`, { finding: 'f1', answer: { answer: 'done' } });
		const [declared] = await ask<Declared[]>(learner, 'GET', '/portfolio/declared');
		const better = { ...declared, claim: 'Backs up a cluster’s objects; Search and Billing use it.' };
		await ask(learner, 'POST', '/portfolio/declared', { action: 'put', declared: better });
		await ask(learner, 'POST', `/submissions/${id}/rounds`, { base: 1, note: '' });

		await desk.goto(`${base}/mentor/review/?s=${id}`);
		await desk.click('text=Claim it');
		await desk.waitForSelector('.draft-panel >> text=No program has looked at this.');
		await desk.waitForSelector('#round-diff >> text=Work elsewhere');
		expect(await desk.getAttribute('.declared-work a', 'href')).toBe('https://example.com/backup');
		await desk.click('summary:has-text("Rubric marks")');
		await desk.selectOption('#mark-automation', 'senior');
		await desk.waitForSelector('.senior-note >> text=Your mark alone counts as mid here.');
		await desk.check('input[value="approve"]');
		await desk.click('text=Send the review');
		await desk.waitForSelector('[role="alert"] >> text=Say first what you looked at');
		await desk.fill('#summary', 'I ran a backup and restored it.');
		await look(desk, 'declared-workbench');
		await desk.click('text=Send the review');
		await desk.waitForSelector('.review >> text=✓ Approved');

		await seat.goto(`${base}/portfolio/`);
		await seat.waitForSelector('.declared:has-text("Mentor-confirmed"):has-text("Confirmed by Mina")');
		expect(await seat.textContent('.declared')).not.toContain('Self-declared');
		expect(await seat.textContent('.declared')).toContain('I ran a backup and restored it.');
		await look(seat, 'declared-confirmed');
		await seat.goto(`${base}/rubric/`);
		await seat.waitForSelector('[data-row="automation"] >> text=marked it senior, alone.');
		expect(await seat.textContent('[data-rate="iac-automation"] label:has-text("Backup tool")')).toContain('Mentor-confirmed');
		await look(seat, 'rubric-alone');
	});

	it('prints what is folded away on the screen', async () => {
		await seat.goto(`${base}/submissions/`);
		await seat.click('.submission-row:has-text("Lab ·") a');
		await seat.waitForSelector(`.bundle summary:has-text("${FILE}")`);
		expect(await seat.locator('.bundle .code-line').count()).toBe(0);
		await seat.emulateMedia({ media: 'print' });
		await seat.evaluate(() => dispatchEvent(new Event('beforeprint')));
		await seat.waitForSelector('.bundle .code-line >> text=replicas: 2');
		await seat.screenshot({ path: join(shots, 'review-printed.png'), fullPage: true });
		await seat.emulateMedia({ media: null });
	});

	it('leaves a cohort’s page without names, and comments for the next time', async () => {
		await desk.goto(`${base}/mentor/cohort/`);
		await desk.click('main a:has-text("Autumn")');
		await desk.waitForSelector('text=Where people are stuck');
		await desk.waitForSelector('td:has-text("fewer than 3")');
		expect(await desk.textContent('.stuck')).not.toContain('Ada');
		await desk.click('text=Make a link');
		await desk.waitForSelector('input[readonly]');
		await look(desk, 'cohort');
		await desk.goto(`${base}/mentor/comments/`);
		await desk.waitForSelector('text=One replica is gone with its node.');
		await look(desk, 'comments');
		expect(faults).toEqual([]);
	});

	it('is made a second time on a sampled round, blind, and the cohort’s page says how far the two agree', async () => {
		const sol = await signedIn('sol');
		const { id } = await ask<{ id: string }>(sol, 'GET', '/me');
		await ask(mentor, 'POST', `/people/${id}/roles`, { roles: ['learner', 'mentor'] });
		const [cohort] = await ask<CohortView[]>(mentor, 'GET', '/cohorts');
		const { path } = await ask<MadeInvitation>(mentor, 'POST', `/cohorts/${cohort?.id}/invitations`, { as: 'mentor' });
		await ask(sol, 'POST', '/invitations/accept', { code: path.split('#')[1] });
		const { id: of } = await ask<{ id: string }>(learner, 'POST', '/documents', { kind: 'decision-memo' });
		let request = randomUUID();
		while (!isSampled(request, 1)) request = randomUUID();
		await ask(learner, 'POST', '/submissions', { request, kind: 'document', of, note: '' });
		await ask(mentor, 'POST', `/submissions/${request}/claim`, {});
		const first = {
			findings: [{ id: 'f1', type: 'essential', text: 'Name the option that was not taken.', place: { at: 'whole' } }],
			marks: { communication: 'started' },
			summary: '',
		};
		await ask(mentor, 'PUT', `/submissions/${request}/draft`, { base: 0, draft: { ...first, decision: 'ask-changes' } });
		await ask(mentor, 'POST', `/submissions/${request}/review`, { base: 1 });
		const page = await windowOf(sol);
		await page.goto(`${base}/mentor/`);
		await page.waitForSelector('.badge:has-text("Second review")');
		// Rounds of the tests before may be sampled, too.
		await page.click(`[data-row][href$="${request}"]`);
		await page.click('text=Claim the second review');
		await page.waitForSelector('text=You are the second mentor of this round.');
		expect(await page.textContent('main')).not.toContain('Name the option');
		await page.selectOption('#mark-communication', 'mid');
		await page.check('input[value="ask-changes"]');
		await look(page, 'second');
		await page.click('text=Send the review');
		await page.waitForSelector('text=Name the option that was not taken.');
		await desk.goto(`${base}/mentor/cohort/?c=${cohort?.id}`);
		await desk.waitForSelector('tr:has-text("Communication"):has-text("0 %"):has-text("too few pairs")');
		expect(faults).toEqual([]);
	});
});
