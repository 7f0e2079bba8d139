/** The editor against the real server: the cluster's own schemas, applying with the difference first, conflicts with the terminal, archives. */
import { gunzipSync, strToU8, zipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { enterLab, type LabPage } from './lab-page.ts';
import { stage } from './stage.ts';

const at = stage('editor');
let page: Page;
let lab: LabPage;

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {colour: {type: string, enum: [red, blue]}}}}}}
`;

async function newFile(name: string, text: string): Promise<void> {
	await page.getByLabel('New file', { exact: true }).click();
	await page.getByLabel('Name of the new file').fill(name);
	await page.keyboard.press('Enter');
	await page.waitForSelector(`.editor-tab.active:has-text("${name}")`);
	await page.locator('.cm-content').click();
	await page.keyboard.insertText(text);
}

/** Findings of the file in front, as the gutter and its lines have them. */
const marked = (): Promise<string[]> => page.$$eval('.cm-lintRange', (ranges) => ranges.map((range) => range.textContent ?? ''));

beforeAll(async () => {
	({ page, lab } = await enterLab(at));
}, 120_000);

describe('the editor in a browser', () => {
	it('knows the cluster’s schemas: what fits, what is wrong, what a field means', async () => {
		await newFile('web.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replcas: 2\n');
		await expect.poll(marked).toContain('replcas');
		await page.keyboard.insertText('  strat');
		await page.keyboard.press('Control+Space');
		// Clicked: a key pressed right after the list has come is taken for typing.
		await page.click('.cm-tooltip-autocomplete li:has-text("strategy")');
		await page.waitForSelector('.cm-tooltip-autocomplete li:has-text("rollingUpdate")');
		await page.keyboard.insertText('type: R');
		await page.keyboard.press('Control+Space');
		await page.waitForSelector('.cm-tooltip-autocomplete li:has-text("Recreate")');
		await page.keyboard.press('Escape');
		await page.locator('.cm-line', { hasText: 'metadata' }).locator('span').first().hover();
		await page.waitForSelector('.field-help:has-text("metadata: ObjectMeta")');
	});

	it('learns a new kind, applied from the editor with the difference first', async () => {
		await newFile('crd.yaml', CRD);
		await page.keyboard.press('Control+Enter');
		await page.waitForSelector('dialog >> text=1 of 1 object would change:');
		await page.waitForSelector('dialog .diff-add:has-text("+  name: widgets.example.com")');
		await page.click('dialog >> button:has-text("Apply")');
		await page.waitForSelector('dialog >> text=customresourcedefinition.apiextensions.k8s.io/widgets.example.com');
		await page.waitForSelector('dialog >> text=Applied.');
		await page.click('dialog >> button:has-text("Close")');
		expect(await lab.run('kubectl apply -f crd.yaml')).toMatch(/widgets\.example\.com unchanged\n/);
		await newFile('widget.yaml', 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec:\n  colour: green\n');
		await expect.poll(marked, { timeout: 20_000 }).toEqual(['green']);
	});

	it('keeps both texts where the terminal changed a file that is being edited', async () => {
		await page.keyboard.press('Control+s');
		await page.waitForSelector('.editor-tab.active .dirty', { state: 'detached' });
		await page.keyboard.insertText('# mine\n');
		await lab.run('echo "# theirs" >> widget.yaml');
		await page.click('text=See the difference');
		await page.waitForSelector('dialog .diff-remove:has-text("-# theirs")');
		await page.click('dialog >> text=Keep mine');
		await page.waitForSelector('.editor-tab.active .dirty', { state: 'detached' });
		expect(await lab.run('tail -1 widget.yaml')).toMatch(/^# mine$/m);
		await page.click('text=Bring the other text back');
		await page.waitForSelector('.cm-content >> text=# theirs');
	});

	it('takes archives apart and packs folders, and says which entry won’t do', async () => {
		const upload = (name: string, entries: Record<string, string>) =>
			page.getByLabel('Files to upload').setInputFiles({
				name,
				mimeType: 'application/zip',
				buffer: Buffer.from(zipSync(Object.fromEntries(Object.entries(entries).map(([path, text]) => [path, strToU8(text)])))),
			});
		await upload('bad.zip', { 'fine.yaml': 'a: 1\n', '../../etc/passwd': 'root' });
		await page.waitForSelector('text=because of “../../etc/passwd”');
		await upload('good.zip', { 'pack/one.yaml': 'a: 1\n', 'pack/two.txt': 'two' });
		await page.waitForSelector('text=2 files are in');
		expect(await lab.run('find . -name "one.yaml"; find . -name fine.yaml')).toMatch(/^\.\/pack\/one\.yaml\n[^.]/m);
		await page.getByRole('treeitem', { name: 'pack', exact: true }).focus();
		await page.click('summary[aria-label="More for files"]');
		const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Download pack as .tar.gz')]);
		const chunks: Buffer[] = [];
		for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
		expect(Buffer.from(gunzipSync(Buffer.concat(chunks))).toString('latin1')).toMatch(/one\.yaml[\s\S]*a: 1\n/);
	});
});
