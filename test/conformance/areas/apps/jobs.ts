/** Jobs and CronJobs. */
import type { V1CronJob, V1Job, V1Pod } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { box, logs, meta } from '../pods.ts';
import { also, spec } from '../spec.ts';

const JOBS = 'batch/v1/jobs';
const CRONJOBS = 'batch/v1/cronjobs';
const FOREVER = 'sleep 1000000';

const jobSpec = (script: string, more: object = {}, podSpec: object = {}): object => ({
	template: {
		metadata: { labels: { job: 'j' } },
		spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [box('c', script)], ...podSpec },
	},
	...more,
});
const job = (script: string, more: object = {}, podSpec: object = {}): object => ({
	apiVersion: 'batch/v1',
	kind: 'Job',
	metadata: meta('j', { test: 'job' }),
	spec: jobSpec(script, more, podSpec),
});
const cron = (more: object = {}, script = FOREVER): object => ({
	apiVersion: 'batch/v1',
	kind: 'CronJob',
	metadata: meta('cj', { test: 'cron' }),
	spec: { schedule: '*/1 * * * *', jobTemplate: { metadata: { labels: { from: 'cron' } }, spec: jobSpec(script) }, ...more },
});

const pods = (c: Cluster): Promise<readonly V1Pod[]> => c.at<V1Pod>('v1/pods').list('job=j');
const jobs = (c: Cluster) => c.at<V1Job>(JOBS);
const has = (j: V1Job, type: string): boolean => j.status?.conditions?.some((x) => x.type === type && x.status === 'True') ?? false;
const ended = (c: Cluster, type: 'Complete' | 'Failed', seconds = 600): Promise<V1Job> =>
	c.until(
		`the job is ${type}`,
		async () => {
			const j = await jobs(c).get('j');
			return has(j, type) && j;
		},
		seconds,
	);

spec('Jobs, completion after task failure', async (c) => {
	// Fails on its first start; the kubelet restarts the container in place.
	const volumes = {
		restartPolicy: 'OnFailure',
		volumes: [{ name: 'data', emptyDir: {} }],
		containers: [box('c', 'if [ -e /data/f ]; then exit 0; else touch /data/f; exit 1; fi', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
	};
	await c.at(JOBS).create(job('', { parallelism: 2, completions: 4 }, volumes));
	const done = await ended(c, 'Complete');
	expect(done.status).toMatchObject({ succeeded: 4 });
	expect((await pods(c)).every((p) => p.status?.containerStatuses?.[0]?.restartCount === 1)).toBe(true);
	expect(done.status?.conditions?.map((x) => x.type)).toEqual(['SuccessCriteriaMet', 'Complete']);
});

spec('Ensure Pods of an Indexed Job get a unique index.', async (c) => {
	await c.at(JOBS).create(job('echo index $JOB_COMPLETION_INDEX', { completionMode: 'Indexed', parallelism: 2, completions: 4 }));
	expect((await ended(c, 'Complete')).status?.completedIndexes).toBe('0-3');
	const found = await pods(c);
	const index = (p: V1Pod): string | undefined => p.metadata?.annotations?.['batch.kubernetes.io/job-completion-index'];
	expect(found.map(index).sort()).toEqual(['0', '1', '2', '3']);
	for (const p of found)
		expect([p.metadata?.labels?.['batch.kubernetes.io/job-completion-index'], await logs(c, p.metadata?.name ?? '')]).toEqual([
			index(p),
			`index ${index(p)}\n`,
		]);
});

spec('Jobs, active pods, graceful termination', async (c) => {
	await c.at(JOBS).create(job(FOREVER, { parallelism: 2, completions: 4 }));
	await c.until('two are active', async () => (await jobs(c).get('j')).status?.active === 2);
	expect(await pods(c)).toHaveLength(2);
	await jobs(c).delete('j', { propagationPolicy: 'Foreground' });
	expect((await jobs(c).get('j')).metadata?.finalizers).toContain('foregroundDeletion');
	await c.until('it is gone', () => jobs(c).gone('j'));
	expect(await pods(c)).toEqual([]);
});

spec('Jobs, orphan pods, re-adoption', async (c) => {
	await c.at(JOBS).create(job(FOREVER, { parallelism: 2, completions: 2 }));
	const [first] = await c.until('two pods run', async () => {
		const found = await pods(c);
		return found.length === 2 && found.every((p) => p.status?.phase === 'Running') && found;
	});
	const name = first?.metadata?.name ?? '';
	const of = c.at<V1Pod>('v1/pods');
	await of.patch(name, { metadata: { ownerReferences: null } });
	await c.until('it is adopted again', async () => (await of.get(name)).metadata?.ownerReferences?.[0]?.kind === 'Job');
	await of.patch(name, { metadata: { labels: null } });
	await c.until('it is released', async () => ((await of.get(name)).metadata?.ownerReferences ?? []).length === 0);
});

spec('Jobs, manage lifecycle', async (c) => {
	const watch = await jobs(c).watch('test=job');
	await c.at(JOBS).create(job(FOREVER, { suspend: true, parallelism: 1 }));
	await c.pass(5);
	expect([has(await jobs(c).get('j'), 'Suspended'), await pods(c)]).toEqual([true, []]);
	expect((await jobs(c).patch('j', { metadata: { labels: { j: 'patched' } } }, 'strategic')).metadata?.labels?.['j']).toBe('patched');
	const held = await jobs(c).get('j');
	await jobs(c).replace({ ...held, metadata: { ...held.metadata, annotations: { updated: 'true' } }, spec: { ...held.spec, suspend: false } } as V1Job);
	await c.until('it runs', async () => (await jobs(c).get('j')).status?.active === 1);
	const all = await c.get<{ items: V1Job[] }>('/apis/batch/v1/jobs?labelSelector=j%3Dpatched');
	expect(all.items.map((j) => j.metadata?.annotations)).toEqual([{ updated: 'true' }]);
	await jobs(c).deleteAll('j=patched');
	await c.until('it is gone', () => jobs(c).gone('j'));
	await watch.seen('DELETED j');
	watch.stop();
});

spec('Jobs, apply changes to status', async (c) => {
	await c.at(JOBS).create(job(FOREVER, { suspend: true }));
	await c.pass(2);
	const at = ['2026-01-02T03:04:05Z', '2026-02-02T03:04:05Z'];
	const patched = await jobs(c).patch('j', { metadata: { annotations: { patchedstatus: 'true' } }, status: { startTime: at[0] } }, 'merge', '/status');
	expect([patched.metadata?.annotations?.['patchedstatus'], patched.status?.startTime]).toEqual(['true', at[0]]);
	const held = await jobs(c).get('j', '/status');
	const replaced = await jobs(c).replace({ ...held, status: { ...held.status, startTime: at[1] as unknown as Date } } as V1Job, '/status');
	expect(replaced.status?.startTime).toBe(at[1]);
});

also('backoffLimitPerIndex fails an index and goes on with the others', async (c) => {
	const script = 'if [ $JOB_COMPLETION_INDEX = 1 ]; then exit 1; fi';
	await c.at(JOBS).create(job(script, { completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 1, maxFailedIndexes: 2 }));
	const failed = await ended(c, 'Failed');
	expect(failed.status).toMatchObject({ completedIndexes: '0,2', failedIndexes: '1', succeeded: 2, failed: 2 });
	expect(failed.status?.conditions?.find((x) => x.type === 'Failed')).toMatchObject({ reason: 'FailedIndexes', message: 'Job has failed indexes' });
});

also('successPolicy ends a job early', async (c) => {
	const script = 'if [ $JOB_COMPLETION_INDEX = 0 ]; then exit 0; fi; sleep 10000';
	await c.at(JOBS).create(job(script, { completionMode: 'Indexed', completions: 3, parallelism: 3, successPolicy: { rules: [{ succeededIndexes: '0' }] } }));
	const done = await ended(c, 'Complete');
	expect(done.status?.conditions?.find((x) => x.type === 'SuccessCriteriaMet')).toMatchObject({ reason: 'SuccessPolicy', message: 'Matched rules at index 0' });
	await c.until('no pod runs on', async () => (await pods(c)).every((p) => p.status?.phase !== 'Running'));
});

also('podFailurePolicy fails a job at once, or counts nothing', async (c) => {
	const rules = [{ action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [42] } }];
	await c.at(JOBS).create(job('exit 42', { backoffLimit: 6, podFailurePolicy: { rules } }));
	const failed = await ended(c, 'Failed', 30);
	expect(failed.status?.conditions?.find((x) => x.type === 'Failed')).toMatchObject({
		reason: 'PodFailurePolicy',
		message: expect.stringMatching(/^Container c for pod default\/j-\w+ failed with exit code 42 matching FailJob rule at index 0$/) as string,
	});
});

const children = async (c: Cluster): Promise<readonly V1Job[]> => jobs(c).list('from=cron');
const active = async (c: Cluster): Promise<number> => (await c.at<V1CronJob>(CRONJOBS).get('cj')).status?.active?.length ?? 0;

spec('CronJob AllowConcurrent', async (c) => {
	await c.at(CRONJOBS).create(cron({ concurrencyPolicy: 'Allow' }));
	await c.until('two jobs are active', async () => (await active(c)) === 2, 300);
	// The second one's own status follows a moment after its name stands in the cron job's.
	await c.until('both have a pod', async () => (await children(c)).filter((j) => (j.status?.active ?? 0) > 0).length === 2, 10);
});

spec('CronJob Suspend', async (c) => {
	await c.at(CRONJOBS).create(cron({ suspend: true }));
	await c.pass(300);
	expect([await children(c), await active(c)]).toEqual([[], 0]);
});

spec('CronJob ForbidConcurrent', async (c) => {
	await c.at(CRONJOBS).create(cron({ concurrencyPolicy: 'Forbid' }));
	await c.until('a job is active', async () => (await active(c)) === 1, 120);
	const [first] = await children(c);
	await c.pass(300);
	expect((await children(c)).map((j) => j.metadata?.name)).toEqual([first?.metadata?.name]);
});

spec('CronJob ReplaceConcurrent', async (c) => {
	await c.at(CRONJOBS).create(cron({ concurrencyPolicy: 'Replace' }));
	await c.until('a job is active', async () => (await active(c)) === 1, 120);
	const [first] = await children(c);
	await c.until(
		'another took its place',
		async () => {
			const now = await children(c);
			return now.length === 1 && now[0]?.metadata?.name !== first?.metadata?.name;
		},
		180,
	);
	expect(await active(c)).toBe(1);
});

spec('CronJob API Operations', async (c) => {
	const groups = await c.get<{ groups: { name: string; versions: { version: string }[] }[] }>('/apis');
	expect(groups.groups.find((g) => g.name === 'batch')?.versions.map((v) => v.version)).toContain('v1');
	const resources = (await c.get<{ resources: { name: string }[] }>('/apis/batch/v1')).resources.map((r) => r.name);
	expect(resources).toEqual(expect.arrayContaining(['cronjobs', 'cronjobs/status']));
	const of = c.at<V1CronJob>(CRONJOBS);
	const watch = await of.watch('test=cron');
	await of.create(cron({ schedule: '0 0 29 2 *' }));
	await of.create({ ...cron({ schedule: '0 0 29 2 *' }), metadata: { generateName: 'more-', labels: { test: 'cron' } } });
	expect((await of.get('cj')).spec?.schedule).toBe('0 0 29 2 *');
	expect((await c.get<{ items: unknown[] }>('/apis/batch/v1/cronjobs?labelSelector=test%3Dcron')).items).toHaveLength(2);
	await of.patch('cj', { metadata: { annotations: { patched: 'true' } } });
	const held = await of.get('cj');
	await of.replace({ ...held, metadata: { ...held.metadata, annotations: { ...held.metadata?.annotations, updated: 'true' } } } as V1CronJob);
	await watch.until((w) => w.events.some((e) => e.object.metadata.name === 'cj' && (e.object as V1CronJob).metadata?.annotations?.['updated'] === 'true'));
	const lastScheduleTime = '2026-01-02T03:04:05Z';
	const patched = await of.patch('cj', { metadata: { annotations: { patchedstatus: 'true' } }, status: { lastScheduleTime } }, 'merge', '/status');
	expect([patched.status?.lastScheduleTime, patched.metadata?.annotations?.['patchedstatus']]).toEqual([lastScheduleTime, 'true']);
	const status = await of.get('cj', '/status');
	const next = '2026-02-02T03:04:05Z';
	expect((await of.replace({ ...status, status: { lastScheduleTime: next as unknown as Date } } as V1CronJob, '/status')).status?.lastScheduleTime).toBe(next);
	await of.delete('cj');
	await c.until('it is gone', () => of.gone('cj'));
	await of.deleteAll('test=cron');
	expect(await of.list('test=cron')).toEqual([]);
	watch.stop();
});
