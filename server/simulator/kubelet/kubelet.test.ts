import { describe, expect, it } from 'vitest';
import { World } from '../kernel/world.ts';
import type { PodCondition } from './pod.ts';
import { sendSignal } from './processes.ts';
import { testCluster, type TestCluster } from './testing.ts';
import { readStream } from './streams.ts';

interface ContainerStatus {
	readonly name: string;
	readonly ready: boolean;
	readonly started: boolean;
	readonly restartCount: number;
	readonly imageID: string;
	readonly containerID?: string;
	readonly state: {
		readonly waiting?: { readonly reason: string; readonly message?: string };
		readonly running?: unknown;
		readonly terminated?: { readonly exitCode: number; readonly reason: string; readonly message?: string };
	};
	readonly lastState: { readonly terminated?: { readonly exitCode: number; readonly reason: string } };
}

const statuses = (c: TestCluster, name: string): readonly ContainerStatus[] =>
	(c.getPod(name)?.status?.['containerStatuses'] ?? []) as readonly ContainerStatus[];
const first = (c: TestCluster, name: string): ContainerStatus | undefined => statuses(c, name)[0];
const condition = (c: TestCluster, name: string, type: string): PodCondition | undefined => c.getPod(name)?.status?.conditions?.find((x) => x.type === type);

describe('a pod on a node', () => {
	it('is pulled, started and ready, with upstream’s events and conditions', () => {
		const c = testCluster();
		c.pod('web', { args: ['serve', '8080'] });
		c.run(1);
		expect(first(c, 'web')?.state.waiting?.reason).toBe('ContainerCreating');
		c.run(5);
		const pod = c.getPod('web');
		expect(pod?.status?.phase).toBe('Running');
		expect(pod?.status?.podIP).toMatch(/^10\.244\.[12]\.\d+$/);
		expect(pod?.status?.conditions?.map((x) => `${x.type}=${x.status}`).sort()).toEqual([
			'ContainersReady=True',
			'Initialized=True',
			'PodReadyToStartContainers=True',
			'PodScheduled=True',
			'Ready=True',
		]);
		expect(first(c, 'web')?.containerID).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
		expect(c.events('web').map((e) => e.replace(/[\d.]+s /g, 'Ns '))).toEqual(
			expect.arrayContaining([
				'Pulling: Pulling image "test/tool:1"',
				expect.stringMatching(/^Pulled: Successfully pulled image "test\/tool:1" in Ns \(Ns including waiting\)\. Image size: 60000000 bytes\.$/),
				'Created: Container created',
				'Started: Container started',
			]),
		);
		expect(c.log('web')).toBe('serving 8080\n');
	});

	it('says that the image is there already for the second pod of a node', () => {
		const c = testCluster();
		const spec = { nodeName: 'foothold-worker' };
		c.pod('a', {}, spec);
		c.run(10);
		c.pod('b', {}, spec);
		c.run(2);
		expect(c.events('b')).toContain('Pulled: Container image "test/tool:1" already present on machine and can be accessed by the pod');
	});

	it('backs off from an image that does not exist', () => {
		const c = testCluster();
		c.pod('bad', { image: 'test/nope:1' });
		c.run(3);
		expect(first(c, 'bad')?.state.waiting).toMatchObject({
			reason: 'ErrImagePull',
			message: expect.stringMatching(/^rpc error: code = NotFound desc = failed to pull and unpack image "docker\.io\/test\/nope:1"/),
		});
		c.run(14);
		expect(first(c, 'bad')?.state.waiting).toMatchObject({
			reason: 'ImagePullBackOff',
			message: expect.stringMatching(/^Back-off pulling image "test\/nope:1": ErrImagePull: rpc error/),
		});
		expect(c.events('bad')).toEqual(
			expect.arrayContaining(['Failed: Error: ErrImagePull', 'Failed: Error: ImagePullBackOff', 'BackOff: Back-off pulling image "test/nope:1"']),
		);
	});

	it('runs to Succeeded or Failed by its restart policy', () => {
		const c = testCluster();
		c.pod('good', { args: ['exit', '0'] }, { restartPolicy: 'Never' });
		c.pod('bad', { args: ['exit', '4'] }, { restartPolicy: 'Never' });
		c.run(10);
		expect(c.getPod('good')?.status?.phase).toBe('Succeeded');
		expect(first(c, 'good')?.state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
		expect(condition(c, 'good', 'Ready')).toMatchObject({ status: 'False', reason: 'PodCompleted' });
		expect(c.getPod('bad')?.status?.phase).toBe('Failed');
		expect(first(c, 'bad')?.state.terminated).toMatchObject({ exitCode: 4, reason: 'Error' });
	});

	it('crash-loops with a delay that doubles, and shows the last state', () => {
		const c = testCluster();
		c.pod('crash', { args: ['exit', '1'] });
		c.run(7);
		expect(first(c, 'crash')?.state.waiting?.reason).toBe('CrashLoopBackOff');
		expect(first(c, 'crash')?.state.waiting?.message).toMatch(/^back-off 10s restarting failed container=main pod=crash_default\([0-9a-f-]{36}\)$/);
		expect(first(c, 'crash')?.lastState.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
		c.run(10);
		expect(first(c, 'crash')?.state.waiting?.message).toMatch(/^back-off 20s/);
		c.run(600);
		expect(first(c, 'crash')?.state.waiting?.message).toMatch(/^back-off 5m0s/);
		expect(c.getPod('crash')?.status?.phase).toBe('Running');
		expect(c.events('crash').some((e) => /^BackOff: Back-off restarting failed container main in pod crash_default\(/.test(e))).toBe(true);
		expect(c.log('crash', { previous: ['true'] })).toBe('');
	});

	it('reports a command that is not there', () => {
		const c = testCluster();
		c.pod('cmd', { command: ['nonesuch'] }, { restartPolicy: 'Never' });
		c.run(8);
		expect(first(c, 'cmd')?.state.terminated).toMatchObject({
			exitCode: 128,
			reason: 'StartError',
			message: expect.stringMatching(/exec: "nonesuch": executable file not found in \$PATH$/),
		});
	});

	it('waits for configuration that is missing and starts once it is there', () => {
		const c = testCluster();
		c.pod('cfg', { args: ['env', 'X'], env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'cm', key: 'k' } } }] }, { restartPolicy: 'Never' });
		c.run(6);
		expect(first(c, 'cfg')?.state.waiting).toEqual({ reason: 'CreateContainerConfigError', message: 'configmap "cm" not found' });
		c.create('v1/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cm', namespace: 'default' }, data: { other: '1' } });
		c.run(15);
		expect(first(c, 'cfg')?.state.waiting?.message).toBe("couldn't find key k in ConfigMap default/cm");
		c.services.api
			.client({ name: 'admin', groups: ['system:masters'] })
			.patch(c.world, 'v1/configmaps', 'default', 'cm', { data: { k: 'v' } }, 'application/merge-patch+json');
		c.run(15);
		expect(c.log('cfg')).toBe('v\n');
	});

	it('refuses root where it must not run, and takes the users it is told', () => {
		const c = testCluster();
		c.pod('root', {}, { securityContext: { runAsNonRoot: true } });
		c.pod('named', { image: 'test/worker:1' }, { securityContext: { runAsNonRoot: true } });
		c.pod('fine', { image: 'test/numbered:1', args: ['id'] }, { restartPolicy: 'Never', securityContext: { runAsNonRoot: true } });
		c.pod('told', { args: ['id'], workingDir: '/made' }, { restartPolicy: 'Never', securityContext: { runAsUser: 1000, runAsGroup: 3000 } });
		c.run(10);
		expect(first(c, 'root')?.state.waiting?.message).toMatch(
			/^container has runAsNonRoot and image will run as root \(pod: "root_default\(.*\)", container: main\)$/,
		);
		expect(first(c, 'named')?.state.waiting?.message).toMatch(
			/^container has runAsNonRoot and image has non-numeric user \(worker\), cannot verify user is non-root/,
		);
		expect(c.log('fine')).toBe('70 70 /\n');
		expect(c.log('told')).toBe('1000 3000 /made\n');
	});

	it('expands variables and passes the downward API and services on', () => {
		const c = testCluster();
		c.pod(
			'vars',
			{
				args: ['echo', '$(A)', '$(B)', '$(NOPE)', '$$(A)', '$(IP)', '$(CPU)', '$(KUBERNETES_SERVICE_HOST)'],
				env: [
					{ name: 'A', value: '1' },
					{ name: 'B', value: '$(A)2' },
					{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
					{ name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
				],
				resources: { limits: { cpu: '1500m' } },
			},
			{ restartPolicy: 'Never' },
		);
		c.run(8);
		expect(c.log('vars')).toMatch(/^1 12 \$\(NOPE\) \$\(A\) 10\.244\.\d\.\d+ 2 10\.96\.0\.1\n$/);
	});
});

describe('a change of image', () => {
	it('restarts the one container', () => {
		const c = testCluster();
		c.pod('p', { args: ['linger'] });
		c.run(8);
		const admin = c.services.api.client({ name: 'admin', groups: ['system:masters'] });
		const patch = { spec: { containers: [{ name: 'main', image: 'test/numbered:1' }] } };
		expect(admin.patch(c.world, 'v1/pods', 'default', 'p', patch, 'application/strategic-merge-patch+json').ok).toBe(true);
		c.run(12);
		expect(c.events('p')).toContain('Killing: Container main definition changed, will be restarted');
		expect(first(c, 'p')).toMatchObject({ image: 'test/numbered:1', restartCount: 1, state: { running: {} } });
		expect(c.exec('p', ['tool', 'id']).out).toBe('70 70 /\n');
	});
});

describe('init containers', () => {
	const init = (name: string, args: readonly string[], more = {}) => ({ name, image: 'test/tool:1', args, ...more });

	it('run one after the other before the others start', () => {
		const c = testCluster();
		c.pod('ordered', { args: ['serve', '80'] }, { initContainers: [init('one', ['spawn', 'echo', 'hi']), init('two', ['exit', '0'])] });
		c.run(1);
		expect(condition(c, 'ordered', 'Initialized')).toMatchObject({ status: 'False', message: 'containers with incomplete status: [one two]' });
		expect(first(c, 'ordered')?.state.waiting?.reason).toBe('PodInitializing');
		c.run(10);
		expect(c.getPod('ordered')?.status?.phase).toBe('Running');
		expect(c.log('ordered', { container: ['one'] })).toBe('child 0 hi\n');
	});

	it('fail the pod where it never restarts', () => {
		const c = testCluster();
		c.pod('fails', {}, { restartPolicy: 'Never', initContainers: [init('one', ['exit', '2'])] });
		c.run(10);
		expect(c.getPod('fails')?.status?.phase).toBe('Failed');
		expect(first(c, 'fails')?.state.waiting?.reason).toBe('PodInitializing');
	});

	it('that restart always run beside the others and end after them', () => {
		const c = testCluster();
		c.pod('side', { args: ['spawn', 'exit', '0'] }, { restartPolicy: 'Never', initContainers: [init('car', ['serve', '81'], { restartPolicy: 'Always' })] });
		c.run(20);
		expect(c.getPod('side')?.status?.phase).toBe('Succeeded');
		expect(c.log('side', { container: ['car'] })).toContain('caught SIGTERM');
	});
});

describe('probes', () => {
	it('keep a pod unready while they fail', () => {
		const c = testCluster();
		c.pod('r', { args: ['serve', '8080'], readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 2, failureThreshold: 2 } });
		c.run(8);
		expect(condition(c, 'r', 'Ready')?.status).toBe('True');
		expect(c.exec('r', ['tool', 'write', '/tmp/unready', 'x']).status).toContain('Success');
		c.run(6);
		expect(condition(c, 'r', 'Ready')).toMatchObject({ status: 'False', reason: 'ContainersNotReady', message: 'containers with unready status: [main]' });
		expect(c.events('r')).toContain('Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 503');
		expect(first(c, 'r')?.restartCount).toBe(0);
	});

	it('restart a container whose liveness fails', () => {
		const c = testCluster();
		c.pod('l', { args: ['serve', '8080'], livenessProbe: { tcpSocket: { port: 9999 }, periodSeconds: 2 } });
		c.run(16);
		expect(first(c, 'l')?.restartCount).toBeGreaterThanOrEqual(1);
		expect(c.events('l')).toEqual(
			expect.arrayContaining([
				expect.stringMatching(/^Unhealthy: Liveness probe failed: dial tcp 10\.244\.\d\.\d+:9999: connect: connection refused$/),
				'Killing: Container main failed liveness probe, will be restarted',
			]),
		);
	});

	it('time out, and run commands', () => {
		const c = testCluster();
		c.pod('slow', { args: ['serve', '8080'], readinessProbe: { httpGet: { path: '/slow', port: 8080 }, periodSeconds: 5 } });
		c.pod('exec', { args: ['serve', '8080'], readinessProbe: { exec: { command: ['tool', 'cat', '/none'] } } });
		c.pod('hang', { args: ['serve', '8080'], readinessProbe: { exec: { command: ['tool', 'sleep'] } } });
		c.run(15);
		expect(
			c
				.events('slow')
				.some((e) =>
					/^Unhealthy: Readiness probe failed: Get "http:\/\/10.*\/slow": context deadline exceeded \(Client.Timeout exceeded while awaiting headers\)$/.test(
						e,
					),
				),
		).toBe(true);
		expect(c.events('exec')).toContain('Unhealthy: Readiness probe failed: ENOENT\n');
		expect(c.events('hang')).toContain('Unhealthy: Readiness probe failed: command timed out: "tool sleep" timed out after 1s');
	});

	it('wait for the startup probe', () => {
		const c = testCluster();
		c.pod('s', {
			args: ['serve', '8080'],
			startupProbe: { exec: { command: ['tool', 'cat', '/tmp/up'] }, periodSeconds: 1, failureThreshold: 60 },
			livenessProbe: { tcpSocket: { port: 1 }, failureThreshold: 1 },
		});
		c.run(15);
		expect(first(c, 's')).toMatchObject({ started: false, ready: false, restartCount: 0 });
		c.exec('s', ['tool', 'write', '/tmp/up', 'x']);
		c.run(2);
		expect(c.events('s').some((e) => e.startsWith('Killing: Container main failed liveness probe'))).toBe(true);
	});
});

describe('the end of a pod', () => {
	const remove = (c: TestCluster, name: string): void =>
		void c.services.api.client({ name: 'admin', groups: ['system:masters'] }).delete(c.world, 'v1/pods', 'default', name);

	it('gives it its grace, then kills it', () => {
		const c = testCluster();
		c.pod('soft', { args: ['linger'] }, { terminationGracePeriodSeconds: 10 });
		c.pod('hard', { args: ['stubborn'] }, { terminationGracePeriodSeconds: 10 });
		c.run(8);
		remove(c, 'soft');
		remove(c, 'hard');
		c.run(1);
		expect(c.log('soft')).toContain('caught SIGTERM');
		c.run(5);
		expect(c.getPod('soft')).toBeUndefined();
		expect(c.getPod('hard')?.metadata.deletionTimestamp).toBeDefined();
		c.run(6);
		expect(c.getPod('hard')).toBeUndefined();
		expect(c.events('hard')).toContain('Killing: Stopping container main');
	});

	it('runs preStop before the signal', () => {
		const c = testCluster();
		c.pod('hook', { args: ['linger'], lifecycle: { preStop: { sleep: { seconds: 3 } } } }, { terminationGracePeriodSeconds: 20 });
		c.run(8);
		remove(c, 'hook');
		c.run(2);
		expect(c.log('hook')).not.toContain('caught');
		c.run(2);
		expect(c.log('hook')).toContain('caught SIGTERM');
		c.run(6);
		expect(c.getPod('hook')).toBeUndefined();
	});

	it('comes by its memory limit', () => {
		const c = testCluster();
		c.pod('oom', { args: ['eat', '100'], resources: { limits: { memory: '64Mi' } } }, { restartPolicy: 'Never' });
		c.run(8);
		expect(first(c, 'oom')?.state.terminated).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
	});
});

describe('streams', () => {
	it('carry a command’s output and its exit code', () => {
		const c = testCluster();
		c.pod('x', { args: ['serve', '80'] });
		c.run(8);
		expect(c.exec('x', ['tool', 'echo', 'hello'])).toEqual({ out: 'hello\n', status: expect.stringContaining('"status":"Success"') });
		expect(JSON.parse(c.exec('x', ['tool', 'exit', '7']).status)).toMatchObject({
			status: 'Failure',
			reason: 'NonZeroExitCode',
			details: { causes: [{ reason: 'ExitCode', message: '7' }] },
		});
		expect(c.exec('x', ['nope']).status).toContain('executable file not found in $PATH');
	});

	it('are a terminal where one is asked for', () => {
		const c = testCluster();
		c.pod('x', { args: ['serve', '80'] });
		c.run(8);
		const pod = c.services.api.client({ name: 'admin', groups: ['system:masters'] }).get(c.world, 'v1/pods', 'default', 'x');
		if (pod === undefined) throw new Error('no pod');
		const { stream } = c.services.kubelet.exec(c.world, pod, { command: ['tool', 'read'], stdin: true, stdout: true, stderr: true, tty: true });
		const id = stream?.id ?? '';
		c.run(1);
		c.services.kubelet.streamInput(c.world, id, { op: 'stdin', data: 'ab\u007fc\r' });
		c.run(1);
		c.services.kubelet.streamInput(c.world, id, { op: 'stdin', data: '\u0004' });
		c.run(1);
		const read = readStream(c.world, id, 0);
		expect(
			read.chunks
				.filter((x) => x.channel === 1)
				.map((x) => x.data)
				.join(''),
		).toBe('ab\b \bc\r\ngot ac\r\n');
		expect(read.chunks.at(-1)).toMatchObject({ channel: 3, data: expect.stringContaining('Success') });
		expect(read.done).toBe(true);
	});

	it('forward a port, request after request', () => {
		const c = testCluster();
		c.pod('x', { args: ['serve', '8080'] });
		c.run(8);
		const pod = c.services.api.client({ name: 'admin', groups: ['system:masters'] }).get(c.world, 'v1/pods', 'default', 'x');
		if (pod === undefined) throw new Error('no pod');
		const id = c.services.kubelet.portForward(c.world, pod, [8080]).stream?.id ?? '';
		const say = (data: string): void => c.services.kubelet.streamInput(c.world, id, { op: 'stdin', data });
		say('GET / HTTP/1.1\r\nHost: loc');
		say('alhost\r\n\r\nGET /fail HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok');
		c.run(1);
		const text = readStream(c.world, id, 0)
			.chunks.map((x) => x.data)
			.join('');
		expect(text).toContain('HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: keep-alive\r\n\r\nx 127.0.0.1');
		expect(text).toContain('HTTP/1.1 500 Internal Server Error');
	});

	it('follow a log', () => {
		const c = testCluster();
		c.pod('x', { args: ['linger'] });
		c.run(8);
		const pod = c.services.api.client({ name: 'admin', groups: ['system:masters'] }).get(c.world, 'v1/pods', 'default', 'x');
		if (pod === undefined) throw new Error('no pod');
		const id = c.services.kubelet.log(c.world, pod, { follow: ['true'], timestamps: ['true'] }).stream?.id ?? '';
		c.services.api.client({ name: 'admin', groups: ['system:masters'] }).delete(c.world, 'v1/pods', 'default', 'x');
		c.run(6);
		const read = readStream(c.world, id, 0);
		expect(read.chunks.map((x) => x.data).join('')).toMatch(/^2026-11-20T18:\d\d:\d\d\.\d{9}Z caught SIGTERM\n$/);
		expect(read.done).toBe(true);
	});
});

describe('the cluster around the pods', () => {
	const admin = (c: TestCluster) => c.services.api.client({ name: 'admin', groups: ['system:masters'] });

	it('boots with its nodes ready and its system pods running', () => {
		const c = testCluster();
		const nodes = admin(c).list(c.world, 'v1/nodes');
		expect(nodes.map((n) => n.metadata.name)).toEqual(['foothold-control-plane', 'foothold-worker', 'foothold-worker2']);
		for (const namespace of ['kube-system', 'ingress-nginx', 'local-path-storage']) {
			const pods = admin(c).list(c.world, 'v1/pods', namespace);
			expect(pods.length).toBeGreaterThan(0);
			for (const pod of pods)
				expect([pod.metadata.name, c.getPod(pod.metadata.name, namespace)?.status?.conditions?.find((x) => x.type === 'Ready')?.status]).toEqual([
					pod.metadata.name,
					'True',
				]);
		}
		const lease = admin(c).get(c.world, 'coordination.k8s.io/v1/leases', 'kube-node-lease', 'foothold-worker');
		expect(lease?.['spec']).toMatchObject({ holderIdentity: 'foothold-worker', leaseDurationSeconds: 40 });
	});

	it('brings a static pod back that somebody deletes', () => {
		const c = testCluster();
		const name = 'kube-scheduler-foothold-control-plane';
		const before = c.getPod(name, 'kube-system')?.metadata.uid;
		admin(c).delete(c.world, 'v1/pods', 'kube-system', name);
		c.run(40);
		expect(c.getPod(name, 'kube-system')?.metadata.uid).not.toBe(before);
		expect(c.getPod(name, 'kube-system')?.status?.phase).toBe('Running');
	});

	it('gives pods a token with which the API server knows them', () => {
		const c = testCluster();
		c.pod('p', { args: ['serve', '80'] });
		c.run(8);
		const token = c.exec('p', ['tool', 'cat', '/var/run/secrets/kubernetes.io/serviceaccount/token']).out;
		expect(token.split('.').length).toBe(3);
		expect(c.exec('p', ['tool', 'cat', '/var/run/secrets/kubernetes.io/serviceaccount/namespace']).out).toBe('default');
		const answer = c.services.api.handle(c.world, { method: 'GET', url: '/api/v1/namespaces/default/pods', headers: { authorization: `Bearer ${token}` } });
		expect(answer.status).toBe(403);
		expect(JSON.stringify(answer.json)).toContain('system:serviceaccount:default:default');
	});

	it('is the same after a snapshot through JSON', () => {
		const c = testCluster();
		c.pod('p', { args: ['serve', '8080'], readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 3 } });
		c.pod('crash', { args: ['exit', '1'] });
		c.run(9);
		const restored = new World(JSON.parse(JSON.stringify(c.world.state)), c.world.behaviour);
		c.run(120);
		restored.advanceTo(c.world.now);
		expect(JSON.stringify(restored.state)).toBe(JSON.stringify(c.world.state));
	});

	it('holds what a stopped process is sent until it goes on', () => {
		const c = testCluster();
		c.pod('p', { args: ['serve', '8080'], readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1, failureThreshold: 1 } });
		c.run(8);
		const key = `${c.getPod('p')?.metadata.uid}/main`;
		sendSignal(c.world, key, 1, 'SIGSTOP', false);
		c.run(5);
		expect(condition(c, 'p', 'Ready')?.status).toBe('False');
		sendSignal(c.world, key, 1, 'SIGCONT', false);
		c.run(5);
		expect(condition(c, 'p', 'Ready')?.status).toBe('True');
	});

	it('reports use, and idles cheaply', () => {
		const c = testCluster();
		c.pod('p', { args: ['eat', '32'] });
		c.run(8);
		expect(c.services.kubelet.usage(c.world, c.getPod('p')?.metadata.uid ?? '')).toEqual({ main: { cpuMilli: 100, memoryBytes: 32 << 20 } });
		const before = c.world.state.seq;
		c.run(3600);
		// Leases, probes and resyncs only: a few thousand timers an hour.
		expect(c.world.state.seq - before).toBeLessThan(20_000);
	});

	it('is not held up by a container that does nothing but start processes', () => {
		const c = testCluster();
		c.pod('busy', { args: ['busy'] });
		c.run(8);
		const before = c.world.state.seq;
		c.run(60);
		expect(c.world.state.seq - before).toBeLessThan(20_000);
		expect(c.exec('busy', ['tool', 'echo', 'still here']).out).toBe('still here\n');
	});
});
