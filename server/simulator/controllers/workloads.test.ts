import { describe, expect, it } from 'vitest';
import { formatTime } from '../kernel/time.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { Pod } from './shared/objects.ts';
import { type TestCluster, testCluster } from './testing.ts';

function cluster(): TestCluster {
	const c = testCluster();
	c.addNode('foothold-worker');
	c.addNode('foothold-worker2');
	c.run(100);
	return c;
}

const template = (app: string, spec: { readonly [k: string]: unknown } = {}): { readonly [k: string]: unknown } => ({
	metadata: { labels: { app } },
	spec: { containers: [{ name: 'main', image: 'busybox:1.37' }], ...spec },
});

type Any = KubeObject & { readonly spec: { readonly [k: string]: unknown }; readonly status?: { readonly [k: string]: unknown } };
/** A value of unknown make as a list. */
const list = <T = unknown>(value: unknown): readonly T[] => (value ?? []) as readonly T[];
const get = (c: TestCluster, path: string, name: string): Any | undefined => c.client.get(c.world, path, 'default', name) as Any | undefined;
const names = (c: TestCluster): readonly string[] => c.pods('default').map((p) => p.metadata.name);

function finish(c: TestCluster, pod: Pod, phase: 'Succeeded' | 'Failed', exitCode = phase === 'Failed' ? 1 : 0): void {
	const held = c.client.get(c.world, 'v1/pods', 'default', pod.metadata.name) as Pod;
	const finishedAt = formatTime(c.world.now);
	const containerStatuses = [
		{ name: 'main', ready: false, restartCount: 0, image: '', imageID: '', state: { terminated: { exitCode, finishedAt, reason: 'x' } } },
	];
	expect(c.client.updateStatus(c.world, 'v1/pods', { ...held, status: { ...held.status, phase, containerStatuses } }).ok).toBe(true);
}

describe('replica set', () => {
	const rs = (replicas: number): { readonly [k: string]: unknown } => ({
		apiVersion: 'apps/v1',
		kind: 'ReplicaSet',
		metadata: { name: 'rs' },
		spec: { replicas, selector: { matchLabels: { app: 'rs' } }, template: template('rs') },
	});

	it('adopts a matching orphan, and releases a pod that is relabelled', () => {
		const c = cluster();
		c.create('v1/pods', 'default', {
			apiVersion: 'v1',
			kind: 'Pod',
			metadata: { name: 'stray', labels: { app: 'rs' } },
			spec: { containers: [{ name: 'main', image: 'busybox' }] },
		});
		c.create('apps/v1/replicasets', 'default', rs(2));
		c.runWithPods(500);
		expect(names(c)).toHaveLength(2);
		const stray = get(c, 'v1/pods', 'stray') as Any;
		expect(stray.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'ReplicaSet', name: 'rs', controller: true });
		c.client.update(c.world, 'v1/pods', { ...stray, metadata: { ...stray.metadata, labels: { app: 'other' } } });
		c.runWithPods(500);
		expect(names(c)).toHaveLength(3);
		expect(get(c, 'v1/pods', 'stray')?.metadata.ownerReferences ?? []).toEqual([]);
	});

	it('stops at a quota, says why, and goes on when there is room', () => {
		const c = cluster();
		c.create('v1/resourcequotas', 'default', { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard: { pods: '1' } } });
		c.run(100);
		c.create('apps/v1/replicasets', 'default', rs(3));
		c.run(1000);
		expect(names(c)).toHaveLength(1);
		const failed = c.events('default', 'rs').filter((e) => e.startsWith('FailedCreate'));
		expect(failed[0]).toMatch(
			/^FailedCreate: Error creating: pods "rs-[a-z0-9]{5}" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1$/,
		);
		expect(list(get(c, 'apps/v1/replicasets', 'rs')?.status?.['conditions'])[0]).toMatchObject({
			type: 'ReplicaFailure',
			status: 'True',
			reason: 'FailedCreate',
		});
		expect(get(c, 'v1/resourcequotas', 'q')?.status).toEqual({ hard: { pods: '1' }, used: { pods: '1' } });
		const quota = get(c, 'v1/resourcequotas', 'q') as Any;
		c.client.update(c.world, 'v1/resourcequotas', { ...quota, spec: { hard: { pods: '5' } } });
		c.run(20_000);
		expect(names(c)).toHaveLength(3);
		expect(get(c, 'apps/v1/replicasets', 'rs')?.status?.['conditions']).toBeUndefined();
	});

	it('deletes unready pods first', () => {
		const c = cluster();
		c.create('apps/v1/replicasets', 'default', rs(3));
		c.run(200);
		const bad = names(c)[1];
		c.runWithPods(500, (p) => p.metadata.name !== bad);
		c.client.update(c.world, 'apps/v1/replicasets', {
			...(get(c, 'apps/v1/replicasets', 'rs') as Any),
			spec: { ...get(c, 'apps/v1/replicasets', 'rs')?.spec, replicas: 2 },
		});
		c.runWithPods(500);
		expect(names(c)).toHaveLength(2);
		expect(names(c)).not.toContain(bad);
		expect(c.events('default', 'rs')).toContain(`SuccessfulDelete: Deleted pod: ${bad}`);
	});
});

describe('stateful set', () => {
	const sts = (over: { readonly [k: string]: unknown } = {}, image = 'busybox:1.37'): { readonly [k: string]: unknown } => ({
		apiVersion: 'apps/v1',
		kind: 'StatefulSet',
		metadata: { name: 'db' },
		spec: {
			replicas: 3,
			serviceName: 'db',
			selector: { matchLabels: { app: 'db' } },
			template: { ...template('db'), spec: { containers: [{ name: 'main', image }] } },
			...over,
		},
	});

	it('starts pods in order, each once the one before is ready', () => {
		const c = cluster();
		c.create('apps/v1/statefulsets', 'default', sts());
		c.runWithPods(2000, (p) => p.metadata.name !== 'db-1');
		expect(names(c)).toEqual(['db-0', 'db-1']);
		expect(get(c, 'v1/pods', 'db-0')?.metadata.labels).toMatchObject({ 'statefulset.kubernetes.io/pod-name': 'db-0', 'apps.kubernetes.io/pod-index': '0' });
		expect(get(c, 'v1/pods', 'db-0')?.spec).toMatchObject({ hostname: 'db-0', subdomain: 'db' });
		expect(c.events('default', 'db').filter((e) => e.startsWith('SuccessfulCreate'))).toEqual([
			'SuccessfulCreate: create Pod db-0 in StatefulSet db successful',
			'SuccessfulCreate: create Pod db-1 in StatefulSet db successful',
		]);
	});

	it('starts all at once in parallel, and scales down from the top', () => {
		const c = cluster();
		c.create('apps/v1/statefulsets', 'default', sts({ podManagementPolicy: 'Parallel' }));
		c.run(300);
		expect(names(c)).toEqual(['db-0', 'db-1', 'db-2']);
		c.runWithPods(1000);
		const set = get(c, 'apps/v1/statefulsets', 'db') as Any;
		c.client.update(c.world, 'apps/v1/statefulsets', { ...set, spec: { ...set.spec, replicas: 1 } });
		c.runWithPods(1000);
		expect(names(c)).toEqual(['db-0']);
	});

	it('rolls out from the highest ordinal down to the partition', () => {
		const c = cluster();
		c.create('apps/v1/statefulsets', 'default', sts({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }));
		c.runWithPods(3000);
		const set = get(c, 'apps/v1/statefulsets', 'db') as Any;
		const old = set.status?.['currentRevision'];
		c.client.update(c.world, 'apps/v1/statefulsets', {
			...set,
			spec: { ...set.spec, template: { ...template('db'), spec: { containers: [{ name: 'main', image: 'busybox:1.36' }] } } },
		});
		c.runWithPods(5000);
		const image = (n: string): unknown => list<{ readonly image: string }>(get(c, 'v1/pods', n)?.spec['containers'])[0]?.image;
		expect(['db-0', 'db-1', 'db-2'].map(image)).toEqual(['busybox:1.37', 'busybox:1.36', 'busybox:1.36']);
		const status = get(c, 'apps/v1/statefulsets', 'db')?.status;
		expect(status).toMatchObject({ replicas: 3, readyReplicas: 3, updatedReplicas: 2, currentRevision: old });
		expect(status?.['updateRevision']).not.toBe(old);
	});

	it('makes a claim for each replica and keeps it when the pod goes', () => {
		const c = cluster();
		c.create(
			'apps/v1/statefulsets',
			'default',
			sts({
				replicas: 1,
				volumeClaimTemplates: [
					{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'slow', resources: { requests: { storage: '1Gi' } } } },
				],
			}),
		);
		c.run(500);
		const claim = get(c, 'v1/persistentvolumeclaims', 'data-db-0');
		expect(claim?.metadata.labels).toEqual({ app: 'db' });
		expect(c.events('default', 'db')).toContain('SuccessfulCreate: create Claim data-db-0 Pod db-0 in StatefulSet db success');
		expect(c.events('default', 'data-db-0')[0]).toBe('ProvisioningFailed: storageclass.storage.k8s.io "slow" not found');
		c.client.delete(c.world, 'apps/v1/statefulsets', 'default', 'db');
		c.runWithPods(1000);
		expect(names(c)).toEqual([]);
		expect(get(c, 'v1/persistentvolumeclaims', 'data-db-0')?.metadata.uid).toBe(claim?.metadata.uid);
	});
});

describe('daemon set', () => {
	const ds = {
		apiVersion: 'apps/v1',
		kind: 'DaemonSet',
		metadata: { name: 'agent' },
		spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent') },
	};

	it('runs one pod a node, follows nodes, keeps off taints', () => {
		const c = cluster();
		c.addNode('foothold-control-plane', { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] });
		c.create('apps/v1/daemonsets', 'default', ds);
		c.runWithPods(500);
		expect(
			c
				.pods('default')
				.map((p) => p.spec.nodeName)
				.sort(),
		).toEqual(['foothold-worker', 'foothold-worker2']);
		expect(get(c, 'apps/v1/daemonsets', 'agent')?.status).toMatchObject({
			desiredNumberScheduled: 2,
			numberReady: 2,
			numberMisscheduled: 0,
			updatedNumberScheduled: 2,
		});
		c.addNode('foothold-worker3');
		c.runWithPods(500);
		expect(c.pods('default')).toHaveLength(3);
	});

	it('replaces pods one at a time', () => {
		const c = cluster();
		c.create('apps/v1/daemonsets', 'default', ds);
		c.runWithPods(500);
		const set = get(c, 'apps/v1/daemonsets', 'agent') as Any;
		c.client.update(c.world, 'apps/v1/daemonsets', {
			...set,
			spec: { ...set.spec, template: { ...template('agent'), spec: { containers: [{ name: 'main', image: 'busybox:1.36' }] } } },
		});
		let fewest = 2;
		for (let i = 0; i < 40; i++) {
			c.runWithPods(50);
			fewest = Math.min(fewest, c.pods('default').filter((p) => p.status?.phase === 'Running').length);
		}
		expect(fewest).toBe(1);
		expect(c.pods('default').map((p) => p.spec.containers[0]?.image)).toEqual(['busybox:1.36', 'busybox:1.36']);
	});
});

describe('job', () => {
	const job = (spec: { readonly [k: string]: unknown } = {}): { readonly [k: string]: unknown } => ({
		apiVersion: 'batch/v1',
		kind: 'Job',
		metadata: { name: 'work' },
		spec: { template: template('work', { restartPolicy: 'Never' }), ...spec },
	});
	const conditions = (c: TestCluster): readonly string[] =>
		(
			(get(c, 'batch/v1/jobs', 'work')?.status?.['conditions'] ?? []) as readonly { readonly type: string; readonly reason: string; readonly message: string }[]
		).map((x) => `${x.type} ${x.reason} ${x.message}`);

	it('completes and says so', () => {
		const c = cluster();
		c.create('batch/v1/jobs', 'default', job({ completions: 2, parallelism: 2 }));
		c.run(200);
		expect(names(c)).toHaveLength(2);
		for (const p of c.pods('default')) finish(c, p, 'Succeeded');
		c.run(200);
		expect(get(c, 'batch/v1/jobs', 'work')?.status).toMatchObject({ succeeded: 2, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
		expect(conditions(c)).toEqual([
			'SuccessCriteriaMet CompletionsReached Reached expected number of succeeded pods',
			'Complete CompletionsReached Reached expected number of succeeded pods',
		]);
		expect(c.events('default', 'work').at(-1)).toBe('Completed: Job completed');
		expect(c.pods('default').flatMap((p) => p.metadata.finalizers ?? [])).toEqual([]);
	});

	it('backs off after a failure and gives up at the limit', () => {
		const c = cluster();
		c.create('batch/v1/jobs', 'default', job({ backoffLimit: 1 }));
		c.run(200);
		finish(c, c.pods('default')[0] as Pod, 'Failed');
		c.run(5000);
		expect(names(c)).toHaveLength(1);
		c.run(6000);
		expect(names(c)).toHaveLength(2);
		const second = c.pods('default').find((p) => p.status?.phase === 'Pending') as Pod;
		finish(c, second, 'Failed');
		c.run(1000);
		expect(conditions(c)).toEqual([
			'FailureTarget BackoffLimitExceeded Job has reached the specified backoff limit',
			'Failed BackoffLimitExceeded Job has reached the specified backoff limit',
		]);
		expect(c.events('default', 'work').at(-1)).toBe('BackoffLimitExceeded: Job has reached the specified backoff limit');
	});

	it('runs every index, tells pods theirs, and notes which are done', () => {
		const c = cluster();
		c.create('batch/v1/jobs', 'default', job({ completionMode: 'Indexed', completions: 4, parallelism: 3 }));
		c.run(200);
		expect(names(c).map((n) => n.replace(/-[a-z0-9]{5}$/, ''))).toEqual(['work-0', 'work-1', 'work-2']);
		for (const p of c.pods('default')) finish(c, p, 'Succeeded');
		c.run(200);
		expect(get(c, 'batch/v1/jobs', 'work')?.status).toMatchObject({ completedIndexes: '0-2', active: 1, succeeded: 3 });
	});

	it('stops at its deadline, suspends, and goes after its time to live', () => {
		const c = cluster();
		c.create('batch/v1/jobs', 'default', job({ activeDeadlineSeconds: 5, ttlSecondsAfterFinished: 10 }));
		c.runWithPods(6000);
		expect(conditions(c)).toContain('Failed DeadlineExceeded Job was active longer than specified deadline');
		c.runWithPods(11_000);
		expect(get(c, 'batch/v1/jobs', 'work')).toBeUndefined();
		c.create('batch/v1/jobs', 'default', { ...job({ suspend: true }), metadata: { name: 'later' } });
		c.run(200);
		expect(names(c)).toHaveLength(0);
		expect(c.events('default', 'later')).toEqual(['Suspended: Job suspended']);
	});

	it('lets go of pods that it will never count, so that nothing waits for them', () => {
		const c = cluster();
		c.create('batch/v1/jobs', 'default', job());
		c.run(200);
		const held = get(c, 'batch/v1/jobs', 'work') as Any;
		expect(c.client.delete(c.world, 'batch/v1/jobs', 'default', 'work', { propagationPolicy: 'Orphan' }).ok).toBe(true);
		c.run(200);
		expect(c.pods('default').map((p) => p.metadata.finalizers ?? [])).toEqual([[]]);
		c.create('v1/pods', 'default', {
			metadata: {
				name: 'late',
				finalizers: ['batch.kubernetes.io/job-tracking'],
				ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'work', uid: held.metadata.uid, controller: true }],
			},
			spec: { containers: [{ name: 'main', image: 'busybox' }] },
		});
		c.run(200);
		expect(c.client.get(c.world, 'v1/pods', 'default', 'late')?.metadata.finalizers ?? []).toEqual([]);
	});

	it('fails at once where the pod failure policy says so', () => {
		const c = cluster();
		c.create('batch/v1/jobs', 'default', job({ podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }] } }));
		c.run(200);
		const pod = c.pods('default')[0] as Pod;
		finish(c, pod, 'Failed', 42);
		c.run(200);
		expect(conditions(c)[1]).toBe(
			`Failed PodFailurePolicy Container main for pod default/${pod.metadata.name} failed with exit code 42 matching FailJob rule at index 0`,
		);
	});
});

describe('cron job', () => {
	const cron = (spec: { readonly [k: string]: unknown } = {}): { readonly [k: string]: unknown } => ({
		apiVersion: 'batch/v1',
		kind: 'CronJob',
		metadata: { name: 'tick' },
		spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: template('tick', { restartPolicy: 'Never' }) } }, ...spec },
	});

	it('starts a job at its minutes and keeps the history short', () => {
		const c = cluster();
		c.create('batch/v1/cronjobs', 'default', cron({ successfulJobsHistoryLimit: 1 }));
		for (let i = 0; i < 30; i++) {
			c.run(60_000);
			for (const p of c.pods('default')) if (p.status?.phase === 'Pending') finish(c, p, 'Succeeded');
		}
		c.run(1000);
		const jobs = c.client.list(c.world, 'batch/v1/jobs', 'default');
		expect(jobs.length).toBeLessThanOrEqual(2);
		for (const j of jobs) expect(Number(j.metadata.name.replace('tick-', '')) % 5).toBe(0);
		expect(c.events('default', 'tick').filter((e) => e.startsWith('SuccessfulCreate: Created job'))).toHaveLength(6);
		expect(c.events('default', 'tick').some((e) => /^SawCompletedJob: Saw completed job: tick-\d+, condition: Complete$/.test(e))).toBe(true);
	});

	it('says that a day that no calendar has never comes', () => {
		const c = cluster();
		c.create('batch/v1/cronjobs', 'default', cron({ schedule: '59 23 31 2 *' }));
		c.run(1000);
		expect(c.events('default', 'tick')).toEqual([
			'InvalidSchedule: invalid schedule schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
		]);
	});

	it('does not overlap when forbidden', () => {
		const c = cluster();
		c.create('batch/v1/cronjobs', 'default', cron({ schedule: '* * * * *', concurrencyPolicy: 'Forbid' }));
		c.run(5 * 60_000);
		expect(c.client.list(c.world, 'batch/v1/jobs', 'default')).toHaveLength(1);
		expect(c.events('default', 'tick')).toContain('JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid');
	});
});
