import { appendFileSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { buildSystem } from '../simulator/simulator.ts';
import { SimulatorSandbox } from './simulator.ts';
import { Template } from './simulated/template.ts';

const system = buildSystem();
let template: Template;
const open: SimulatorSandbox[] = [];
const temporary = (): string => mkdtempSync(join(tmpdir(), 'foothold-sandbox-'));

beforeAll(() => {
	template = Template.build({ hosts: ['notes.foothold.test'] }, system);
});
afterAll(async () => {
	await Promise.all(open.map((sandbox) => sandbox.dispose()));
});

async function create(folder?: string): Promise<SimulatorSandbox> {
	const sandbox = await SimulatorSandbox.create(template, { id: 't', seed: 7, ...(folder === undefined ? {} : { folder }) });
	open.push(sandbox);
	return sandbox;
}
function resume(folder: string): SimulatorSandbox {
	const sandbox = SimulatorSandbox.resume({ id: 't', folder }, system);
	open.push(sandbox);
	return sandbox;
}

const url = (path: string): string => `http://cluster${path}`;
const post = (sandbox: { cluster: SimulatorSandbox['cluster'] }, path: string, object: object): Promise<Response> =>
	sandbox.cluster.fetch(new Request(url(path), { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(object) }));
const configMap = (name: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const has = async (sandbox: SimulatorSandbox, name: string): Promise<boolean> => (await sandbox.observer.fetch(new Request(url(`${CONFIG_MAPS}/${name}`)))).ok;
const web = {
	apiVersion: 'v1',
	kind: 'Pod',
	metadata: { name: 'web', labels: { app: 'web' } },
	spec: { containers: [{ name: 'web', image: 'nginx', ports: [{ containerPort: 80 }] }] },
};
const exposed = {
	apiVersion: 'v1',
	kind: 'Service',
	metadata: { name: 'web' },
	spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, nodePort: 30080 }] },
};

describe('a simulated sandbox', () => {
	it('is ready at once', async () => {
		const times: number[] = [];
		await template.snapshotFile(temporary());
		for (let i = 0; i < 11; i++) {
			const started = performance.now();
			const sandbox = await create(temporary());
			const nodes = (await (await sandbox.cluster.fetch(new Request(url('/api/v1/nodes')))).json()) as { items: unknown[] };
			expect(nodes.items).toHaveLength(3);
			times.push(performance.now() - started);
		}
		times.sort((a, b) => a - b);
		expect(times[5]).toBeLessThan(50);
	});

	it('stands still while nobody holds it', async () => {
		const sandbox = await create();
		const before = sandbox.clock.now();
		await new Promise((resolve) => setTimeout(resolve, 60));
		expect(sandbox.clock.now()).toBe(before);
		const release = sandbox.hold();
		await new Promise((resolve) => setTimeout(resolve, 60));
		expect(sandbox.clock.now()).toBeGreaterThanOrEqual(before + 50);
		release();
	});

	it('streams a watch as things happen, and ends it when the reader goes', async () => {
		const sandbox = await create();
		const abort = new AbortController();
		const list = (await (await sandbox.observer.fetch(new Request(url(CONFIG_MAPS)))).json()) as { metadata: { resourceVersion: string } };
		const response = await sandbox.observer.fetch(
			new Request(url(`${CONFIG_MAPS}?watch=true&resourceVersion=${list.metadata.resourceVersion}`), { signal: abort.signal }),
		);
		const reader = response.body?.getReader();
		await post(sandbox, CONFIG_MAPS, configMap('seen'));
		const chunk = await reader?.read();
		expect(JSON.parse(new TextDecoder().decode(chunk?.value))).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'seen' } } });
		abort.abort();
		await expect(reader?.read()).rejects.toThrow();
	});

	it('refuses a body over the API server’s limit in its words', async () => {
		const answer = await post(await create(), CONFIG_MAPS, { ...configMap('big'), data: { x: 'x'.repeat(LIMITS.requestBytes) } });
		expect([answer.status, await answer.json()]).toEqual([
			413,
			expect.objectContaining({ message: 'Request entity too large: limit is 3145728', reason: 'RequestEntityTooLarge' }),
		]);
	});

	it('keeps a full workstation from growing, and takes removals', async () => {
		const { files } = await create();
		const block = 'x'.repeat(LIMITS.fileBytes);
		for (let i = 0; i < LIMITS.filesBytes / LIMITS.fileBytes; i++) await files.write(`/home/learner/${i}`, block).catch(() => {});
		await expect(files.write('/home/learner/more', block)).rejects.toMatchObject({ code: 'workstation-full' });
		await files.remove('/home/learner/0');
		await files.write('/home/learner/more', 'fits');
		await expect(files.write('/home/learner/x', `${block}y`)).rejects.toMatchObject({ code: 'file-too-large' });
		await expect(files.write('relative', '')).rejects.toMatchObject({ code: 'file-refused' });
	});

	it('records commands and audit events; the observer leaves no trace in either', async () => {
		const sandbox = await create();
		await sandbox.recordCommand({ at: 1, terminal: 'main', line: 'kubectl get pods', exitCode: 0 });
		const before = (await sandbox.journal.audit()).length;
		await sandbox.observer.fetch(new Request(url('/api/v1/pods')));
		expect((await sandbox.journal.audit()).length).toBe(before);
		await sandbox.cluster.fetch(new Request(url('/api/v1/pods')));
		expect((await sandbox.journal.audit()).length).toBeGreaterThan(before);
		expect(await sandbox.journal.commands()).toMatchObject([{ line: 'kubectl get pods' }]);
	});
});

describe('hurried time', () => {
	it('passes hours at once, event by event, with LIMITS.hurrySliceMs for others in between, and goes at its own pace again', async () => {
		const sandbox = await create();
		await post(sandbox, '/api/v1/namespaces/default/pods', web);
		const before = sandbox.clock.now();
		const release = sandbox.clock.hurry?.() ?? (() => expect.unreachable('time is virtual here'));
		let turns = 0;
		let done = false;
		const others = (async (): Promise<void> => {
			for (; !done; turns++) await new Promise((resolve) => setTimeout(resolve, 0));
		})();
		await sandbox.clock.advance(2 * 3_600_000);
		done = true;
		await others;
		expect(sandbox.clock.now() - before).toBeGreaterThanOrEqual(2 * 3_600_000);
		// Whoever waits is called at its very moment, not at some wake-up later.
		expect(sandbox.clock.now() - before).toBeLessThan(2 * 3_600_000 + 1000);
		expect(turns).toBeGreaterThan(1);
		expect(LIMITS.hurrySliceMs).toBeLessThan(LIMITS.wakeMs);
		release();
		release();
		await new Promise((resolve) => setImmediate(resolve));
		const stop = new AbortController();
		const [virtual, real] = [sandbox.clock.now(), performance.now()];
		setTimeout(() => stop.abort(), 50);
		await sandbox.clock.advance(3_600_000, stop.signal);
		expect(sandbox.clock.now() - virtual).toBeLessThan(performance.now() - real + 2000);
	});
});

describe('a fork', () => {
	it('moves its own time at once, and nothing of it reaches its parent', async () => {
		const sandbox = await create();
		const fork = await sandbox.fork();
		await post(fork, '/api/v1/namespaces/default/pods', web);
		await post(fork, '/api/v1/namespaces/default/services', exposed);
		const started = fork.clock.now();
		await fork.clock.advance(60_000);
		expect(fork.clock.now()).toBe(started + 60_000);
		const answer = await fork.network.request({ method: 'GET', url: 'http://172.18.0.3:30080/' });
		expect(answer).toMatchObject({ ok: true, response: { status: 200 } });
		const pod = await fork.network.request({ method: 'GET', url: 'http://web/', fromPod: { namespace: 'default', name: 'web' } });
		expect(pod).toMatchObject({ ok: true, response: { status: 200 } });
		expect(await fork.network.request({ method: 'GET', url: 'http://172.18.0.3:31999/' })).toMatchObject({ ok: false, error: 'ECONNREFUSED' });
		expect((await sandbox.cluster.fetch(new Request(url('/api/v1/namespaces/default/pods/web')))).status).toBe(404);
		await fork.dispose();
	});

	it('sends a steady load with something beside it', async () => {
		const fork = await (await create()).fork();
		await post(fork, '/api/v1/namespaces/default/pods', web);
		await post(fork, '/api/v1/namespaces/default/services', exposed);
		await fork.clock.advance(60_000);
		let seen = 0;
		const started = fork.clock.now();
		const real = performance.now();
		const spec = { request: { method: 'GET', url: 'http://172.18.0.3:30080/' }, perSecond: 20, durationMs: 30_000 };
		const good = await fork.network.load(spec, async () => {
			await fork.clock.advance(10_000);
			seen = fork.clock.now() - started;
		});
		expect(good).toMatchObject({ sent: 600, failed: 0 });
		expect(seen).toBeGreaterThanOrEqual(13_000);
		expect(seen).toBeLessThan(14_000);
		const bad = await fork.network.load(spec, async () => {
			await fork.cluster.fetch(new Request(url('/api/v1/namespaces/default/pods/web?gracePeriodSeconds=0'), { method: 'DELETE' }));
		});
		expect(bad.failed).toBeGreaterThan(400);
		expect(bad.failed).toBeLessThan(600);
		expect(performance.now() - real).toBeLessThan(10_000);
		await fork.dispose();
	});

	it('runs a command to its end', async () => {
		const fork = await (await create()).fork();
		await post(fork, '/api/v1/namespaces/default/pods', web);
		await fork.clock.advance(30_000);
		const channels = await fork.cluster.connect(
			new Request(
				url('/api/v1/namespaces/default/pods/web/exec?container=web&command=sh&command=-c&command=sleep%2020%3B%20echo%20done&stdout=true&stderr=true'),
			),
		);
		const chunks: [number, string][] = [];
		channels.onMessage((channel, data) => chunks.push([channel, new TextDecoder().decode(data)]));
		const started = fork.clock.now();
		await new Promise<void>((resolve) => channels.onClose(resolve));
		expect(chunks[0]).toEqual([1, 'done\n']);
		expect(JSON.parse(chunks.at(-1)?.[1] ?? '')).toMatchObject({ status: 'Success' });
		expect(fork.clock.now() - started).toBeGreaterThanOrEqual(20_000);
		await fork.dispose();
	});
});

describe('the journal', () => {
	it('brings the very same state back', async () => {
		const folder = temporary();
		const sandbox = await create(folder);
		await post(sandbox, '/api/v1/namespaces/default/pods', web);
		await sandbox.files.write('/home/learner/a.txt', 'ä \u2028 "');
		await sandbox.clock.advance(30);
		await sandbox.files.write('/home/learner/b.txt', 'b');
		const before = JSON.stringify(sandbox.simulator.snapshot());
		// As after kill -9: nothing is closed.
		const again = resume(folder);
		expect(JSON.stringify(again.simulator.snapshot()) === before).toBe(true);
		expect([again.replayed > 0, again.damage]).toEqual([true, undefined]);
	});

	it('passes over a torn last line, and goes on after it', async () => {
		const folder = temporary();
		const sandbox = await create(folder);
		await post(sandbox, CONFIG_MAPS, configMap('whole'));
		appendFileSync(join(folder, 'journal-0.ndjson'), '{"at":99,"kind":"file","op":{"op":"wri');
		const again = resume(folder);
		expect([await has(again, 'whole'), again.damage]).toEqual([true, undefined]);
		await post(again, CONFIG_MAPS, configMap('later'));
		expect(await has(resume(folder), 'later')).toBe(true);
	});

	it('says what it could not read in the middle, and keeps what was before', async () => {
		const folder = temporary();
		const sandbox = await create(folder);
		await post(sandbox, CONFIG_MAPS, configMap('before'));
		appendFileSync(join(folder, 'journal-0.ndjson'), 'garbage\n{"at":1,"kind":"tick"}\n');
		const again = resume(folder);
		expect(await has(again, 'before')).toBe(true);
		expect(again.damage).toMatch(/^line \d+: /);
	});

	it('starts a new generation when it has grown, and survives a snapshot that is broken', async () => {
		const folder = temporary();
		const sandbox = await create(folder);
		await sandbox.files.write('/home/learner/first', '1');
		const big = 'x'.repeat(1_000_000);
		for (let i = 0; i < 6; i++) await sandbox.files.write(`/home/learner/${i % 2}`, big);
		await expect.poll(() => readdirSync(folder).sort()).toEqual(['journal-1.ndjson', 'snapshot-1.json.gz']);
		await sandbox.files.write('/home/learner/last', '2');
		await sandbox.dispose();
		const again = resume(folder);
		expect([await again.files.read('/home/learner/first'), await again.files.read('/home/learner/last')]).toEqual(['1', '2']);
		// A snapshot cut short by a crash is passed over for the one before and its journals.
		await again.files.write('/home/learner/after', '3');
		const newest = Math.max(
			...readdirSync(folder)
				.flatMap((n) => /^snapshot-(\d+)/.exec(n)?.[1] ?? [])
				.map(Number),
		);
		const whole = readFileSync(join(folder, `snapshot-${newest}.json.gz`));
		writeFileSync(join(folder, `snapshot-${newest + 1}.json.gz`), whole.subarray(0, whole.length / 2));
		const third = resume(folder);
		expect(await third.files.read('/home/learner/after')).toBe('3');
	});

	it('takes back an input that it could not write, whole lines only', async () => {
		const folder = temporary();
		const sandbox = await create(folder);
		await sandbox.files.write('/home/learner/kept', 'kept');
		const { writer } = sandbox as unknown as { writer: { append: (line: string) => void } };
		const real = writer.append.bind(writer);
		const { fault } = await import('../errors/catalogue.ts');
		writer.append = () => {
			throw fault('disk-full', { path: folder });
		};
		await expect(sandbox.files.write('/home/learner/lost', 'x')).rejects.toMatchObject({ code: 'disk-full' });
		expect(await sandbox.files.read('/home/learner/lost')).toBeUndefined();
		const answer = await post(sandbox, CONFIG_MAPS, configMap('lost'));
		expect([answer.status, ((await answer.json()) as { message: string }).message]).toEqual([500, expect.stringContaining('is full; nothing was lost')]);
		writer.append = real;
		await sandbox.files.write('/home/learner/lost', 'now');
		expect(await resume(folder).files.read('/home/learner/lost')).toBe('now');
	});

	it('replays a long session quickly', async () => {
		const folder = temporary();
		const sandbox = await create(folder);
		for (let i = 0; i < 500; i++) await post(sandbox, CONFIG_MAPS, configMap(`c${i}`));
		const started = performance.now();
		expect(await has(resume(folder), 'c499')).toBe(true);
		expect(performance.now() - started).toBeLessThan(2000);
		expect(statSync(join(folder, 'journal-0.ndjson')).size).toBeLessThan(500 * 1000);
	});
});
