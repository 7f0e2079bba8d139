import { describe, expect, it } from 'vitest';
import { rec, specOf, str } from './fields.ts';
import { testCluster } from './testing.ts';

const named = (spec: object, more: object = {}) => ({ metadata: { name: 'x' }, spec, ...more });

describe('labels that are not given', () => {
	it('are those of the template, for replication controllers and jobs', () => {
		const cluster = testCluster('apiserver');
		const template = { metadata: { labels: { app: 'mock' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
		const rc = cluster.create('v1/replicationcontrollers', { metadata: { name: 'mock' }, spec: { template } });
		expect(rc.metadata.labels).toEqual({ app: 'mock' });
		const job = cluster.create('batch/v1/jobs', {
			metadata: { name: 'j' },
			spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } },
		});
		expect(job.metadata.labels).toMatchObject({ app: 'mock', 'batch.kubernetes.io/job-name': 'j', 'controller-uid': job.metadata.uid });
	});
});

describe('the table of resources', () => {
	const { strategies } = testCluster('apiserver').services.api;

	it('names each once, with a kind and a singular', () => {
		const names = strategies.map((s) => `${s.group}/${s.resource}`);
		expect(new Set(names).size).toBe(names.length);
		for (const s of strategies) expect([s.kind, s.resource]).not.toContain('');
	});

	it('gives short names to one resource only, except where upstream shares them', () => {
		const owners = new Map<string, string[]>();
		for (const s of strategies) for (const short of s.shortNames) owners.set(short, [...(owners.get(short) ?? []), s.resource]);
		expect([...owners].filter(([, list]) => new Set(list).size > 1)).toEqual([]);
		expect(owners.get('netpol')).toEqual(['networkpolicies']);
	});

	it('has rows as wide as its columns', () => {
		const cluster = testCluster('full');
		for (const s of strategies) {
			if (s.table === undefined) continue;
			const object = { apiVersion: 'v1', kind: s.kind, metadata: { name: 'x', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-20T17:59:00Z' } };
			expect(s.table.row(cluster.world, object), s.resource).toHaveLength(s.table.columns.length);
		}
	});
});

describe('validation', () => {
	it.each<[string, string, object, string]>([
		[
			'an ingress of nothing',
			'networking.k8s.io/v1/ingresses',
			named({}),
			'Ingress.networking.k8s.io "x" is invalid: spec: Invalid value: {"IngressClassName":null,"DefaultBackend":null,"TLS":null,"Rules":null}: either `defaultBackend` or `rules` must be specified',
		],
		[
			'a path without type',
			'networking.k8s.io/v1/ingresses',
			named({ rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 'a', port: { number: 80 } } } }] } }] }),
			'Ingress.networking.k8s.io "x" is invalid: spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
		],
		[
			'a backend without port',
			'networking.k8s.io/v1/ingresses',
			named({ rules: [{ host: 'a.test', http: { paths: [{ path: 'a', pathType: 'Prefix', backend: { service: { name: 'a' } } }] } }] }),
			'Ingress.networking.k8s.io "x" is invalid: [spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path, spec.rules[0].http.paths[0].backend.service.port: Required value: port name or number is required]',
		],
		[
			'a host that is an address',
			'networking.k8s.io/v1/ingresses',
			named({ rules: [{ host: '10.0.0.1' }] }),
			'Ingress.networking.k8s.io "x" is invalid: spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
		],
		[
			'a peer of nothing',
			'networking.k8s.io/v1/networkpolicies',
			named({ podSelector: {}, ingress: [{ from: [{}] }] }),
			'NetworkPolicy.networking.k8s.io "x" is invalid: spec.ingress[0].from[0]: Required value: must specify a peer',
		],
		[
			'a hole outside the block',
			'networking.k8s.io/v1/networkpolicies',
			named({ podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['192.168.0.0/16'] } }] }] }),
			'NetworkPolicy.networking.k8s.io "x" is invalid: spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "192.168.0.0/16": must be a strict subset of `cidr`',
		],
		[
			'a budget of two minds',
			'policy/v1/poddisruptionbudgets',
			named({ minAvailable: 1, maxUnavailable: 1 }),
			'PodDisruptionBudget.policy "x" is invalid: spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set',
		],
		[
			'a claim of nothing',
			'v1/persistentvolumeclaims',
			named({}),
			'PersistentVolumeClaim "x" is invalid: [spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Required value]',
		],
		[
			'a volume of nothing',
			'v1/persistentvolumes',
			named({ accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } }),
			'PersistentVolume "x" is invalid: spec: Required value: must specify a volume type',
		],
		[
			'a quota of anything',
			'v1/resourcequotas',
			named({ hard: { things: '1' } }),
			'ResourceQuota "x" is invalid: [spec.hard[things]: Invalid value: "things": must be a standard resource type or fully qualified, spec.hard[things]: Invalid value: "things": must be a standard resource for quota]',
		],
		[
			'bounds the wrong way round',
			'v1/limitranges',
			named({ limits: [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' }, default: { cpu: '1' }, defaultRequest: { cpu: '1' } }] }),
			'LimitRange "x" is invalid: [spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1, spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than default request value 1, spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than default value 1]',
		],
		[
			'an autoscaler upside down',
			'autoscaling/v2/horizontalpodautoscalers',
			named({ minReplicas: 3, maxReplicas: 1, scaleTargetRef: { kind: 'Deployment', name: 'w' } }),
			'HorizontalPodAutoscaler.autoscaling "x" is invalid: spec.maxReplicas: Invalid value: 1: must be greater than or equal to `minReplicas`',
		],
		[
			'a key with a slash',
			'v1/configmaps',
			{ metadata: { name: 'x' }, data: { 'a/b': '' } },
			"ConfigMap \"x\" is invalid: data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
		],
		[
			'a certificate without key',
			'v1/secrets',
			{ metadata: { name: 'x' }, type: 'kubernetes.io/tls', data: { 'tls.crt': '' } },
			'Secret "x" is invalid: data[tls.key]: Required value',
		],
		[
			'a rule without verbs',
			'rbac.authorization.k8s.io/v1/roles',
			{ metadata: { name: 'x' }, rules: [{ apiGroups: [''], resources: ['pods'] }] },
			'Role.rbac.authorization.k8s.io "x" is invalid: rules[0].verbs: Required value: verbs must contain at least one value',
		],
		[
			"a priority of the system's",
			'scheduling.k8s.io/v1/priorityclasses',
			{ metadata: { name: 'x' }, value: 2_000_000_000 },
			'PriorityClass.scheduling.k8s.io "x" is invalid: value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
		],
	])('%s', (_name, path, object, text) => {
		expect(testCluster('apiserver').refusal(path, object as { readonly [field: string]: unknown })).toBe(text);
	});

	it('keeps a claim as it was', () => {
		const cluster = testCluster('apiserver');
		const made = cluster.create('v1/persistentvolumeclaims', named({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }));
		const body = { ...made, spec: { ...specOf(made), accessModes: ['ReadWriteMany'] } };
		const result = cluster.call('update', 'v1/persistentvolumeclaims', { namespace: 'default', name: 'x', body });
		expect(str(rec(result.body).message)).toMatch(
			/^PersistentVolumeClaim "x" is invalid: spec: Forbidden: spec is immutable after creation except resources\.requests and volumeAttributesClassName for bound claims\n@@ /,
		);
	});

	it('keeps what is marked immutable', () => {
		const cluster = testCluster('apiserver');
		const made = cluster.create('v1/configmaps', { metadata: { name: 'x' }, immutable: true, data: { a: '1' } });
		const result = cluster.call('update', 'v1/configmaps', { namespace: 'default', name: 'x', body: { ...made, data: { a: '2' } } });
		expect(str(rec(result.body).message)).toBe('ConfigMap "x" is invalid: data: Forbidden: field is immutable when `immutable` is set');
	});
});

describe('defaults', () => {
	it('write stringData into data', () => {
		const made = testCluster('apiserver').create('v1/secrets', { metadata: { name: 'x' }, data: { a: 'YQ==' }, stringData: { b: 'grüße' } });
		expect([made.type, made.data, made.stringData]).toEqual(['Opaque', { a: 'YQ==', b: 'Z3LDvMOfZQ==' }, undefined]);
	});

	it('name a namespace by a label and hold it by a finalizer', () => {
		const made = testCluster('apiserver').create('v1/namespaces', { metadata: { name: 'x' } });
		expect(made).toMatchObject({
			metadata: { labels: { 'kubernetes.io/metadata.name': 'x' } },
			spec: { finalizers: ['kubernetes'] },
			status: { phase: 'Active' },
		});
	});

	it('make a policy one of ingress, and of egress where it has rules', () => {
		const cluster = testCluster('apiserver');
		expect(specOf(cluster.create('networking.k8s.io/v1/networkpolicies', named({ podSelector: {} }))).policyTypes).toEqual(['Ingress']);
		const out = { metadata: { name: 'y' }, spec: { podSelector: {}, egress: [{ ports: [{ port: 53 }] }] } };
		expect(specOf(cluster.create('networking.k8s.io/v1/networkpolicies', out))).toEqual({
			podSelector: {},
			policyTypes: ['Ingress', 'Egress'],
			egress: [{ ports: [{ port: 53, protocol: 'TCP' }] }],
		});
	});
});
