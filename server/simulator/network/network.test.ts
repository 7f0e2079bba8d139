import { describe, expect, it } from 'vitest';
import { testCluster, type TestCluster } from '../kubelet/testing.ts';
import { callOutcome, forgetCall } from './network.ts';
import type { Outcome, Source } from './types.ts';

const POLICY = 'networking.k8s.io/v1/networkpolicies';

function uid(c: TestCluster, name: string, namespace = 'default'): Source {
	return { kind: 'pod', uid: c.getPod(name, namespace)?.metadata.uid ?? '' };
}

function policy(c: TestCluster, name: string, spec: { readonly [field: string]: unknown }, namespace = 'default'): void {
	c.create(POLICY, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec });
}

function service(c: TestCluster, name: string, spec: { readonly [field: string]: unknown }): void {
	c.create('v1/services', { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec });
}

const said = (o: Outcome | undefined): string =>
	o === undefined ? 'nothing' : o.ok ? (o.response.protocol === 'http' ? `${o.response.status} ${o.response.body}` : 'ok') : `${o.error} ${o.phase}`;

/** A server (two pods behind a service), a client, and a stranger in a namespace of its own. */
function small(): TestCluster {
	const c = testCluster(['notes.foothold.test']);
	c.create('v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other', labels: { team: 'other' } } });
	c.run(1);
	const ports = [{ name: 'http', containerPort: 8080 }];
	c.pod('server-a', { args: ['serve', '8080'], ports }, {}, { app: 'server' });
	c.pod('server-b', { args: ['serve', '8080'], ports }, {}, { app: 'server' });
	c.pod('client', { args: ['serve', '9000'] }, {}, { app: 'client' });
	c.pod('stranger', {}, {}, { app: 'client' }, 'other');
	service(c, 'server', { selector: { app: 'server' }, ports: [{ port: 80, targetPort: 'http' }] });
	c.run(10);
	return c;
}

describe('services and names', () => {
	it('lead to every ready endpoint, by any of the name’s forms', () => {
		const c = small();
		const from = uid(c, 'client');
		for (const name of ['server', 'server.default', 'server.default.svc', 'server.default.svc.cluster.local', 'server.default.svc.cluster.local.']) {
			expect(said(c.fetch(from, name, 80))).toMatch(/^200 server-[ab] /);
		}
		const hit = new Set(Array.from({ length: 20 }, () => said(c.fetch(from, 'server', 80)).split(' ')[1]));
		expect([...hit].sort()).toEqual(['server-a', 'server-b']);
		expect(said(c.fetch(uid(c, 'stranger', 'other'), 'server', 80))).toBe('ENOTFOUND dns');
		expect(said(c.fetch(uid(c, 'stranger', 'other'), 'server.default', 80))).toMatch(/^200/);
	});

	it('refuse where nothing is behind them, and where nothing listens', () => {
		const c = small();
		service(c, 'empty', { selector: { app: 'none' }, ports: [{ port: 80 }] });
		c.run(1);
		expect(said(c.fetch(uid(c, 'client'), 'empty', 80))).toBe('ECONNREFUSED connect');
		expect(said(c.fetch(uid(c, 'client'), c.getPod('server-a')?.status?.podIP ?? '', 81))).toBe('ECONNREFUSED connect');
		expect(said(c.fetch(uid(c, 'client'), '10.244.1.200', 80))).toBe('EHOSTUNREACH connect');
	});

	it('resolve headless services, external names and the outside', () => {
		const c = small();
		service(c, 'headless', { clusterIP: 'None', selector: { app: 'server' }, ports: [{ port: 8080 }] });
		service(c, 'away', { type: 'ExternalName', externalName: 'example.com' });
		c.run(1);
		const look = (name: string): unknown => c.services.network.resolve(c.world, uid(c, 'client'), name);
		expect(look('headless')).toMatchObject({ addresses: [c.getPod('server-a')?.status?.podIP, c.getPod('server-b')?.status?.podIP] });
		expect(look('away')).toMatchObject({ addresses: ['93.184.215.14'], canonical: 'example.com' });
		expect(said(c.fetch(uid(c, 'client'), 'example.com', 80))).toMatch(/^200/);
		expect(look('notes.foothold.test')).toEqual({ error: 'ENOTFOUND' });
		expect(c.services.network.resolve(c.world, { kind: 'external' }, 'notes.foothold.test')).toEqual({ addresses: ['172.18.0.100'] });
	});

	it('need CoreDNS to be up', () => {
		const c = small();
		const admin = c.services.api.client({ name: 'admin', groups: ['system:masters'] });
		admin.patch(c.world, 'apps/v1/deployments', 'kube-system', 'coredns', { spec: { replicas: 0 } }, 'application/merge-patch+json');
		c.run(20);
		expect(said(c.fetch(uid(c, 'client'), 'server', 80))).toBe('EAI_AGAIN dns');
	});

	it('are reached from outside by node port only', () => {
		const c = small();
		service(c, 'public', { type: 'NodePort', selector: { app: 'server' }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] });
		c.run(1);
		expect(said(c.fetch({ kind: 'external' }, '172.18.0.3', 30080))).toMatch(/^200 server-/);
		expect(said(c.fetch({ kind: 'external' }, '172.18.0.3', 30081))).toBe('ECONNREFUSED connect');
		expect(said(c.fetch({ kind: 'external' }, c.getPod('server-a')?.status?.podIP ?? '', 8080, '/', 200))).toBe('ETIMEDOUT connect');
	});

	it('stick to one endpoint with session affinity', () => {
		const c = small();
		service(c, 'sticky', { selector: { app: 'server' }, sessionAffinity: 'ClientIP', ports: [{ port: 80, targetPort: 8080 }] });
		c.run(1);
		expect(new Set(Array.from({ length: 12 }, () => said(c.fetch(uid(c, 'client'), 'sticky', 80)))).size).toBe(1);
	});

	it('break with the process that serves', () => {
		const c = small();
		expect(said(c.fetch(uid(c, 'client'), 'server', 80, '/die'))).toBe('ECONNRESET response');
	});
});

describe('network policies', () => {
	const dns = { to: [{ namespaceSelector: {} }], ports: [{ protocol: 'UDP', port: 53 }] };

	it('deny what no rule allows, by silence', () => {
		const c = small();
		policy(c, 'deny', { podSelector: { matchLabels: { app: 'server' } }, policyTypes: ['Ingress'] });
		expect(said(c.fetch(uid(c, 'client'), 'server', 80, '/', 200))).toBe('ETIMEDOUT connect');
		expect(said(c.fetch(uid(c, 'server-a'), c.getPod('client')?.status?.podIP ?? '', 9000))).toMatch(/^200 client/);
	});

	it('allow by pod, namespace, both together, and port by name', () => {
		const c = small();
		const server = { podSelector: { matchLabels: { app: 'server' } } };
		policy(c, 'clients', { ...server, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }], ports: [{ port: 'http' }] }] });
		expect(said(c.fetch(uid(c, 'client'), 'server', 80))).toMatch(/^200/);
		expect(said(c.fetch(uid(c, 'stranger', 'other'), 'server.default', 80, '/', 200))).toBe('ETIMEDOUT connect');
		policy(c, 'other', {
			...server,
			ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'other' } }, podSelector: { matchLabels: { app: 'nobody' } } }] }],
		});
		expect(said(c.fetch(uid(c, 'stranger', 'other'), 'server.default', 80, '/', 200))).toBe('ETIMEDOUT connect');
		policy(c, 'team', { ...server, ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: 'other' } } }], ports: [{ port: 8000, endPort: 8090 }] }] });
		expect(said(c.fetch(uid(c, 'stranger', 'other'), 'server.default', 80))).toMatch(/^200/);
	});

	it('hold for what goes out, names included', () => {
		const c = small();
		policy(c, 'out', { podSelector: { matchLabels: { app: 'client' } }, policyTypes: ['Egress'] });
		expect(said(c.fetch(uid(c, 'client'), 'server', 80, '/', 30))).toBe('EAI_AGAIN dns');
		expect(said(c.fetch(uid(c, 'client'), '1.1.1.1', 80, '/', 200))).toBe('ETIMEDOUT connect');
		policy(c, 'dns', { podSelector: {}, policyTypes: ['Egress'], egress: [dns] });
		expect(said(c.fetch(uid(c, 'client'), 'server', 80, '/', 200))).toBe('ETIMEDOUT connect');
		policy(c, 'server', {
			podSelector: {},
			policyTypes: ['Egress'],
			egress: [{ to: [{ podSelector: { matchLabels: { app: 'server' } } }], ports: [{ port: 8080 }] }],
		});
		expect(said(c.fetch(uid(c, 'client'), 'server', 80))).toMatch(/^200/);
	});

	it('see addresses, with their exceptions', () => {
		const c = small();
		policy(c, 'web', {
			podSelector: {},
			policyTypes: ['Egress'],
			egress: [dns, { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32', '10.0.0.0/8'] } }] }],
		});
		const from = uid(c, 'client');
		expect(said(c.fetch(from, 'example.com', 443))).toMatch(/^200/);
		expect(said(c.fetch(from, '169.254.169.254', 80, '/latest/meta-data/', 200))).toBe('ETIMEDOUT connect');
		expect(said(c.fetch(uid(c, 'stranger', 'other'), '169.254.169.254', 80, '/latest/meta-data/'))).toMatch(/^200 hostname/);
		expect(said(c.fetch(from, 'server', 80, '/', 200))).toBe('ETIMEDOUT connect');
	});

	it('never stop the node’s own kubelet', () => {
		const c = testCluster();
		policy(c, 'deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
		c.pod('probed', { args: ['serve', '8080'], readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 } });
		c.run(8);
		expect(c.getPod('probed')?.status?.conditions?.find((x) => x.type === 'Ready')?.status).toBe('True');
	});
});

describe('the ingress', () => {
	function ingress(c: TestCluster, name: string, path: string, pathType: string, backend: string, more: { readonly [field: string]: unknown } = {}): void {
		const rules = [{ host: 'notes.foothold.test', http: { paths: [{ path, pathType, backend: { service: { name: backend, port: { number: 80 } } } }] } }];
		c.create('networking.k8s.io/v1/ingresses', {
			apiVersion: 'networking.k8s.io/v1',
			kind: 'Ingress',
			metadata: { name, namespace: 'default' },
			spec: { ingressClassName: 'nginx', rules, ...more },
		});
	}
	const ask = (c: TestCluster, path: string): string => said(c.fetch({ kind: 'external' }, 'notes.foothold.test', 80, path, 90));

	it('routes by host and path, and says what fails', () => {
		const c = small();
		expect(ask(c, '/')).toMatch(/^404 <html>\r\n<head><title>404 Not Found/);
		ingress(c, 'all', '/', 'Prefix', 'server');
		ingress(c, 'gone', '/gone', 'Exact', 'missing');
		c.run(12);
		expect(ask(c, '/x')).toMatch(/^200 server-[ab] 10\.244\./);
		expect(ask(c, '/gone')).toMatch(/^503/);
		expect(ask(c, '/gone/on')).toMatch(/^200/);
		const made = c.services.api.client({ name: 'admin', groups: ['system:masters'] }).get(c.world, 'networking.k8s.io/v1/ingresses', 'default', 'all');
		expect(made?.['status']).toEqual({ loadBalancer: { ingress: [{ ip: '172.18.0.100' }] } });
	});

	it('speaks https, and sends plain requests there where the host has TLS', () => {
		const c = small();
		ingress(c, 'all', '/', 'Prefix', 'server', { tls: [{ hosts: ['notes.foothold.test'], secretName: 'cert' }] });
		c.run(1);
		const plain = c.fetch({ kind: 'external' }, 'notes.foothold.test', 80, '/x');
		expect(plain?.ok === true && plain.response.protocol === 'http' ? [plain.response.status, plain.response.headers['location']] : plain).toEqual([
			308,
			'https://notes.foothold.test/x',
		]);
		const request = { protocol: 'http', tls: true, method: 'GET', path: '/x', headers: { host: 'notes.foothold.test' }, body: '' } as const;
		c.services.network.dial(c.world, { from: { kind: 'external' }, host: 'notes.foothold.test', port: 443, request }, { kind: 'call', id: 'tls' });
		c.services.network.dial(c.world, { from: uid(c, 'client'), host: 'server', port: 80, request }, { kind: 'call', id: 'wrong' });
		c.run(1);
		expect(said(callOutcome(c.world, 'tls'))).toMatch(/^200 server-/);
		expect(said(callOutcome(c.world, 'wrong'))).toBe('EPROTO connect');
		forgetCall(c.world, 'tls');
		expect(callOutcome(c.world, 'tls')).toBeUndefined();
	});

	it('is subject to policies like any pod', () => {
		const c = small();
		ingress(c, 'all', '/', 'Prefix', 'server');
		policy(c, 'deny', { podSelector: {}, policyTypes: ['Ingress'] });
		expect(ask(c, '/')).toMatch(/^504/);
		policy(c, 'allow', { podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } } }] }] });
		expect(ask(c, '/')).toMatch(/^200/);
	});

	it('loses no request while a pod goes', () => {
		const c = small();
		ingress(c, 'all', '/', 'Prefix', 'server');
		c.run(1);
		c.services.api.client({ name: 'admin', groups: ['system:masters'] }).delete(c.world, 'v1/pods', 'default', 'server-a');
		for (let i = 0; i < 40; i++) expect(ask(c, '/')).toMatch(/^200/);
	});
});
