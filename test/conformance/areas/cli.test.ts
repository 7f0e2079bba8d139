/** Conformance area "cli", with the real kubectl against the served cluster. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { V1Deployment, V1Pod, V1ReplicationController, V1Service } from '@kubernetes/client-node';
import { afterAll, describe, expect } from 'vitest';
import { findOracle } from '../oracle.ts';
import type { Cluster } from './cluster.ts';
import { AGNHOST } from './images.ts';
import { isReady, meta, pod, started, template, untilRunning, web } from './pods.ts';
import { area, spec } from './spec.ts';

area('cli');
const oracle = findOracle();
const binary = 'missing' in oracle ? '' : oracle.binary;
if ('missing' in oracle) console.log(`the area cli is SKIPPED: ${oracle.missing}`);
const folder = mkdtempSync(join(tmpdir(), 'areas-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let configs = 0;
/** Runs kubectl; time passes beside it. Gives what it printed, or throws what it complained of. */
async function kubectl(c: Cluster, args: readonly string[], stdin = ''): Promise<string> {
	const file = join(folder, `config${++configs}`);
	writeFileSync(file, c.kubeconfig());
	const done = new Promise<string>((resolve, reject) => {
		const child = spawn(binary, args, { env: { HOME: folder, KUBECONFIG: file, PATH: process.env['PATH'] ?? '' } });
		let out = '';
		let err = '';
		child.stdout.on('data', (d: Buffer) => (out += d.toString()));
		child.stderr.on('data', (d: Buffer) => (err += d.toString()));
		child.stdin.end(stdin);
		child.on('close', (code) => (code === 0 || (args[0] === 'diff' && code === 1) ? resolve(out) : reject(new Error(`${args.join(' ')}: ${err}`))));
	});
	return c.during(done);
}

const controller = (name: string, replicas = 1): object => ({
	apiVersion: 'v1',
	kind: 'ReplicationController',
	metadata: meta(name, { app: name }),
	spec: { replicas, selector: { app: name }, template: template({ app: name }) },
});
const ready = (c: Cluster, app: string, count: number): Promise<readonly V1Pod[]> =>
	c.until(`${count} pods are ready`, async () => {
		const found = await c.at<V1Pod>('v1/pods').list(`app=${app}`);
		return found.length === count && found.every(isReady) && found;
	});

describe.skipIf(binary === '')('kubectl', () => {
	spec('Kubectl, check version v1', async (c) => expect((await kubectl(c, ['api-versions'])).split('\n')).toContain('v1'));

	spec('Kubectl, cluster info', async (c) => expect(await kubectl(c, ['cluster-info'])).toMatch(/Kubernetes control plane.* is running at/));

	spec('Kubectl, version', async (c) => {
		const version = JSON.parse(await kubectl(c, ['version', '-o', 'json'])) as {
			clientVersion: { gitCommit: string };
			serverVersion: { major: string; gitVersion: string };
		};
		expect([version.serverVersion.major, version.clientVersion.gitCommit]).toEqual(['1', expect.stringMatching(/^[0-9a-f]{40}$/)]);
	});

	spec('Kubectl, describe pod or rc', async (c) => {
		await kubectl(c, ['create', '-f', '-'], JSON.stringify(controller('primary')));
		await kubectl(c, ['expose', 'rc', 'primary', '--port=6379', '--target-port=80']);
		const [p] = await ready(c, 'primary', 1);
		expect(await kubectl(c, ['describe', 'pod', p?.metadata?.name ?? ''])).toMatch(
			/Name:\s+primary-[\s\S]*Controlled By:\s+ReplicationController\/primary[\s\S]*State:\s+Running/,
		);
		expect(await kubectl(c, ['describe', 'rc', 'primary'])).toMatch(/Replicas:\s+1 current \/ 1 desired[\s\S]*Pods Status:\s+1 Running[\s\S]*SuccessfulCreate/);
		expect(await kubectl(c, ['describe', 'service', 'primary'])).toMatch(/TargetPort:\s+80\/TCP[\s\S]*Endpoints:\s+10\.244/);
		expect(await kubectl(c, ['describe', 'node', 'foothold-worker'])).toMatch(/Allocatable:[\s\S]*Non-terminated Pods:/);
		expect(await kubectl(c, ['describe', 'namespace', 'default'])).toMatch(/Status:\s+Active/);
	});

	spec('Kubectl, create service, replication controller', async (c) => {
		await c.at('v1/replicationcontrollers').create(controller('primary'));
		await kubectl(c, ['expose', 'rc', 'primary', '--name=rm2', '--port=1234', '--target-port=80']);
		await kubectl(c, ['expose', 'service', 'rm2', '--name=rm3', '--port=2345', '--target-port=80']);
		for (const [name, port] of [
			['rm2', 1234],
			['rm3', 2345],
		] as const)
			expect((await c.at<V1Service>('v1/services').get(name)).spec?.ports).toMatchObject([{ port, targetPort: 80 }]);
	});

	spec(['Kubectl, label update', 'Kubectl, patch to annotate'], async (c) => {
		await started(c, pod('p'));
		await kubectl(c, ['label', 'pods', 'p', 'testing-label=value']);
		expect(await kubectl(c, ['get', 'pod', 'p', '-L', 'testing-label'])).toContain('value');
		await kubectl(c, ['label', 'pods', 'p', 'testing-label-']);
		expect(await kubectl(c, ['get', 'pod', 'p', '-L', 'testing-label'])).not.toContain('value');
		await kubectl(c, ['patch', 'pod', 'p', '-p', '{"metadata":{"annotations":{"x":"y"}}}']);
		expect((await c.at<V1Pod>('v1/pods').get('p')).metadata?.annotations?.['x']).toBe('y');
	});

	spec(['Kubectl, run pod', 'Kubectl, replace', 'Kubectl, server-side dry-run Pod'], async (c) => {
		await kubectl(c, ['run', 'p', '--image=nginx:1.29', '--restart=Never', '--labels=run=p']);
		await untilRunning(c, 'p');
		const image = async (): Promise<string | undefined> => (await c.at<V1Pod>('v1/pods').get('p')).spec?.containers[0]?.image;
		await kubectl(c, ['patch', 'pod', 'p', '-p', '{"spec":{"containers":[{"name":"p","image":"busybox:1.37"}]}}', '--dry-run=server']);
		expect(await image()).toBe('nginx:1.29');
		const text = await kubectl(c, ['get', 'pod', 'p', '-o', 'json']);
		await kubectl(c, ['replace', '-f', '-'], text.replaceAll('nginx:1.29', 'nginx:1.28'));
		expect(await image()).toBe('nginx:1.28');
	});

	spec('Kubectl, diff Deployment', async (c) => {
		const deployment = (image: string): string =>
			JSON.stringify({
				apiVersion: 'apps/v1',
				kind: 'Deployment',
				metadata: meta('d'),
				spec: { selector: { matchLabels: { a: 'd' } }, template: template({ a: 'd' }, { containers: [web('web', { image })] }) },
			});
		await kubectl(c, ['create', '-f', '-'], deployment('httpd:2.4'));
		const diff = await kubectl(c, ['diff', '-f', '-'], deployment('busybox:1.37'));
		expect(diff).toMatch(/-\s+- image: httpd:2\.4\n\+\s+- image: busybox:1\.37/);
		expect((await c.at<V1Deployment>('apps/v1/deployments').get('d')).spec?.template.spec?.containers[0]?.image).toBe('httpd:2.4');
	});

	spec(['Kubectl, replication controller', 'Kubectl, scale replication controller'], async (c) => {
		await kubectl(c, ['create', '-f', '-'], JSON.stringify(controller('update-demo', 2)));
		await ready(c, 'update-demo', 2);
		for (const count of [1, 2]) {
			await kubectl(c, ['scale', 'rc', 'update-demo', `--replicas=${count}`, '--timeout=5m']);
			await ready(c, 'update-demo', count);
		}
		expect((await c.at<V1ReplicationController>('v1/replicationcontrollers').get('update-demo')).status?.replicas).toBe(2);
	});

	spec('Kubectl, logs', async (c) => {
		await started(
			c,
			pod('p', { containers: [{ name: 'c', image: 'busybox:1.37', command: ['sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done; sleep 10000'] }] }),
		);
		expect(await kubectl(c, ['logs', 'p', 'c', '--tail=1'])).toBe('line 9\n');
		expect(await kubectl(c, ['logs', 'p', 'c', '--limit-bytes=1'])).toBe('l');
		expect(await kubectl(c, ['logs', 'p', '--tail=1', '--timestamps'])).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z line 9\n$/);
		await c.pass(30);
		expect(await kubectl(c, ['logs', 'p', '--since=1s'])).toBe('');
		expect((await kubectl(c, ['logs', 'p', '--since=24h'])).split('\n')).toHaveLength(10);
	});

	spec(['Kubectl, proxy port zero', 'Kubectl, proxy socket'], async (c) => {
		const file = join(folder, `config${++configs}`);
		writeFileSync(file, c.kubeconfig());
		const socketPath = join(folder, 'proxy.sock');
		for (const [flag, where] of [
			['--port=0', (port: number) => ({ host: '127.0.0.1', port })],
			[`--unix-socket=${socketPath}`, () => ({ socketPath })],
		] as const) {
			const child = spawn(binary, ['proxy', '--append-server-path', flag], { env: { HOME: folder, KUBECONFIG: file, PATH: process.env['PATH'] ?? '' } });
			const port = await new Promise<number>((resolve) => child.stdout.on('data', (d: Buffer) => resolve(Number(/:(\d+)/.exec(d.toString())?.[1] ?? 0))));
			const text = await new Promise<string>((resolve, reject) => {
				get({ ...where(port), path: '/api/' }, (answer) => {
					let body = '';
					answer.on('data', (d: Buffer) => (body += d.toString())).on('end', () => resolve(body));
				}).on('error', reject);
			});
			child.kill();
			expect(JSON.parse(text)).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
		}
	});

	spec('Kubectl, guestbook application', async (c) => {
		// A frontend that is asked by its service, scaled out.
		await kubectl(c, ['create', 'deployment', 'frontend', `--image=${AGNHOST}`, '--replicas=3', '--', '/agnhost', 'netexec', '--http-port=80']);
		await kubectl(c, ['expose', 'deployment', 'frontend', '--port=80']);
		await kubectl(c, ['rollout', 'status', 'deployment', 'frontend', '--timeout=2m']);
		const [any] = await ready(c, 'frontend', 3);
		const said = await c.sandbox.network.request({
			method: 'GET',
			url: 'http://frontend/echo?msg=guest',
			fromPod: { namespace: 'default', name: any?.metadata?.name ?? '' },
		});
		expect(said).toMatchObject({ ok: true, response: { body: 'guest' } });
	});
});
