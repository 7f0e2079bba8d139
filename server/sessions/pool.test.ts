import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { Exchanges, PoolEndpoint } from './pool-endpoint.ts';
import { Pool } from './pool.ts';
import type { WorkerEvent } from './wire.ts';

describe('the pool of workers', () => {
	const events: WorkerEvent[] = [];
	const replaced: string[] = [];
	const exchanges = new Exchanges();
	let pool: Pool;
	let folder: string;
	const open = () => pool.call(0, 'open', { session: 's', lab: 'small', folder, seed: 1 });

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'foothold-pool-'));
		pool = new Pool({
			start: { parts: new URL('./testing/parts.ts', import.meta.url).href, labs: '', templates: folder, provider: 'simulator' },
			size: 1,
			silenceMs: 2500,
			onEvent: (event) => {
				events.push(event);
				if ('exchange' in event) exchanges.take(event);
			},
			onReplaced: (worker, why) => {
				exchanges.lost(worker);
				replaced.push(why);
			},
			log: () => {},
		});
		await pool.ready();
	});
	afterAll(() => pool.stop());

	it('opens a session once, and says when it was there before', async () => {
		expect(await open()).toMatchObject({ resumed: false, provider: 'simulator' });
		expect(await open()).toMatchObject({ resumed: true });
		await pool.call(0, 'close', { session: 's' });
		expect(await open()).toMatchObject({ resumed: true });
	});

	it('answers faults of the catalogue as such', async () => {
		await expect(pool.call(0, 'open', { session: 'x', lab: 'none', folder, seed: 1 })).rejects.toMatchObject({ code: 'lab-unknown' });
		await expect(pool.call(0, 'fileList', { session: 'none' })).rejects.toMatchObject({ code: 'sandbox-unknown' });
		expect(() => pool.post(9, { post: 'more', exchange: 'x' })).toThrow(expect.objectContaining({ code: 'worker-missing' }));
	});

	it('carries a cluster’s answers and watches to the main thread, at the reader’s pace', async () => {
		const endpoint = new PoolEndpoint(pool, exchanges, 's', () => 0);
		const list = (await (await endpoint.fetch(new Request('http://cluster/api/v1/namespaces'))).json()) as { items: { metadata: { name: string } }[] };
		expect(list.items.map((i) => i.metadata.name)).toContain('shop');
		const abort = new AbortController();
		const watch = await endpoint.fetch(new Request('http://cluster/api/v1/namespaces?watch=true', { signal: abort.signal }));
		const reader = watch.body?.getReader();
		expect(JSON.parse(new TextDecoder().decode((await reader?.read())?.value).split('\n')[0] ?? '')).toMatchObject({ type: 'ADDED' });
		abort.abort();
		await expect(endpoint.connect(new Request('http://cluster/api/v1/namespaces/default/pods/none/exec?command=ls'))).rejects.toMatchObject({
			response: { status: 404 },
		});
	});

	it('gives a worker LIMITS.workerHeapMb of heap', async () => {
		await pool.call(0, 'terminalOpen', { session: 's', terminal: 'heap', columns: 80, rows: 24 });
		pool.post(0, { post: 'input', session: 's', terminal: 'heap', data: 'heap\r' });
		const written = (): string => events.map((e) => ('event' in e && e.event === 'output' && e.terminal === 'heap' ? e.data : '')).join('');
		await expect.poll(written, { timeout: 10_000 }).toContain(`\n${LIMITS.workerHeapMb} MB\r\n`);
	});

	it('replaces a worker that hangs; what it was asked is answered, its sessions come back', async () => {
		await pool.call(0, 'fileWrite', { session: 's', path: '/home/learner/kept.txt', content: 'kept' });
		await pool.call(0, 'terminalOpen', { session: 's', terminal: 'main', columns: 80, rows: 24 });
		pool.post(0, { post: 'input', session: 's', terminal: 'main', data: 'hang\r' });
		await expect(pool.call(0, 'fileList', { session: 's' })).rejects.toMatchObject({ code: 'worker-restarted' });
		await expect.poll(() => replaced, { timeout: 10_000 }).toEqual([expect.stringMatching(/^it had not answered for \d+ s$/)]);
		expect(await open()).toMatchObject({ resumed: true });
		expect(await pool.call(0, 'fileRead', { session: 's', path: '/home/learner/kept.txt' })).toMatchObject({ content: 'kept' });
		const terminal = await pool.call(0, 'terminalOpen', { session: 's', terminal: 'main', columns: 80, rows: 24 });
		expect(terminal.scrollback.startsWith('$ ')).toBe(true);
		expect(await readFile(join(folder, 'terminals', 'main.out'), 'utf8')).toBe(terminal.scrollback);
	});
});
