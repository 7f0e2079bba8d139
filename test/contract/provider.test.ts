/**
 * What every provider promises, in one suite run through each. The second provider reaches the simulator as it would any
 * cluster: by a kubeconfig, over https, with our own certificate authority.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HostedSandbox } from '../../server/sandboxes/hosted.ts';
import { KubeconfigSandbox } from '../../server/sandboxes/kubeconfig.ts';
import { RealEndpoint } from '../../server/sandboxes/real/endpoint.ts';
import { missingGpus } from '../../server/sandboxes/real/gpus.ts';
import { ClusterRefusal, NotCapable, STDIN_CLOSED } from '../../server/sandboxes/sandbox.ts';
import { serveClusters } from '../../server/sandboxes/serve.ts';
import { servingCertificate } from '../../server/sandboxes/serving/authority.ts';
import { kubeconfigText } from '../../server/sandboxes/serving/kubeconfig-text.ts';
import { SimulatorSandbox } from '../../server/sandboxes/simulator.ts';
import { Template } from '../../server/sandboxes/simulated/template.ts';
import { buildSystem } from '../../server/simulator/simulator.ts';

interface Provided {
	readonly sandbox: HostedSandbox;
	readonly close: () => Promise<void>;
}

const system = buildSystem();
const template = Template.build({}, system);

async function simulated(): Promise<Provided> {
	const sandbox = await SimulatorSandbox.create(template, { id: 'contract', seed: 3, speed: 20 });
	const release = sandbox.hold();
	return {
		sandbox,
		close: async () => {
			release();
			await sandbox.dispose();
		},
	};
}

async function byKubeconfig(): Promise<Provided> {
	const folder = await mkdtemp(join(tmpdir(), 'foothold-contract-'));
	const behind = await simulated();
	const certificate = await servingCertificate();
	const prefix = '/clusters/contract';
	const serving = await serveClusters({
		certificate,
		port: 0,
		find: (path) => (path.startsWith(`${prefix}/`) ? { endpoint: behind.sandbox.cluster, token: 'secret', prefix } : undefined),
	});
	const kubeconfig = join(folder, 'kubeconfig');
	await writeFile(kubeconfig, kubeconfigText({ server: `${serving.url}${prefix}`, authority: certificate.authority, token: 'secret' }));
	const { sandbox } = await KubeconfigSandbox.open({ id: 'contract', kubeconfig, folder: join(folder, 'workstation') });
	return {
		sandbox,
		close: async () => {
			await sandbox.dispose();
			await serving.close();
			await behind.close();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

const POD = {
	apiVersion: 'v1',
	kind: 'Pod',
	metadata: { name: 'box', labels: { app: 'box' } },
	spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'box', image: 'busybox:1.37', command: ['sh', '-c', 'echo started; sleep 3600'] }] },
};
const PODS = '/api/v1/namespaces/default/pods';

for (const [name, make] of [
	['simulator', simulated],
	['kubeconfig', byKubeconfig],
] as const) {
	describe(`the ${name} provider`, () => {
		let provided: Provided;
		let sandbox: HostedSandbox;
		const fetch = (path: string, init?: RequestInit): Promise<Response> => sandbox.cluster.fetch(new Request(`http://cluster${path}`, init));
		const send = (method: string, path: string, body: unknown, type = 'application/json'): Promise<Response> =>
			fetch(path, { method, headers: { 'content-type': type }, body: JSON.stringify(body) });
		const json = async <T = { [field: string]: unknown }>(response: Response): Promise<T> => (await response.json()) as T;

		beforeAll(async () => {
			provided = await make();
			({ sandbox } = provided);
			expect((await send('POST', PODS, POD)).status).toBe(201);
		});
		afterAll(() => provided.close());

		it('says what it is', () => {
			expect(sandbox.provider).toBe(name);
			expect(sandbox.capabilities.fork).toBe(name === 'simulator');
		});

		it('reads, writes, patches and deletes over HTTP, with the server’s codes', async () => {
			const path = '/api/v1/namespaces/default/configmaps';
			expect((await send('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' }, data: { a: '1' } })).status).toBe(201);
			expect((await send('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } })).status).toBe(409);
			expect(await json(await send('PATCH', `${path}/one`, { data: { b: '2' } }, 'application/merge-patch+json'))).toMatchObject({ data: { a: '1', b: '2' } });
			expect((await fetch(`${path}/one`, { method: 'DELETE' })).status).toBe(200);
			expect(await json(await fetch(`${path}/one`))).toMatchObject({ kind: 'Status', reason: 'NotFound', code: 404 });
			expect((await send('POST', path, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'BAD' } })).status).toBe(422);
		});

		it('gives server-side tables', async () => {
			const table = await json(await fetch(PODS, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' } }));
			expect(table).toMatchObject({ kind: 'Table', columnDefinitions: expect.arrayContaining([expect.objectContaining({ name: 'Ready' })]) });
		});

		it('streams a watch until the reader goes', async () => {
			const list = await json<{ metadata: { resourceVersion: string } }>(await fetch('/api/v1/namespaces/default/secrets'));
			const abort = new AbortController();
			const response = await fetch(`/api/v1/namespaces/default/secrets?watch=true&resourceVersion=${list.metadata.resourceVersion}`, { signal: abort.signal });
			const reader = response.body?.getReader();
			await send('POST', '/api/v1/namespaces/default/secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'watched' } });
			const chunk = await reader?.read();
			expect(JSON.parse(new TextDecoder().decode(chunk?.value).split('\n')[0] ?? '')).toMatchObject({
				type: 'ADDED',
				object: { metadata: { name: 'watched' } },
			});
			abort.abort();
			await expect(reader?.read()).rejects.toThrow();
		});

		it('ends a watch at its time', async () => {
			const response = await fetch(`${PODS}?watch=true&timeoutSeconds=1`);
			expect((await response.text()).length).toBeGreaterThan(0);
		});

		it('runs pods, follows their logs', async () => {
			await expect.poll(async () => (await json<{ status: { phase: string } }>(await fetch(`${PODS}/box`))).status.phase, { timeout: 8000 }).toBe('Running');
			const response = await fetch(`${PODS}/box/log?follow=true`);
			const reader = response.body?.getReader();
			const chunk = await reader?.read();
			expect(new TextDecoder().decode(chunk?.value)).toBe('started\n');
			await reader?.cancel();
		});

		it('executes with both streams, input and an exit code', async () => {
			await expect.poll(async () => (await json<{ status: { phase: string } }>(await fetch(`${PODS}/box`))).status.phase, { timeout: 8000 }).toBe('Running');
			const query = new URLSearchParams([
				['container', 'box'],
				['stdin', 'true'],
				['stdout', 'true'],
				['stderr', 'true'],
				...['sh', '-c', 'cat; echo oops >&2; exit 3'].map((c): [string, string] => ['command', c]),
			]);
			const channels = await sandbox.cluster.connect(new Request(`http://cluster${PODS}/box/exec?${query}`));
			const seen: Record<number, string> = {};
			channels.onMessage((channel, data) => {
				seen[channel] = (seen[channel] ?? '') + new TextDecoder().decode(data);
			});
			const closed = new Promise<void>((resolve) => channels.onClose(resolve));
			channels.send(0, new TextEncoder().encode('grüße\n'));
			channels.send(STDIN_CLOSED, Uint8Array.of(0));
			await closed;
			expect([seen[1], seen[2]]).toEqual(['grüße\n', 'oops\n']);
			expect(JSON.parse(seen[3] ?? '{}')).toMatchObject({ status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: '3' }] } });
		});

		it('refuses to connect as the server words it', async () => {
			const refused = await sandbox.cluster.connect(new Request(`http://cluster${PODS}/none/exec?command=ls&stdout=true`)).catch((error: unknown) => error);
			expect(refused).toBeInstanceOf(ClusterRefusal);
			const { response } = refused as ClusterRefusal;
			expect([response.status, await response.json()]).toEqual([404, expect.objectContaining({ message: 'pods "none" not found' })]);
		});

		it('keeps files with folders, modes and links, and tells of changes', async () => {
			const { files } = sandbox;
			const changed: string[] = [];
			const stop = files.watch((path) => changed.push(path));
			await files.write('/home/learner/app/web.yaml', 'kind: Pod\n', { mode: 0o600 });
			await files.change({ op: 'symlink', path: '/home/learner/link', target: 'app/web.yaml' });
			await files.change({ op: 'mkdir', path: '/home/learner/empty' });
			stop();
			await files.remove('/home/learner/empty');
			expect(await files.read('/home/learner/link')).toBe('kind: Pod\n');
			expect(await files.entry('/home/learner/link')).toMatchObject({ kind: 'symlink', content: 'app/web.yaml' });
			expect(await files.entry('/home/learner/app/web.yaml')).toMatchObject({ kind: 'file', mode: 0o600, size: 10, binary: false });
			expect((await files.list('/home/learner')).map((f) => f.path)).toEqual(
				expect.arrayContaining(['/home/learner/app', '/home/learner/app/web.yaml', '/home/learner/link']),
			);
			expect(changed).toEqual(['/home/learner/app/web.yaml', '/home/learner/link', '/home/learner/empty']);
			expect(await files.read('/home/learner/empty')).toBeUndefined();
		});

		it('remembers commands', async () => {
			await sandbox.recordCommand({ at: 5, terminal: 'main', line: 'ls', exitCode: 0 });
			expect(await sandbox.journal.commands()).toMatchObject([{ line: 'ls', exitCode: 0 }]);
		});

		it('lets time pass', async () => {
			const before = sandbox.clock.now();
			await sandbox.clock.advance(200);
			expect(sandbox.clock.now() - before).toBeGreaterThanOrEqual(190);
		});

		it('words a request that nobody answers', async () => {
			expect(await sandbox.network.request({ method: 'GET', url: 'http://127.0.0.1:9/', timeoutMs: 5000 })).toMatchObject({ ok: false, error: 'ECONNREFUSED' });
			expect(await sandbox.network.request({ method: 'GET', url: 'http://no-such-host.invalid/', timeoutMs: 5000 })).toMatchObject({ ok: false, phase: 'dns' });
		});

		it('does what its capabilities say, and says what it cannot', async () => {
			if (sandbox.capabilities.fork) await (await sandbox.fork()).dispose();
			else await expect(sandbox.fork()).rejects.toThrow(NotCapable);
			if (!sandbox.capabilities.podNetwork) {
				await expect(sandbox.network.request({ method: 'GET', url: 'http://x/', fromPod: { namespace: 'default', name: 'box' } })).rejects.toThrow(NotCapable);
				await expect(sandbox.journal.audit()).rejects.toThrow('the kubeconfig provider cannot read the API server’s audit log');
			}
		});
	});
}

describe('a lab that needs GPUs, on a cluster without', () => {
	it('is told what is lacking', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'foothold-contract-'));
		const behind = await simulated();
		const certificate = await servingCertificate();
		const prefix = '/clusters/gpus';
		const serving = await serveClusters({
			certificate,
			port: 0,
			find: (path) => (path.startsWith(`${prefix}/`) ? { endpoint: behind.sandbox.cluster, token: 'secret', prefix } : undefined),
		});
		const kubeconfig = join(folder, 'kubeconfig');
		await writeFile(kubeconfig, kubeconfigText({ server: `${serving.url}${prefix}`, authority: certificate.authority, token: 'secret' }));
		const endpoint = await RealEndpoint.load(kubeconfig);
		expect(await missingGpus(endpoint, 'l4=1')).toBe('the lab needs 1 node with 1 × NVIDIA L4, the cluster has no node with nvidia.com/gpu to allocate');
		expect(await missingGpus(endpoint, 'l4=0-2')).toBeUndefined();
		await endpoint.close();
		await serving.close();
		await behind.close();
		await rm(folder, { recursive: true, force: true });
	});
});

describe('a kubeconfig that cannot be used', () => {
	it('is named, with what is wrong', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'foothold-contract-'));
		const open = (path: string): Promise<unknown> => KubeconfigSandbox.open({ id: 'x', kubeconfig: path, folder: join(folder, 'w') });
		await expect(open(join(folder, 'none'))).rejects.toMatchObject({ code: 'kubeconfig-invalid', message: expect.stringContaining('none') });
		await writeFile(join(folder, 'empty'), 'apiVersion: v1\nkind: Config\n');
		await expect(open(join(folder, 'empty'))).rejects.toMatchObject({ code: 'kubeconfig-invalid' });
		await writeFile(join(folder, 'away'), kubeconfigText({ server: 'https://127.0.0.1:9', authority: 'x', token: 't' }));
		const { sandbox } = await KubeconfigSandbox.open({ id: 'x', kubeconfig: join(folder, 'away'), folder: join(folder, 'w') });
		await expect(sandbox.cluster.fetch(new Request('http://cluster/api'))).rejects.toMatchObject({
			code: 'cluster-unreachable',
			message: expect.stringContaining('https://127.0.0.1:9'),
		});
		await sandbox.dispose();
	});
});
