import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { Audit, checkAudit, readAudit } from './audit.ts';

const FILE = '00000001.jsonl';
const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'foothold-audit-'));
async function trail(at: string, lines: number, sizes?: { fileBytes: number; files: number }): Promise<Audit> {
	const audit = new Audit(at, () => new Date('2026-03-01T10:00:00Z'), sizes);
	await audit.load();
	for (let n = 0; n < lines; n++) await audit.add({ actor: 'ada', action: n % 2 === 0 ? 'viewed' : 'exported', person: `p${n}` });
	return audit;
}

describe('the audit trail', () => {
	it('goes on after a restart, each line under the one before', async () => {
		const at = await folder();
		await (await trail(at, 3)).close();
		await (await trail(at, 2)).close();
		expect(await checkAudit(at)).toEqual({ entries: 5, broken: undefined });
		expect((await readAudit(at, {}, 10)).map((e) => e.seq)).toEqual([5, 4, 3, 2, 1]);
	});

	it('answers by person, time and action, newest first, no more than asked for', async () => {
		const at = await folder();
		const audit = await trail(at, 6);
		expect((await audit.entries({ person: 'p3' }, 10)).map((e) => e.seq)).toEqual([4]);
		expect((await audit.entries({ person: 'ada', action: 'viewed' }, 2)).map((e) => e.seq)).toEqual([5, 3]);
		expect(await audit.entries({ since: '2026-03-02' }, 10)).toEqual([]);
		await audit.close();
	});

	it('keeps the order of lines that come at once', async () => {
		const at = await folder();
		const audit = await trail(at, 0);
		const lines = await Promise.all(Array.from({ length: 50 }, (_, n) => audit.add({ actor: 'a', action: String(n) })));
		expect(lines.map((line) => line.seq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
		expect(await checkAudit(at)).toMatchObject({ entries: 50, broken: undefined });
		await audit.close();
	});

	it('takes away a last line that a crash cut off, and goes on', async () => {
		const at = await folder();
		await (await trail(at, 2)).close();
		await appendFile(join(at, FILE), '{"seq":3,"at":"20');
		await (await trail(at, 1)).close();
		expect(await checkAudit(at)).toEqual({ entries: 3, broken: undefined });
	});

	it.each([
		['changed', (lines: string[]) => lines.map((line, i) => (i === 1 ? line.replace('"exported"', '"viewed"') : line)), 'line 2 was changed'],
		['taken out', (lines: string[]) => lines.filter((_, i) => i !== 1), 'before 00000001.jsonl, line 2 something is missing'],
		['swapped', (lines: string[]) => [lines[1] ?? '', lines[0] ?? '', ...lines.slice(2)], 'something is missing'],
		['cut off', (lines: string[]) => lines.slice(0, 2), 'its end is missing: 2 lines'],
		['made unreadable', (lines: string[]) => ['{', ...lines.slice(1)], 'line 1 cannot be read'],
		['missing at the beginning', (lines: string[]) => lines.slice(1), 'line 1 something is missing'],
	])('shows a line that was %s', async (_, change, words) => {
		const at = await folder();
		await (await trail(at, 4)).close();
		const lines = (await readFile(join(at, FILE), 'utf8')).trimEnd().split('\n');
		await writeFile(join(at, FILE), `${change(lines).join('\n')}\n`);
		const { broken } = await checkAudit(at);
		expect(broken).toContain(words);
	});

	it('begins new files and keeps the newest; within LIMITS.auditFileBytes and LIMITS.auditFiles by default', async () => {
		const at = await folder();
		await (await trail(at, 30, { fileBytes: 1000, files: 3 })).close();
		const files = (await readdir(at)).filter((name) => name.endsWith('.jsonl'));
		expect(files).toHaveLength(3);
		const check = await checkAudit(at);
		expect(check.broken).toBeUndefined();
		expect(check.entries).toBeLessThan(30);
		await rm(join(at, files[1] ?? ''));
		expect((await checkAudit(at)).broken).toContain('is missing');
		const many = await folder();
		const audit = await trail(many, 60, { fileBytes: 1000, files: 50 });
		// A page looks through the newest LIMITS.auditFilesShown files, the command line through all.
		const all = await readAudit(many, {}, 1000);
		const shown = await audit.entries({}, 1000);
		expect([all.length, shown.length < 60, shown.length > LIMITS.auditFilesShown]).toEqual([60, true, true]);
		await audit.close();
		const usual = await folder();
		await (await trail(usual, 30)).close();
		expect((await readdir(usual)).sort()).toEqual([FILE, 'head.json']);
		expect(LIMITS.auditFileBytes * LIMITS.auditFiles).toBeLessThanOrEqual(1024 ** 3);
	});
});
