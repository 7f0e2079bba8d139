/** The documents are held to the code: their commands run, their links and paths lead somewhere. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { directorySchema } from '../../server/people/directory.ts';
import { People } from '../../server/people/people.ts';
import { readTeam } from '../../server/people/team.ts';
import { JsonFile } from '../../server/store/json-file.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'docs/team.md'] as const;
const text = (name: string): string => readFileSync(join(root, name), 'utf8');
const { scripts } = JSON.parse(text('package.json')) as { scripts: { [name: string]: string } };

describe('the documents', () => {
	it.each(documents)('%s names only scripts that exist', (name) => {
		const named = [...text(name).matchAll(/npm (?:run )?([a-z]+(?::[a-z]+)?)\b/g)]
			.map((m) => m[1] ?? '')
			.filter((s) => !['ci', 'install', 'package'].includes(s));
		expect(named.filter((s) => scripts[s] === undefined)).toEqual([]);
	});

	it.each(documents)('%s links to files that exist', (name) => {
		const links = [...text(name).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map((m) => m[1] ?? '').filter((l) => !/^[a-z]+:/.test(l));
		expect(links.filter((l) => !existsSync(join(root, dirname(name), l)))).toEqual([]);
	});

	it('ARCHITECTURE.md speaks of files and folders that exist', () => {
		const paths = [...text('ARCHITECTURE.md').matchAll(/`((?:server|src|labs|test|tools|content)\/[\w./-]*)`/g)].map((m) => m[1] ?? '');
		expect(paths.length).toBeGreaterThan(10);
		expect(paths.filter((p) => !existsSync(join(root, p)))).toEqual([]);
	});

	it('the scripts start files that exist', () => {
		const files = Object.values(scripts).flatMap((s) => [...s.matchAll(/node ([\w./-]+\.ts)/g)].map((m) => m[1] ?? ''));
		expect(files.filter((f) => !existsSync(join(root, f)))).toEqual([]);
	});

	it('speak of the project alone', () => {
		for (const name of documents) expect(text(name)).not.toMatch(/\bagents?\b|\bsession of the\b|\/work\/|registry\.npmjs/i);
	});
});

describe('commands of the README', () => {
	it('npm run doctor tells what this machine can run', async () => {
		const { stdout } = await run(process.execPath, ['--no-warnings', 'server/cli/doctor.ts'], { cwd: root });
		for (const word of ['Node', 'Chromium', 'Docker', 'kubectl', 'memory']) expect(stdout.toLowerCase()).toContain(word.toLowerCase());
	});

	it('npm run cluster prints one ready line and ends on Ctrl-C', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'foothold-docs-'));
		const kubeconfig = join(folder, 'kubeconfig.yaml');
		const child = spawn(process.execPath, ['--no-warnings', 'server/cli/cluster.ts', '--port', '0', '--kubeconfig', kubeconfig], { cwd: root });
		const line = await new Promise<string>((done, fail) => {
			let out = '';
			child.stdout.on('data', (d: Buffer) => {
				out += String(d);
				if (out.includes('\n')) done(out.slice(0, out.indexOf('\n')));
			});
			child.on('exit', (code) => fail(new Error(`ended with ${code}`)));
		});
		expect(JSON.parse(line)).toMatchObject({ ready: true, server: expect.stringMatching(/^https:\/\/127\.0\.0\.1:\d+$/), ms: expect.any(Number) });
		expect(readFileSync(kubeconfig, 'utf8')).toContain('certificate-authority-data');
		child.removeAllListeners('exit');
		const code = new Promise<number | null>((done) => child.on('exit', done));
		child.kill('SIGINT');
		expect(await code).toBe(0);
		rmSync(folder, { recursive: true, force: true });
	});

	it('npm run bench prints one JSON line a figure, by the names that stay', async () => {
		const { stdout } = await run(process.execPath, ['--no-warnings', 'test/load/bench.ts', 'apiserver'], { cwd: root });
		const figures = stdout
			.trim()
			.split('\n')
			.map((l) => JSON.parse(l) as { bench: string; metric: string; value: number; unit: string; n: number });
		expect(figures.map((f) => `${f.bench}/${f.metric}`)).toEqual(['apiserver/create_per_s', 'apiserver/get_per_s']);
		for (const f of figures) expect(f).toMatchObject({ value: expect.any(Number), unit: '1/s', n: expect.any(Number) });
	});

	it('npm run bench refuses a name that there is not', async () => {
		await expect(run(process.execPath, ['--no-warnings', 'test/load/bench.ts', 'nosuch'], { cwd: root })).rejects.toMatchObject({
			code: 2,
			stderr: expect.stringContaining('no such bench: nosuch; there are'),
		});
	});
});

describe('docs/team.md', () => {
	const blocks = (language: string): string[] =>
		[...text('docs/team.md').matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((m) => m[1] ?? '');

	it('shows a configuration that is complete, and names each variable', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'foothold-docs-'));
		const file = join(folder, 'team.yaml');
		writeFileSync(file, blocks('yaml')[0] ?? '');
		const team = await readTeam(file, {});
		expect(team).toMatchObject({ clientId: 'foothold', admit: 'issuer', listen: '127.0.0.1', admins: ['ada@example.org'] });
		const named = new Set([...text('docs/team.md').matchAll(/FOOTHOLD_\w+/g)].map((m) => m[0]));
		const used = new Set([...readFileSync(join(root, 'server/people/team.ts'), 'utf8').matchAll(/'(FOOTHOLD_\w+)'/g)].map((m) => m[1] ?? ''));
		expect([...named].sort()).toEqual([...used].sort());
		rmSync(folder, { recursive: true, force: true });
	});

	it('shows operators’ commands that run, one after the other', async () => {
		const folder = mkdtempSync(join(tmpdir(), 'foothold-docs-'));
		const data = join(folder, 'data');
		const people = new People(new JsonFile(join(data, 'people', 'directory.json'), directorySchema), { local: 'local' });
		await people.load();
		await people.close();
		const lines = blocks('sh').at(-1)?.trim().split('\n') ?? [];
		expect(lines.length).toBeGreaterThan(5);
		for (const line of lines) {
			const [, , script = '', , ...args] = line.split(' ');
			const given = args.includes('--data') ? args : [...args, '--data', data];
			const done = await run(process.execPath, ['--no-warnings', join(root, 'server/main.ts'), script, ...given], { cwd: folder });
			expect([line, (done.stdout + done.stderr).length > 0]).toEqual([line, true]);
		}
		expect(existsSync(join(folder, 'restored', 'people', 'directory.json'))).toBe(true);
		expect(readFileSync(join(data, 'people', 'directory.json'), 'utf8')).not.toContain('local');
		rmSync(folder, { recursive: true, force: true });
	}, 60_000);
});
