/** What only a browser's terminal shows: shells inside pods, the editor that a command waits for, pastes, two terminals, a reload in the middle. */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { enterLab, type LabPage } from './lab-page.ts';
import { stage } from './stage.ts';

const at = stage('terminal');
let page: Page;
let lab: LabPage;
let faults: string[];

const keys = (text: string): Promise<void> => lab.keys(text);
/** Waits until the terminal shows this; a step that hangs says soon where. */
const see = (what: RegExp, timeoutMs = 10_000): Promise<string> => lab.until(what, timeoutMs);

beforeAll(async () => {
	({ page, lab, faults } = await enterLab(at));
	await lab.run('kubectl create deployment web --image=nginx:1.29; kubectl rollout status deployment web', 60_000);
}, 120_000);

describe('the terminal in a browser', () => {
	it('is a shell in a pod: arrow keys, Tab, Ctrl-C, Ctrl-D, exit code', async () => {
		await lab.run('clear');
		await keys('kubectl exec -it deploy/web -- bash{Enter}');
		await see(/root@web-\S+:\/#$/m);
		await keys('cd /etc/ngi{Tab}{Enter}');
		await see(/root@web-\S+:\/etc\/nginx#$/m);
		await keys('echo a-tow{ArrowLeft}{ArrowLeft}x{Enter}');
		await see(/\na-txow\n/);
		await keys('{ArrowUp}{Enter}');
		await see(/\na-txow\n[\s\S]*\na-txow\n/);
		await keys('sleep 100{Enter}');
		await see(/# sleep 100\n/);
		await keys('{Control+c}');
		await see(/\^C\nroot@\S+#$/m);
		await keys('cat{Enter}');
		await see(/# cat\n\s*$/);
		await keys('one{Enter}');
		await page.waitForTimeout(500);
		await keys('{Control+d}');
		await see(/\none\none\nroot@\S+#$/m);
		await keys('exit 3{Enter}');
		await see(/exit\ncommand terminated with exit code 3\n/);
		await keys('echo code=$?{Enter}');
		await see(/^code=3$/m);
	});

	it('shows the prompt of a pod that it attaches to', async () => {
		await lab.run('clear');
		await keys('kubectl run tmp --rm -it --image=busybox -- sh{Enter}');
		await see(/^\/ #$/m, 20_000);
		await keys('hostname{Enter}');
		await see(/\ntmp\n/);
		await keys('false{Enter}{Control+d}');
		await see(/Session ended, resume using 'kubectl attach tmp -c tmp -i -t'[\s\S]*pod "tmp" deleted/, 20_000);
		await keys('echo code=$?{Enter}');
		await see(/^code=0$/m);
	});

	it('opens the editor beside the terminal where it is asked for, and kubectl edit waits for it', async () => {
		await lab.run('clear');
		await keys('KUBE_EDITOR=code kubectl edit deployment web{Enter}');
		const line = page.locator('.cm-line', { hasText: 'replicas: 1' });
		await line.first().click();
		await page.keyboard.press('End');
		await page.keyboard.press('Backspace');
		await page.keyboard.type('2');
		await page.keyboard.press('Control+s');
		await see(/deployment\.apps\/web edited/);
		expect(await page.evaluate(() => document.activeElement?.classList.contains('xterm-helper-textarea'))).toBe(true);
		expect(await lab.run("kubectl get deployment web -o jsonpath='{.spec.replicas}'; echo")).toMatch(/^2\n/m);
		await keys('clear; KUBE_EDITOR=code kubectl edit deployment web{Enter}');
		await line
			.first()
			.or(page.locator('.cm-line', { hasText: 'replicas: 2' }))
			.first()
			.waitFor();
		await keys('{Control+c}');
		await page.getByText('Open a file on the left').waitFor();
		await lab.run('code new.yaml');
		await page.locator('.cm-content').first().click();
		await page.keyboard.insertText('a: b\n');
		await page.keyboard.press('Control+s');
		await page.getByRole('button', { name: /^Save/, disabled: true }).waitFor();
		expect(await lab.run('cat new.yaml')).toContain('a: b');
	});

	it('edits in vi in the terminal itself, also for kubectl edit', async () => {
		await lab.run('clear');
		await keys('kubectl edit deployment web{Enter}');
		await see(/Please edit the object below/);
		await keys('/replicas:{Enter}$r3');
		await see(/replicas: 3/);
		await keys(':wq{Enter}');
		await see(/deployment\.apps\/web edited/);
		await keys('clear; vi cm.yaml{Enter}');
		await see(/"cm\.yaml" \[New\]/);
		await keys('iapiVersion: v1{Enter}kind: ConfigMap{Enter}metadata:{Enter}{Tab}name: from-vi{Escape}');
		await see(/cm\.yaml \[\+\]/);
		await page.reload();
		await see(/metadata:\n {2}name: from-vi\n~/, 20_000);
		await keys(':wq{Enter}');
		expect(await lab.run('kubectl apply -f cm.yaml')).toMatch(/configmap\/from-vi created/);
	});

	it('takes a paste as text and finds it again with Ctrl-R', async () => {
		await lab.run('clear');
		const lines = "cat > tabs.txt <<'E'\n\tone\n\ttwo\nE\necho";
		// Without an end after its last line nothing of a paste runs before Enter is pressed.
		await lab.paste(`${lines} not-run`);
		await see(/^> echo not-run$/m);
		await keys('{Control+c}');
		expect(await lab.run('ls tabs.txt')).toContain('No such file');
		await lab.paste(`${lines} has-run\n`);
		await see(/^has-run$/m);
		expect(await lab.run("grep -c $'\\t' tabs.txt; ls not-run 2>&1")).toMatch(/^2\n/m);
		await keys('{Control+r}tabs.t');
		await see(/\(reverse-i-search\)`tabs\.t': clear; grep/);
		await keys('{Enter}');
		await lab.prompt();
		expect(await lab.screen()).toMatch(/^2\n/m);
	});

	it('forwards a port in one terminal and curls in another, and goes on after a reload', async () => {
		await lab.run('clear');
		await keys('kubectl port-forward deploy/web 8080:80{Enter}');
		await see(/Forwarding from \[::1\]:8080 -> 80/);
		// A narrower page resizes the terminal while the command runs.
		await page.setViewportSize({ width: 1200, height: 800 });
		await page.waitForTimeout(400);
		await page.getByRole('button', { name: /New terminal/ }).click();
		const second = page.locator('.xterm:visible');
		await second.locator('.xterm-helper-textarea').focus();
		await page.waitForTimeout(500);
		await page.keyboard.type('curl -s localhost:8080 | grep -i title\n');
		await page.waitForFunction(() => /<title>Welcome to nginx!/.test(document.body.textContent ?? ''));
		await page.getByRole('tab', { name: 'Terminal 1' }).click();
		expect(await see(/Handling connection for 8080/)).not.toMatch(/Handling[\s\S]*\$\s*$/);
		await page.reload();
		expect(await see(/Handling connection for 8080/)).not.toMatch(/learner@workstation:~\$\s*$/);
		await keys('{Control+c}');
		await lab.prompt();
		expect(faults).toEqual([]);
	});
});
