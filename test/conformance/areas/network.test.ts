/** Conformance area "network". */
import type { V1EndpointSlice, V1Endpoints, V1Ingress, V1IngressClass, V1Pod, V1Service } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from './cluster.ts';
import { AGNHOST } from './images.ts';
import { meta, pod, printed, started, web } from './pods.ts';
import { also, area, spec } from './spec.ts';

area('network');
const services = (c: Cluster) => c.at<V1Service>('v1/services');
const service = (name: string, more: object = {}, labels = {}): object => ({
	apiVersion: 'v1',
	kind: 'Service',
	metadata: meta(name, labels),
	spec: { selector: { app: 'a' }, ports: [{ port: 80 }], ...more },
});
const netexec = (name: string, labels = { app: 'a' }): V1Pod =>
	pod(name, { containers: [{ name: 'c', image: AGNHOST, args: ['netexec', '--http-port=80'] }] }, labels);
/** What an HTTP GET answers, from a pod or from outside; undefined where it fails. */
async function get(c: Cluster, url: string, from?: string): Promise<string | undefined> {
	const said = await c.sandbox.network.request({
		method: 'GET',
		url,
		timeoutMs: 3000,
		...(from === undefined ? {} : { fromPod: { namespace: 'default', name: from } }),
	});
	return said.ok && said.response.protocol === 'http' && said.response.status === 200 ? said.response.body : undefined;
}
const lookup = (c: Cluster, name: string, names: readonly string[], more: object = {}): Promise<string> =>
	printed(c, name, names.map((n) => `nslookup ${n} >/tmp/o 2>&1 && echo ok ${n} || { echo bad ${n}; cat /tmp/o; }`).join('; '), more);
const NODES = ['172.18.0.3', '172.18.0.4'];

spec(['DNS, cluster', 'DNS, cluster', 'DNS, PQDN for services', 'DNS, services'], async (c) => {
	await services(c).create(service('svc'));
	await services(c).create(service('headless', { clusterIP: 'None' }));
	await started(c, netexec('s'));
	const names = ['kubernetes.default.svc.cluster.local', 'svc.default.svc.cluster.local', 'headless.default.svc.cluster.local'];
	expect(await lookup(c, 'p', names)).toBe(names.map((n) => `ok ${n}\n`).join(''));
	// By every shorter name that the search path completes.
	const short = ['svc', 'svc.default', 'svc.default.svc', 'headless', 'headless.default'];
	expect(await printed(c, 'q', `for n in ${short.join(' ')}; do wget -q -O- http://$n/hostname; echo; done`)).toBe('s\n'.repeat(short.length));
});

spec(['DNS, resolve the hostname', 'DNS, resolve the subdomain'], async (c) => {
	await services(c).create(service('sub', { clusterIP: 'None', selector: { dns: 'y' } }));
	await started(c, pod('p', { hostname: 'querier', subdomain: 'sub', containers: [web()] }, { dns: 'y' }));
	expect(await lookup(c, 'q', ['querier.sub.default.svc.cluster.local', 'sub.default.svc.cluster.local'])).toBe(
		'ok querier.sub.default.svc.cluster.local\nok sub.default.svc.cluster.local\n',
	);
});

spec('DNS, custom dnsConfig', async (c) => {
	const spec = { dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: ['resolv.conf.local'] } };
	expect(await printed(c, 'p', 'cat /etc/resolv.conf', spec)).toBe('search resolv.conf.local\nnameserver 1.1.1.1\n');
	await c.at('v1/pods').create(pod('q', { ...spec, containers: [{ name: 'c', image: AGNHOST, args: ['dns-server-list'] }], restartPolicy: 'Never' }));
	await c.until('it has said so', async () => (await c.send('GET', '/api/v1/namespaces/default/pods/q/log')).text === '1.1.1.1\n');
});

spec(['DNS, for ExternalName Services', 'Service, change type, ExternalName to ClusterIP', 'Service, change type, ExternalName to NodePort'], async (c) => {
	await services(c).create({
		...service('ext', { type: 'ExternalName', externalName: 'kubernetes.default.svc.cluster.local', selector: undefined, ports: undefined }),
	});
	expect(await lookup(c, 'p', ['ext.default.svc.cluster.local'])).toBe('ok ext.default.svc.cluster.local\n');
	expect((await services(c).get('ext')).spec?.clusterIP).toBeUndefined();
	await started(c, netexec('s'));
	const changed = await services(c).patch('ext', {
		spec: { type: 'ClusterIP', externalName: null, selector: { app: 'a' }, ports: [{ port: 80, protocol: 'TCP' }] },
	});
	expect(changed.spec?.clusterIP).toMatch(/^10\.96\./);
	await c.until('it answers', async () => (await get(c, 'http://ext/hostname', 's')) === 's');
	const node = await services(c).patch('ext', { spec: { type: 'NodePort' } });
	const port = node.spec?.ports?.[0]?.nodePort ?? 0;
	expect(port).toBeGreaterThanOrEqual(30000);
	await c.until('it answers at a node', async () => (await get(c, `http://${NODES[0]}:${port}/hostname`, 's')) === 's');
});

spec(['Service, change type, ClusterIP to ExternalName', 'Service, change type, NodePort to ExternalName'], async (c) => {
	for (const type of ['ClusterIP', 'NodePort']) {
		const name = type.toLowerCase();
		await services(c).create(service(name, { type }));
		const changed = await services(c).patch(name, {
			spec: { type: 'ExternalName', externalName: 'kubernetes.default.svc.cluster.local', clusterIP: '', clusterIPs: null, selector: null },
		});
		expect([changed.spec?.type, changed.spec?.clusterIP ?? '', changed.spec?.ports?.[0]?.nodePort]).toEqual(['ExternalName', '', undefined]);
		expect(await lookup(c, `p-${name}`, [`${name}.default.svc.cluster.local`])).toBe(`ok ${name}.default.svc.cluster.local\n`);
	}
});

async function backends(c: Cluster): Promise<void> {
	for (const name of ['b1', 'b2', 'b3']) await started(c, netexec(name));
	await started(c, netexec('client', { app: 'client' }));
}
const asked = async (c: Cluster, url: string, times: number): Promise<Set<string | undefined>> => {
	const seen = new Set<string | undefined>();
	for (let i = 0; i < times; i++) seen.add(await get(c, url, 'client'));
	return seen;
};

spec('Service, NodePort Service', async (c) => {
	await backends(c);
	const port = (await services(c).create(service('n', { type: 'NodePort' }))).spec?.ports?.[0]?.nodePort ?? 0;
	await c.pass(2);
	for (const address of NODES) {
		expect(await get(c, `http://${address}:${port}/hostname`, 'client')).toMatch(/^b\d$/);
		expect(await get(c, `http://${address}:${port}/hostname`)).toMatch(/^b\d$/);
	}
	expect(await get(c, 'http://n/hostname', 'client')).toMatch(/^b\d$/);
});

spec(
	[
		'Service, ClusterIP type, session affinity to ClientIP',
		'Service, ClusterIP type, session affinity to None',
		'Service, NodePort type, session affinity to ClientIP',
		'Service, NodePort type, session affinity to None',
	],
	async (c) => {
		await backends(c);
		for (const type of ['ClusterIP', 'NodePort']) {
			const name = `s-${type.toLowerCase()}`;
			const made = await services(c).create(service(name, { type, sessionAffinity: 'ClientIP' }));
			await c.pass(2);
			const url = type === 'ClusterIP' ? `http://${made.spec?.clusterIP}/hostname` : `http://${NODES[0]}:${made.spec?.ports?.[0]?.nodePort}/hostname`;
			expect((await asked(c, url, 15)).size).toBe(1);
			await services(c).patch(name, { spec: { sessionAffinity: 'None', sessionAffinityConfig: null } });
			await c.pass(2);
			expect((await asked(c, url, 40)).size).toBeGreaterThan(1);
		}
	},
);

spec(['Service, endpoints', 'Service, endpoints with multiple ports'], async (c) => {
	await services(c).create(
		service('m', {
			ports: [
				{ name: 'one', port: 80, targetPort: 'p1' },
				{ name: 'two', port: 81, targetPort: 'p2' },
			],
		}),
	);
	const endpoints = async (): Promise<string> =>
		((await c.at<V1Endpoints>('v1/endpoints').find('m'))?.subsets ?? [])
			.map(
				(s) =>
					`${(s.addresses ?? []).length}:${(s.ports ?? [])
						.map((p) => p.port)
						.sort()
						.join('+')}`,
			)
			.sort()
			.join();
	expect(await endpoints()).toBe('');
	const at = (name: string, port: number): V1Pod =>
		pod(
			name,
			{ containers: [{ name: 'c', image: AGNHOST, args: ['netexec', `--http-port=${port}`], ports: [{ name: name, containerPort: port }] }] },
			{ app: 'a' },
		);
	await started(c, at('p1', 100));
	await c.until('the first is there', async () => (await endpoints()) === '1:100');
	await started(c, at('p2', 101));
	await c.until('both are there', async () => (await endpoints()) === '1:100,1:101');
	await c.at('v1/pods').delete('p1', { gracePeriodSeconds: 0 });
	await c.until('the first is gone', async () => (await endpoints()) === '1:101');
	expect(await get(c, 'http://m:81/hostname', 'p2')).toBe('p2');
});

spec(
	[
		'Service, complete ServiceStatus lifecycle',
		'Service, deletes a collection of services',
		'Find Kubernetes Service in default Namespace',
		'Kubernetes Service',
	],
	async (c) => {
		const all = await c.get<{ items: V1Service[] }>('/api/v1/services');
		expect(all.items.some((s) => s.metadata?.name === 'kubernetes' && s.metadata.namespace === 'default' && s.spec?.clusterIP === '10.96.0.1')).toBe(true);
		const watch = await services(c).watch('set=y');
		await services(c).create(service('s', { type: 'LoadBalancer' }, { set: 'y' }));
		expect((await services(c).get('s', '/status')).kind).toBe('Service');
		const ingress = [{ ip: '203.0.113.1' }];
		const patched = await services(c).patch(
			's',
			{ metadata: { annotations: { patchedstatus: 'true' } }, status: { loadBalancer: { ingress } } },
			'merge',
			'/status',
		);
		expect([patched.metadata?.annotations?.['patchedstatus'], patched.status?.loadBalancer?.ingress?.[0]?.ip]).toEqual(['true', '203.0.113.1']);
		const held = await services(c).get('s');
		const updated = await services(c).replace(
			{
				...held,
				status: {
					...held.status,
					conditions: [{ type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from a test', lastTransitionTime: '2026-01-01T00:00:00Z' }],
				},
			} as never,
			'/status',
		);
		expect(updated.status?.conditions?.[0]?.type).toBe('StatusUpdate');
		for (const name of ['t', 'u']) await services(c).create(service(name, {}, { set: 'y' }));
		await services(c).deleteAll('set=y');
		expect(await services(c).list('set=y')).toEqual([]);
		await watch.seen('DELETED s');
		watch.stop();
	},
);

spec('Endpoint resource lifecycle', async (c) => {
	const of = c.at<V1Endpoints>('v1/endpoints');
	const watch = await of.watch('e=y');
	const made = await of.create({
		apiVersion: 'v1',
		kind: 'Endpoints',
		metadata: meta('e', { e: 'y' }),
		subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }],
	});
	await of.replace({ ...made, metadata: { ...made.metadata, labels: { e: 'y', updated: 'y' } } } as V1Endpoints);
	expect(
		(await of.patch('e', { subsets: [{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080 }] }] }, 'strategic')).subsets?.[0]
			?.addresses?.[0]?.ip,
	).toBe('10.0.0.25');
	await of.deleteAll('e=y');
	await watch.seen('DELETED e');
	watch.stop();
});

spec(['EndpointSlice API', 'EndpointSlice API', 'EndpointSlice API', 'EndpointSlice API'], async (c) => {
	const slices = c.at<V1EndpointSlice>('discovery.k8s.io/v1/endpointslices');
	expect((await slices.list('kubernetes.io/service-name=kubernetes'))[0]?.endpoints?.[0]?.addresses).toEqual(['172.18.0.2']);
	await services(c).create(service('s', { selector: { ep: 'y' } }));
	await services(c).create(service('none', { selector: { ep: 'never' } }));
	const of = (name: string): Promise<readonly V1EndpointSlice[]> => slices.list(`kubernetes.io/service-name=${name}`);
	await c.until('both have a slice', async () => (await of('s')).length === 1 && (await of('none')).length === 1);
	await started(c, pod('p', { containers: [web()] }, { ep: 'y' }));
	const ready = await c.until('the pod is in it', async () => (await of('s'))[0]?.endpoints?.find((e) => e.conditions?.ready));
	expect(ready).toMatchObject({ targetRef: { kind: 'Pod', name: 'p' }, conditions: { ready: true, serving: true, terminating: false } });
	await services(c).delete('s');
	await c.until('its slices and endpoints are gone', async () => (await of('s')).length === 0 && (await c.at('v1/endpoints').gone('s')));
	// The API itself.
	const body = {
		apiVersion: 'discovery.k8s.io/v1',
		kind: 'EndpointSlice',
		metadata: meta('mine', { mine: 'y' }),
		addressType: 'IPv4',
		endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }],
		ports: [{ name: 'x', port: 80 }],
	};
	await slices.create(body);
	expect((await slices.patch('mine', { metadata: { annotations: { patched: 'y' } } })).metadata?.annotations?.['patched']).toBe('y');
	expect((await slices.try('PATCH', '/mine', { body: { addressType: 'IPv6' }, headers: { 'content-type': 'application/merge-patch+json' } })).status).toBe(422);
	await slices.deleteAll('mine=y');
	expect(await slices.list('mine=y')).toEqual([]);
});

spec('EndpointSlice Mirroring', async (c) => {
	await services(c).create(service('own', { selector: null, ports: [{ name: 'example', port: 80 }] }));
	const endpoints = c.at<V1Endpoints>('v1/endpoints');
	await endpoints.create({
		apiVersion: 'v1',
		kind: 'Endpoints',
		metadata: meta('own'),
		subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ name: 'example', port: 80 }] }],
	});
	const mirrored = async (): Promise<string | undefined> => {
		const [slice] = await c
			.at<V1EndpointSlice>('discovery.k8s.io/v1/endpointslices')
			.list('kubernetes.io/service-name=own,endpointslice.kubernetes.io/managed-by=endpointslicemirroring-controller.k8s.io');
		return slice?.endpoints?.flatMap((e) => e.addresses).join();
	};
	await c.until('it is mirrored', async () => (await mirrored()) === '10.1.2.3');
	await endpoints.patch('own', { subsets: [{ addresses: [{ ip: '10.2.3.4' }], ports: [{ name: 'example', port: 80 }] }] });
	await c.until('the change is, too', async () => (await mirrored()) === '10.2.3.4');
	await endpoints.delete('own');
	await c.until('its end is, too', async () => (await mirrored()) === undefined);
});

spec('Ingress API', async (c) => {
	const of = c.at<V1Ingress>('networking.k8s.io/v1/ingresses');
	const ingress = (name: string): object => ({
		apiVersion: 'networking.k8s.io/v1',
		kind: 'Ingress',
		metadata: meta(name, { i: 'y' }),
		spec: { defaultBackend: { service: { name: 'default-backend', port: { number: 80 } } } },
	});
	const watch = await of.watch('i=y');
	for (const name of ['a', 'b']) await of.create(ingress(name));
	expect((await c.get<{ items: unknown[] }>('/apis/networking.k8s.io/v1/ingresses?labelSelector=i%3Dy')).items).toHaveLength(2);
	await of.patch('a', { metadata: { annotations: { patched: 'true' } } });
	const held = await of.get('a');
	await of.replace({ ...held, metadata: { ...held.metadata, annotations: { ...held.metadata?.annotations, updated: 'true' } } } as V1Ingress);
	const patched = await of.patch('a', { status: { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } } }, 'merge', '/status');
	expect(patched.status?.loadBalancer?.ingress?.[0]?.ip).toBe('169.1.1.1');
	expect((await of.get('a', '/status')).status?.loadBalancer?.ingress?.[0]?.ip).toBe('169.1.1.1');
	await of.delete('a');
	await of.deleteAll('i=y');
	await watch.seen('DELETED b');
	watch.stop();
});

spec('IngressClass API', async (c) => {
	const of = c.at<V1IngressClass>('networking.k8s.io/v1/ingressclasses', '');
	for (const name of ['a', 'b'])
		await of.create({
			apiVersion: 'networking.k8s.io/v1',
			kind: 'IngressClass',
			metadata: meta(name, { i: 'y' }),
			spec: { controller: 'example.com/controller' },
		});
	await of.patch('a', { metadata: { annotations: { patched: 'true' } } });
	const held = await of.get('a');
	expect(
		(await of.replace({ ...held, metadata: { ...held.metadata, annotations: { updated: 'true' } } } as V1IngressClass)).metadata?.annotations?.['updated'],
	).toBe('true');
	await of.delete('a');
	await of.deleteAll('i=y');
	expect(await of.list('i=y')).toEqual([]);
});

spec('Scheduling, HostPort matching and HostIP and Protocol not-matching', async (c) => {
	const bound = (name: string, hostIP: string, protocol: string): V1Pod =>
		pod(name, {
			nodeSelector: { 'kubernetes.io/hostname': 'foothold-worker' },
			containers: [{ name: 'c', image: AGNHOST, args: ['netexec', '--http-port=8080'], ports: [{ containerPort: 8080, hostPort: 54323, protocol, hostIP }] }],
		});
	for (const [name, ip, protocol] of [
		['one', '127.0.0.1', 'TCP'],
		['two', '172.18.0.3', 'TCP'],
		['three', '172.18.0.3', 'UDP'],
	] as const)
		await started(c, bound(name, ip, protocol));
	await started(c, pod('client', { nodeSelector: { 'kubernetes.io/hostname': 'foothold-worker2' } }));
	expect(await get(c, 'http://172.18.0.3:54323/hostname', 'client')).toBe('two');
});

also('a host port leads to its pod from pods and from outside, as long as it runs', async (c) => {
	await started(
		c,
		pod('p', { nodeSelector: { 'kubernetes.io/hostname': 'foothold-worker2' }, containers: [web('web', { ports: [{ containerPort: 80, hostPort: 8088 }] })] }),
	);
	await started(c, pod('client'));
	expect([await get(c, 'http://172.18.0.4:8088/', 'client'), await get(c, 'http://172.18.0.4:8088/')]).toEqual([
		expect.stringContaining('nginx'),
		expect.stringContaining('nginx'),
	]);
	expect(await get(c, 'http://172.18.0.3:8088/', 'client')).toBeUndefined();
	await c.at('v1/pods').delete('p', { gracePeriodSeconds: 0 });
	await c.pass(5);
	expect(await get(c, 'http://172.18.0.4:8088/')).toBeUndefined();
});

also('host ports are told apart by address and protocol, on the node’s loopback, too', async (c) => {
	const nodeSelector = { 'kubernetes.io/hostname': 'foothold-worker2' };
	const ports = [
		['a', '127.0.0.1', 'TCP', 8080],
		['b', '172.18.0.4', 'TCP', 8080],
		['u', '172.18.0.4', 'UDP', 8081],
	] as const;
	for (const [name, hostIP, protocol, containerPort] of ports) {
		const port = { hostIP, protocol, containerPort, hostPort: 8089 };
		await started(c, pod(name, { nodeSelector, containers: [{ name: 'c', image: AGNHOST, args: ['netexec'], ports: [port] }] }));
	}
	const ask = (address: string): string => `wget -q -O- http://${address}:8089/hostname; echo`;
	const script = `${ask('127.0.0.1')}; ${ask('172.18.0.4')}; echo hostname | nc -u -w 1 172.18.0.4 8089`;
	expect(await printed(c, 'host', script, { hostNetwork: true, nodeSelector })).toBe('a\nb\nu');
});

spec('Service endpoint latency, thresholds', async (c) => {
	await started(c, netexec('p'));
	for (let i = 0; i < 20; i++) {
		await services(c).create(service(`s${i}`));
		const at = c.sandbox.clock.now();
		await c.until('it has endpoints', async () => ((await c.at<V1Endpoints>('v1/endpoints').find(`s${i}`))?.subsets ?? []).length > 0, 20);
		expect(c.sandbox.clock.now() - at).toBeLessThan(20_000);
	}
});

const PORTER = (args: readonly string[], env: { readonly [name: string]: string }): V1Pod =>
	pod(
		'agnhost',
		{ containers: [{ name: 'c', image: AGNHOST, args: ['porter', ...args], env: Object.entries(env).map(([name, value]) => ({ name, value })) }] },
		{ app: 'a' },
	);
const SIDES = ['pods/agnhost', 'services/e2e'];

for (const [title, path] of [
	['Proxy, validate Proxy responses', ''],
	['Proxy, validate ProxyWithPath responses', '/some/path/with/'],
] as const) {
	spec(title, async (c) => {
		await services(c).create(service('e2e', { ports: [{ port: 80 }] }));
		await started(c, PORTER(['--json-response'], { SERVE_PORT_80: 'foo' }));
		for (const side of SIDES) {
			const url = `/api/v1/namespaces/default/${side}/proxy${path}`;
			for (const method of ['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT', ...(path === '' ? [] : ['GET'])]) {
				const said = await c.send<unknown>(method, `${url}?method=${method}`, method === 'GET' ? {} : { body: 'x' });
				expect([said.status, said.body]).toEqual([200, { Method: method, Body: 'foo' }]);
			}
			expect((await c.send('HEAD', `${url}?method=HEAD`)).status).toBe(path === '' ? 301 : 200);
			if (path === '') expect((await c.send('GET', `${url}?method=GET`)).headers.location).toMatch(/\/proxy\/\?method=GET$/);
		}
	});
}

spec('Proxy, logs service endpoint', async (c) => {
	const ports = [
		{ name: 'portname1', port: 80, targetPort: 160 },
		{ name: 'portname2', port: 81, targetPort: 162 },
		{ name: 'tlsportname1', port: 443, targetPort: 460 },
	];
	await services(c).create(service('porter', { ports }));
	const link = (text: string): string => `<a href="${text}">test</a>`;
	await started(
		c,
		PORTER([], {
			SERVE_PORT_80: link('/rewriteme'),
			SERVE_PORT_160: 'foo',
			SERVE_PORT_162: 'bar',
			SERVE_TLS_PORT_443: link('/tls-rewriteme'),
			SERVE_TLS_PORT_460: 'tls baz',
		}),
	);
	const base = '/api/v1/namespaces/default';
	const answers: { readonly [path: string]: string } = {
		'services/porter:portname1': 'foo',
		'services/http:porter:portname1': 'foo',
		'services/porter:81': 'bar',
		'services/https:porter:tlsportname1': 'tls baz',
		'services/https:porter:443': 'tls baz',
		'pods/agnhost:160': 'foo',
		'pods/http:agnhost:162': 'bar',
		'pods/https:agnhost:460': 'tls baz',
	};
	for (const [path, body] of Object.entries(answers)) expect([path, (await c.send('GET', `${base}/${path}/proxy/`)).text]).toEqual([path, body]);
	for (const [path, to] of [
		['pods/agnhost:80', 'rewriteme'],
		['pods/https:agnhost:443', 'tls-rewriteme'],
	] as const)
		expect((await c.send('GET', `${base}/${path}/proxy/`)).text).toContain(`${base}/${path}/proxy/${to}"`);
	expect((await c.send('GET', '/api/v1/nodes/foothold-worker/proxy/logs/')).text).toContain('<a href="pods/">');
	expect((await c.send('GET', '/api/v1/nodes/foothold-worker:10250/proxy/healthz')).text).toBe('ok');
});

also('proxying says what is wrong', async (c) => {
	await services(c).create(service('empty'));
	await started(c, PORTER([], { SERVE_PORT_160: 'foo' }));
	const fault = async (path: string): Promise<string> => {
		const { status, body } = await c.send('GET', `/api/v1/${path}/proxy/`);
		return `${status} ${body.message}`;
	};
	const own = 'namespaces/default';
	expect(await fault(`${own}/services/empty:99`)).toBe('503 no service port 99 found for service "empty"');
	expect(await fault(`${own}/services/nobody`)).toBe('404 endpoints "nobody" not found');
	expect(await fault(`${own}/pods/nobody`)).toBe('404 pods "nobody" not found');
	expect(await fault('nodes/nobody')).toBe('404 nodes "nobody" not found');
	expect(await fault(`${own}/pods/ftp:agnhost:80`)).toBe('400 invalid pod request "ftp:agnhost:80"');
	const { status } = await c.at<V1Pod>('v1/pods').get('agnhost');
	expect(await fault(`${own}/pods/agnhost:161`)).toBe(`503 error trying to reach service: dial tcp ${status?.podIP}:161: connect: connection refused`);
	expect(await fault(`${own}/pods/https:agnhost:160`)).toBe('503 error trying to reach service: http: server gave HTTP response to HTTPS client');
	await c.at<V1Pod>('v1/pods').delete('agnhost');
	await c.until('no endpoints', async () => (await fault(`${own}/services/empty`)) === '503 no endpoints available for service "empty"');
});
