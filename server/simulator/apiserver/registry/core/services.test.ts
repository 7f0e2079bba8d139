import { describe, expect, it } from 'vitest';
import { rec, recs, specOf, str } from '../fields.ts';
import { type TestCluster, testCluster } from '../testing.ts';

const service = (spec: object, name = 's') => ({ metadata: { name }, spec });
const web = { selector: { app: 'web' }, ports: [{ port: 80 }] };

function patched(
	cluster: TestCluster,
	name: string,
	patch: object,
): { readonly code: number; readonly message: string; readonly spec: ReturnType<typeof rec> } {
	const found = cluster.client.get(cluster.world, 'v1/services', 'default', name);
	const merged = { ...found, spec: { ...rec(found?.spec), ...patch } };
	const result = cluster.call('update', 'v1/services', { namespace: 'default', name, body: merged });
	return { code: result.code, message: str(rec(result.body).message), spec: rec(rec(result.body).spec) };
}

describe('defaults and allocation', () => {
	it('fill a ClusterIP service', () => {
		const made = testCluster().create('v1/services', service(web));
		const ip = str(specOf(made).clusterIP);
		expect(ip).toMatch(/^10\.96\.\d+\.\d+$/);
		expect(specOf(made)).toEqual({
			clusterIP: ip,
			clusterIPs: [ip],
			internalTrafficPolicy: 'Cluster',
			ipFamilies: ['IPv4'],
			ipFamilyPolicy: 'SingleStack',
			ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
			selector: { app: 'web' },
			sessionAffinity: 'None',
			type: 'ClusterIP',
		});
		expect(made.status).toEqual({ loadBalancer: {} });
	});

	it('give each service an address and each port a node port of its own', () => {
		const cluster = testCluster();
		const seen = new Set<unknown>();
		for (let i = 0; i < 200; i++) {
			const made = cluster.create(
				'v1/services',
				service(
					{
						type: 'NodePort',
						ports: [
							{ name: 'a', port: 80 },
							{ name: 'b', port: 81 },
						],
					},
					`s${i}`,
				),
			);
			seen.add(specOf(made).clusterIP);
			for (const port of recs(specOf(made).ports)) {
				expect(port.nodePort).toBeGreaterThanOrEqual(30_086);
				expect(port.nodePort).toBeLessThanOrEqual(32_767);
				seen.add(port.nodePort);
			}
		}
		expect(seen.size).toBe(600);
	});

	it('keep headless and ExternalName services without', () => {
		const cluster = testCluster();
		expect(specOf(cluster.create('v1/services', service({ clusterIP: 'None', selector: { a: 'b' } })))).toMatchObject({
			clusterIP: 'None',
			clusterIPs: ['None'],
		});
		const external = specOf(cluster.create('v1/services', service({ type: 'ExternalName', externalName: 'db.example.com' }, 'x')));
		expect(external.clusterIP).toBeUndefined();
	});

	it('keep addresses and node ports over an update that leaves them out', () => {
		const cluster = testCluster();
		const made = cluster.create('v1/services', service({ ...web, type: 'NodePort' }));
		const { spec } = patched(cluster, 's', { clusterIP: undefined, clusterIPs: undefined, ports: [{ port: 80, targetPort: 8080 }] });
		expect(spec.clusterIP).toBe(specOf(made).clusterIP);
		expect(recs(spec.ports)[0]?.nodePort).toBe(recs(specOf(made).ports)[0]?.nodePort);
		const inner = patched(cluster, 's', { type: 'ClusterIP' });
		expect([inner.code, recs(inner.spec.ports)[0]?.nodePort, inner.spec.externalTrafficPolicy]).toEqual([200, undefined, undefined]);
	});

	it('give back what a deleted service had', () => {
		const cluster = testCluster();
		cluster.create('v1/services', service({ ...web, clusterIP: '10.96.0.50' }));
		expect(cluster.refusal('v1/services', service({ ...web, clusterIP: '10.96.0.50' }, 't'))).toBe(
			'Service "t" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.50"]: failed to allocate IP 10.96.0.50: provided IP is already allocated',
		);
		cluster.client.delete(cluster.world, 'v1/services', 'default', 's');
		expect(cluster.refusal('v1/services', service({ ...web, clusterIP: '10.96.0.50' }, 't'))).toBe('');
	});
});

describe('validation', () => {
	const invalid = 'Service "s" is invalid: ';
	it.each<[string, object, string]>([
		['no ports', { selector: {} }, 'spec.ports: Required value'],
		['unnamed ports', { ports: [{ port: 1 }, { port: 2, name: 'b' }] }, 'spec.ports[0].name: Required value'],
		['a port out of range', { ports: [{ port: 0, targetPort: 1 }] }, 'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive'],
		['a node port inside', { ports: [{ port: 80, nodePort: 30_080 }] }, "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
		[
			'a node port out of range',
			{ type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
			'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
		],
		[
			'a type',
			{ type: 'Magic', ports: [{ port: 80 }] },
			'spec.type: Unsupported value: "Magic": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
		],
		[
			'an address from elsewhere',
			{ ports: [{ port: 80 }], clusterIP: '192.168.0.1' },
			'spec.clusterIPs: Invalid value: ["192.168.0.1"]: failed to allocate IP 192.168.0.1: the provided network does not match the current range',
		],
		[
			'an empty address among the addresses',
			{ ports: [{ port: 80 }], clusterIPs: [''] },
			'spec.clusterIPs[0]: Invalid value: "": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
		],
		[
			'one port twice',
			{
				ports: [
					{ name: 'a', port: 80 },
					{ name: 'b', port: 80 },
				],
			},
			'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
		],
		[
			'a balancer without address',
			{ type: 'LoadBalancer', clusterIP: 'None', ports: [{ port: 80 }] },
			'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for LoadBalancer services',
		],
	])('%s', (_name, spec, text) => {
		expect(testCluster().refusal('v1/services', service(spec))).toBe(invalid + text);
	});

	it('keeps names to a letter first', () => {
		expect(testCluster().refusal('v1/services', service(web, '1s'))).toBe(
			"Service \"1s\" is invalid: metadata.name: Invalid value: \"1s\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
		);
	});

	it('holds on to an address', () => {
		const cluster = testCluster();
		cluster.create('v1/services', service(web));
		// A patch names the one field and carries the other along.
		expect(patched(cluster, 's', { clusterIP: '10.96.1.1' }).message).toBe(
			'Service "s" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.1.1"]: may not change once set',
		);
		expect(patched(cluster, 's', { clusterIP: '' }).code).toBe(200);
		expect(patched(cluster, 's', { clusterIP: '10.96.1.1', clusterIPs: ['10.96.1.1'] }).message).toBe(
			'Service "s" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.1.1"]: may not change once set',
		);
	});
});
