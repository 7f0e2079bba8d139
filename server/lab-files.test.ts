/** The editor's HTTP routes through the whole server: `protocol/workspace.ts`, and what it may read of the cluster. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Running } from './cli/start.ts';
import { startServer } from './foothold.ts';
import { LIMITS } from './limits.ts';
import { signIn, TestPage } from './sessions/testing/client.ts';
import { smallLab } from './sessions/testing/parts.ts';

const DOUBLES = { parts: new URL('./sessions/testing/parts.ts', import.meta.url).href, loadLabs: async () => [smallLab] };
const HOME = '/home/learner';
let data: string;
let running: Running;
let base: string;
let cookie: string;
let page: TestPage;

const api = (path: string, init: RequestInit = {}): Promise<Response> =>
	fetch(`${base}/api/labs/small${path}`, { ...init, headers: { cookie, origin: base, ...init.headers } });
const post = async (path: string, body: unknown): Promise<{ readonly status: number; readonly said: Record<string, unknown> }> => {
	const raw = body instanceof Uint8Array;
	const answer = await api(path, { method: 'POST', body: raw ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body) });
	return { status: answer.status, said: (await answer.json()) as Record<string, unknown> };
};
const upload = (name: string, bytes: Uint8Array, more = '') => post(`/upload?folder=${encodeURIComponent(HOME)}&name=${name}${more}`, bytes);
const read = async (path: string): Promise<unknown> => page.ask({ type: 'files.read', path: `${HOME}/${path}` });

beforeAll(async () => {
	data = await mkdtemp(join(tmpdir(), 'foothold-files-'));
	running = await startServer(
		{ root: join(import.meta.dirname, '..'), data, labs: data, port: 0, provider: 'simulator', kubeconfig: '', workers: 1, log: () => {} },
		DOUBLES,
	);
	({ base, cookie } = await signIn(running.link));
	page = await TestPage.open(base, cookie, 'small');
});
afterAll(async () => {
	page.close();
	await running.stop();
	await rm(data, { recursive: true, force: true });
});

describe('files by HTTP', () => {
	it('unpacks an archive, asks before it replaces, and refuses by naming the entry', async () => {
		const zip = zipSync({ 'web/a.yaml': strToU8('a: 1\n') });
		expect(await upload('x.zip', zip)).toEqual({ status: 200, said: { files: 1, taken: [] } });
		expect(await read('web/a.yaml')).toMatchObject({ content: 'a: 1\n' });
		expect((await upload('x.zip', zip)).said).toEqual({ files: 0, taken: ['web/a.yaml'] });
		expect((await upload('x.zip', zip, '&replace=1')).said).toEqual({ files: 1, taken: [] });
		const bad = await upload('y.zip', zipSync({ 'b.yaml': strToU8('b'), '../c': strToU8('c') }));
		expect(bad).toMatchObject({ status: 422, said: { error: { code: 'archive-refused', message: expect.stringContaining('“../c”') } } });
		expect(await read('b.yaml')).toMatchObject({ code: 'file-missing' });
	});

	it('takes no more than archiveBytes, whatever the request says of itself', async () => {
		const big = new Uint8Array(LIMITS.archiveBytes + 1);
		expect(await upload('big.bin', big)).toMatchObject({ status: 422, said: { error: { code: 'archive-refused' } } });
		const stream = new ReadableStream<Uint8Array>({
			pull(controller) {
				controller.enqueue(new Uint8Array(1024 * 1024));
			},
		});
		const answer = await api(`/upload?folder=${HOME}&name=endless`, { method: 'POST', body: stream, duplex: 'half' } as RequestInit).catch(() => undefined);
		expect(answer?.status ?? 422).toBe(422);
	});

	it('packs a folder, and nothing outside of the home folder', async () => {
		const answer = await api(`/archive?folder=${HOME}/web&format=tar.gz`);
		expect(answer.headers.get('content-disposition')).toBe('attachment; filename="web.tar.gz"');
		expect(Buffer.from(gunzipSync(new Uint8Array(await answer.arrayBuffer()))).toString('latin1')).toContain('a: 1\n');
		expect((await api('/archive?folder=/etc&format=zip')).status).toBe(400);
		expect((await api(`/archive?folder=${HOME}&format=rar`)).status).toBe(400);
	});

	it('makes folders, moves, removes and brings back', async () => {
		expect((await post('/files', { op: 'mkdir', path: `${HOME}/new` })).status).toBe(200);
		expect((await post('/files', { op: 'mkdir', path: `${HOME}/new` })).said).toMatchObject({ error: { code: 'file-there' } });
		await post('/files', { op: 'move', path: `${HOME}/web`, to: `${HOME}/new/web` });
		expect(await read('new/web/a.yaml')).toMatchObject({ content: 'a: 1\n' });
		const { said } = await post('/files', { op: 'remove', path: `${HOME}/new` });
		expect(await read('new/web/a.yaml')).toMatchObject({ code: 'file-missing' });
		await post('/files', { op: 'restore', removal: said['removal'] });
		expect(await read('new/web/a.yaml')).toMatchObject({ content: 'a: 1\n' });
		expect((await post('/files', { op: 'remove', path: '/etc/passwd' })).status).toBe(400);
		expect((await post('/files', { op: 'burn', path: HOME })).status).toBe(400);
	});

	it('applies by way of kubectl, and hands on what that says', async () => {
		expect((await post('/apply', { path: `${HOME}/new/web/a.yaml`, dryRun: true })).said).toMatchObject({ errors: ['error: there is no kubectl in a double'] });
		expect((await post('/apply', { path: '/etc/a.yaml', dryRun: false })).said).toMatchObject({ error: { code: 'file-refused' } });
	});

	it('shows schemas, discovery and names of the cluster, and nothing that a pod serves', async () => {
		const index = (await (await api('/cluster/openapi/v3')).json()) as { paths: Record<string, { serverRelativeURL: string }> };
		const address = index.paths['api/v1']?.serverRelativeURL ?? '';
		const schema = await api(`/cluster${address}`);
		expect([schema.status, schema.headers.get('cache-control')]).toEqual([200, expect.stringContaining('immutable')]);
		expect(await (await api('/cluster/apis')).json()).toMatchObject({ kind: 'APIGroupDiscoveryList' });
		const list = await (await api('/cluster/api/v1/namespaces/kube-system/configmaps')).text();
		expect(list).toContain('PartialObjectMetadata');
		expect(list).not.toContain('"data"');
		expect((await api('/cluster/api/v1/namespaces/default/services/web/proxy/')).status).toBe(404);
		expect((await fetch(`${base}/api/labs/small/cluster/apis`)).status).toBe(401);
	});
});
