import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../types.ts';
import { rec, recs, specOf } from '../fields.ts';
import { TEST_NOW, testCluster } from '../testing.ts';
import { podTable } from './pod-table.ts';

const container = (more: object = {}) => ({ name: 'c', image: 'nginx:1.29', ...more });
const pod = (spec: object = {}, metadata: object = {}) => ({ metadata: { name: 'p', ...metadata }, spec: { containers: [container()], ...spec } });

describe('defaults', () => {
	it('are those of a real server', () => {
		const made = testCluster('apiserver').create(
			'v1/pods',
			pod({
				containers: [
					container({
						ports: [{ containerPort: 80 }],
						readinessProbe: { httpGet: { port: 80 } },
						resources: { limits: { cpu: '0.5', memory: '1024Mi' } },
						env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
					}),
				],
				volumes: [{ name: 'a' }, { name: 'b', configMap: { name: 'x' } }],
			}),
		);
		expect(specOf(made)).toEqual({
			containers: [
				{
					name: 'c',
					image: 'nginx:1.29',
					imagePullPolicy: 'IfNotPresent',
					ports: [{ containerPort: 80, protocol: 'TCP' }],
					readinessProbe: { httpGet: { path: '/', port: 80, scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
					resources: { limits: { cpu: '500m', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } },
					env: [{ name: 'NODE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } }],
					terminationMessagePath: '/dev/termination-log',
					terminationMessagePolicy: 'File',
				},
			],
			dnsPolicy: 'ClusterFirst',
			enableServiceLinks: true,
			preemptionPolicy: 'PreemptLowerPriority',
			priority: 0,
			restartPolicy: 'Always',
			schedulerName: 'default-scheduler',
			securityContext: {},
			terminationGracePeriodSeconds: 30,
			volumes: [
				{ name: 'a', emptyDir: {} },
				{ name: 'b', configMap: { name: 'x', defaultMode: 420 } },
			],
		});
		expect(made.status).toEqual({ phase: 'Pending', qosClass: 'Guaranteed' });
		expect(made.metadata.generation).toBe(1);
	});

	it('with scheduling gates say so from the start', () => {
		const made = testCluster('apiserver').create('v1/pods', {
			metadata: { name: 'gated' },
			spec: { schedulingGates: [{ name: 'example.com/wait' }], containers: [{ name: 'c', image: 'nginx' }] },
		});
		expect(made.status).toMatchObject({
			conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' }],
		});
	});

	it.each([
		['nginx', 'Always'],
		['nginx:latest', 'Always'],
		['nginx:1.29', 'IfNotPresent'],
		['localhost:5000/nginx', 'Always'],
		['nginx@sha256:abc', 'IfNotPresent'],
	])('pull %s %s', (image, policy) => {
		const made = testCluster('apiserver').create('v1/pods', pod({ containers: [container({ image })] }));
		expect(rec(recs(specOf(made).containers)[0]).imagePullPolicy).toBe(policy);
	});

	it.each([
		[{}, 'BestEffort'],
		[{ requests: { cpu: '1' } }, 'Burstable'],
		[{ limits: { cpu: '1' } }, 'Burstable'],
		[{ limits: { cpu: '1', memory: '1Gi' } }, 'Guaranteed'],
		[{ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } }, 'Burstable'],
	])('QoS of %j is %s', (resources, qos) => {
		const made = testCluster('apiserver').create('v1/pods', pod({ containers: [container({ resources })] }));
		expect(rec(made.status).qosClass).toBe(qos);
	});
});

describe('validation', () => {
	const invalid = 'Pod "p" is invalid: ';
	it.each<[string, object, string]>([
		['no containers', { containers: [] }, 'spec.containers: Required value'],
		['no image', { containers: [{ name: 'c' }] }, 'spec.containers[0].image: Required value'],
		['one name twice', { containers: [container(), container()] }, 'spec.containers[1].name: Duplicate value: "c"'],
		[
			'a bad name',
			{ containers: [container({ name: 'C_1' })] },
			"spec.containers[0].name: Invalid value: \"C_1\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
		],
		['a policy', { restartPolicy: 'Sometimes' }, 'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
		[
			'requests over limits',
			{ containers: [container({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } })] },
			'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
		],
		[
			'a mount of nothing',
			{ containers: [container({ volumeMounts: [{ name: 'x', mountPath: '/x' }] })] },
			'spec.containers[0].volumeMounts[0].name: Not found: "x"',
		],
		[
			'one path twice',
			{
				volumes: [{ name: 'v' }],
				containers: [
					container({
						volumeMounts: [
							{ name: 'v', mountPath: '/x' },
							{ name: 'v', mountPath: '/x' },
						],
					}),
				],
			},
			'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/x": must be unique',
		],
		['a probe of nothing', { containers: [container({ livenessProbe: {} })] }, 'spec.containers[0].livenessProbe: Required value: must specify a handler type'],
		[
			'two handlers',
			{ containers: [container({ livenessProbe: { httpGet: { port: 80 }, tcpSocket: { port: 80 } } })] },
			'spec.containers[0].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
		],
		[
			'liveness twice',
			{ containers: [container({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } })] },
			'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
		],
		[
			'a port out of range',
			{ containers: [container({ ports: [{ containerPort: 70_000 }] })] },
			'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
		],
		[
			'two sources',
			{ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] },
			'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
		],
		[
			'privileged and not',
			{ containers: [container({ securityContext: { privileged: true, allowPrivilegeEscalation: false } })] },
			'spec.containers[0].securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
		],
		[
			'a toleration of all',
			{ tolerations: [{ operator: 'Equal', value: 'x' }] },
			'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
		],
		[
			'an unknown resource',
			{ containers: [container({ resources: { limits: { disk: '1' } } })] },
			'[spec.containers[0].resources.limits: Invalid value: "disk": must be a standard resource type or fully qualified, spec.containers[0].resources.limits: Invalid value: "disk": must be a standard resource for containers, spec.containers[0].resources.requests: Invalid value: "disk": must be a standard resource type or fully qualified, spec.containers[0].resources.requests: Invalid value: "disk": must be a standard resource for containers]',
		],
	])('%s', (_name, spec, text) => {
		expect(testCluster('apiserver').refusal('v1/pods', pod(spec))).toBe(invalid + text);
	});

	it('refuses what is no quantity while decoding', () => {
		const result = testCluster('apiserver').call('create', 'v1/pods', {
			namespace: 'default',
			body: pod({ containers: [container({ resources: { limits: { cpu: 'lots' } } })] }),
		});
		expect(result.code).toBe(400);
		expect(rec(result.body).message).toBe(
			`Pod in version "v1" cannot be handled as a Pod: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
		);
	});
});

it('a template in the host network may leave host ports to its pods, but not name others', () => {
	const made = (hostPort?: number): string => {
		const containers = [{ name: 'c', image: 'nginx', ports: [{ containerPort: 7946, ...(hostPort === undefined ? {} : { hostPort }) }] }];
		const labels = { app: 'a' };
		const body = {
			apiVersion: 'apps/v1',
			kind: 'DaemonSet',
			metadata: { name: 'd', namespace: 'default' },
			spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { hostNetwork: true, containers } } },
		};
		const result = testCluster('apiserver').call('create', 'apps/v1/daemonsets', { namespace: 'default', body });
		return result.code < 400 ? '' : String(rec(result.body).message);
	};
	expect([made(), made(7946)]).toEqual(['', '']);
	expect(made(80)).toBe(
		'DaemonSet.apps "d" is invalid: spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 7946: must match `hostPort` when `hostNetwork` is true',
	);
});

describe('updates', () => {
	const updated = (change: (spec: { [field: string]: unknown }) => void): string => {
		const cluster = testCluster('apiserver');
		const made = cluster.create('v1/pods', pod());
		const spec = structuredClone(specOf(made)) as { [field: string]: unknown };
		change(spec);
		const result = cluster.call('update', 'v1/pods', { namespace: 'default', name: 'p', body: { ...made, spec } });
		return result.code < 400 ? '' : String(rec(result.body).message);
	};

	it('may change an image', () => {
		expect(updated((spec) => (((spec.containers as { image: string }[])[0] as { image: string }).image = 'nginx:1.30'))).toBe('');
	});

	it('may not change much else', () => {
		const text = updated((spec) => {
			spec.hostNetwork = true;
		});
		expect(text).toMatch(
			/^Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`,`spec\.initContainers\[\*\]\.image`,`spec\.activeDeadlineSeconds`,`spec\.tolerations` \(only additions to existing tolerations\),`spec\.terminationGracePeriodSeconds` \(allow it to be set to 1 if it was previously negative\)\n@@ /,
		);
		expect(text).toContain('+ "HostNetwork": true,');
	});

	it('may not add containers', () => {
		expect(updated((spec) => (spec.containers as object[]).push({ ...(spec.containers as object[])[0], name: 'd' }))).toBe(
			'Pod "p" is invalid: spec.containers: Forbidden: pod updates may not add or remove containers',
		);
	});
});

describe('kubectl get pods', () => {
	const world = testCluster('apiserver').world;
	const cells = (object: object): string => {
		const metadata = { name: 'p', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-20T17:50:00Z', ...(object as { metadata?: object }).metadata };
		return podTable
			.row(world, { apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'c' }] }, ...object, metadata } as KubeObject)
			.slice(1, 5)
			.join(' ');
	};
	const running = { name: 'c', ready: true, restartCount: 0, state: { running: {} } };

	it('knows the time', () => {
		expect(world.now).toBe(TEST_NOW);
	});

	it.each<[object, string]>([
		[{ status: { phase: 'Pending' } }, '0/1 Pending 0 10m'],
		[{ status: { phase: 'Running', containerStatuses: [running] } }, '1/1 Running 0 10m'],
		[
			{
				status: {
					phase: 'Running',
					containerStatuses: [
						{
							name: 'c',
							ready: false,
							restartCount: 3,
							state: { waiting: { reason: 'CrashLoopBackOff' } },
							lastState: { terminated: { exitCode: 1, finishedAt: '2026-11-20T17:59:30Z' } },
						},
					],
				},
			},
			'0/1 CrashLoopBackOff 3 (30s ago) 10m',
		],
		[
			{ status: { phase: 'Succeeded', containerStatuses: [{ name: 'c', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }] } },
			'0/1 Completed 0 10m',
		],
		[
			{ status: { phase: 'Failed', containerStatuses: [{ name: 'c', restartCount: 0, state: { terminated: { exitCode: 137, signal: 9 } } }] } },
			'0/1 Signal:9 0 10m',
		],
		[{ status: { phase: 'Failed', containerStatuses: [{ name: 'c', restartCount: 0, state: { terminated: { exitCode: 3 } } }] } }, '0/1 ExitCode:3 0 10m'],
		[{ status: { phase: 'Failed', reason: 'Evicted' } }, '0/1 Evicted 0 10m'],
		[{ metadata: { deletionTimestamp: '2026-11-20T18:00:00Z' }, status: { phase: 'Running', containerStatuses: [running] } }, '1/1 Terminating 0 10m'],
		[{ metadata: { deletionTimestamp: '2026-11-20T18:00:00Z' }, status: { phase: 'Running', reason: 'NodeLost' } }, '0/1 Unknown 0 10m'],
		[
			{
				spec: { initContainers: [{ name: 'a' }, { name: 'b' }], containers: [{ name: 'c' }] },
				status: {
					phase: 'Pending',
					initContainerStatuses: [
						{ name: 'a', restartCount: 0, state: { terminated: { exitCode: 0 } } },
						{ name: 'b', restartCount: 0, state: { running: {} } },
					],
				},
			},
			'0/1 Init:1/2 0 10m',
		],
		[
			{
				spec: { initContainers: [{ name: 'a' }], containers: [{ name: 'c' }] },
				status: { phase: 'Pending', initContainerStatuses: [{ name: 'a', restartCount: 2, state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
			},
			'0/1 Init:CrashLoopBackOff 2 10m',
		],
		[
			{
				spec: { initContainers: [{ name: 'a' }], containers: [{ name: 'c' }] },
				status: {
					phase: 'Pending',
					initContainerStatuses: [{ name: 'a', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
					containerStatuses: [{ name: 'c', restartCount: 0, state: { waiting: { reason: 'PodInitializing' } } }],
				},
			},
			'0/1 PodInitializing 0 10m',
		],
		[
			{
				spec: { initContainers: [{ name: 'a', restartPolicy: 'Always' }], containers: [{ name: 'c' }] },
				status: {
					phase: 'Running',
					initContainerStatuses: [{ name: 'a', restartCount: 1, ready: true, started: true, state: { running: {} } }],
					containerStatuses: [running],
				},
			},
			'2/2 Running 1 10m',
		],
		[
			{
				spec: { containers: [{ name: 'c' }, { name: 'd' }] },
				status: {
					phase: 'Running',
					conditions: [{ type: 'Ready', status: 'False' }],
					containerStatuses: [
						{ name: 'c', restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
						{ ...running, name: 'd' },
					],
				},
			},
			'1/2 NotReady 0 10m',
		],
		[{ status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] } }, '0/1 SchedulingGated 0 10m'],
	])('%j', (object, text) => {
		expect(cells(object)).toBe(text);
	});
});

describe('warnings', () => {
	const warningsOf = (spec: object): readonly string[] | undefined =>
		testCluster('apiserver').call('create', 'v1/pods', { namespace: 'default', body: pod(spec) }).warnings;

	it('speak of hidden variables and old labels', () => {
		expect(
			warningsOf({
				nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
				containers: [
					container({
						env: [
							{ name: 'A', value: '1' },
							{ name: 'A', value: '2' },
						],
					}),
				],
			}),
		).toEqual([
			'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
			'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
		]);
	});

	it('speak of amounts under a byte', () => {
		expect(warningsOf({ containers: [container({ resources: { limits: { memory: '128m' } } })] })).toEqual([
			'spec.containers[0].resources.limits[memory]: fractional byte value "128m" is invalid, must be an integer',
			'spec.containers[0].resources.requests[memory]: fractional byte value "128m" is invalid, must be an integer',
		]);
	});
});
