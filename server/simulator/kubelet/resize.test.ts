import { describe, expect, it } from 'vitest';
import type { ApiResult } from '../apiserver/types.ts';
import { SYSTEM_USERS } from '../services.ts';
import type { Pod, PodCondition } from './pod.ts';
import { testCluster, type TestCluster } from './testing.ts';

interface ContainerStatus {
	readonly restartCount: number;
	readonly resources?: object;
	readonly allocatedResources?: object;
	readonly state: { readonly running?: unknown; readonly terminated?: { readonly exitCode: number }; readonly waiting?: { readonly reason: string } };
}

const status = (pod: Pod | undefined, list = 'containerStatuses'): ContainerStatus | undefined =>
	((pod?.status?.[list] ?? []) as readonly ContainerStatus[])[0];
const condition = (pod: Pod | undefined, type: string): PodCondition | undefined => pod?.status?.conditions?.find((c) => c.type === type);

function patch(c: TestCluster, name: string, subresource: string, spec: object): ApiResult {
	const patchType = 'application/strategic-merge-patch+json' as const;
	const target = { group: '', version: 'v1', resource: 'pods', subresource, namespace: 'default', name };
	return c.services.api.call(c.world, { verb: 'patch', ...target, body: { spec }, patchType, options: {}, user: SYSTEM_USERS.admin });
}

const message = (result: ApiResult): string => (result.code < 400 ? '' : ((result.body as { readonly message?: string }).message ?? ''));
const cpu = (requests: string, limits: string): object => ({
	containers: [{ name: 'main', resources: { requests: { cpu: requests }, limits: { cpu: limits } } }],
});
const RESOURCES = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } };

describe('an in-place resize', () => {
	it('gives a running container its new resources without a restart', () => {
		const c = testCluster();
		c.pod('web', { resources: RESOURCES });
		c.run(10);
		expect(status(c.getPod('web'))).toMatchObject({ resources: RESOURCES, allocatedResources: RESOURCES.requests });
		expect(message(patch(c, 'web', 'resize', cpu('150m', '300m')))).toBe('');
		c.run(0.1);
		expect(condition(c.getPod('web'), 'PodResizeInProgress')).toMatchObject({ status: 'True', observedGeneration: 2 });
		c.run(2);
		const pod = c.getPod('web');
		expect(condition(pod, 'PodResizeInProgress')).toBeUndefined();
		expect(status(pod)).toMatchObject({ restartCount: 0, resources: { requests: { cpu: '150m', memory: '64Mi' }, limits: { cpu: '300m', memory: '128Mi' } } });
		expect(c.events('web')).toEqual(
			expect.arrayContaining([
				expect.stringMatching(/^ResizeStarted: Pod resize started: \{"containers":\[\{"name":"main","resources":\{"limits":.*\],"generation":2\}$/),
				expect.stringMatching(/^ResizeCompleted: Pod resize completed: /),
			]),
		);
	});

	it('restarts a container whose policy says so', () => {
		const c = testCluster();
		c.pod('web', { resources: RESOURCES, resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] });
		c.run(10);
		expect(message(patch(c, 'web', 'resize', { containers: [{ name: 'main', resources: { limits: { memory: '256Mi' } } }] }))).toBe('');
		c.run(15);
		expect(status(c.getPod('web'))).toMatchObject({ restartCount: 1, resources: { limits: { cpu: '200m', memory: '256Mi' } } });
		expect(c.events('web')).toContain('Killing: Container main resize requires restart');
	});

	it('is infeasible beyond the node, and deferred until others make room', () => {
		const c = testCluster();
		c.pod('web', { resources: RESOURCES }, { nodeName: 'foothold-worker' });
		c.pod('big', { resources: { requests: { cpu: '3' } } }, { nodeName: 'foothold-worker', terminationGracePeriodSeconds: 1 });
		c.run(10);
		patch(c, 'web', 'resize', cpu('100m', '1000'));
		patch(c, 'web', 'resize', cpu('999', '1000'));
		c.run(1);
		expect(condition(c.getPod('web'), 'PodResizePending')).toMatchObject({
			reason: 'Infeasible',
			message: "Node didn't have enough capacity: cpu, requested: 999000, capacity: 4000",
		});
		patch(c, 'web', 'resize', cpu('2', '3'));
		c.run(1);
		const pending = condition(c.getPod('web'), 'PodResizePending');
		expect(pending?.reason).toBe('Deferred');
		expect(pending?.message).toMatch(/^Node didn't have enough resource: cpu, requested: 2000, used: \d+, capacity: 4000$/);
		expect(status(c.getPod('web'))).toMatchObject({ resources: RESOURCES });
		c.services.api.client(SYSTEM_USERS.admin).delete(c.world, 'v1/pods', 'default', 'big');
		c.run(10);
		expect(status(c.getPod('web'))).toMatchObject({ restartCount: 0, resources: { requests: { cpu: '2' }, limits: { cpu: '3' } } });
		expect(condition(c.getPod('web'), 'PodResizePending')).toBeUndefined();
	});

	it('may not change the class, take amounts away, or touch anything else', () => {
		const c = testCluster();
		c.pod('web', { resources: RESOURCES });
		c.pod('free', {});
		c.run(5);
		const resize = (name: string, spec: object): string => message(patch(c, name, 'resize', spec));
		expect(resize('free', cpu('1', '2'))).toContain('spec: Invalid value: "BestEffort": Pod QOS Class may not change as a result of resizing');
		expect(resize('web', { containers: [{ name: 'main', resources: { limits: { memory: null } } }] })).toBe(
			'Pod "web" is invalid: spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed',
		);
		expect(resize('web', { containers: [{ name: 'main', resources: { limits: { 'ephemeral-storage': '1Gi' } } }] })).toContain(
			'spec: Forbidden: only cpu and memory resources are mutable',
		);
		expect(resize('web', { containers: [{ name: 'other', image: 'test/tool:1' }] })).toContain('containers may not be added or removed on resize');
		expect(resize('web', { terminationGracePeriodSeconds: 99 })).toBe('');
		expect(c.getPod('web')?.spec.terminationGracePeriodSeconds).toBe(5);
	});
});

describe('an ephemeral container', () => {
	const debug = (more: object = {}): object => ({ ephemeralContainers: [{ name: 'debugger', image: 'test/tool:1', command: ['tool', 'exit', '3'], ...more }] });

	it('joins a running pod, runs once and leaves readiness and phase alone', () => {
		const c = testCluster();
		c.pod('web', {});
		c.run(10);
		expect(message(patch(c, 'web', 'ephemeralcontainers', debug({ targetContainerName: 'main' })))).toBe('');
		c.run(5);
		const pod = c.getPod('web');
		expect(status(pod, 'ephemeralContainerStatuses')).toMatchObject({ restartCount: 0, state: { terminated: { exitCode: 3 } } });
		expect(pod?.status?.phase).toBe('Running');
		expect(condition(pod, 'Ready')?.status).toBe('True');
		c.services.api.client(SYSTEM_USERS.admin).delete(c.world, 'v1/pods', 'default', 'web');
		c.run(10);
		expect(c.getPod('web')).toBeUndefined();
	});

	it('is not changed or removed, has no ports or probes, and comes by its subresource alone', () => {
		const c = testCluster();
		c.pod('web', {});
		c.run(5);
		const add = (spec: object): string => message(patch(c, 'web', 'ephemeralcontainers', spec));
		expect(add(debug({ ports: [{ containerPort: 80 }] }))).toContain('spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container');
		expect(add(debug({ targetContainerName: 'none' }))).toBe('Pod "web" is invalid: spec.ephemeralContainers[0].targetContainerName: Not found: "none"');
		expect(add(debug({ name: 'main' }))).toContain('spec.ephemeralContainers[0].name: Duplicate value: "main"');
		expect(add(debug())).toBe('');
		expect(add(debug({ image: 'test/worker:1' }))).toContain(
			'spec.ephemeralContainers: Forbidden: existing ephemeral containers "debugger" may not be changed',
		);
		expect(add({ $patch: 'replace', ephemeralContainers: [] })).toContain('existing ephemeral containers "debugger" may not be removed');
		expect(message(patch(c, 'web', '', debug({ name: 'more' })))).toContain('pod updates may not change fields other than');
		expect(() => c.pod('early', {}, debug() as { readonly [field: string]: unknown })).toThrow('spec.ephemeralContainers: Forbidden: cannot be set on create');
	});
});
