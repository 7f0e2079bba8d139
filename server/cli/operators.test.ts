/** The operators' commands as they are run: what they print, and how they end. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { strFromU8, unzipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { Audit } from '../people/audit.ts';
import { directorySchema } from '../people/directory.ts';
import { People } from '../people/people.ts';
import { named } from '../progress/changes.ts';
import { Progress } from '../progress/progress.ts';
import { JsonFile } from '../store/json-file.ts';
import { LowdbStore } from '../store/lowdb.ts';
import { dataHealth } from './data-health.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const run = async (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
	promisify(execFile)(process.execPath, ['--no-warnings', MAIN, ...args]).then(
		({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
		(error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, out: error.stdout, err: error.stderr }),
	);

let data: string;
let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'foothold-operators-'));
	data = join(folder, 'data');
	const people = new People(new JsonFile(join(data, 'people', 'directory.json'), directorySchema), { local: 'local' });
	await people.load();
	await people.rename('local', 'Adelheid');
	const progress = new Progress(new LowdbStore(join(data, 'learners')));
	await progress.append('local', 'name', (l) => named(l, 'Adelheid'));
	const audit = new Audit(join(data, 'audit'));
	await audit.load();
	await audit.add({ actor: 'local', action: 'roles changed', person: 'local', detail: 'learner' });
	await audit.close();
});

describe('operators', () => {
	it('back up, look over, give out, delete and restore', async () => {
		const file = join(folder, 'b.tar.gz');
		expect(await run('backup', '--data', data, '--to', file)).toMatchObject({ code: 0, out: expect.stringContaining(file) });
		expect(await run('person', 'list', '--data', data)).toMatchObject({ code: 0, out: expect.stringMatching(/^local +learner,mentor,admin +Adelheid/) });

		const zip = join(folder, 'local.zip');
		expect((await run('person', 'export', 'local', '--to', zip, '--data', data)).code).toBe(0);
		expect(JSON.parse(strFromU8(unzipSync(await readFile(zip))['record.json'] ?? new Uint8Array()))).toMatchObject({ name: 'Adelheid' });

		expect(await run('person', 'delete', 'local', '--data', data)).toMatchObject({ code: 1, err: expect.stringContaining('--yes') });
		const deleted = await run('person', 'delete', 'local', '--yes', '--data', data);
		expect([deleted.code, JSON.parse(deleted.out)]).toEqual([0, expect.objectContaining({ person: 'local', audit: { seq: 4, hash: expect.any(String) } })]);
		const trail = await run('audit', '--data', data, '--person', 'local');
		expect([
			trail.code,
			trail.out
				.trim()
				.split('\n')
				.map((line) => line.slice(26).trim().split(/ {2,}/)[1] ?? line),
		]).toEqual([0, ['roles changed', 'exported', 'deletion begun', 'deleted'].map((action) => expect.stringContaining(action))]);
		expect((await readFile(join(data, 'people', 'directory.json'), 'utf8')).includes('Adelheid')).toBe(false);

		expect(await run('restore', '--from', file, '--data', data)).toMatchObject({ code: 1, err: expect.stringContaining('is not empty') });
		expect(await run('restore', '--from', file, '--data', data, '--replace')).toMatchObject({ code: 0 });
		expect((await run('person', 'list', '--data', data)).out).toContain('Adelheid');
	});

	it('hear of a person that there is not, and of a date that is none', async () => {
		expect(await run('person', 'export', 'nobody', '--to', join(folder, 'x'), '--data', data)).toMatchObject({
			code: 1,
			err: expect.stringContaining('no person “nobody”'),
		});
		expect(await run('audit', '--data', data, '--since', 'yesterday')).toMatchObject({ code: 1, err: expect.stringContaining('--since') });
	});

	it('hear from the doctor what cannot be read, and of a trail that does not hold', async () => {
		const sick = join(folder, 'sick');
		await run('restore', '--from', join(folder, 'b.tar.gz'), '--data', sick);
		expect(await dataHealth(sick)).toMatchObject({ damaged: [], trail: undefined, exposed: false });
		await writeFile(join(sick, 'learners', 'local.json'), '{"id":"local"');
		const [line = ''] = (await readFile(join(sick, 'audit', '00000001.jsonl'), 'utf8')).split('\n');
		await writeFile(join(sick, 'audit', '00000001.jsonl'), `${line.replace('roles changed', 'nothing')}\n`);
		expect(await dataHealth(sick)).toMatchObject({
			damaged: [{ path: 'learners/local.json', why: 'it is no JSON' }],
			trail: expect.stringContaining('was changed'),
		});
		const { code, out } = await run('doctor', '--data', sick);
		expect(code).toBe(1);
		expect(out).toMatch(/data folder +“learners\/local\.json” cannot be read: it is no JSON\n.*restore/);
		expect(out).toMatch(/audit trail .*was changed/);
		expect((await run('audit', '--data', sick)).code).toBe(1);
	});

	it('hear from the doctor whether the team’s provider answers, never with the secret', async () => {
		const file = join(folder, 'team.yaml');
		await writeFile(file, 'issuer: http://127.0.0.1:9\nclientId: x\nclientSecret: sesame\npublicUrl: https://foothold.example\nadmins: [ada@x.example]\n');
		const { code, out } = await run('doctor', '--data', data, '--team', file);
		expect([code, out]).toEqual([1, expect.stringContaining('“http://127.0.0.1:9/” does not answer')]);
		await writeFile(file, 'issuer: http://id.example\nclientSecret: sesame\npublicUrl: https://foothold.example/below\n');
		const wrong = await run('doctor', '--data', data, '--team', file);
		for (const word of ['issuer (FOOTHOLD_OIDC_ISSUER) has to begin with https://', 'clientId (FOOTHOLD_OIDC_CLIENT_ID)', 'publicUrl', 'admins'])
			expect(wrong.out).toContain(word);
		expect(out + wrong.out).not.toContain('sesame');
	});
});
