import { describe, expect, it } from 'vitest';
import { rec, specOf, str } from '../fields.ts';
import { testCluster } from '../testing.ts';

const labels = { app: 'web' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1.29' }] } };
const workload = (spec: object = {}) => ({ metadata: { name: 'w' }, spec: { selector: { matchLabels: labels }, template, ...spec } });
const podTemplate = {
	metadata: { labels },
	spec: {
		containers: [
			{
				name: 'c',
				image: 'nginx:1.29',
				imagePullPolicy: 'IfNotPresent',
				resources: {},
				terminationMessagePath: '/dev/termination-log',
				terminationMessagePolicy: 'File',
			},
		],
		dnsPolicy: 'ClusterFirst',
		restartPolicy: 'Always',
		schedulerName: 'default-scheduler',
		securityContext: {},
		terminationGracePeriodSeconds: 30,
	},
};

describe('defaults', () => {
	it.each<[string, object]>([
		[
			'apps/v1/deployments',
			{
				progressDeadlineSeconds: 600,
				replicas: 1,
				revisionHistoryLimit: 10,
				strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
			},
		],
		['apps/v1/replicasets', { replicas: 1 }],
		['apps/v1/daemonsets', { revisionHistoryLimit: 10, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }],
		[
			'apps/v1/statefulsets',
			{
				persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
				podManagementPolicy: 'OrderedReady',
				replicas: 1,
				revisionHistoryLimit: 10,
				updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
			},
		],
	])('%s', (path, defaults) => {
		const made = testCluster('apiserver').create(path, workload());
		expect(specOf(made)).toEqual({ ...defaults, selector: { matchLabels: labels }, template: podTemplate });
		expect(made.metadata.generation).toBe(1);
	});

	it('of a claim template', () => {
		const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } } };
		const mounted = { ...template, spec: { containers: [{ name: 'c', image: 'x:1', volumeMounts: [{ name: 'data', mountPath: '/d' }] }] } };
		const made = testCluster('apiserver').create('apps/v1/statefulsets', workload({ volumeClaimTemplates: [claim], template: mounted }));
		expect(specOf(made).volumeClaimTemplates).toEqual([
			{
				apiVersion: 'v1',
				kind: 'PersistentVolumeClaim',
				metadata: { name: 'data' },
				spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeMode: 'Filesystem' },
				status: { phase: 'Pending' },
			},
		]);
	});
});

describe('validation', () => {
	it.each<[string, string, object, string]>([
		['no selector', 'apps/v1/deployments', { selector: undefined }, 'Deployment.apps "w" is invalid: spec.selector: Required value'],
		[
			'an empty one',
			'apps/v1/deployments',
			{ selector: {} },
			'Deployment.apps "w" is invalid: spec.selector: Invalid value: {}: empty selector is invalid for deployment',
		],
		[
			'other labels',
			'apps/v1/deployments',
			{ selector: { matchLabels: { app: 'api' } } },
			'Deployment.apps "w" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
		],
		[
			'less than none',
			'apps/v1/deployments',
			{ replicas: -1 },
			'Deployment.apps "w" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
		],
		[
			'no room to roll',
			'apps/v1/deployments',
			{ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
			'Deployment.apps "w" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
		],
		[
			'recreating by rolling',
			'apps/v1/deployments',
			{ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } },
			'Deployment.apps "w" is invalid: spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is \'Recreate\'',
		],
		[
			'pods that end',
			'apps/v1/deployments',
			{ template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
			'Deployment.apps "w" is invalid: spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
		],
		[
			"a template's fault",
			'apps/v1/daemonsets',
			{ template: { metadata: { labels }, spec: { containers: [{ name: 'c' }] } } },
			'DaemonSet.apps "w" is invalid: spec.template.spec.containers[0].image: Required value',
		],
		[
			'a way to manage',
			'apps/v1/statefulsets',
			{ podManagementPolicy: 'Random' },
			'StatefulSet.apps "w" is invalid: spec.podManagementPolicy: Invalid value: "Random": must be \'OrderedReady\' or \'Parallel\'',
		],
	])('%s', (_name, path, spec, text) => {
		expect(testCluster('apiserver').refusal(path, workload(spec))).toBe(text);
	});

	const update = (path: string, change: object): string => {
		const cluster = testCluster('apiserver');
		const made = cluster.create(path, workload());
		const result = cluster.call('update', path, { namespace: 'default', name: 'w', body: { ...made, spec: { ...specOf(made), ...change } } });
		return result.code < 400 ? '' : str(rec(result.body).message);
	};
	const other = { selector: { matchLabels: { app: 'x' } }, template: { ...template, metadata: { labels: { app: 'x' } } } };

	it('keeps selectors', () => {
		expect(update('apps/v1/deployments', other)).toBe(
			'Deployment.apps "w" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"x"}}: field is immutable',
		);
	});

	it('keeps most of a stateful set', () => {
		expect(update('apps/v1/statefulsets', { serviceName: 'x' })).toBe(
			"StatefulSet.apps \"w\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
		);
		expect(update('apps/v1/statefulsets', { replicas: 3 })).toBe('');
	});
});
