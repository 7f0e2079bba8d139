import { expect, it } from 'vitest';
import type { KubeObject } from '../types.ts';
import { rec } from './fields.ts';
import { testCluster } from './testing.ts';

const labels = { app: 'web' };
const containers = [
	{
		name: 'c',
		image: 'nginx',
		ports: [{ containerPort: 80 }],
		livenessProbe: { httpGet: { port: 80 }, timeoutSeconds: 0 },
		readinessProbe: { grpc: { port: 80 } },
		lifecycle: { preStop: { exec: { command: ['true'] } } },
		env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
		resources: { limits: { cpu: '1000m' } },
		volumeMounts: [{ name: 'v', mountPath: '/v' }],
	},
];
const volumes = [{ name: 'v' }, { name: 'w', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }];
const template = { metadata: { labels }, spec: { containers, volumes, serviceAccountName: 'default' } };
const job = { template: { spec: { containers: [{ name: 'c', image: 'x' }], restartPolicy: 'Never' } } };
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } };

const SAMPLES: readonly (readonly [path: string, object: { readonly [field: string]: unknown }])[] = [
	['v1/pods', { spec: template.spec }],
	['v1/services', { spec: { type: 'LoadBalancer', sessionAffinity: 'ClientIP', ports: [{ port: 80 }] } }],
	['v1/secrets', { stringData: { a: 'b' } }],
	['v1/persistentvolumeclaims', { spec: claim }],
	['v1/persistentvolumes', { spec: { ...claim, capacity: { storage: '1Gi' }, resources: undefined, hostPath: { path: '/x' } } }],
	['v1/limitranges', { spec: { limits: [{ type: 'Container', max: { cpu: '1000m' }, min: { cpu: '0.1' } }] } }],
	['v1/resourcequotas', { spec: { hard: { 'count/leases.coordination.k8s.io': '1000m' } } }],
	['v1/endpoints', { subsets: [{ addresses: [{ ip: '1.2.3.4' }], ports: [{ port: 80 }] }] }],
	['v1/replicationcontrollers', { spec: { template } }],
	['v1/podtemplates', { template }],
	['apps/v1/deployments', { spec: { selector: { matchLabels: labels }, template } }],
	['apps/v1/replicasets', { spec: { selector: { matchLabels: labels }, template } }],
	['apps/v1/daemonsets', { spec: { selector: { matchLabels: labels }, template } }],
	['apps/v1/statefulsets', { spec: { selector: { matchLabels: labels }, template, volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: claim }] } }],
	['batch/v1/jobs', { spec: job }],
	['batch/v1/cronjobs', { spec: { schedule: '@hourly', jobTemplate: { spec: job } } }],
	['networking.k8s.io/v1/ingresses', { spec: { defaultBackend: { service: { name: 'a', port: { number: 80 } } } } }],
	['networking.k8s.io/v1/networkpolicies', { spec: { podSelector: {}, egress: [{ ports: [{ port: 53 }] }] } }],
	['policy/v1/poddisruptionbudgets', { spec: { minAvailable: '50%', selector: {} } }],
	['autoscaling/v2/horizontalpodautoscalers', { spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'x' }, behavior: { scaleUp: {} } } }],
	['rbac.authorization.k8s.io/v1/rolebindings', { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'User', name: 'u' }] }],
];

it.each(SAMPLES)('%s: writing back what was read changes nothing', (path, object) => {
	const cluster = testCluster();
	const made = cluster.create(path, { metadata: { name: 'x' }, ...object });
	const result = cluster.call('update', path, {
		name: 'x',
		body: made,
		...(made.metadata.namespace === undefined ? {} : { namespace: made.metadata.namespace }),
	});
	expect(result.code, String(rec(result.body).message)).toBe(200);
	expect(result.body).toEqual(made);
});

it('holds for all that stands at boot', () => {
	const cluster = testCluster();
	for (const s of cluster.services.api.strategies) {
		if (s.virtualCreate !== undefined || s.virtualRead !== undefined) continue;
		const path = `${s.group === '' ? '' : `${s.group}/`}${s.versions[0]}/${s.resource}`;
		for (const object of cluster.client.list(cluster.world, path)) {
			const { name, namespace } = object.metadata;
			const result = cluster.call('update', path, { name, body: object, ...(namespace === undefined ? {} : { namespace }) });
			expect((result.body as KubeObject).metadata.resourceVersion, `${path} ${name}`).toBe(object.metadata.resourceVersion);
		}
	}
});
