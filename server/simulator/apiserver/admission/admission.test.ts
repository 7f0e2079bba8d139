import { describe, expect, it } from 'vitest';
import { recs, rec, specOf, statusOf, str } from '../registry/fields.ts';
import { type TestCluster, testCluster } from '../registry/testing.ts';
import type { KubeObject } from '../types.ts';

const container = (more: object = {}) => ({ name: 'c', image: 'nginx:1.29', ...more });
const pod = (spec: object = {}, name = 'p') => ({ metadata: { name }, spec: { containers: [container()], ...spec } });
const first = (object: KubeObject) => recs(specOf(object).containers)[0] ?? {};
const set = (cluster: TestCluster, path: string, object: KubeObject | undefined, status: object) => {
	const stored = object === undefined ? undefined : cluster.client.updateStatus(cluster.world, path, { ...object, status });
	expect(stored?.ok).toBe(true);
};

describe('NamespaceLifecycle', () => {
	it('wants the namespace to be there', () => {
		expect(testCluster().refusal('v1/pods', pod(), 'nowhere')).toBe('namespaces "nowhere" not found');
	});

	it('lets nothing into one that ends', () => {
		const cluster = testCluster();
		cluster.create('v1/namespaces', { metadata: { name: 'x' } });
		cluster.client.delete(cluster.world, 'v1/namespaces', undefined, 'x');
		const result = cluster.call('create', 'v1/configmaps', { namespace: 'x', body: { metadata: { name: 'c' } } });
		expect(result.body).toMatchObject({
			code: 403,
			message: 'configmaps "c" is forbidden: unable to create new content in namespace x because it is being terminated',
			details: { causes: [{ reason: 'NamespaceTerminating', message: 'namespace x is being terminated', field: 'metadata.namespace' }] },
		});
	});

	it('keeps some for ever', () => {
		const cluster = testCluster();
		const result = cluster.call('delete', 'v1/namespaces', { name: 'default' });
		expect(str(rec(result.body).message)).toBe('namespaces "default" is forbidden: this namespace may not be deleted');
	});
});

describe('ServiceAccount', () => {
	it('mounts the token of the default account', () => {
		const made = testCluster().create('v1/pods', pod());
		const [volume] = recs(specOf(made).volumes);
		expect(volume?.name).toMatch(/^kube-api-access-[bcdfghjklmnpqrstvwxz2-9]{5}$/);
		expect(specOf(made)).toMatchObject({ serviceAccountName: 'default', serviceAccount: 'default' });
		expect(first(made).volumeMounts).toEqual([{ mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', name: volume?.name, readOnly: true }]);
	});

	it('mounts nothing where that is not wanted', () => {
		const made = testCluster().create('v1/pods', pod({ automountServiceAccountToken: false }));
		expect([specOf(made).volumes, first(made).volumeMounts]).toEqual([undefined, undefined]);
	});

	it('misses an account', () => {
		const cluster = testCluster();
		expect(cluster.refusal('v1/pods', pod({ serviceAccountName: 'robot' }))).toBe(
			'pods "p" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
		);
		const generated = cluster.call('create', 'v1/pods', {
			namespace: 'default',
			body: { metadata: { generateName: 'web-' }, spec: { ...pod().spec, serviceAccountName: 'robot' } },
		});
		expect(str(rec(generated.body).message)).toBe('pods "web-" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found');
	});
});

describe('LimitRanger', () => {
	const limited = (limits: object): TestCluster => {
		const cluster = testCluster();
		cluster.create('v1/limitranges', { metadata: { name: 'l' }, spec: { limits: [limits] } });
		return cluster;
	};

	it('gives defaults and says so', () => {
		const made = limited({ type: 'Container', default: { cpu: '500m', memory: '512Mi' }, defaultRequest: { cpu: '250m' } }).create('v1/pods', pod());
		expect(first(made).resources).toEqual({ limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '250m', memory: '512Mi' } });
		expect(made.metadata.annotations?.['kubernetes.io/limit-ranger']).toBe(
			'LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c',
		);
	});

	it.each<[string, object, object, string]>([
		[
			'too much',
			{ type: 'Container', max: { cpu: '1' } },
			{ limits: { cpu: '2' } },
			'pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
		],
		[
			'too little',
			{ type: 'Container', min: { memory: '100Mi' } },
			{ requests: { memory: '50Mi' }, limits: { memory: '200Mi' } },
			'pods "p" is forbidden: minimum memory usage per Container is 100Mi, but request is 50Mi',
		],
		['too little said', { type: 'Pod', max: { cpu: '1' } }, {}, 'pods "p" is forbidden: maximum cpu usage per Pod is 1.  No limit is specified'],
		[
			'two things at once',
			{ type: 'Container', max: { cpu: '1', memory: '1Gi' } },
			{ limits: { cpu: '2', memory: '2Gi' } },
			'pods "p" is forbidden: [maximum cpu usage per Container is 1, but limit is 2, maximum memory usage per Container is 1Gi, but limit is 2Gi]',
		],
		[
			'too far apart',
			{ type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
			{ requests: { cpu: '100m' }, limits: { cpu: '500m' } },
			'pods "p" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000',
		],
	])('refuses %s', (_name, limits, resources, text) => {
		expect(limited(limits).refusal('v1/pods', pod({ containers: [container({ resources })] }))).toBe(text);
	});

	it('bounds claims', () => {
		const claim = { metadata: { name: 'd' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } } };
		expect(limited({ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }).refusal('v1/persistentvolumeclaims', claim)).toBe(
			'persistentvolumeclaims "d" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 10Gi',
		);
	});
});

describe('ResourceQuota', () => {
	function quota(hard: object, used: object = {}, spec: object = {}): TestCluster {
		const cluster = testCluster();
		const made = cluster.create('v1/resourcequotas', { metadata: { name: 'q' }, spec: { hard, ...spec } });
		const zero = Object.fromEntries(Object.keys(hard).map((k) => [k, '0']));
		set(cluster, 'v1/resourcequotas', made, { hard, used: { ...zero, ...used } });
		return cluster;
	}
	const asking = (cpu: string, name = 'p') => pod({ containers: [container({ resources: { requests: { cpu }, limits: { cpu } } })] }, name);

	it('refuses what is too much, and counts the rest', () => {
		const cluster = quota({ 'requests.cpu': '1', pods: '5' });
		cluster.create('v1/pods', asking('600m'));
		expect(statusOf(cluster.client.get(cluster.world, 'v1/resourcequotas', 'default', 'q') as KubeObject).used).toEqual({ 'requests.cpu': '600m', pods: '1' });
		expect(cluster.refusal('v1/pods', asking('500m', 'b'))).toBe(
			'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
		);
	});

	it('wants compute said', () => {
		expect(quota({ 'limits.cpu': '1', 'requests.memory': '1Gi' }).refusal('v1/pods', pod())).toBe(
			'pods "p" is forbidden: failed quota: q: must specify limits.cpu for: c; requests.memory for: c',
		);
	});

	it('counts objects', () => {
		const cluster = quota({ services: '1', 'services.nodeports': '0', 'count/configmaps': '1' });
		expect(cluster.refusal('v1/services', { metadata: { name: 'a' }, spec: { type: 'NodePort', ports: [{ port: 80 }] } })).toBe(
			'services "a" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0',
		);
		cluster.create('v1/configmaps', { metadata: { name: 'a' } });
		expect(cluster.refusal('v1/configmaps', { metadata: { name: 'b' } })).toBe(
			'configmaps "b" is forbidden: exceeded quota: q, requested: count/configmaps=1, used: count/configmaps=1, limited: count/configmaps=1',
		);
	});

	it('keeps to its scopes', () => {
		const cluster = quota({ pods: '0' }, {}, { scopes: ['BestEffort'] });
		expect(cluster.refusal('v1/pods', asking('1'))).toBe('');
		expect(cluster.refusal('v1/pods', pod({}, 'b'))).toBe('pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0');
	});

	it('forgets a dry run', () => {
		const cluster = quota({ pods: '1' });
		const dry = { namespace: 'default', body: pod(), options: { dryRun: true } };
		expect([cluster.call('create', 'v1/pods', dry).code, cluster.call('create', 'v1/pods', dry).code]).toEqual([201, 201]);
	});

	it('waits until it is worked out', () => {
		const cluster = testCluster();
		const made = cluster.create('v1/resourcequotas', { metadata: { name: 'q' }, spec: { hard: { pods: '1' } } });
		set(cluster, 'v1/resourcequotas', made, { hard: { pods: '1' } });
		expect(cluster.refusal('v1/pods', pod())).toBe('pods "p" is forbidden: status unknown for quota: q, resources: pods');
	});
});

describe('Priority', () => {
	it('is a number from a class', () => {
		const cluster = testCluster();
		expect(specOf(cluster.create('v1/pods', pod({ priorityClassName: 'system-node-critical' }))).priority).toBe(2_000_001_000);
		expect(cluster.refusal('v1/pods', pod({ priorityClassName: 'none' }, 'b'))).toBe('pods "b" is forbidden: no PriorityClass with name none was found');
		cluster.create('scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'usual' }, value: 7, globalDefault: true });
		expect(specOf(cluster.create('v1/pods', pod({}, 'c')))).toMatchObject({ priority: 7, priorityClassName: 'usual' });
		expect(cluster.refusal('scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'other' }, value: 8, globalDefault: true })).toBe(
			'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
		);
		expect(cluster.refusal('v1/pods', pod({ priority: 5 }, 'd'))).toBe(
			'pods "d" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 7 from the given PriorityClass name',
		);
	});

	it('stays where a pod is replaced by its manifest', () => {
		const cluster = testCluster('apiserver');
		cluster.create('v1/pods', pod({}));
		const body = { ...pod({}), metadata: { name: 'p', labels: { status: 'replaced' } } };
		expect(cluster.call('update', 'v1/pods', { namespace: 'default', name: 'p', body }).code).toBe(200);
	});
});

describe('small defaults', () => {
	it("tolerate a node's silence for a while", () => {
		expect(specOf(testCluster().create('v1/pods', pod())).tolerations).toEqual([
			{ effect: 'NoExecute', key: 'node.kubernetes.io/not-ready', operator: 'Exists', tolerationSeconds: 300 },
			{ effect: 'NoExecute', key: 'node.kubernetes.io/unreachable', operator: 'Exists', tolerationSeconds: 300 },
		]);
	});

	it('give a claim the default class and protection', () => {
		const cluster = testCluster();
		const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
		const made = cluster.create('v1/persistentvolumeclaims', { metadata: { name: 'd' }, spec });
		expect([specOf(made).storageClassName, made.metadata.finalizers]).toEqual(['standard', ['kubernetes.io/pvc-protection']]);
		const none = cluster.create('v1/persistentvolumeclaims', { metadata: { name: 'e' }, spec: { ...spec, storageClassName: '' } });
		expect(specOf(none).storageClassName).toBe('');
	});

	it('refuse to grow what can not grow', () => {
		const cluster = testCluster();
		const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
		const made = cluster.create('v1/persistentvolumeclaims', { metadata: { name: 'd' }, spec });
		set(cluster, 'v1/persistentvolumeclaims', made, { phase: 'Bound', capacity: { storage: '1Gi' } });
		const now = cluster.client.get(cluster.world, 'v1/persistentvolumeclaims', 'default', 'd');
		const body = { ...now, spec: { ...rec(now?.spec), resources: { requests: { storage: '2Gi' } } } };
		const result = cluster.call('update', 'v1/persistentvolumeclaims', { namespace: 'default', name: 'd', body });
		expect(str(rec(result.body).message)).toBe(
			'persistentvolumeclaims "d" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
		);
	});
});
