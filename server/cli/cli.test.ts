import { mkdtempSync, writeFileSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultDataFolder, takeDataFolder } from './data-folder.ts';
import { examine } from './doctor.ts';
import { readFlags, wholeNumber } from './flags.ts';
import { cluster } from './run-cluster.ts';
import { siteIsStale } from './site-build.ts';

const temporary = (): string => mkdtempSync(join(tmpdir(), 'foothold-cli-'));

describe('flags', () => {
	it('are read, with their defaults', () => {
		const spec = { port: { type: 'string', default: '1' }, json: { type: 'boolean' }, data: { type: 'string' } } as const;
		expect(readFlags(['--port=5', '--json'], spec)).toEqual({ port: '5', json: true, data: undefined });
		expect(readFlags([], spec)).toEqual({ port: '1', json: false, data: undefined });
	});

	it('that are wrong are named', () => {
		expect(() => readFlags(['--prot', '1'], {})).toThrow(/--prot/);
		expect(() => wholeNumber('port', '99999', 0, 65_535)).toThrow('--port takes a whole number from 0 to 65535, not “99999”');
		expect(wholeNumber('port', '0', 0, 65_535)).toBe(0);
	});
});

describe('a cluster of its own', () => {
	it('is refused where its flags make no sense', async () => {
		await expect(cluster(['--token', 'two words'])).rejects.toThrow('--token takes printable characters without spaces');
		await expect(cluster(['--gpus', 'b300=1'])).rejects.toThrow('--gpus: “b300” is none of the cards t4, l4');
		await expect(cluster(['--gpus', 'l4=1', '--profile', 'apiserver'])).rejects.toThrow('--gpus needs nodes');
		await expect(cluster(['--profile', 'tiny'])).rejects.toThrow('--profile takes full or apiserver, not “tiny”');
	});

	it('is refused where its API server would not start with its files', async () => {
		const file = join(temporary(), 'file.yaml');
		writeFileSync(file, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n');
		await expect(cluster(['--audit-policy', file])).rejects.toThrow('loaded illegal policy with 0 rules');
		await expect(cluster(['--encryption-config', file])).rejects.toThrow('no kind "Policy" is registered');
		await expect(cluster(['--audit-policy', `${file}.none`])).rejects.toThrow('ENOENT');
	});
});

describe('a data folder', () => {
	it('is taken by one server at a time, and free after a crash', async () => {
		const folder = join(temporary(), 'data');
		const release = await takeDataFolder(folder);
		// A process that is not there, and one that is no server of ours: both locks are left-overs.
		for (const pid of ['999999999', String(process.ppid)]) {
			writeFileSync(join(folder, 'lock'), pid);
			await takeDataFolder(folder);
		}
		release();
		// A file stands where a folder would have to be.
		writeFileSync(join(folder, 'secret'), '');
		await expect(takeDataFolder(join(folder, 'secret', 'below'))).rejects.toMatchObject({ code: expect.stringMatching(/^disk-/) });
	});

	it('lies in the checkout where that can be written', () => {
		const root = temporary();
		expect(defaultDataFolder(root)).toBe(join(root, '.foothold'));
		expect(defaultDataFolder(join(root, 'none'))).toMatch(/\/foothold$/);
	});
});

describe('the site', () => {
	it('is stale when it is missing or older than a source', async () => {
		const root = temporary();
		await mkdir(join(root, 'dist'));
		await mkdir(join(root, 'src'));
		expect(await siteIsStale(root)).toBe(true);
		await writeFile(join(root, 'src', 'page.astro'), '');
		await utimes(join(root, 'src', 'page.astro'), 1, 1);
		await writeFile(join(root, 'dist', 'index.html'), '');
		expect(await siteIsStale(root)).toBe(false);
		await utimes(join(root, 'src', 'page.astro'), Date.now() / 1000 + 10, Date.now() / 1000 + 10);
		expect(await siteIsStale(root)).toBe(true);
	});
});

describe('the doctor', () => {
	it('has a next step for each gap', async () => {
		const findings = await examine(temporary(), { data: join(temporary(), 'none'), team: undefined });
		expect(findings.map((f) => f.what)).toEqual(expect.arrayContaining(['Node', 'memory', 'disk', 'packages', 'site', 'browser', 'Docker', 'kind', 'kubectl']));
		expect(findings.find((f) => f.what === 'packages')).toMatchObject({ state: 'missing', next: 'Run npm ci.' });
		for (const f of findings) expect([f.what, f.state === 'good' || f.next !== '']).toEqual([f.what, true]);
	});
});
