/** Backup and restore, compared byte for byte, and what must not happen: half a restore, a damaged backup taken, work lost. */
import { createHash, randomBytes } from 'node:crypto';
import { execFileSync, spawn } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeDurably } from '../durable.ts';
import { LIMITS } from '../limits.ts';
import { checkAudit, Audit } from '../people/audit.ts';
import { backUp } from './backup.ts';
import { restoreTo, verifyBackup } from './restore.ts';

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'foothold-backup-'));

/** Path → mode and digest of every file. */
async function picture(root: string): Promise<Record<string, string>> {
	const out: Record<string, string> = {};
	for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
		if (!entry.isFile()) continue;
		const path = join(entry.parentPath, entry.name);
		const { mode } = await stat(path);
		out[relative(root, path)] = `${(mode & 0o777).toString(8)} ${createHash('sha256')
			.update(await readFile(path))
			.digest('hex')}`;
	}
	return out;
}

async function filled(): Promise<string> {
	const data = await folder();
	await writeDurably(join(data, 'secret'), randomBytes(32));
	await writeDurably(join(data, 'learners', 'local.json'), '{"id":"local"}\n');
	await writeDurably(join(data, 'sandboxes', 'local', 'notes', 'snapshot-3.json.gz'), randomBytes(300_001));
	await writeDurably(join(data, 'sandboxes', 'local', 'notes', 'journal-3.ndjson'), '3\n3\n');
	await writeDurably(join(data, 'sandboxes', 'local', 'notes', 'empty'), '');
	await writeDurably(join(data, 'archive', 'local', 'notes', '1', `${'long-'.repeat(40)}ü.json`), 'long name');
	const audit = new Audit(join(data, 'audit'));
	await audit.load();
	for (let n = 0; n < 3; n++) await audit.add({ actor: 'local', action: 'exported', person: 'local' });
	await audit.close();
	return data;
}

describe('a backup', () => {
	it('comes back byte for byte, with modes', async () => {
		const data = await filled();
		const file = join(await folder(), 'b.tar.gz');
		const manifest = await backUp(data, file);
		const target = join(await folder(), 'data');
		expect(await restoreTo(target, file, false)).toMatchObject({ aside: undefined });
		const before = await picture(data);
		expect(await picture(target)).toEqual(before);
		expect(manifest.files.map((f) => f.path).sort()).toEqual(Object.keys(before).sort());
		expect(await checkAudit(join(target, 'audit'))).toMatchObject({ entries: 3, broken: undefined });
		expect((await stat(file)).mode & 0o777).toBe(0o600);
	});

	it('can be read by tar', async () => {
		const data = await filled();
		const file = join(await folder(), 'b.tar.gz');
		await backUp(data, file);
		const target = await folder();
		execFileSync('tar', ['-xzf', file, '-C', target]);
		const { 'foothold-backup.json': _, ...files } = await picture(target);
		expect(files).toEqual(await picture(data));
	});

	it('leaves out what belongs to the running server, sign-ins above all, and leaves nothing behind', async () => {
		const data = await filled();
		const before = await picture(data);
		for (const path of ['lock', 'templates/t.json.gz', 'sign-ins/x.json', 'learners/local.json.1.2.tmp']) {
			await mkdir(join(data, path, '..'), { recursive: true });
			await writeFile(join(data, path), 'x');
		}
		const file = join(await folder(), 'b.tar.gz');
		const manifest = await backUp(data, file);
		expect(manifest.files.map((f) => f.path).sort()).toEqual(Object.keys(before).sort());
		expect((await readdir(data)).filter((name) => name.startsWith('.backup'))).toEqual([]);
	});

	it('is consistent while everything changes', async () => {
		const data = await filled();
		const session = join(data, 'sandboxes', 'local', 'notes');
		let stop = false;
		let generation = 3;
		const audit = new Audit(join(data, 'audit'));
		await audit.load();
		// As a sandbox writes: inputs are added, then a new snapshot takes the place of the old one and its journal.
		const writer = (async () => {
			while (!stop) {
				for (let n = 0; n < 5; n++) await appendFile(join(session, `journal-${generation}.ndjson`), `${generation}\n`);
				await writeDurably(join(session, `snapshot-${generation + 1}.json.gz`), `snapshot ${generation + 1}`);
				await writeFile(join(session, `journal-${generation + 1}.ndjson`), '');
				for (const name of [`snapshot-${generation}.json.gz`, `journal-${generation}.ndjson`]) await rm(join(session, name), { force: true });
				generation++;
				await writeDurably(join(data, 'learners', 'local.json'), JSON.stringify({ id: 'local', generation }));
				await audit.add({ actor: 'local', action: 'x' });
			}
		})();
		for (let n = 0; n < 5; n++) {
			const file = join(await folder(), 'b.tar.gz');
			await backUp(data, file);
			const target = join(await folder(), 'data');
			await restoreTo(target, file, false);
			const names = await readdir(join(target, 'sandboxes', 'local', 'notes'));
			const newest = Math.max(...names.flatMap((name) => /^snapshot-(\d+)/.exec(name)?.[1] ?? []).map(Number));
			// The newest snapshot's journal either is there with its own lines alone, or was not begun.
			if (names.includes(`journal-${newest}.ndjson`)) {
				const lines = (await readFile(join(target, 'sandboxes', 'local', 'notes', `journal-${newest}.ndjson`), 'utf8')).split('\n').filter(Boolean);
				expect(lines.filter((line) => !String(newest).startsWith(line))).toEqual([]);
			}
			expect(newest).toBeGreaterThanOrEqual(3);
			expect(JSON.parse(await readFile(join(target, 'learners', 'local.json'), 'utf8'))).toMatchObject({ id: 'local' });
			const again = new Audit(join(target, 'audit'));
			await again.load();
			expect(await checkAudit(join(target, 'audit'))).toMatchObject({ broken: undefined });
			await again.close();
		}
		stop = true;
		await writer;
		await audit.close();
	});

	it('gives up on a folder that is another one at each of LIMITS.backupTries looks', async () => {
		const data = await filled();
		let looks = 0;
		const file = join(await folder(), 'b.tar.gz');
		// As if somebody replaced the record between any two looks at it.
		const busy = async (): Promise<void> => {
			looks++;
			await writeDurably(join(data, 'learners', 'local.json'), String(looks));
		};
		await expect(backUp(data, file, busy)).rejects.toMatchObject({ code: 'backup-busy' });
		expect(looks).toBeGreaterThanOrEqual(LIMITS.backupTries);
		expect((await readdir(data)).filter((name) => name.startsWith('.backup'))).toEqual([]);
	});
});

describe('a restore', () => {
	it('does not touch a folder that holds something, unless it is told to, and then puts it aside', async () => {
		const data = await filled();
		const file = join(await folder(), 'b.tar.gz');
		await backUp(data, file);
		const expected = await picture(data);
		await writeFile(join(data, 'later'), 'x');
		const later = await picture(data);
		await expect(restoreTo(data, file, false)).rejects.toMatchObject({ code: 'data-not-empty' });
		expect(await picture(data)).toEqual(later);
		const { aside } = await restoreTo(data, file, true);
		expect(await picture(data)).toEqual(expected);
		expect(await picture(aside ?? 'none')).toEqual(later);
	});

	it('refuses while a server uses the folder', async () => {
		const data = await filled();
		const file = join(await folder(), 'b.tar.gz');
		await backUp(data, file);
		// As far as a lock can tell: a live process whose command line is a server's.
		const server = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'server/main.ts'], { stdio: 'ignore' });
		await writeFile(join(data, 'lock'), String(server.pid));
		const before = await picture(data);
		await expect(restoreTo(data, file, true)).rejects.toMatchObject({ code: 'data-locked' });
		expect(await picture(data)).toEqual(before);
		server.kill();
	});

	it.each([0.02, 0.3, 0.6, 0.97])('finds one changed byte at %f of the file before it touches anything', async (place) => {
		const data = await filled();
		const file = join(await folder(), 'b.tar.gz');
		await backUp(data, file);
		const bytes = await readFile(file);
		const at = Math.floor(bytes.length * place);
		bytes[at] = (bytes[at] ?? 0) ^ 0xff;
		await writeFile(file, bytes);
		const before = await picture(data);
		await expect(restoreTo(data, file, true)).rejects.toMatchObject({ code: 'backup-damaged' });
		expect(await picture(data)).toEqual(before);
		expect((await readdir(join(data, '..'))).filter((name) => name.includes('.restoring-'))).toEqual([]);
	});

	it('finds a backup that was cut off, a file that is none, and none at all', async () => {
		const data = await filled();
		const file = join(await folder(), 'b.tar.gz');
		await backUp(data, file);
		const bytes = await readFile(file);
		for (const cut of [10, Math.floor(bytes.length / 2), bytes.length - 9]) {
			await writeFile(file, bytes.subarray(0, cut));
			await expect(verifyBackup(file)).rejects.toMatchObject({ code: 'backup-damaged' });
		}
		await writeFile(file, 'no archive');
		await expect(verifyBackup(file)).rejects.toMatchObject({ code: 'backup-damaged' });
		await expect(verifyBackup(`${file}.none`)).rejects.toMatchObject({ code: 'backup-damaged' });
	});
});
