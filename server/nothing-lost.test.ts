/** The real server with the real shell: going back, recordings, and programs that go on after it was killed. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Running } from './cli/start.ts';
import { startServer } from './foothold.ts';
import { evidenceDigest } from './progress/digest.ts';
import type { Evidence, RecordingInfo } from './protocol/progress.ts';
import type { CheckpointChanges, ServerMessage } from './protocol/messages.ts';
import { smallLab } from './sessions/testing/parts.ts';
import { signIn, TestPage } from './sessions/testing/client.ts';

const LABS = join(import.meta.dirname, '..', 'labs');
const LAB = 'three-tiers';
let data: string;
let running: Running;
let base: string;
let cookie: string;
let page: TestPage;

const start = async (): Promise<void> => {
	running = await startServer({
		root: join(import.meta.dirname, '..'),
		data,
		labs: LABS,
		port: 0,
		provider: 'simulator',
		kubeconfig: '',
		workers: 1,
		log: () => {},
	});
	({ base, cookie } = await signIn(running.link));
	page = await TestPage.open(base, cookie, LAB);
	await page.next('session');
};
const get = (path: string): Promise<Response> => fetch(`${base}/api${path}`, { headers: { cookie } });
const shown = (terminal = 't1'): string => page.screens.get(terminal) ?? '';
const type = (keys: string, terminal = 't1'): void => page.send({ type: 'terminal.input', terminal, data: keys });
/** Runs a line and waits for its last word on the screen. */
async function run(line: string, terminal = 't1'): Promise<void> {
	const before = shown(terminal).length;
	type(`${line}; echo do""ne\r`, terminal);
	await page.until(() => shown(terminal).slice(before).includes('done\r\n'));
}
const of = <T extends ServerMessage['type']>(message: ServerMessage, kind: T): Extract<ServerMessage, { type: T }> => {
	if (message.type !== kind) throw new Error(`${message.type}: ${JSON.stringify(message)}`);
	return message as Extract<ServerMessage, { type: T }>;
};
const checkpoints = async () => of(await page.ask({ type: 'checkpoint.list' }), 'checkpoints').checkpoints;
const look = async (checkpoint: string): Promise<CheckpointChanges> =>
	of(await page.ask({ type: 'checkpoint.look', checkpoint }), 'checkpoint.changes').changes;
const named = async (name: string): Promise<string> => (await checkpoints()).find((c) => c.reason === 'hand' && c.name === name)?.id ?? `no checkpoint ${name}`;

beforeAll(async () => {
	data = await mkdtemp(join(tmpdir(), 'foothold-lost-'));
	await start();
	await page.openTerminal('t1');
}, 60_000);
afterAll(async () => {
	page.close();
	await running.stop();
	await rm(data, { recursive: true, force: true });
});

describe('going back', () => {
	it('tells what will change, goes back, and can be taken back', async () => {
		await run('echo one > plan.txt; kubectl create configmap plan --from-literal=step=1; kubectl create deployment web --image=nginx:1.29 --replicas=3');
		of(await page.ask({ type: 'checkpoint.save', name: 'before it broke' }), 'done');
		const id = await named('before it broke');
		await run('echo two > plan.txt; rm -f none; echo x > new.txt; kubectl delete configmap plan; kubectl scale deployment web --replicas=1');
		await run('kubectl create configmap other');
		type('sleep 1000\r');
		await page.until(() => shown().endsWith('sleep 1000\r\n'));

		const changes = await look(id);
		expect(changes.files.find((f) => f.path.endsWith('/plan.txt'))).toMatchObject({ change: 'changes', diff: '@@ -1 +1 @@\n-two\n+one\n' });
		expect(changes.files.find((f) => f.path.endsWith('/new.txt'))).toMatchObject({ change: 'vanishes' });
		const objects = new Map(changes.objects.map((o) => [`${o.kind}/${o.name}`, o]));
		expect(objects.get('ConfigMap/plan')?.change).toBe('comes-back');
		expect(objects.get('ConfigMap/other')?.change).toBe('vanishes');
		expect(objects.get('Deployment/web')).toMatchObject({ change: 'changes', detail: ['spec.replicas: 1 → 3'] });
		expect(changes.more.owned).toBeGreaterThan(0);
		expect(changes.programs).toContainEqual({ terminal: 't1', text: 'sleep 1000', foreground: true, goesOn: false });
		expect((await checkpoints()).find((c) => c.id === id)).toMatchObject({
			commandsSince: 2,
			lastCommands: [expect.stringContaining('echo two'), expect.anything()],
		});

		of(await page.ask({ type: 'checkpoint.rewind', checkpoint: id }), 'done');
		expect(shown()).toMatch(/\[the cluster and your files went back to \d\d:\d\d UTC \(before it broke\)\]/);
		await page.until(() => shown().includes('“sleep 1000” was cut short'));
		await run('cat plan.txt; ls new.txt; kubectl get configmap plan other; kubectl get deployment web');
		expect(shown()).toMatch(/one\r\nls: .*new\.txt[\s\S]*plan +1 [\s\S]*configmaps "other" not found[\s\S]*web +\d\/3/);
		const undo = (await checkpoints()).findLast((c) => c.reason === 'rewind');
		of(await page.ask({ type: 'checkpoint.rewind', checkpoint: undo?.id ?? '' }), 'done');
		await run('cat plan.txt new.txt');
		expect(shown()).toMatch(/two\r\nx\r\n/);
		await run('history | tail -n 3');
		expect(shown()).toContain('kubectl scale deployment web');
	}, 60_000);

	it('stays where it went after a restart', async () => {
		of(await page.ask({ type: 'checkpoint.rewind', checkpoint: await named('before it broke') }), 'done');
		page.close();
		await running.stop();
		await start();
		await page.openTerminal('t1');
		await run('cat plan.txt; kubectl get configmap plan -o jsonpath={.data.step}');
		expect(shown()).toMatch(/one\r\n1/);
	}, 60_000);

	it('refuses what there is not, and keeps a bounded number of one’s own', async () => {
		expect(await page.ask({ type: 'checkpoint.look', checkpoint: 'c999' })).toMatchObject({ code: 'checkpoint-unknown' });
		expect(await page.ask({ type: 'checkpoint.rewind', checkpoint: '../x' })).toMatchObject({ code: 'checkpoint-unknown' });
		of(await page.ask({ type: 'checkpoint.remove', checkpoint: await named('before it broke') }), 'done');
		expect(await named('before it broke')).toBe('no checkpoint before it broke');
	});
});

describe('checkpoints by themselves', () => {
	it('are made when the lab begins and when a task turns green', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'foothold-green-'));
		const doubles = { parts: new URL('./sessions/testing/parts.ts', import.meta.url).href, loadLabs: async () => [smallLab] };
		const root = join(import.meta.dirname, '..');
		const server = await startServer({ root, data: folder, labs: LABS, port: 0, provider: 'simulator', kubeconfig: '', workers: 1, log: () => {} }, doubles);
		const entered = await signIn(server.link);
		const small = await TestPage.open(entered.base, entered.cookie, 'small');
		const made = (reason: string) => small.find((m) => m.type === 'checkpoints' && m.checkpoints.some((c) => c.reason === reason));
		await made('start');
		await small.ask({ type: 'files.write', path: '/home/learner/done.txt', content: 'yes' });
		const green = of(await made('task'), 'checkpoints').checkpoints;
		expect(green.map(({ reason, name }) => [reason, name])).toEqual([
			['start', ''],
			['task', 'Write'],
		]);
		small.close();
		await server.stop();
		await rm(folder, { recursive: true, force: true });
	});
});

describe('what runs in the foreground', () => {
	it('goes on after a restart: watch as it was, vi with its text', async () => {
		await page.openTerminal('t2');
		type('watch -n 1 echo still here\r');
		await page.until(() => shown().includes('Every 1.0s'));
		await run('echo first > notes.txt', 't2');
		type('vi notes.txt\r', 't2');
		await page.until(() => shown('t2').includes('1L, 6B'));
		type('Gosecond line\u001b', 't2');
		await page.until(() => shown('t2').includes('second line'));
		page.close();
		await running.stop();
		await start();
		await page.openTerminal('t1');
		await page.openTerminal('t2');
		await page.until(() => shown().split('Every 1.0s').length > 3);
		await page.until(() => shown('t2').includes('this text is not written yet'));
		type('\u0003');
		type(':wq\r', 't2');
		await run('cat notes.txt', 't2');
		expect(shown('t2')).toContain('first\r\nsecond line\r\n');
	}, 60_000);

	it('ends with its terminal when that is closed', async () => {
		type('watch -n 1 echo still here\r', 't2');
		const programs = async () => of(await page.ask({ type: 'terminal.programs' }), 'programs').programs;
		await expect.poll(programs, { timeout: 10_000 }).toContainEqual({ terminal: 't2', text: 'watch -n 1 echo still here', foreground: true, goesOn: true });
		of(await page.ask({ type: 'terminal.close', terminal: 't2' }), 'done');
		expect(await page.next('terminal.closed')).toMatchObject({ terminal: 't2' });
		expect((await page.openTerminal('t2')).scrollback).not.toContain('still here');
	});
});

describe('recordings', () => {
	it('are asciicast v3 with a marker for each command, and go into evidence under its digest', async () => {
		await run('echo recorded');
		const list = (await (await get(`/labs/${LAB}/recordings`)).json()) as RecordingInfo[];
		expect(list.map((r) => r.name).sort()).toEqual(['t1', 't2', 't2.1']);
		const text = await (await get(`/labs/${LAB}/recordings/t1`)).text();
		const [header, ...events] = text
			.trimEnd()
			.split('\n')
			.map((line) => JSON.parse(line) as unknown);
		expect(header).toMatchObject({ version: 3, term: { cols: 80, rows: 24 } });
		const markers = (events as [number, string, string][]).filter(([, code]) => code === 'm').map(([, , line]) => line);
		expect(markers[0]).toContain('echo one > plan.txt');
		expect(markers.at(-1)).toContain('echo recorded');

		// The lab marks its password.
		await run('cat ~/notes/db-password.txt; base64 ~/notes/db-password.txt');
		const password = /(k[0-9a-f]{19})\r\n/.exec(shown())?.[1] ?? 'none';
		expect(password).not.toBe('none');
		await expect.poll(async () => (await get(`/labs/${LAB}/recordings/t1`)).text()).toMatch(/db-password\.txt[\s\S]*••••••[\s\S]*••••••/);
		const masked = await (await get(`/labs/${LAB}/recordings/t1`)).text();
		expect(masked).not.toContain(password);
		expect(masked).not.toContain(Buffer.from(`${password}\n`).toString('base64'));

		await page.ask({ type: 'lab.check' }, 60_000);
		await page.ask({ type: 'lab.submit' }, 60_000);
		const submitted = await page.next('submitted');
		const evidence = (await (await get(`/evidence/${submitted.evidence}`)).json()) as Evidence;
		const carried = evidence.recordings?.find((r) => r.name === 't1');
		const file = await (await get(`/evidence/${submitted.evidence}/recordings/t1.cast`)).text();
		expect(createHash('sha256').update(file).digest('hex')).toBe(carried?.sha256);
		expect(evidence.digest).toBe(evidenceDigest(evidence.verdict, evidence.files, evidence.recordings, evidence.facts));
		expect(evidence.digest).not.toBe(evidenceDigest(evidence.verdict, evidence.files));
		expect((await get(`/evidence/${submitted.evidence}/recordings/..%2ft1`)).status).toBe(404);
		expect((await get(`/labs/${LAB}/recordings/..%2f..%2fsecret`)).status).toBe(404);
	}, 120_000);
});
