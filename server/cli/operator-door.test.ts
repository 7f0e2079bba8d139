/** `npm run person` beside a server that runs on the same data folder: done by the server, whose memory and files stay one. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, expect, it } from 'vitest';
import { Browser, CLIENT, startProvider, type TestProvider } from '../transport/testing/provider.ts';
import { freePort } from '../transport/testing/free-port.ts';
import { operatorDoorPath } from '../protocol/operators.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const command = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
	promisify(execFile)(process.execPath, ['--no-warnings', MAIN, 'person', ...args]).then(
		({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
		(error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, out: error.stdout, err: error.stderr }),
	);

let server: ChildProcess | undefined;
let provider: TestProvider | undefined;
let folder = '';
afterEach(async () => {
	const gone = server?.exitCode === null ? new Promise((done) => server?.once('exit', done)) : undefined;
	server?.kill('SIGKILL');
	await gone;
	await provider?.close();
	[server, provider] = [undefined, undefined];
	await rm(folder, { recursive: true, force: true });
});

/** A server of its own process on `<folder>/data`, without labs. Resolves once it answers. */
async function started(env: NodeJS.ProcessEnv = {}, port = 0): Promise<string> {
	const data = join(folder, 'data');
	await mkdir(join(folder, 'labs'), { recursive: true });
	const args = ['--no-warnings', MAIN, '--data', data, '--labs', join(folder, 'labs'), '--port', String(port), '--workers', '1', '--no-build', '--json'];
	const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
	server = child;
	let said = '';
	child.stderr.on('data', (text: Buffer) => {
		said += String(text);
	});
	await new Promise<void>((resolve, reject) => {
		child.stdout.on('data', (text: Buffer) => String(text).includes('"ready":true') && resolve());
		child.once('exit', () => reject(new Error(`the server ended: ${said}`)));
	});
	return data;
}

it('gives out a person’s data while a local server runs, and says what to do about deleting its one person', async () => {
	folder = await mkdtemp(join(tmpdir(), 'foothold-door-'));
	const data = await started();
	expect((await stat(operatorDoorPath(data))).mode & 0o077).toBe(0);
	const zip = join(folder, 'local.zip');
	expect(await command('export', 'local', '--to', zip, '--data', data)).toMatchObject({ code: 0, out: expect.stringContaining(zip) });
	expect(JSON.parse(strFromU8(unzipSync(await readFile(zip))['profile.json'] ?? new Uint8Array()))).toMatchObject({ id: 'local' });
	expect(await command('export', 'nobody', '--to', join(folder, 'x'), '--data', data)).toMatchObject({
		code: 1,
		err: expect.stringContaining('no person “nobody”'),
	});
	expect(existsSync(join(folder, 'x'))).toBe(false);
	expect(await command('delete', 'local', '--yes', '--data', data)).toMatchObject({ code: 1, err: expect.stringContaining('Stop the server') });
});

it('lets nobody in without the token, and tells a server that does not answer', async () => {
	folder = await mkdtemp(join(tmpdir(), 'foothold-door-'));
	const data = await started();
	const door = JSON.parse(await readFile(operatorDoorPath(data), 'utf8')) as { port: number; token: string };
	for (const authorization of ['', 'Bearer ', `Bearer ${door.token}x`])
		for (const [method, path] of [
			['GET', '/people/local/export'],
			['DELETE', '/people/local'],
			['GET', '/other'],
		] as const)
			expect([(await fetch(`http://127.0.0.1:${door.port}${path}`, { method, headers: { authorization } })).status, method]).toEqual([401, method]);
	await writeFile(operatorDoorPath(data), JSON.stringify({ ...door, pid: 1, port: await freePort() }));
	const zip = join(folder, 'local.zip');
	expect(await command('export', 'local', '--to', zip, '--data', data)).toMatchObject({ code: 1, err: expect.stringContaining('does not answer operators') });
	await rm(operatorDoorPath(data));
	expect((await command('export', 'local', '--to', zip, '--data', data)).err).toContain('does not answer operators');
	server?.kill('SIGTERM');
	await new Promise((done) => server?.once('exit', done));
	expect((await command('export', 'local', '--to', zip, '--data', data)).code).toBe(0);
});

it('deletes somebody of a team whose server runs: out of its memory and the folder alike', async () => {
	folder = await mkdtemp(join(tmpdir(), 'foothold-door-'));
	const base = `http://127.0.0.1:${await freePort()}`;
	provider = await startProvider(base);
	const data = await started(
		{
			FOOTHOLD_OIDC_ISSUER: provider.issuer,
			FOOTHOLD_OIDC_CLIENT_ID: CLIENT.clientId,
			FOOTHOLD_OIDC_CLIENT_SECRET: CLIENT.clientSecret,
			FOOTHOLD_PUBLIC_URL: base,
			FOOTHOLD_ADMINS: 'mina@x.example',
		},
		Number(new URL(base).port),
	);
	const browser = new Browser();
	await browser.signIn(base, 'adelheid');
	const { id } = (await (await browser.fetch(`${base}/api/me`)).json()) as { id: string };
	const deleted = await command('delete', id, '--yes', '--data', data);
	expect([deleted.code, deleted.err]).toEqual([0, '']);
	expect(JSON.parse(deleted.out)).toMatchObject({ person: id, audit: { seq: expect.any(Number) as number } });
	expect((await browser.fetch(`${base}/api/me`)).status).toBe(401);
	expect(await readFile(join(data, 'people', 'directory.json'), 'utf8')).not.toContain('delheid');
	expect((await command('list', '--data', data)).out).not.toContain('delheid');
	// The server goes on writing from what it knows: nobody comes back.
	const mina = new Browser();
	await mina.signIn(base, 'mina');
	expect(await readFile(join(data, 'people', 'directory.json'), 'utf8')).not.toContain('delheid');
});
