/** Pods as objects and over time: lifecycle, deadlines, QoS, evictions by taint, streams, runtime classes, leases, templates. */
import {
	Attach,
	Exec,
	Log,
	PortForward,
	type V1Lease,
	type V1Node,
	type V1Pod,
	type V1PodTemplate,
	type V1RuntimeClass,
	type V1Status,
} from '@kubernetes/client-node';
import { connect, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type Cluster, TOKEN } from '../cluster.ts';
import { box, finished, isReady, meta, pod, started, untilRunning, web } from '../pods.ts';
import { also, spec } from '../spec.ts';

const pods = (c: Cluster) => c.at<V1Pod>('v1/pods');

spec(['Pods, lifecycle', 'Pods, update', 'Pods, completes the lifecycle of a Pod and the PodStatus', 'Pods, patching status'], async (c) => {
	const watch = await pods(c).watch('time=now');
	await started(c, pod('p', { containers: [web()] }, { time: 'now' }));
	await watch.seen('ADDED p');
	expect(
		(
			await pods(c).patch(
				'p',
				{ metadata: { labels: { time: 'now', patched: 'y' } }, spec: { containers: [{ name: 'web', image: 'nginx:1.28' }] } },
				'strategic',
			)
		).spec?.containers[0]?.image,
	).toBe('nginx:1.28');
	await c.until('the new image runs', async () => (await pods(c).get('p')).status?.containerStatuses?.[0]?.image?.includes('1.28'));
	const held = await untilRunning(c, 'p');
	await pods(c).replace({ ...held, metadata: { ...held.metadata, labels: { time: 'now', updated: 'y' } } } as V1Pod);
	expect(await pods(c).list('updated=y')).toHaveLength(1);
	const patched = await pods(c).patch('p', { status: { message: 'Patched by a test', reason: 'E2E' } }, 'strategic', '/status');
	expect(patched.status).toMatchObject({ message: 'Patched by a test', reason: 'E2E' });
	await pods(c).delete('p', { gracePeriodSeconds: 5 });
	await c.until('it is gone', () => pods(c).gone('p'));
	await watch.seen('DELETED p');
	watch.stop();
});

spec('Pods, delete a collection', async (c) => {
	for (const name of ['a', 'b', 'c']) await started(c, pod(name, {}, { set: 'y' }));
	await pods(c).deleteAll('set=y');
	await c.until('all are gone', async () => (await pods(c).list('set=y')).length === 0);
});

spec('Pods, ActiveDeadlineSeconds', async (c) => {
	await started(c, pod('p'));
	await pods(c).patch('p', { spec: { activeDeadlineSeconds: 5 } });
	const end = await c.until(
		'it has failed',
		async () => {
			const p = await pods(c).get('p');
			return p.status?.phase === 'Failed' && p;
		},
		30,
	);
	expect(end.status?.reason).toBe('DeadlineExceeded');
});

spec('Pods, service environment variables', async (c) => {
	await c
		.at('v1/services')
		.create({ apiVersion: 'v1', kind: 'Service', metadata: meta('fooservice'), spec: { selector: { a: 'b' }, ports: [{ port: 8765, targetPort: 8080 }] } });
	await finished(c, pod('p', { containers: [box('c', 'env | sort')] }));
	const text = (await c.send('GET', '/api/v1/namespaces/default/pods/p/log')).text;
	for (const line of [
		/^FOOSERVICE_SERVICE_HOST=10\.96\./m,
		/^FOOSERVICE_SERVICE_PORT=8765$/m,
		/^FOOSERVICE_PORT_8765_TCP_PROTO=tcp$/m,
		/^FOOSERVICE_PORT=tcp:\/\/10\.96\.\d+\.\d+:8765$/m,
	])
		expect(text).toMatch(line);
});

spec('Pods, QOS', async (c) => {
	const of = async (name: string, resources: object): Promise<string | undefined> =>
		(await pods(c).create(pod(name, { containers: [box('c', 'true', { resources })] }))).status?.qosClass;
	const all = { cpu: '100m', memory: '100Mi' };
	expect([await of('a', { requests: all, limits: all }), await of('b', { requests: { cpu: '1m' } }), await of('d', {})]).toEqual([
		'Guaranteed',
		'Burstable',
		'BestEffort',
	]);
});

const taint = (effect: string | undefined): object => ({ spec: { taints: effect === undefined ? null : [{ key: 'evict', value: 'now', effect }] } });
const tolerating = (name: string, tolerationSeconds: number): V1Pod =>
	pod(name, {
		nodeSelector: { 'kubernetes.io/hostname': 'foothold-worker' },
		tolerations: [{ key: 'evict', operator: 'Equal', value: 'now', effect: 'NoExecute', tolerationSeconds }],
	});

spec('Pod Eviction, Toleration limits', async (c) => {
	for (const [name, seconds] of [
		['short', 5],
		['long', 50],
	] as const)
		await started(c, tolerating(name, seconds));
	const nodes = c.at<V1Node>('v1/nodes', '');
	await nodes.patch('foothold-worker', taint('NoExecute'));
	await c.until('the first is evicted', () => pods(c).gone('short'), 20);
	expect(await pods(c).gone('long')).toBe(false);
	await c.until('the second is evicted', () => pods(c).gone('long'), 60);
});

spec('Taint, Pod Eviction on taint removal', async (c) => {
	await started(c, tolerating('p', 20));
	const nodes = c.at<V1Node>('v1/nodes', '');
	await nodes.patch('foothold-worker', taint('NoExecute'));
	await c.pass(10);
	await nodes.patch('foothold-worker', taint(undefined));
	await c.pass(60);
	expect(isReady(await pods(c).get('p'))).toBe(true);
});

spec(['PodTemplate lifecycle', 'PodTemplate, replace', 'PodTemplate, delete a collection'], async (c) => {
	const of = c.at<V1PodTemplate>('v1/podtemplates');
	const make = (name: string): Promise<V1PodTemplate> =>
		of.create({ apiVersion: 'v1', kind: 'PodTemplate', metadata: meta(name, { t: 'y' }), template: { spec: { containers: [web()] } } });
	const made = await make('a');
	expect((await of.patch('a', { metadata: { labels: { patched: 'y' } } }, 'strategic')).metadata?.labels?.['patched']).toBe('y');
	expect(
		(await of.replace({ ...made, metadata: { ...made.metadata, resourceVersion: undefined as never, annotations: { updated: 'y' } } } as V1PodTemplate))
			.metadata?.annotations?.['updated'],
	).toBe('y');
	await make('b');
	await of.deleteAll('t=y');
	expect(await of.list('t=y')).toEqual([]);
});

spec('lease API should be available', async (c) => {
	const of = c.at<V1Lease>('coordination.k8s.io/v1/leases');
	const body = {
		apiVersion: 'coordination.k8s.io/v1',
		kind: 'Lease',
		metadata: meta('l', { l: 'y' }),
		spec: {
			holderIdentity: 'h',
			leaseDurationSeconds: 30,
			leaseTransitions: 0,
			acquireTime: '2026-01-02T03:04:05.000006Z',
			renewTime: '2026-01-02T03:04:05.000006Z',
		},
	};
	const made = await of.create(body);
	expect(made.spec).toEqual(body.spec);
	const replaced = await of.replace({ ...made, spec: { ...made.spec, leaseTransitions: 1 } } as V1Lease);
	expect((await of.patch('l', { spec: { leaseDurationSeconds: 60 } }, 'merge')).spec).toEqual({ ...replaced.spec, leaseDurationSeconds: 60 });
	await of.deleteAll('l=y');
	expect(await of.list('l=y')).toEqual([]);
});

const runtimeClass = (handler: string, more: object = {}): object => ({
	apiVersion: 'node.k8s.io/v1',
	kind: 'RuntimeClass',
	metadata: meta('rc', { r: 'y' }),
	handler,
	...more,
});
spec(
	[
		'RuntimeClass API',
		'RuntimeClass Overhead field must be respected.',
		'Can schedule a pod requesting existing RuntimeClass.',
		'Pod with the non-existing RuntimeClass is rejected.',
		'Pod with the deleted RuntimeClass is rejected.',
	],
	async (c) => {
		const of = c.at<V1RuntimeClass>('node.k8s.io/v1/runtimeclasses', '');
		const none = await pods(c).try('POST', '', { body: pod('p', { runtimeClassName: 'rc' }) });
		expect(none).toMatchObject({ status: 403, body: { message: 'pods "p" is forbidden: pod rejected: RuntimeClass "rc" not found' } });
		await of.create(runtimeClass('runc', { overhead: { podFixed: { cpu: '10m', memory: '1Mi' } } }));
		expect((await of.patch('rc', { metadata: { labels: { patched: 'y' } } })).metadata?.labels?.['patched']).toBe('y');
		expect((await of.try('PATCH', '/rc', { body: { handler: 'other' }, headers: { 'content-type': 'application/merge-patch+json' } })).status).toBe(422);
		const made = await started(c, pod('p', { runtimeClassName: 'rc' }));
		expect(made.spec?.overhead).toEqual({ cpu: '10m', memory: '1Mi' });
		await of.deleteAll('r=y');
		expect(await of.list('r=y')).toEqual([]);
		expect((await pods(c).try('POST', '', { body: pod('q', { runtimeClassName: 'rc' }) })).status).toBe(403);
	},
);

/** What a stream wrote. */
function gathering(): { readonly stream: PassThrough; text(): string } {
	const stream = new PassThrough();
	let text = '';
	stream.on('data', (piece: Buffer) => {
		text += piece.toString();
	});
	return { stream, text: () => text };
}

/** All messages of a WebSocket until the server closes it, and the subprotocol that was agreed on. */
function messages(c: Cluster, path: string, protocol: string): Promise<{ readonly protocol: string; readonly got: readonly Buffer[] }> {
	return new Promise((resolve, reject) => {
		const ws = new WebSocket(`${c.server.replace(/^http/, 'ws')}${path}`, [protocol], { ca: c.authority, headers: { authorization: `Bearer ${TOKEN}` } });
		const got: Buffer[] = [];
		ws.on('message', (data) => got.push(data as Buffer));
		ws.on('close', () => resolve({ protocol: ws.protocol, got }));
		ws.on('error', reject);
	});
}

also('logs, watches and the first form of exec over WebSocket', async (c) => {
	await started(c, pod('p', { containers: [box('c', 'echo container is alive; sleep 1000')] }));
	const base = '/api/v1/namespaces/default/pods';
	const log = await c.during(messages(c, `${base}/p/log?container=c`, 'binary.k8s.io'));
	expect([log.protocol, Buffer.concat(log.got).toString()]).toEqual(['binary.k8s.io', 'container is alive\n']);
	const base64 = await c.during(messages(c, `${base}/p/log`, 'base64.binary.k8s.io'));
	expect(base64.got.map((m) => Buffer.from(m.toString(), 'base64').toString()).join('')).toBe('container is alive\n');
	const run = await c.during(messages(c, `${base}/p/exec?command=echo&command=hello&stdout=1&stderr=1`, 'channel.k8s.io'));
	expect([run.protocol, run.got.map((m) => [m[0], m.subarray(1).toString()])]).toEqual(['channel.k8s.io', [[1, 'hello\n']]]);
	const failing = await c.during(messages(c, `${base}/p/exec?command=false&stdout=1`, 'channel.k8s.io'));
	expect(failing.got.map((m) => [m[0], m.subarray(1).toString()])).toEqual([[3, expect.stringContaining('command terminated with')]]);
	const watch = await c.during(messages(c, `${base}?watch=true&timeoutSeconds=1`, 'binary.k8s.io'));
	expect(watch.got.map((m) => (JSON.parse(m.toString()) as { type: string }).type)).toEqual(['ADDED']);
});

spec(['Pods, remote command execution over websocket', 'Pods, logs from websockets'], async (c) => {
	await started(c, pod('p', { containers: [box('main', 'echo container is alive; sleep 10000')] }));
	const [out, err] = [gathering(), gathering()];
	const exec = (command: string[], stdin: PassThrough | null = null): Promise<V1Status> =>
		c.during(
			new Promise(
				(resolve, reject) => void new Exec(c.config()).exec('default', 'p', 'main', command, out.stream, err.stream, stdin, false, resolve).catch(reject),
			),
		);
	expect((await exec(['sh', '-c', 'echo out; echo err >&2'])).status).toBe('Success');
	expect([out.text(), err.text()]).toEqual(['out\n', 'err\n']);
	const failed = await exec(['sh', '-c', 'exit 3']);
	expect(failed).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '3' }] } });
	const log = gathering();
	await new Log(c.config()).log('default', 'p', 'main', log.stream, { follow: false, tailLines: 5 });
	await vi.waitFor(() => expect(log.text()).toBe('container is alive\n'));
});

also('the client library attaches and forwards ports', async (c) => {
	await started(c, pod('ticks', { containers: [box('main', 'while true; do echo tick; sleep 1; done')] }));
	const out = gathering();
	const socket = await c.during(new Attach(c.config()).attach('default', 'ticks', 'main', out.stream, null, null, false));
	await c.until('it ticks', async () => {
		await new Promise((resolve) => setTimeout(resolve, 5));
		return out.text().includes('tick\n');
	});
	socket.close();
	await started(c, pod('web', { containers: [web()] }));
	const forward = new PortForward(c.config());
	const server = createServer((client) => void forward.portForward('default', 'web', [80], client, null, client));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as { port: number };
	const answered = new Promise<string>((resolve, reject) => {
		const client = connect(port, '127.0.0.1', () => client.write('GET / HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n'));
		client.on('data', (data) => resolve(data.toString()));
		client.on('error', reject);
	});
	expect(await c.during(answered)).toMatch(/^HTTP\/1\.1 200 OK/);
	server.close();
});

also('hostname, subdomain and setHostnameAsFQDN', async (c) => {
	await c
		.at('v1/services')
		.create({ apiVersion: 'v1', kind: 'Service', metadata: meta('sub'), spec: { clusterIP: 'None', selector: { sub: 'y' }, ports: [{ port: 80 }] } });
	const spoken = async (name: string, spec: object): Promise<string> => {
		await finished(c, pod(name, { containers: [box('c', 'hostname; echo $HOSTNAME; hostname -f')], ...spec }, { sub: 'y' }));
		return (await c.send('GET', `/api/v1/namespaces/default/pods/${name}/log`)).text;
	};
	expect((await spoken('plain', {})).split('\n')[0]).toBe('plain');
	expect(await spoken('named', { hostname: 'web', subdomain: 'sub' })).toBe('web\nweb\nweb.sub.default.svc.cluster.local\n');
	expect(await spoken('whole', { hostname: 'web', subdomain: 'sub', setHostnameAsFQDN: true })).toBe(
		Array(3).fill('web.sub.default.svc.cluster.local').join('\n').concat('\n'),
	);
});
