/** Containers: commands, environment, ends, init containers, security contexts. */
import type { V1Pod, V1PodSpec } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { AGNHOST } from '../images.ts';
import { box, finished, isReady, logs, meta, pod, printed, started } from '../pods.ts';
import { also, spec } from '../spec.ts';

const pods = (c: Cluster) => c.at<V1Pod>('v1/pods');

spec(
	['Containers, with arguments', 'Containers, with command', 'Containers, with command and arguments', 'Containers, without command and arguments'],
	async (c) => {
		const said = async (name: string, container: object): Promise<string> => {
			await finished(c, pod(name, { containers: [{ name: 'c', image: AGNHOST, ...container }] }));
			return logs(c, name);
		};
		expect(await said('args', { args: ['entrypoint-tester', 'override', 'arguments'] })).toBe('[/agnhost entrypoint-tester override arguments]\n');
		expect(await said('command', { command: ['echo', 'other'] })).toBe('other\n');
		expect(await said('both', { command: ['/agnhost'], args: ['entrypoint-tester', 'b'] })).toBe('[/agnhost entrypoint-tester b]\n');
		await started(c, pod('none', { containers: [{ name: 'c', image: AGNHOST }] }));
		expect(await logs(c, 'none')).toBe('Paused\n');
	},
);

spec(['Environment variables, expansion', 'Environment variables, command argument expansion', 'Environment variables, command expansion'], async (c) => {
	const env = [
		{ name: 'FOO', value: 'foo-value' },
		{ name: 'BAR', value: 'bar-$(FOO)-$(NONE)-$$(FOO)' },
	];
	const end = { containers: [{ name: 'c', image: 'busybox:1.37', command: ['sh', '-c', 'echo $BAR; echo $(FOO)'], env }] };
	await finished(c, pod('p', end));
	expect(await logs(c, 'p')).toBe('bar-foo-value-$(NONE)-$(FOO)\nfoo-value\n');
	await finished(c, pod('q', { containers: [{ name: 'c', image: 'busybox:1.37', command: ['echo'], args: ['$(FOO)', '$$(FOO)'], env }] }));
	expect(await logs(c, 'q')).toBe('foo-value $(FOO)\n');
});

spec(
	[
		'DownwardAPI, environment for CPU and memory limits and requests',
		'DownwardAPI, environment for default CPU and memory limits and requests',
		'DownwardAPI, environment for host ip',
		'DownwardAPI, environment for Pod UID',
		'DownwardAPI, environment for name, namespace and ip',
		'Pods, assigned hostip',
	],
	async (c) => {
		const field = (name: string, fieldPath: string): object => ({ name, valueFrom: { fieldRef: { fieldPath } } });
		const resource = (name: string, of: string): object => ({ name, valueFrom: { resourceFieldRef: { resource: of } } });
		const env = [
			field('UID_', 'metadata.uid'),
			field('N', 'metadata.name'),
			field('NS', 'metadata.namespace'),
			field('IP', 'status.podIP'),
			field('HOST', 'status.hostIP'),
			field('NODE', 'spec.nodeName'),
			resource('LC', 'limits.cpu'),
			resource('LM', 'limits.memory'),
			resource('RC', 'requests.cpu'),
			resource('RM', 'requests.memory'),
		];
		const script = 'echo $UID_ $N $NS $IP $HOST $NODE $LC $LM $RC $RM';
		await finished(
			c,
			pod('p', {
				containers: [
					box('c', script, { env: env as never, resources: { limits: { cpu: '1250m', memory: '64Mi' }, requests: { cpu: '250m', memory: '32Mi' } } }),
				],
			}),
		);
		const held = await pods(c).get('p');
		expect((await logs(c, 'p')).trim().split(' ')).toEqual([
			held.metadata?.uid,
			'p',
			'default',
			held.status?.podIP,
			held.status?.hostIP,
			held.spec?.nodeName,
			'2',
			'67108864',
			'1',
			'33554432',
		]);
		// Without limits, what the node has.
		const text = await printed(c, 'q', 'echo $LC $LM', {}, { env: env as never });
		expect(text).toBe(`4 ${8 * 1024 ** 3}\n`);
	},
);

spec(
	[
		'ConfigMap, from environment field',
		'ConfigMap, from environment variables',
		'Secrets, pod environment field',
		'Secrets, pod environment from source',
		'ConfigMap, with empty-key',
		'Secrets, with empty-key',
	],
	async (c) => {
		await c.at('v1/configmaps').create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('m'), data: { 'data-1': 'value-1', data_2: 'value-2' } });
		await c.at('v1/secrets').create({ apiVersion: 'v1', kind: 'Secret', metadata: meta('s'), stringData: { key: 'hidden' } });
		const env = [
			{ name: 'ONE', valueFrom: { configMapKeyRef: { name: 'm', key: 'data-1' } } },
			{ name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'key' } } },
			{ name: 'NONE', valueFrom: { configMapKeyRef: { name: 'm', key: 'none', optional: true } } },
		];
		const envFrom = [{ configMapRef: { name: 'm' } }, { prefix: 'p_', secretRef: { name: 's' } }];
		expect(await printed(c, 'p', 'echo $ONE $SECRET $data_2 $p_key "[$NONE]"', {}, { env, envFrom })).toBe('value-1 hidden value-2 hidden []\n');
		for (const [resource, kind] of [
			['v1/configmaps', 'ConfigMap'],
			['v1/secrets', 'Secret'],
		] as const) {
			const refused = await c.at(resource).try('POST', '', { body: { apiVersion: 'v1', kind, metadata: meta('e'), data: { '': 'dmFsdWU=' } } });
			expect(refused).toMatchObject({ status: 422, body: { reason: 'Invalid' } });
		}
	},
);

spec(
	[
		'Container Runtime, TerminationMessage, from log output of succeeding container',
		'Container Runtime, TerminationMessage, from file of succeeding container',
		"Container Runtime, TerminationMessage, from container's log output of failing container",
		'Container Runtime, TerminationMessagePath, non-root user and non-default path',
	],
	async (c) => {
		const message = async (name: string, script: string, more: object = {}): Promise<string | undefined> => {
			const end = await finished(c, pod(name, { containers: [box('c', script, more)] }));
			return end.status?.containerStatuses?.[0]?.state?.terminated?.message;
		};
		const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' };
		expect(await message('a', 'echo DONE', fallback)).toBeUndefined();
		expect(await message('b', 'printf OK > /dev/termination-log; echo x', fallback)).toBe('OK');
		expect(await message('c', 'printf DONE; exit 1', fallback)).toBe('DONE');
		expect(await message('d', 'printf DONE > /dev/custom', { terminationMessagePath: '/dev/custom', securityContext: { runAsUser: 1000 } })).toBe('DONE');
	},
);

spec('Container Runtime, Restart Policy, Pod Phases', async (c) => {
	for (const [restartPolicy, phase, count] of [
		['Always', 'Running', 2],
		['OnFailure', 'Succeeded', 1],
		['Never', 'Failed', 0],
	] as const) {
		const name = restartPolicy.toLowerCase();
		const volumes = [{ name: 'v', emptyDir: {} }];
		// Fails the first time; ends well the second, for ever the third.
		const script = 'f=/v/n; n=$(cat $f 2>/dev/null || echo 0); n=$((n+1)); echo $n > $f; [ $n = 1 ] && exit 1; [ $n = 2 ] && exit 0; sleep 10000';
		await pods(c).create(pod(name, { restartPolicy, volumes, containers: [box('c', script, { volumeMounts: [{ name: 'v', mountPath: '/v' }] })] }));
		await c.until(`${restartPolicy} comes to ${phase}`, async () => {
			const { status } = await pods(c).get(name);
			return status?.phase === phase && status.containerStatuses?.[0]?.restartCount === count;
		});
	}
});

spec(['Kubelet, log output, default', 'Kubelet, failed pod, delete', 'Kubelet, failed pod, terminated reason'], async (c) => {
	expect(await printed(c, 'said', 'echo Hello; echo World >&2')).toBe('Hello\nWorld\n');
	const end = await finished(c, pod('failed', { containers: [{ name: 'c', image: 'busybox:1.37', command: ['/bin/false'] }] }));
	expect(end.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
	await pods(c).delete('failed', { gracePeriodSeconds: 0 });
	expect(await pods(c).gone('failed')).toBe(true);
});

spec(['Kubelet, pod with read only root file system', 'Security Context, readOnlyRootFilesystem=false.'], async (c) => {
	const read = (readOnlyRootFilesystem: boolean) => ({ securityContext: { readOnlyRootFilesystem } });
	expect(await printed(c, 'ro', 'echo x > /file; sleep 0; cat /file 2>&1 || true', {}, read(true))).toContain('Read-only file system');
	expect(await printed(c, 'rw', 'echo x > /file; cat /file', {}, read(false))).toBe('x\n');
});

spec(['Kubelet, hostAliases', 'Kubelet, managed etc hosts'], async (c) => {
	const hostAliases = [{ ip: '123.45.67.89', hostnames: ['foo', 'bar'] }];
	const hosts = await printed(c, 'p', 'cat /etc/hosts', { hostAliases });
	expect(hosts).toContain('# Kubernetes-managed hosts file.');
	expect(hosts).toContain('123.45.67.89\tfoo\tbar\n');
	const own = await printed(c, 'q', 'cat /etc/hosts', { hostNetwork: true });
	expect(own).toContain('# Kubernetes-managed hosts file (host network).');
});

spec(
	[
		'Security Context, runAsUser=65534',
		'Security Context, test RunAsGroup at container level',
		'Security Context, test RunAsGroup at pod level',
		'Security Context, allowPrivilegeEscalation=false.',
	],
	async (c) => {
		expect(await printed(c, 'a', 'id -u', { securityContext: { runAsUser: 65534 } })).toBe('65534\n');
		expect(await printed(c, 'b', 'id', {}, { securityContext: { runAsUser: 1001, runAsGroup: 2002 } })).toMatch(/uid=1001\S* gid=2002/);
		expect(await printed(c, 'd', 'id', { securityContext: { runAsUser: 1001, runAsGroup: 2002 } })).toMatch(/uid=1001\S* gid=2002/);
		expect(await printed(c, 'f', 'id -u', { securityContext: { runAsUser: 1000 } }, { securityContext: { allowPrivilegeEscalation: false } })).toBe('1000\n');
		const both = await pods(c).try('POST', '', {
			body: pod('g', { containers: [box('c', 'true', { securityContext: { privileged: true, allowPrivilegeEscalation: false } })] }),
		});
		expect(both.body.message).toContain('cannot set `allowPrivilegeEscalation` to false and `privileged` to true');
	},
);

const withInit = (name: string, restartPolicy: 'Always' | 'Never', fails: boolean): V1Pod =>
	pod(name, {
		restartPolicy,
		initContainers: [box('init1', fails ? 'false' : 'true'), box('init2', 'true')],
		containers: [box('run1', restartPolicy === 'Never' ? 'true' : 'sleep 10000')],
	} satisfies Partial<V1PodSpec>);

spec(['init-container-starts-app-restartalways-pod', 'init-container-starts-app-restartnever-pod'], async (c) => {
	const up = await started(c, withInit('always', 'Always', false));
	expect(up.status?.initContainerStatuses?.map((s) => [s.ready, s.state?.terminated?.exitCode])).toEqual([
		[true, 0],
		[true, 0],
	]);
	const end = await finished(c, withInit('never', 'Never', false));
	expect([end.status?.phase, end.status?.conditions?.find((x) => x.type === 'Initialized')?.status]).toEqual(['Succeeded', 'True']);
});

spec(['init-container-fails-stops-app-restartalways-pod', 'init-container-fails-stops-app-restartnever-pod'], async (c) => {
	await pods(c).create(withInit('always', 'Always', true));
	const held = await c.until('the init container was tried thrice', async () => {
		const p = await pods(c).get('always');
		return (p.status?.initContainerStatuses?.[0]?.restartCount ?? 0) >= 2 && p;
	});
	expect([
		held.status?.phase,
		held.status?.initContainerStatuses?.[1]?.state?.waiting?.reason,
		held.status?.containerStatuses?.[0]?.state?.waiting?.reason,
	]).toEqual(['Pending', 'PodInitializing', 'PodInitializing']);
	const end = await finished(c, withInit('never', 'Never', true));
	expect([end.status?.phase, end.status?.conditions?.find((x) => x.type === 'Initialized')?.message]).toEqual([
		'Failed',
		'containers with incomplete status: [init1 init2]',
	]);
});

also('a sidecar starts before the main container and outlives it', async (c) => {
	const initContainers = [box('side', 'trap "echo bye; exit 0" TERM; while true; do sleep 1; done', { restartPolicy: 'Always' }), box('init', 'true')];
	const end = await finished(c, pod('p', { initContainers, containers: [box('main', 'sleep 3')], terminationGracePeriodSeconds: 10 }));
	expect(end.status?.phase).toBe('Succeeded');
	const at = (value: Date | undefined): number => new Date(value ?? 0).getTime();
	const side = end.status?.initContainerStatuses?.[0]?.state?.terminated;
	const main = end.status?.containerStatuses?.[0]?.state?.terminated;
	expect(at(side?.startedAt)).toBeLessThanOrEqual(at(main?.startedAt));
	expect(at(side?.finishedAt)).toBeGreaterThanOrEqual(at(main?.finishedAt));
});

spec(['Sysctls, reject invalid sysctls'], async (c) => {
	const sysctls = ['foo-', 'kernel.shmmax', 'safe-and-unsafe', 'bar..', 'kernel.shm_rmid_forced'].map((name) => ({ name, value: '1' }));
	const refused = await pods(c).try('POST', '', { body: pod('p', { securityContext: { sysctls } }) });
	expect([refused.status, refused.body.details?.causes?.map((x) => x.field)]).toEqual([
		422,
		['spec.securityContext.sysctls[0].name', 'spec.securityContext.sysctls[3].name'],
	]);
});

spec(['Ephemeral Container Creation', 'Ephemeral Container, update ephemeral containers'], async (c) => {
	await started(c, pod('p'));
	const add = {
		spec: {
			ephemeralContainers: [
				{ name: 'debug', image: 'busybox:1.37', command: ['sh', '-c', 'echo polo; sleep 10000'], targetContainerName: 'main', stdin: true },
			],
		},
	};
	await pods(c).patch('p', add, 'strategic', '/ephemeralcontainers');
	await c.until('it runs', async () => (await pods(c).get('p')).status?.ephemeralContainerStatuses?.[0]?.state?.running !== undefined);
	expect(await logs(c, 'p', '?container=debug')).toBe('polo\n');
	const held = await pods(c).get('p', '/ephemeralcontainers');
	expect(held.spec?.ephemeralContainers).toHaveLength(1);
	expect(isReady(held)).toBe(true);
});
