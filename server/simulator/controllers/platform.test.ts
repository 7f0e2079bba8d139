import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../apiserver/types.ts';
import { formatMicroTime } from '../kernel/time.ts';
import type { Pod } from './shared/objects.ts';
import { type TestCluster, testCluster } from './testing.ts';

function cluster(): TestCluster {
	const c = testCluster();
	c.addNode('foothold-worker');
	c.addNode('foothold-worker2');
	c.run(100);
	return c;
}

type Any = KubeObject & { readonly spec: { readonly [k: string]: unknown }; readonly status?: { readonly [k: string]: unknown } };
/** A value of unknown make as a list. */
const list = <T = unknown>(value: unknown): readonly T[] => (value ?? []) as readonly T[];
const get = (c: TestCluster, path: string, name: string, namespace: string | undefined = 'default'): Any | undefined =>
	c.client.get(c.world, path, namespace, name) as Any | undefined;

const pod = (
	name: string,
	spec: { readonly [k: string]: unknown } = {},
	labels: { readonly [k: string]: string } = { app: 'web' },
): { readonly [k: string]: unknown } => ({
	apiVersion: 'v1',
	kind: 'Pod',
	metadata: { name, labels },
	spec: { containers: [{ name: 'main', image: 'nginx', ports: [{ name: 'http', containerPort: 8080 }] }], ...spec },
});

const deployment = (replicas: number, resources: { readonly [k: string]: unknown } = {}): { readonly [k: string]: unknown } => ({
	apiVersion: 'apps/v1',
	kind: 'Deployment',
	metadata: { name: 'web' },
	spec: {
		replicas,
		selector: { matchLabels: { app: 'web' } },
		template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx', resources }] } },
	},
});

describe('endpoints', () => {
	interface Slice extends KubeObject {
		readonly endpoints?: readonly { readonly addresses: readonly string[]; readonly conditions: unknown; readonly targetRef: { readonly name: string } }[];
		readonly ports?: readonly unknown[];
	}
	const slices = (c: TestCluster): readonly Slice[] =>
		(c.client.list(c.world, 'discovery.k8s.io/v1/endpointslices', 'default') as readonly Slice[]).filter(
			(s) => s.metadata.labels?.['kubernetes.io/service-name'] === 'web',
		);
	const service = {
		apiVersion: 'v1',
		kind: 'Service',
		metadata: { name: 'web' },
		spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
	};

	it('follow readiness, resolve named ports, keep terminating pods apart', () => {
		const c = cluster();
		c.create('v1/services', 'default', service);
		c.create('v1/pods', 'default', pod('good'));
		c.create('v1/pods', 'default', pod('bad'));
		c.runWithPods(500, (p) => p.metadata.name === 'good');
		const [slice] = slices(c);
		expect(slice?.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
		expect(slice?.ports).toEqual([{ name: 'http', port: 8080, protocol: 'TCP' }]);
		const by = (name: string): unknown => slices(c)[0]?.endpoints?.find((e) => e.targetRef.name === name)?.conditions;
		expect(by('good')).toEqual({ ready: true, serving: true, terminating: false });
		expect(by('bad')).toEqual({ ready: false, serving: false, terminating: false });
		const subsets = get(c, 'v1/endpoints', 'web')?.['subsets'] as readonly {
			readonly addresses: readonly unknown[];
			readonly notReadyAddresses: readonly unknown[];
		}[];
		expect([subsets[0]?.addresses.length, subsets[0]?.notReadyAddresses.length]).toEqual([1, 1]);
		c.client.delete(c.world, 'v1/pods', 'default', 'good');
		c.run(200);
		expect(by('good')).toEqual({ ready: false, serving: true, terminating: true });
	});

	it('written by hand are mirrored for a service without a selector', () => {
		const c = cluster();
		c.create('v1/services', 'default', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port: 5432 }] } });
		c.create('v1/endpoints', 'default', {
			apiVersion: 'v1',
			kind: 'Endpoints',
			metadata: { name: 'web' },
			subsets: [{ addresses: [{ ip: '192.0.2.42' }], ports: [{ port: 5432 }] }],
		});
		c.run(200);
		expect(slices(c)).toMatchObject([
			{ endpoints: [{ addresses: ['192.0.2.42'], conditions: { ready: true } }], ports: [{ name: '', port: 5432, protocol: 'TCP' }] },
		]);
		c.client.delete(c.world, 'v1/endpoints', 'default', 'web');
		c.run(200);
		expect(slices(c)).toEqual([]);
	});

	it('fill slices of a hundred', () => {
		const c = testCluster();
		for (let i = 0; i < 3; i++) c.addNode(`n${i}`);
		c.create('v1/services', 'default', service);
		c.create('apps/v1/deployments', 'default', deployment(150));
		c.runWithPods(3000);
		expect(
			slices(c)
				.map((s) => s.endpoints?.length)
				.sort(),
		).toEqual([100, 50]);
	});
});

describe('volumes', () => {
	const storageClass = {
		apiVersion: 'storage.k8s.io/v1',
		kind: 'StorageClass',
		metadata: { name: 'standard' },
		provisioner: 'rancher.io/local-path',
		volumeBindingMode: 'WaitForFirstConsumer',
		reclaimPolicy: 'Delete',
	};
	const claim = (over: { readonly [k: string]: unknown } = {}): { readonly [k: string]: unknown } => ({
		apiVersion: 'v1',
		kind: 'PersistentVolumeClaim',
		metadata: { name: 'data' },
		spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'standard', resources: { requests: { storage: '1Gi' } }, ...over },
	});
	const user = pod('user', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] });

	it('are made where the first consumer is placed, and go with their claim', () => {
		const c = cluster();
		if (get(c, 'storage.k8s.io/v1/storageclasses', 'standard', undefined) === undefined) c.create('storage.k8s.io/v1/storageclasses', undefined, storageClass);
		c.create('v1/persistentvolumeclaims', 'default', claim());
		c.run(1000);
		expect(get(c, 'v1/persistentvolumeclaims', 'data')?.status).toMatchObject({ phase: 'Pending' });
		expect(c.events('default', 'data')).toEqual(['WaitForFirstConsumer: waiting for first consumer to be created before binding']);
		c.create('v1/pods', 'default', user);
		c.run(200);
		expect(get(c, 'v1/pods', 'user')?.spec['nodeName'] ?? '').toBe('');
		c.run(4000);
		const bound = get(c, 'v1/persistentvolumeclaims', 'data') as Any;
		const node = get(c, 'v1/pods', 'user')?.spec['nodeName'];
		const name = `pvc-${bound.metadata.uid}`;
		expect(node).toMatch(/^foothold-worker/);
		expect(bound.status).toMatchObject({ phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] });
		expect(bound.spec['volumeName']).toBe(name);
		expect(get(c, 'v1/persistentvolumes', name, undefined)?.spec).toMatchObject({
			hostPath: { path: `/var/local-path-provisioner/${name}_default_data` },
			nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] } },
		});
		expect(new Set(c.events('default', 'data').map((e) => e.split(':')[0]))).toEqual(
			new Set(['WaitForFirstConsumer', 'ExternalProvisioning', 'Provisioning', 'ProvisioningSucceeded']),
		);
		// In use: deletion waits for the pod.
		c.client.delete(c.world, 'v1/persistentvolumeclaims', 'default', 'data');
		c.run(1000);
		expect(get(c, 'v1/persistentvolumeclaims', 'data')?.metadata.deletionTimestamp).toBeDefined();
		c.client.delete(c.world, 'v1/pods', 'default', 'user', { gracePeriodSeconds: 0 });
		c.run(5000);
		expect(get(c, 'v1/persistentvolumeclaims', 'data')).toBeUndefined();
		expect(get(c, 'v1/persistentvolumes', name, undefined)).toBeUndefined();
	});

	it('made by hand bind to the smallest that fits, and are kept when they say so', () => {
		const c = cluster();
		const volume = (name: string, storage: string): { readonly [k: string]: unknown } => ({
			apiVersion: 'v1',
			kind: 'PersistentVolume',
			metadata: { name },
			spec: {
				capacity: { storage },
				accessModes: ['ReadWriteOnce'],
				storageClassName: 'manual',
				hostPath: { path: `/mnt/${name}` },
				persistentVolumeReclaimPolicy: 'Retain',
			},
		});
		c.create('v1/persistentvolumes', undefined, volume('large', '10Gi'));
		c.create('v1/persistentvolumes', undefined, volume('small', '2Gi'));
		c.run(100);
		c.create('v1/persistentvolumeclaims', 'default', claim({ storageClassName: 'manual' }));
		c.run(500);
		expect(get(c, 'v1/persistentvolumeclaims', 'data')?.spec['volumeName']).toBe('small');
		expect(get(c, 'v1/persistentvolumes', 'small', undefined)?.status).toMatchObject({ phase: 'Bound' });
		expect(get(c, 'v1/persistentvolumes', 'large', undefined)?.status).toMatchObject({ phase: 'Available' });
		c.client.delete(c.world, 'v1/persistentvolumeclaims', 'default', 'data');
		c.run(500);
		expect(get(c, 'v1/persistentvolumes', 'small', undefined)?.status).toMatchObject({ phase: 'Released' });
	});
});

describe('namespaces and garbage', () => {
	it('a new namespace gets its account and CA; a deleted one takes its content along', () => {
		const c = cluster();
		c.create('v1/namespaces', undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'notes' } });
		c.run(100);
		expect(get(c, 'v1/serviceaccounts', 'default', 'notes')).toBeDefined();
		expect((get(c, 'v1/configmaps', 'kube-root-ca.crt', 'notes')?.['data'] as { readonly [k: string]: string } | undefined)?.['ca.crt']).toMatch(
			/^-----BEGIN CERTIFICATE-----\n/,
		);
		c.create('apps/v1/deployments', 'notes', deployment(2));
		c.runWithPods(500);
		c.client.delete(c.world, 'v1/namespaces', undefined, 'notes');
		c.run(500);
		const conditions = get(c, 'v1/namespaces', 'notes', undefined)?.status?.['conditions'] as readonly { readonly type: string; readonly message: string }[];
		expect(conditions.find((x) => x.type === 'NamespaceContentRemaining')?.message).toBe('Some resources are remaining: pods. has 2 resource instances');
		c.runWithPods(3000);
		expect(get(c, 'v1/namespaces', 'notes', undefined)).toBeUndefined();
		expect(c.pods('notes')).toEqual([]);
		expect(c.client.list(c.world, 'apps/v1/replicasets', 'notes')).toEqual([]);
	});

	it('deletes in the background, waits in the foreground, lets go of orphans', () => {
		const c = cluster();
		const start = (): void => {
			c.create('apps/v1/deployments', 'default', deployment(2));
			c.runWithPods(1000);
		};
		start();
		c.client.delete(c.world, 'apps/v1/deployments', 'default', 'web');
		expect(get(c, 'apps/v1/deployments', 'web')).toBeUndefined();
		c.runWithPods(1000);
		expect(c.pods('default')).toEqual([]);
		start();
		c.client.delete(c.world, 'apps/v1/deployments', 'default', 'web', { propagationPolicy: 'Foreground' });
		c.run(200);
		expect(get(c, 'apps/v1/deployments', 'web')?.metadata.finalizers).toEqual(['foregroundDeletion']);
		c.runWithPods(2000);
		expect([get(c, 'apps/v1/deployments', 'web'), c.pods('default').length]).toEqual([undefined, 0]);
		start();
		c.client.delete(c.world, 'apps/v1/deployments', 'default', 'web', { propagationPolicy: 'Orphan' });
		c.runWithPods(1000);
		expect(get(c, 'apps/v1/deployments', 'web')).toBeUndefined();
		const sets = c.client.list(c.world, 'apps/v1/replicasets', 'default');
		expect(sets.map((s) => s.metadata.ownerReferences ?? [])).toEqual([[]]);
		expect(c.pods('default')).toHaveLength(2);
	});
});

describe('nodes', () => {
	it('that fall silent are tainted, and lose their pods when tolerations run out', () => {
		const c = cluster();
		const renew = (name: string): void => {
			const spec = { holderIdentity: name, leaseDurationSeconds: 40, renewTime: formatMicroTime(c.world.now) };
			const held = c.client.get(c.world, 'coordination.k8s.io/v1/leases', 'kube-node-lease', name);
			if (held === undefined)
				c.create('coordination.k8s.io/v1/leases', 'kube-node-lease', { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name }, spec });
			else c.client.update(c.world, 'coordination.k8s.io/v1/leases', { ...held, spec });
		};
		if (get(c, 'v1/namespaces', 'kube-node-lease', undefined) === undefined) {
			c.create('v1/namespaces', undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-node-lease' } });
		}
		renew('foothold-worker');
		renew('foothold-worker2');
		const seconds = (key: string): { readonly [k: string]: unknown } => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 });
		c.create(
			'v1/pods',
			'default',
			pod('a', { nodeName: 'foothold-worker', tolerations: [seconds('node.kubernetes.io/not-ready'), seconds('node.kubernetes.io/unreachable')] }),
		);
		c.runWithPods(200);
		for (let i = 0; i < 7; i++) {
			c.run(10_000);
			renew('foothold-worker2');
		}
		const silent = get(c, 'v1/nodes', 'foothold-worker', undefined) as Any;
		expect(silent.spec['taints']).toMatchObject([
			{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' },
			{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
		]);
		expect(get(c, 'v1/nodes', 'foothold-worker2', undefined)?.spec['taints'] ?? []).toEqual([]);
		expect(c.events('default', 'foothold-worker')).toContain('NodeNotReady: Node foothold-worker status is now: NodeNotReady');
		expect((get(c, 'v1/pods', 'a') as unknown as Pod).status?.conditions?.find((x) => x.type === 'Ready')?.status).toBe('False');
		for (let i = 0; i < 3; i++) {
			c.run(10_000);
			renew('foothold-worker2');
		}
		expect(get(c, 'v1/pods', 'a')?.metadata.deletionTimestamp).toBeDefined();
		expect(c.events('default', 'a')).toContain('TaintManagerEviction: Marking for deletion Pod default/a');
	});

	it('that nobody ever said anything of are unknown after a minute, and keep their pods where no other node is better off', () => {
		const c = testCluster();
		c.create('v1/nodes', undefined, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'bare' } });
		c.create('v1/pods', 'default', pod('a', { nodeName: 'bare' }));
		c.run(59_000);
		expect(get(c, 'v1/nodes', 'bare', undefined)?.status?.['conditions']).toBeUndefined();
		c.run(6000);
		const conditions = get(c, 'v1/nodes', 'bare', undefined)?.status?.['conditions'] as readonly { readonly type: string }[];
		expect(conditions.map((x) => x.type)).toEqual(['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']);
		expect(conditions[0]).toMatchObject({ status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' });
		const taints = (): unknown => get(c, 'v1/nodes', 'bare', undefined)?.spec['taints'];
		expect(taints()).toMatchObject([{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }]);
		expect(get(c, 'v1/pods', 'a')?.metadata.deletionTimestamp).toBeUndefined();
		c.addNode('foothold-worker');
		c.run(6000);
		expect(taints()).toMatchObject([{ effect: 'NoSchedule' }, { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }]);
	});

	it('that a pod names although there is none: the pod goes', () => {
		const c = testCluster();
		c.addNode('worker');
		const pod = (name: string, nodeName: string): void =>
			void c.create('v1/pods', 'default', {
				apiVersion: 'v1',
				kind: 'Pod',
				metadata: { name },
				spec: { nodeName, containers: [{ name: 'c', image: 'nginx' }] },
			});
		pod('lost', 'nowhere');
		pod('placed', 'worker');
		c.run(30_000);
		expect(c.pods('default').map((p) => p.metadata.name)).toEqual(['lost', 'placed']);
		c.run(60_000);
		expect(c.pods('default').map((p) => p.metadata.name)).toEqual(['placed']);
	});

	it('that are cordoned get the taint, and lose it again', () => {
		const c = cluster();
		const set = (unschedulable: boolean): void => {
			const node = get(c, 'v1/nodes', 'foothold-worker', undefined) as Any;
			c.client.update(c.world, 'v1/nodes', { ...node, spec: { ...node.spec, unschedulable } });
			c.run(100);
		};
		set(true);
		expect(get(c, 'v1/nodes', 'foothold-worker', undefined)?.spec['taints']).toMatchObject([{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]);
		set(false);
		expect(get(c, 'v1/nodes', 'foothold-worker', undefined)?.spec['taints']).toBeUndefined();
	});
});

describe('disruption budget', () => {
	it('says how many may go', () => {
		const c = cluster();
		c.create('apps/v1/deployments', 'default', deployment(3));
		c.create('policy/v1/poddisruptionbudgets', 'default', {
			apiVersion: 'policy/v1',
			kind: 'PodDisruptionBudget',
			metadata: { name: 'web' },
			spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
		});
		c.runWithPods(1000);
		const status = get(c, 'policy/v1/poddisruptionbudgets', 'web')?.status;
		expect(status).toMatchObject({ currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1, expectedPods: 3 });
		expect(list(status?.['conditions'])[0]).toMatchObject({
			type: 'DisruptionAllowed',
			status: 'True',
			reason: 'SufficientPods',
			message: '',
		});
	});
});

describe('balancers and ingress', () => {
	it('give the ingress controller its address, others the next, and ingresses the controller its', () => {
		const c = cluster();
		for (const name of ['ingress-nginx']) c.create('v1/namespaces', undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
		const balanced = (name: string): { readonly [k: string]: unknown } => ({
			apiVersion: 'v1',
			kind: 'Service',
			metadata: { name },
			spec: { type: 'LoadBalancer', selector: { app: 'x' }, ports: [{ port: 80 }] },
		});
		c.create('v1/services', 'default', balanced('other'));
		c.create('v1/services', 'ingress-nginx', balanced('ingress-nginx-controller'));
		c.create('networking.k8s.io/v1/ingressclasses', undefined, {
			apiVersion: 'networking.k8s.io/v1',
			kind: 'IngressClass',
			metadata: { name: 'nginx' },
			spec: { controller: 'k8s.io/ingress-nginx' },
		});
		c.create('networking.k8s.io/v1/ingresses', 'default', {
			apiVersion: 'networking.k8s.io/v1',
			kind: 'Ingress',
			metadata: { name: 'web' },
			spec: {
				ingressClassName: 'nginx',
				rules: [
					{ host: 'notes.foothold.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }] } },
				],
			},
		});
		c.run(10_000);
		expect(get(c, 'v1/services', 'ingress-nginx-controller', 'ingress-nginx')?.status).toMatchObject({ loadBalancer: { ingress: [{ ip: '172.18.0.100' }] } });
		expect(get(c, 'v1/services', 'other')?.status).toMatchObject({ loadBalancer: { ingress: [{ ip: '172.18.0.101' }] } });
		expect(get(c, 'networking.k8s.io/v1/ingresses', 'web')?.status).toEqual({ loadBalancer: { ingress: [{ ip: '172.18.0.100' }] } });
		expect(c.events('default', 'web')).toContain('Sync: Scheduled for sync');
		expect(c.events('default', 'other')).toEqual(['EnsuringLoadBalancer: Ensuring load balancer', 'EnsuredLoadBalancer: Ensured load balancer']);
		c.client.delete(c.world, 'v1/services', 'default', 'other');
		c.run(1000);
		expect(get(c, 'v1/services', 'other')).toBeUndefined();
	});
});
