/** The whole server in one process, with doubles for shell and grading: what a page and a foreigner see of it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from './limits.ts';
import { startServer } from './foothold.ts';
import type { Running } from './cli/start.ts';
import { smallLab } from './sessions/testing/parts.ts';
import { signIn, TestPage } from './sessions/testing/client.ts';

const DOUBLES = { parts: new URL('./sessions/testing/parts.ts', import.meta.url).href, loadLabs: async () => [smallLab] };
const ROOT = join(import.meta.dirname, '..');
let data: string;
let running: Running;
let base: string;
let cookie: string;

const start = (folder: string): Promise<Running> =>
	startServer({ root: ROOT, data: folder, labs: folder, port: 0, provider: 'simulator', kubeconfig: '', workers: 1, log: () => {} }, DOUBLES);
const api = (path: string, init: RequestInit = {}): Promise<Response> =>
	fetch(`${base}/api${path}`, { ...init, headers: { cookie, origin: base, ...init.headers } });
const open = (): Promise<TestPage> => TestPage.open(base, cookie, 'small');

beforeAll(async () => {
	data = await mkdtemp(join(tmpdir(), 'foothold-server-'));
	running = await start(data);
	({ base, cookie } = await signIn(running.link));
});
afterAll(async () => {
	await running.stop();
	await rm(data, { recursive: true, force: true });
});

describe('signing in', () => {
	it('takes the link’s token, and says so where it is stale', async () => {
		const stale = await fetch(`${base}/?token=old`, { headers: { accept: 'text/html' } });
		expect([stale.status, await stale.text()]).toEqual([403, expect.stringContaining('Open the link that the server printed')]);
		expect((await fetch(`${base}/?token=old`, { headers: { cookie } })).status).toBe(200);
	});

	it('keeps everyone else out of the API', async () => {
		const answer = await fetch(`${base}/api/me`);
		expect([answer.status, await answer.json()]).toEqual([401, { error: expect.objectContaining({ code: 'not-signed-in' }) }]);
	});

	it('takes no change from a foreign page', async () => {
		for (const origin of ['https://evil.example', undefined]) {
			const answer = await fetch(`${base}/api/me`, {
				method: 'POST',
				headers: { cookie, ...(origin === undefined ? {} : { origin }) },
				body: '{"name":"Eve"}',
			});
			expect([answer.status, ((await answer.json()) as { error: { code: string } }).error.code]).toEqual([403, 'origin-foreign']);
		}
		await expect(TestPage.open(base, cookie, 'small', 'https://evil.example')).rejects.toThrow(/403 .*origin-foreign/);
	});

	it('does not open the socket without a cookie, or for a lab that there is not', async () => {
		await expect(TestPage.open(base, '', 'small')).rejects.toThrow(/401 .*not-signed-in/);
		await expect(TestPage.open(base, cookie, 'none')).rejects.toThrow(/404 .*lab-unknown/);
	});

	it('sends its security headers', async () => {
		const { headers } = await fetch(`${base}/healthz`);
		expect(headers.get('content-security-policy')).toContain("default-src 'self'");
		expect(headers.get('x-content-type-options')).toBe('nosniff');
	});
});

describe('the API', () => {
	it('keeps the chosen name', async () => {
		expect(await (await api('/me')).json()).toMatchObject({ name: null, mode: 'local', provider: 'simulator' });
		expect((await api('/me', { method: 'POST', body: JSON.stringify({ name: '  Ada ' }) })).status).toBe(200);
		expect(await (await api('/me')).json()).toMatchObject({ name: 'Ada' });
		expect((await api('/me', { method: 'POST', body: '{"name":""}' })).status).toBe(400);
		expect((await api('/me', { method: 'POST', body: '{"na' })).status).toBe(400);
		expect((await api('/me', { method: 'POST', body: 'x'.repeat(LIMITS.bodyBytes + 1) })).status).toBe(413);
	});

	it('shows labs without their hints', async () => {
		expect(await (await api('/labs')).json()).toMatchObject([{ id: 'small', points: 100 }]);
		const page = await (await api('/labs/small')).text();
		expect(page).toContain('A <em>small</em> lab.');
		expect(page).not.toContain('echo yes');
		expect((await api('/labs/none')).status).toBe(404);
	});
});

describe('a lab page', () => {
	it('has sandbox, terminal, files, cluster view and tasks that turn green', async () => {
		const page = await open();
		const session = await page.next('session');
		expect(session).toMatchObject({ lab: 'small', provider: 'simulator', tabs: 1, capabilities: { fork: true } });
		await page.openTerminal('main');
		page.send({ type: 'terminal.input', terminal: 'main', data: 'echo hi there\r' });
		await page.screenShows('main', 'hi there\r\n$ ');
		const view = await page.next('cluster');
		expect(view.view.services.map((s) => s.name)).toContain('kubernetes');
		const readme = await page.ask({ type: 'files.read', path: '/home/learner/readme.txt' });
		expect(readme).toMatchObject({ type: 'file', content: expect.stringMatching(/^hello k[0-9a-f]{19}\n$/) });
		await page.ask({ type: 'files.write', path: '/home/learner/done.txt', content: 'yes' });
		await page.find((m) => m.type === 'tasks' && m.tasks.some((t) => t.id === 'file' && t.done));
		page.close();
	});

	it('guards files: conflicts, folders, paths outside', async () => {
		const page = await open();
		const path = '/home/learner/note.txt';
		const first = await page.ask({ type: 'files.write', path, content: 'one' });
		const base = first.type === 'done' ? first.mtime : 0;
		await page.openTerminal('main');
		await new Promise((resolve) => setTimeout(resolve, 20));
		page.send({ type: 'terminal.input', terminal: 'main', data: `write ${path} two\r` });
		await page.find((m) => m.type === 'file.changed' && m.path === path && m.mtime !== base);
		expect(await page.ask({ type: 'files.write', path, content: 'three', base })).toMatchObject({ type: 'error', code: 'file-changed' });
		expect(await page.ask({ type: 'files.read', path })).toMatchObject({ content: 'two' });
		expect(await page.ask({ type: 'files.write', path: '/etc/passwd', content: '' })).toMatchObject({ code: 'file-refused' });
		expect(await page.ask({ type: 'files.read', path: '/home/learner/../x' })).toMatchObject({ code: 'file-refused' });
		expect(await page.ask({ type: 'files.read', path: '/home/learner/none' })).toMatchObject({ code: 'file-missing' });
		expect(await page.ask({ type: 'files.write', path, content: 'x'.repeat(LIMITS.fileBytes + 1) })).toMatchObject({ code: 'file-too-large' });
		page.close();
	});

	it('opens hints one at a time', async () => {
		const page = await open();
		expect(await page.ask({ type: 'lab.hint', task: 'file' })).toMatchObject({ text: 'Use the editor, or echo.', left: 1 });
		expect(await page.ask({ type: 'lab.hint', task: 'file' })).toMatchObject({ text: 'echo yes > done.txt', left: 0 });
		expect(await page.ask({ type: 'lab.hint', task: 'file' })).toMatchObject({ code: 'hint-none' });
		expect(await page.ask({ type: 'lab.hint', task: 'nope' })).toMatchObject({ code: 'task-unknown' });
		page.close();
	});

	it('checks, submits, and shows it as evidence', async () => {
		const page = await open();
		await page.next('session');
		await page.ask({ type: 'files.write', path: '/home/learner/done.txt', content: 'yes' });
		expect(await page.ask({ type: 'lab.check' })).toMatchObject({ type: 'verdict', verdict: { attempt: 0, score: 60, passed: false } });
		const record = await (await api('/labs/small/kubeconfig')).text();
		const server = /server: "(.*)"/.exec(record)?.[1] ?? '';
		const token = /token: "(.*)"/.exec(record)?.[1] ?? '';
		const id = server.split('/').at(-1) ?? '';
		const create = await fetch(`${base}/clusters/${id}/api/v1/namespaces/default/configmaps`, {
			method: 'POST',
			headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
			body: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'made' } }),
		});
		expect(create.status).toBe(201);
		expect((await fetch(`${base}/clusters/${id}/api/v1/pods`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(404);
		const submitted = await page.ask({ type: 'lab.submit' });
		const last = submitted.type === 'submitted' ? submitted : await page.next('submitted');
		expect(last).toMatchObject({ score: 100, passed: true, moved: [{ row: 'automation', from: 'none', to: 'started' }] });
		const evidence = (await (await api(`/evidence/${last.evidence}`)).json()) as { files: object; digest: string };
		expect(evidence.files).toMatchObject({ '/home/learner/done.txt': 'yes' });
		expect(evidence.digest).toMatch(/^[0-9a-f]{64}$/);
		expect(await (await api('/progress')).json()).toMatchObject({
			portfolio: [{ deliverable: 'month-1-five-machines' }],
			evidence: [{ attempt: 1, files: {} }],
		});
		page.close();
	});

	it('serves two tabs on one session, each alive', async () => {
		const [one, two] = await Promise.all([open(), open()]);
		await one.openTerminal('main');
		await two.openTerminal('main');
		two.send({ type: 'terminal.input', terminal: 'main', data: 'echo from-two\r' });
		await one.screenShows('main', 'from-two\r\n');
		await two.screenShows('main', 'from-two\r\n');
		one.close();
		await new Promise((resolve) => setTimeout(resolve, 50));
		two.send({ type: 'terminal.input', terminal: 'main', data: 'echo still-here\r' });
		await two.screenShows('main', 'still-here\r\n');
		two.close();
	});

	it('resets, and takes the reset back', async () => {
		const page = await open();
		await page.openTerminal('main');
		await page.ask({ type: 'files.write', path: '/home/learner/mine.txt', content: 'mine' });
		expect(await page.ask({ type: 'lab.reset' })).toMatchObject({ type: 'done' });
		expect(await page.ask({ type: 'files.read', path: '/home/learner/mine.txt' })).toMatchObject({ code: 'file-missing' });
		expect(page.screens.get('main')).not.toContain('echo');
		expect(await page.ask({ type: 'lab.undo-reset' })).toMatchObject({ type: 'done' });
		expect(await page.ask({ type: 'files.read', path: '/home/learner/mine.txt' })).toMatchObject({ content: 'mine' });
		page.close();
	});
});

describe('what must harm nobody', () => {
	it('answers broken, oversized and too many messages in words, and goes on', async () => {
		const page = await open();
		await page.next('session');
		page.sendRaw('{"type":');
		await page.find((m) => m.type === 'error' && m.code === 'message-invalid');
		page.sendRaw('{"type":"nonsense"}');
		page.sendRaw(JSON.stringify({ type: 'files.write', request: 'big', path: '/home/learner/x', content: 'x'.repeat(LIMITS.messageBytes) }));
		expect(await page.find((m) => m.type === 'error' && m.code === 'message-too-large')).toMatchObject({ request: 'big' });
		for (let i = 0; i < LIMITS.messagesAtOnce * 5; i++) page.send({ type: 'ping', at: i });
		await page.find((m) => m.type === 'error' && m.code === 'messages-too-fast');
		await new Promise((resolve) => setTimeout(resolve, 300));
		page.send({ type: 'ping', at: -1 });
		await page.find((m) => m.type === 'pong' && m.at === -1);
		page.close();
	});

	it('holds a flood back for a page that does not draw, and lets another see it', async () => {
		const slow = await open();
		await slow.openTerminal('flood');
		slow.acknowledging = false;
		slow.send({ type: 'terminal.input', terminal: 'flood', data: 'yes\r' });
		await new Promise((resolve) => setTimeout(resolve, 500));
		const drawn = (slow.screens.get('flood') ?? '').length;
		expect(drawn).toBeGreaterThan(10_000);
		expect(drawn).toBeLessThan(LIMITS.outputUnacknowledged * 2);
		const fast = await open();
		await fast.openTerminal('flood');
		const before = (fast.screens.get('flood') ?? '').length;
		await fast.until(() => (fast.screens.get('flood') ?? '').length > before + 2 * LIMITS.outputUnacknowledged);
		fast.send({ type: 'ping', at: 7 });
		await fast.find((m) => m.type === 'pong' && m.at === 7);
		slow.close();
		fast.close();
		// The flood must not go on beside the tests that follow.
		const page = await open();
		await page.ask({ type: 'lab.reset' });
		page.close();
	});

	it('replaces a worker that dies, and the session comes back', async () => {
		const page = await open();
		await page.openTerminal('main');
		await page.ask({ type: 'files.write', path: '/home/learner/kept.txt', content: 'kept' });
		page.send({ type: 'terminal.input', terminal: 'main', data: 'echo before\r' });
		await page.screenShows('main', 'before\r\n$ ');
		page.send({ type: 'terminal.input', terminal: 'main', data: 'die\r' });
		await page.find((m) => m.type === 'error' && m.code === 'worker-restarted');
		await page.screenShows('main', 'before\r\n$ ');
		expect(await page.ask({ type: 'files.read', path: '/home/learner/kept.txt' })).toMatchObject({ content: 'kept' });
		page.send({ type: 'terminal.input', terminal: 'main', data: 'echo after\r' });
		await page.screenShows('main', 'after\r\n$ ');
		page.close();
	});
});

describe('a restart', () => {
	it('finds everything as it was left', async () => {
		const page = await open();
		await page.openTerminal('main');
		await page.ask({ type: 'files.write', path: '/home/learner/later.txt', content: 'later' });
		page.send({ type: 'terminal.input', terminal: 'main', data: 'echo remember me\r' });
		await page.screenShows('main', 'remember me\r\n$ ');
		await running.stop();
		running = await start(data);
		base = new URL(running.link).origin;
		expect(await (await api('/me')).json()).toMatchObject({ name: 'Ada' });
		const again = await open();
		expect(await again.next('session')).toMatchObject({
			resumed: true,
			tasks: [{ id: 'file', done: true, hintsOpened: ['Use the editor, or echo.', 'echo yes > done.txt'] }, {}],
		});
		const terminal = await again.openTerminal('main');
		expect(terminal.scrollback).toContain('remember me');
		again.send({ type: 'terminal.input', terminal: 'main', data: 'count\r' });
		await again.screenShows('main', ' lines\r\n');
		expect(await again.ask({ type: 'files.read', path: '/home/learner/later.txt' })).toMatchObject({ content: 'later' });
		again.close();
		expect((await readdir(join(data, 'learners'))).sort()).toEqual(['local.json']);
	});
});
