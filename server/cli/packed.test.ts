import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pack } from './pack.ts';
import { freshPack, PACKS, ROOT } from './packed.ts';

describe('a pack', () => {
	let root: string;
	let folder: string;
	beforeEach(() => {
		root = mkdtempSync(join(tmpdir(), 'foothold-pack-'));
		folder = join(root, 'packs');
		source('entry.ts', "import { greeting } from './greeting.ts';\nexport const said: string = greeting;\n");
		source('greeting.ts', "export const greeting: string = 'hello';\n");
	});
	afterEach(() => rmSync(root, { recursive: true, force: true }));

	/** Written a minute ago, as a source is that nobody is editing. */
	function source(name: string, text: string): void {
		writeFileSync(join(root, name), text);
		const past = Date.now() / 1000 - 60;
		utimesSync(join(root, name), past, past);
	}
	const made = () => pack('greet', 'entry.ts', folder, root);
	const fresh = () => freshPack('greet', folder, root);

	test('stands for its sources as long as none changes', async () => {
		expect(fresh()).toBeUndefined();
		await made();
		const path = fresh();
		expect(path).toBe(join(folder, 'greet.mjs'));
		expect(((await import(pathToFileURL(path ?? '').href)) as { said: string }).said).toBe('hello');
		source('greeting.ts', "export const greeting: string = 'good day';\n");
		expect(fresh()).toBeUndefined();
		await made();
		expect(readFileSync(fresh() ?? '', 'utf8')).toContain('good day');
		rmSync(join(root, 'greeting.ts'));
		expect(fresh()).toBeUndefined();
	});

	test('is not taken where it is cut off or something else', async () => {
		await made();
		const whole = readFileSync(join(folder, 'greet.mjs'), 'utf8');
		for (const text of [whole.slice(0, 20), '', 'export const said = 1;\n']) {
			writeFileSync(join(folder, 'greet.mjs'), text);
			expect(fresh()).toBeUndefined();
		}
	});

	test('is not written of sources that changed under it, nor of such as do not compile', async () => {
		utimesSync(join(root, 'greeting.ts'), Date.now() / 1000 + 60, Date.now() / 1000 + 60);
		await made();
		expect(fresh()).toBeUndefined();
		source('greeting.ts', 'export const greeting = ;');
		await expect(made()).rejects.toThrow('Unexpected ";"');
		mkdirSync(folder, { recursive: true });
		expect(readdirSync(folder)).toEqual([]);
	});
});

test('what few clusters need is loaded when it is first called', async () => {
	const folder = mkdtempSync(`${PACKS}-test-`);
	try {
		await pack('syntax', 'server/simulator/images/shell/syntax.ts', folder);
		const path = freshPack('syntax', folder) ?? '';
		expect(readFileSync(path, 'utf8')).toContain('load("just-bash")');
		const { parseScript } = (await import(pathToFileURL(path).href)) as typeof import('../simulator/images/shell/syntax.ts');
		expect(parseScript('echo hello | wc -c')).toHaveProperty('script.statements.length', 1);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});

test('nothing that goes into the cluster’s pack asks where its file lies', async () => {
	const folder = mkdtempSync(`${PACKS}-test-`);
	try {
		await pack('cluster', 'server/cli/run-cluster.ts', folder);
		const text = readFileSync(join(folder, 'cluster.mjs'), 'utf8');
		expect(text).toContain('server/cli/run-cluster.ts');
		expect(text).not.toMatch(/import\.meta\.(dirname|filename)/);
		expect(text).not.toContain(`// ${ROOT}`);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
