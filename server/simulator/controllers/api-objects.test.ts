/** What the API server's own controllers keep: addresses of services and their ranges, flow schemas, the register of groups. */
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../apiserver/types.ts';
import { type TestCluster, testCluster } from './testing.ts';

const ADDRESSES = 'networking.k8s.io/v1/ipaddresses';
const RANGES = 'networking.k8s.io/v1/servicecidrs';
const SCHEMAS = 'flowcontrol.apiserver.k8s.io/v1/flowschemas';
const LEVELS = 'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations';
const API_SERVICES = 'apiregistration.k8s.io/v1/apiservices';

const names = (c: TestCluster, path: string): readonly string[] => c.client.list(c.world, path).map((o) => o.metadata.name);
const condition = (object: KubeObject | undefined): unknown =>
	(object?.['status'] as { readonly conditions?: readonly unknown[] } | undefined)?.conditions?.[0];
const get = (c: TestCluster, path: string, name: string): KubeObject | undefined => c.client.get(c.world, path, undefined, name);

function service(c: TestCluster, name: string, spec: object = {}): KubeObject {
	const made = c.create('v1/services', 'default', { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });
	c.run(100);
	return made;
}

describe('addresses of services', () => {
	it('are objects as long as the service has them', () => {
		const c = testCluster();
		service(c, 's', { clusterIP: '10.96.0.20' });
		expect(get(c, ADDRESSES, '10.96.0.20')).toMatchObject({
			metadata: { labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv4', 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
			spec: { parentRef: { group: '', resource: 'services', namespace: 'default', name: 's' } },
		});
		c.client.delete(c.world, ADDRESSES, undefined, '10.96.0.20');
		c.run(100);
		expect(names(c, ADDRESSES)).toContain('10.96.0.20');
		c.client.delete(c.world, 'v1/services', 'default', 's');
		c.run(100);
		expect(names(c, ADDRESSES)).not.toContain('10.96.0.20');
	});

	it('can be kept from services by hand', () => {
		const c = testCluster();
		c.create(ADDRESSES, undefined, { metadata: { name: '10.96.0.30' }, spec: { parentRef: { resource: 'gateways', name: 'g' } } });
		const refused = c.client.create(c.world, 'v1/services', 'default', { metadata: { name: 's' }, spec: { clusterIP: '10.96.0.30', ports: [{ port: 80 }] } });
		expect(refused.ok ? '' : refused.status.message).toMatch(/failed to allocate IP 10\.96\.0\.30: provided IP is already allocated$/);
	});

	it('come from further ranges, too, which stay as long as they are in use', () => {
		const c = testCluster();
		c.create(RANGES, undefined, { metadata: { name: 'more' }, spec: { cidrs: ['10.200.0.0/24'] } });
		service(c, 's', { clusterIP: '10.200.0.7' });
		c.client.delete(c.world, RANGES, undefined, 'more');
		c.run(100);
		expect(condition(get(c, RANGES, 'more'))).toMatchObject({ type: 'Ready', status: 'False', reason: 'Terminating' });
		const late = c.client.create(c.world, 'v1/services', 'default', { metadata: { name: 't' }, spec: { clusterIP: '10.200.0.8', ports: [{ port: 80 }] } });
		expect(late.ok ? '' : late.status.message).toMatch(/failed to allocate IP 10\.200\.0\.8: the provided network does not match the current range$/);
		c.client.delete(c.world, 'v1/services', 'default', 's');
		c.run(10_000);
		expect(get(c, RANGES, 'more')).toBeUndefined();
	});
});

describe('flow schemas', () => {
	it('say whether their level is there', () => {
		const c = testCluster();
		c.create(SCHEMAS, undefined, { metadata: { name: 'mine' }, spec: { priorityLevelConfiguration: { name: 'own' } } });
		const says = (): unknown => condition(get(c, SCHEMAS, 'mine'));
		const ref = 'This FlowSchema references the PriorityLevelConfiguration object named "own"';
		expect(says()).toMatchObject({ type: 'Dangling', status: 'True', reason: 'NotFound', message: `${ref} but there is no such object` });
		c.create(LEVELS, undefined, { metadata: { name: 'own' }, spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } });
		c.run(100);
		expect(says()).toMatchObject({ status: 'False', reason: 'Found', message: `${ref} and it exists` });
		c.client.delete(c.world, LEVELS, undefined, 'own');
		c.run(100);
		expect(says()).toMatchObject({ status: 'True' });
	});

	it('of the server itself come back', () => {
		const c = testCluster();
		c.client.create(c.world, LEVELS, undefined, { metadata: { name: 'exempt' }, spec: { type: 'Exempt' } });
		c.client.delete(c.world, LEVELS, undefined, 'exempt');
		c.run(1000);
		expect(get(c, LEVELS, 'exempt')).toBeUndefined();
		c.run(60_000);
		expect(get(c, LEVELS, 'exempt')).toMatchObject({
			metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } },
			spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
		});
	});
});

const definition = (group: string, versions: readonly string[]): { readonly [field: string]: unknown } => ({
	metadata: { name: `things.${group}` },
	spec: {
		group,
		scope: 'Cluster',
		names: { plural: 'things', kind: 'Thing' },
		versions: versions.map((name, i) => ({ name, served: true, storage: i === 0, schema: { openAPIV3Schema: { type: 'object' } } })),
	},
});

describe('the register of groups', () => {
	it('has custom ones as long as they are served', () => {
		const c = testCluster();
		c.create('apiextensions.k8s.io/v1/customresourcedefinitions', undefined, definition('example.com', ['v1', 'v1beta1']));
		c.run(100);
		expect(names(c, API_SERVICES)).toEqual(expect.arrayContaining(['v1.example.com', 'v1beta1.example.com']));
		expect(get(c, API_SERVICES, 'v1.example.com')).toMatchObject({
			metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'true' } },
			spec: { groupPriorityMinimum: 1000, versionPriority: 100 },
		});
		c.client.delete(c.world, API_SERVICES, undefined, 'v1.example.com');
		c.run(100);
		expect(names(c, API_SERVICES)).toContain('v1.example.com');
		c.client.delete(c.world, 'apiextensions.k8s.io/v1/customresourcedefinitions', undefined, 'things.example.com');
		c.run(10_000);
		expect(names(c, API_SERVICES).filter((n) => n.endsWith('example.com'))).toEqual([]);
	});

	it('looks for the services of others', () => {
		const c = testCluster();
		c.create(API_SERVICES, undefined, {
			metadata: { name: 'v1.ext.example.com' },
			spec: { group: 'ext.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10, service: { namespace: 'default', name: 'ext' } },
		});
		const says = (): unknown => {
			c.run(200);
			return condition(get(c, API_SERVICES, 'v1.ext.example.com'));
		};
		expect(says()).toMatchObject({ status: 'False', reason: 'ServiceNotFound', message: 'service/ext in "default" is not present' });
		service(c, 'ext', { ports: [{ port: 80 }] });
		expect(says()).toMatchObject({ reason: 'ServicePortError', message: 'service/ext in "default" is not listening on port 443' });
		c.client.delete(c.world, 'v1/services', 'default', 'ext');
		service(c, 'ext', { ports: [{ port: 443, name: 'https' }] });
		expect(says()).toMatchObject({ reason: 'EndpointsNotFound' });
		const labels = { 'kubernetes.io/service-name': 'ext' };
		c.create('discovery.k8s.io/v1/endpointslices', 'default', { metadata: { name: 'ext-1', labels }, addressType: 'IPv4', endpoints: [] });
		expect(says()).toMatchObject({
			reason: 'MissingEndpoints',
			message: 'endpointslices for service/ext in "default" have no addresses with port name "https"',
		});
	});
});
