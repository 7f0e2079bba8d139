import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../limits.ts';
import { SimulatorSandbox } from '../simulator.ts';
import { Template } from './template.ts';

const root = mkdtempSync(join(tmpdir(), 'foothold-going-back-'));
const template = Template.build({});
const HOME = '/home/learner';
const open: SimulatorSandbox[] = [];
const fresh = async (name: string): Promise<SimulatorSandbox> => {
	const sandbox = await SimulatorSandbox.create(template, { id: name, folder: join(root, name), templates: root, speed: 2000 });
	open.push(sandbox);
	return sandbox;
};
const checkpointsOf = (sandbox: SimulatorSandbox) => {
	if (sandbox.checkpoints === undefined) throw new Error('no checkpoints');
	return sandbox.checkpoints;
};
afterAll(async () => {
	for (const sandbox of open) await sandbox.dispose();
});

describe('going back', () => {
	it('brings files and clock back, whoever resumes the folder; journals from then on count from there', async () => {
		const sandbox = await fresh('a');
		await sandbox.files.write(`${HOME}/a`, 'one');
		const at = sandbox.clock.now();
		await checkpointsOf(sandbox).save('c1');
		await sandbox.clock.advance(60_000);
		await sandbox.files.write(`${HOME}/a`, 'two');
		await sandbox.dispose();
		checkpointsOf(sandbox).choose('c1');
		const back = SimulatorSandbox.resume({ id: 'a', folder: join(root, 'a') });
		open.push(back);
		expect(await back.files.read(`${HOME}/a`)).toBe('one');
		expect(back.clock.now() - at).toBeLessThan(30_000);
		await back.files.write(`${HOME}/a`, 'three');
		await back.dispose();
		const again = SimulatorSandbox.resume({ id: 'a', folder: join(root, 'a') });
		open.push(again);
		expect(await again.files.read(`${HOME}/a`)).toBe('three');
		expect(again.damage).toBeUndefined();
	});

	it('tells a bounded number of files, characters of their diffs, and fields of an object', async () => {
		const sandbox = await fresh('b');
		await checkpointsOf(sandbox).save('c1');
		const line = `${'x'.repeat(200)}\n`;
		for (let i = 0; i < LIMITS.rewindChanges + 7; i++) await sandbox.files.write(`${HOME}/f${i}`, line.repeat(20));
		const changes = await checkpointsOf(sandbox).changes('c1');
		expect(changes.files).toHaveLength(LIMITS.rewindChanges);
		expect(changes.more.files).toBe(7);
		expect(changes.files.reduce((sum, { diff }) => sum + diff.length, 0)).toBeLessThanOrEqual(LIMITS.rewindDiffCharacters);

		const data = (value: string) => Object.fromEntries(Array.from({ length: LIMITS.rewindFields + 3 }, (_, i) => [`k${i}`, value]));
		const post = (method: string, path: string, value: string) =>
			sandbox.cluster.fetch(
				new Request(`http://cluster/api/v1/namespaces/default/configmaps${path}`, {
					method,
					headers: { 'content-type': 'application/json' },
					body: JSON.stringify({ metadata: { name: 'c' }, data: data(value) }),
				}),
			);
		await post('POST', '', 'secret-ish');
		await checkpointsOf(sandbox).save('c2');
		await post('PUT', '/c', 'other');
		const [object] = (await checkpointsOf(sandbox).changes('c2')).objects.filter(({ kind }) => kind === 'ConfigMap');
		expect(object).toMatchObject({ namespace: 'default', name: 'c', change: 'changes' });
		expect(object?.detail).toHaveLength(LIMITS.rewindFields);
		expect(object?.detail[0]).toBe('data.k0 changes');
	});

	it('knows only its own ids, and forgets what is removed', async () => {
		const sandbox = await fresh('c');
		await checkpointsOf(sandbox).save('c1');
		await expect(checkpointsOf(sandbox).changes('../c1')).rejects.toMatchObject({ code: 'checkpoint-unknown' });
		await checkpointsOf(sandbox).remove('c1');
		await expect(checkpointsOf(sandbox).changes('c1')).rejects.toMatchObject({ code: 'checkpoint-unknown' });
		expect(existsSync(join(root, 'c', 'checkpoint-c1.json.gz'))).toBe(false);
		expect(readdirSync(join(root, 'c')).filter((name) => name.startsWith('snapshot'))).toHaveLength(1);
	});
});
