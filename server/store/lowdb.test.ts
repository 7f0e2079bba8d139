import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Learner } from '../protocol/progress.ts';
import { writeDurably } from '../durable.ts';
import { LowdbStore } from './lowdb.ts';

const learner: Learner = {
	id: 'local',
	name: 'Ada',
	createdAt: '2026-01-01T00:00:00Z',
	version: 1,
	labs: {},
	reading: {},
	evidence: [],
	portfolio: [],
	rubric: [],
	applied: ['a'],
};
const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'foothold-store-'));

describe('the store of learners', () => {
	it('gives back what was written, and nothing for those it does not know', async () => {
		const store = new LowdbStore(await folder());
		expect(await store.read('local')).toBeUndefined();
		await store.write(learner);
		expect(await store.read('local')).toEqual(learner);
		expect(await store.list()).toEqual(['local']);
	});

	it('leaves one file and no temporary one', async () => {
		const path = await folder();
		const store = new LowdbStore(path);
		await store.write(learner);
		await store.write({ ...learner, version: 2 });
		expect(await readdir(path)).toEqual(['local.json']);
	});

	it('names a full disk and keeps the old record', async () => {
		const path = await folder();
		await new LowdbStore(path).write(learner);
		const full = new LowdbStore(path, () => Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })));
		await expect(full.write({ ...learner, version: 2 })).rejects.toMatchObject({ code: 'disk-full' });
		expect((await full.read('local'))?.version).toBe(1);
	});

	it('leaves a damaged record alone', async () => {
		const path = await folder();
		await writeFile(join(path, 'local.json'), '{"id":"loc');
		await expect(new LowdbStore(path).read('local')).rejects.toMatchObject({ code: 'record-damaged' });
		expect(await readFile(join(path, 'local.json'), 'utf8')).toBe('{"id":"loc');
	});

	it('refuses ids that would leave the folder', async () => {
		await expect(new LowdbStore(await folder()).read('../secret')).rejects.toMatchObject({ code: 'record-damaged' });
	});
});

describe('a durable write', () => {
	it('takes its temporary file away when it fails', async () => {
		const path = await folder();
		// The target is a folder: the rename fails.
		await expect(writeDurably(path, 'x')).rejects.toThrow();
		expect((await readdir(join(path, '..'))).filter((n) => n.startsWith(path.split('/').at(-1) ?? '') && n.endsWith('.tmp'))).toEqual([]);
	});
});
