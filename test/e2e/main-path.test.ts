/** The main job, end to end, as a newcomer does it: start, name, month 2, lab, deploy, check, submit, portfolio, kill -9, find everything again. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { enter, LabPage } from './lab-page.ts';
import { root } from './server.ts';
import { stage } from './stage.ts';

const shots = join(root, 'test-results');
const solution = join(root, 'labs/three-tiers/solutions/plain');

const at = stage('e2e');
let page: Page;
let lab: LabPage;
let faults: string[];

const shot = (name: string): Promise<unknown> => page.screenshot({ path: join(shots, `${name}.png`) });

beforeAll(async () => {
	mkdirSync(shots, { recursive: true });
	({ page, faults } = await enter(at.browser, at.server.link));
	lab = new LabPage(page);
});

describe('the main path', () => {
	it('starts with a name and leads to the lab of month 2', async () => {
		await page.getByLabel('What shall we call you?').fill('Robin');
		await shot('01-start');
		await page.getByRole('button', { name: 'Begin' }).click();
		await page.getByRole('link', { name: /Start: Three tiers/ }).waitFor();
		await page.getByRole('navigation').getByRole('link', { name: 'Track' }).first().click();
		await shot('02-track');
		await page.goto(`${at.server.origin}/track/month-2/`);
		await shot('03-month');
		await page.locator('a[href="/labs/three-tiers/"]').first().click();
		await page.waitForURL('**/labs/three-tiers/');
	});

	it('has a prompt, a brief, files and the cluster at once', async () => {
		await lab.prompt(20_000);
		await page.getByText('foothold-worker2').first().waitFor();
		expect(await lab.run('kubectl get nodes')).toMatch(
			/foothold-control-plane\s+Ready\s+control-plane[\s\S]*foothold-worker\s+Ready[\s\S]*foothold-worker2\s+Ready/,
		);
		expect(await lab.run('kubectl get pods')).toContain('No resources found in notes namespace.');
		await page.getByText('You have a cluster of your own', { exact: false }).first().waitFor();
		await shot('04-lab-start');
	});

	it('scores nothing before anything is done, and opens hints one at a time', async () => {
		await page.getByRole('button', { name: 'Check my work' }).click();
		await page
			.getByText(/^0\s*(of|\/)\s*100|\b0 of 100\b/)
			.first()
			.waitFor({ timeout: 60_000 });
		await shot('05-verdict-untouched');
		await page.getByRole('tab', { name: /Tasks/ }).click();
		await page
			.getByRole('button', { name: /Open a hint/ })
			.first()
			.click();
		await page.getByText('Hint 1.').first().waitFor();
		expect(await page.getByText('Hint 2.').count()).toBe(0);
	});

	it('takes manifests from the terminal and from the editor', async () => {
		await lab.run('mkdir -p app');
		for (const file of readdirSync(solution).filter((f) => f !== '40-network.yaml')) {
			const text = readFileSync(join(solution, file), 'utf8');
			await lab.run('clear');
			await lab.paste(`cat > app/${file} <<'MANIFEST'\n${text}${text.endsWith('\n') ? '' : '\n'}MANIFEST\n`);
			await lab.until(/> MANIFEST\s*\n.*\$\s*$/, 30_000);
		}
		await page.getByRole('button', { name: 'New file' }).click();
		await page.getByLabel('Name of the new file').fill('app/40-network.yaml');
		await page.keyboard.press('Enter');
		const editor = page.locator('.cm-content').first();
		await editor.click();
		await page.keyboard.insertText(readFileSync(join(solution, '40-network.yaml'), 'utf8'));
		await page.keyboard.press('Control+s');
		await page.waitForTimeout(500);
		await lab.run(`sed -i "s/{{token:db-password}}/$(cat notes/db-password.txt)/" app/00-namespace.yaml`);
		expect(await lab.run('grep -c token app/00-namespace.yaml; ls app; wc -l < app/40-network.yaml')).toMatch(/^0\n[\s\S]*40-network\.yaml/m);
		await shot('06-editor');
	});

	it('deploys, watches pods start and answers through the ingress', async () => {
		const applied = await lab.run('kubectl apply -f app/');
		expect(applied).toMatch(/deployment\.apps\/api created/);
		expect(applied).toMatch(/networkpolicy\.networking\.k8s\.io\/default-deny created/);
		await lab.focusTerminal();
		await page.keyboard.type('clear; kubectl get pods -w');
		await page.keyboard.press('Enter');
		await lab.until(/db-0\s+1\/1\s+Running/, 90_000);
		await shot('07-watch');
		await page.keyboard.press('Control+c');
		await lab.run('kubectl rollout status deployment/api', 90_000);
		const answer = await lab.run(
			`curl -s -X POST -H 'content-type: application/json' -d '{"text":"first"}' http://notes.foothold.test/api/notes; echo; curl -s http://notes.foothold.test/api/notes`,
		);
		expect(answer).toContain('"text":"first"');
		await page.locator('[data-task="data-stays"].done').waitFor({ timeout: 60_000 });
		await shot('08-running');
	});

	it('is graded: every check passes', async () => {
		// An autoscaler needs a while of metrics before it is active.
		await page.waitForTimeout(20_000);
		await page.getByRole('button', { name: 'Check my work' }).click();
		await page
			.getByText(/\b100 of 100\b|^100\s*(of|\/)\s*100/)
			.first()
			.waitFor({ timeout: 120_000 });
		await shot('09-verdict');
		if (process.env['FOOTHOLD_SCREENSHOTS'] !== undefined) copyFileSync(join(shots, '08-running.png'), join(root, 'docs/images/lab.png'));
	});

	it('turns the verdict into evidence that portfolio and rubric show', async () => {
		await page.getByRole('button', { name: 'Submit' }).click();
		await page.getByLabel('Submitted').waitFor({ timeout: 60_000 });
		await shot('10-submitted');
		await page.goto(`${at.server.origin}/portfolio/`);
		await page.getByText('graded').first().waitFor();
		await page.getByText(/100/).first().waitFor();
		await shot('11-portfolio');
		await page.goto(`${at.server.origin}/rubric/`);
		await page.waitForTimeout(500);
		await shot('12-rubric');
		expect(faults).toEqual([]);
	});

	it('finds everything again after kill -9', async () => {
		await page.goto(`${at.server.origin}/labs/three-tiers/`);
		await lab.prompt(20_000);
		await lab.run('cd app; MARK=kept; echo remember-me-$MARK');
		await page.waitForTimeout(300);
		await at.restart();
		const again = await enter(at.browser, at.server.link);
		page = again.page;
		lab = new LabPage(page);
		await page.goto(`${at.server.origin}/labs/three-tiers/`);
		await lab.prompt(30_000);
		expect(await lab.screen()).toContain('remember-me-kept');
		expect(await lab.run('pwd; echo $MARK; ls')).toMatch(/\/home\/learner\/app\nkept\n[\s\S]*30-web\.yaml/);
		expect(await lab.run('kubectl get statefulset,deployment')).toMatch(/statefulset\.apps\/db\s+1\/1[\s\S]*deployment\.apps\/api\s+2\/2/);
		expect(await lab.run('curl -s http://notes.foothold.test/api/notes')).toContain('"text":"first"');
		await page.getByText('5 of 5 tasks').waitFor();
		await shot('13-after-kill');
		await page.goto(`${at.server.origin}/portfolio/`);
		await page.getByText('graded').first().waitFor();
		expect(again.faults).toEqual([]);
	});
});
