import { describe, expect, it } from 'vitest';
import type { Pod } from '../../controllers/shared/objects.ts';
import { type TestCluster, testCluster } from '../../controllers/testing.ts';
import { ALLOCATION_STEPS } from './allocate.ts';
import { CLAIMS, CLASSES, type ResourceClaim, SLICES, TEMPLATES } from './types.ts';

const DRIVER = 'gpu.example.com';
const WORKERS = ['foothold-worker', 'foothold-worker2'];

interface DeviceSpec {
	readonly [field: string]: unknown;
}
const device = (name: string, model: string, memory: string, more: DeviceSpec = {}): DeviceSpec => ({
	name,
	attributes: { model: { string: model }, numa: { int: name.endsWith('0') || name.endsWith('1') ? 0 : 1 }, version: { version: '1.2.3' } },
	capacity: { memory: { value: memory } },
	...more,
});

function slice(c: TestCluster, node: string, devices: readonly DeviceSpec[], pool: object = {}): void {
	c.create(SLICES, undefined, {
		metadata: { name: `${node}-${JSON.stringify(pool).length}-${devices.length}` },
		spec: { driver: DRIVER, nodeName: node, pool: { name: node, generation: 1, resourceSliceCount: 1, ...pool }, devices },
	});
}

/** Two workers, of which the first has an A100 and a T4, the second a T4. */
function cluster(): TestCluster {
	const c = testCluster();
	for (const name of WORKERS) c.addNode(name);
	c.create(CLASSES, undefined, { metadata: { name: 'gpu' }, spec: { selectors: [{ cel: { expression: `device.driver == "${DRIVER}"` } }] } });
	slice(c, 'foothold-worker', [device('gpu-0', 'A100', '80Gi'), device('gpu-1', 'T4', '16Gi')]);
	slice(c, 'foothold-worker2', [device('gpu-0', 'T4', '16Gi')]);
	return c;
}

const exactly = (more: object = {}): object => ({ name: 'gpu', exactly: { deviceClassName: 'gpu', ...more } });
const cel = (expression: string): object => ({ selectors: [{ cel: { expression } }] });

function claim(c: TestCluster, name: string, requests: readonly object[], more: object = {}): void {
	c.create(CLAIMS, 'default', { metadata: { name }, spec: { devices: { requests, ...more } } });
}

function pod(c: TestCluster, name: string, ...claims: readonly string[]): void {
	c.create('v1/pods', 'default', {
		metadata: { name },
		spec: {
			resourceClaims: claims.map((resourceClaimName, i) => ({ name: `c${i}`, resourceClaimName })),
			containers: [{ name: 'main', image: 'nginx', resources: { claims: claims.map((_, i) => ({ name: `c${i}` })) } }],
		},
	});
	c.run(2000);
}

const held = (c: TestCluster, name: string): ResourceClaim | undefined => c.client.get(c.world, CLAIMS, 'default', name) as ResourceClaim | undefined;
const devicesOf = (c: TestCluster, name: string): readonly string[] =>
	(held(c, name)?.status?.allocation?.devices.results ?? []).map((r) => `${r.request}=${r.pool}/${r.device}`);
const nodeOf = (c: TestCluster, name: string): string | undefined => (c.client.get(c.world, 'v1/pods', 'default', name) as Pod).spec.nodeName;

describe('device claims', () => {
	it.each([
		['a model', "device.attributes['gpu.example.com'].model == 'A100'", 'gpu=foothold-worker/gpu-0'],
		['a capacity', "device.capacity['gpu.example.com'].memory.compareTo(quantity('40Gi')) >= 0", 'gpu=foothold-worker/gpu-0'],
		[
			'a version',
			"device.attributes['gpu.example.com'].version.isGreaterThan(semver('1.0.0')) && device.attributes['gpu.example.com'].model == 'A100'",
			'gpu=foothold-worker/gpu-0',
		],
		[
			'an attribute that may be missing',
			"has(device.attributes['other.example.com'].x) || device.attributes['gpu.example.com'].model == 'A100'",
			'gpu=foothold-worker/gpu-0',
		],
	])('are given what their selector asks for: %s', (_name, expression, expected) => {
		const c = cluster();
		claim(c, 'mine', [exactly(cel(expression))]);
		pod(c, 'p', 'mine');
		expect(devicesOf(c, 'mine')).toEqual([expected]);
		expect(nodeOf(c, 'p')).toBe('foothold-worker');
		expect(held(c, 'mine')).toMatchObject({
			metadata: { finalizers: ['resource.kubernetes.io/delete-protection'] },
			status: {
				allocation: { nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['foothold-worker'] }] }] } },
				reservedFor: [{ resource: 'pods', name: 'p' }],
			},
		});
	});

	it('wait while no device is left, and get one that comes free', () => {
		const c = cluster();
		for (const name of ['a', 'b']) {
			claim(c, name, [exactly(cel("device.attributes['gpu.example.com'].model == 'A100'"))]);
			pod(c, name, name);
		}
		expect([nodeOf(c, 'a'), nodeOf(c, 'b')]).toEqual(['foothold-worker', undefined]);
		expect(c.events('default', 'b')[0]).toMatch(/^FailedScheduling: 0\/2 nodes are available: 2 cannot allocate all claims\./);
		c.client.delete(c.world, 'v1/pods', 'default', 'a', { gracePeriodSeconds: 0 });
		c.run(20_000);
		expect(held(c, 'a')?.status).toEqual({});
		expect(nodeOf(c, 'b')).toBe('foothold-worker');
	});

	it('are shared by the pods that name them, on one node', () => {
		const c = cluster();
		claim(c, 'shared', [exactly()]);
		pod(c, 'a', 'shared');
		pod(c, 'b', 'shared');
		expect(nodeOf(c, 'b')).toBe(nodeOf(c, 'a'));
		expect(held(c, 'shared')?.status?.reservedFor?.map((r) => r.name)).toEqual(['a', 'b']);
	});

	it.each([
		['two of a kind', [exactly({ count: 2 })], { constraints: [{ matchAttribute: `${DRIVER}/model` }] }, 'four', ['gpu=four/gpu-0', 'gpu=four/gpu-1']],
		['two apart', [exactly({ count: 2 })], { constraints: [{ distinctAttribute: `${DRIVER}/numa` }] }, 'four', ['gpu=four/gpu-0', 'gpu=four/gpu-2']],
		['all', [exactly({ allocationMode: 'All' })], {}, 'foothold-worker2', ['gpu=foothold-worker2/gpu-0']],
		[
			'the first that can be had',
			[
				{
					name: 'gpu',
					firstAvailable: [
						{ name: 'h100', deviceClassName: 'gpu', ...cel("device.attributes['gpu.example.com'].model == 'H100'") },
						{ name: 'a100', deviceClassName: 'gpu', ...cel("device.attributes['gpu.example.com'].model == 'A100'") },
					],
				},
			],
			{},
			'foothold-worker',
			['gpu/a100=foothold-worker/gpu-0'],
		],
	])('take %s', (_name, requests, more, node, expected) => {
		const c = cluster();
		c.addNode('four');
		slice(
			c,
			'four',
			['gpu-0', 'gpu-1', 'gpu-2', 'gpu-3'].map((name) => device(name, 'L4', '24Gi')),
		);
		claim(c, 'mine', requests, more);
		c.create('v1/pods', 'default', {
			metadata: { name: 'p' },
			spec: {
				nodeSelector: { 'kubernetes.io/hostname': node },
				resourceClaims: [{ name: 'c', resourceClaimName: 'mine' }],
				containers: [{ name: 'main', image: 'nginx' }],
			},
		});
		c.run(2000);
		expect(devicesOf(c, 'mine')).toEqual(expected);
	});

	it('pass tainted devices by, and pools that are not all there', () => {
		const c = testCluster();
		c.addNode('n');
		c.create(CLASSES, undefined, { metadata: { name: 'gpu' }, spec: {} });
		const taints = [{ key: 'broken', effect: 'NoSchedule' }];
		slice(c, 'n', [device('gpu-0', 'T4', '16Gi', { taints }), device('gpu-1', 'T4', '16Gi')]);
		slice(c, 'n', [device('gpu-9', 'T4', '16Gi')], { name: 'half', resourceSliceCount: 2 });
		claim(c, 'a', [exactly()]);
		pod(c, 'a', 'a');
		claim(c, 'b', [exactly()]);
		pod(c, 'b', 'b');
		expect([devicesOf(c, 'a'), devicesOf(c, 'b')]).toEqual([['gpu=n/gpu-1'], []]);
		claim(c, 'tolerant', [exactly({ tolerations: [{ key: 'broken', operator: 'Exists' }] })]);
		pod(c, 'tolerant', 'tolerant');
		expect(devicesOf(c, 'tolerant')).toEqual(['gpu=n/gpu-0']);
	});

	it.each([
		['a claim', ['nowhere'], 'resourceclaim.resource.k8s.io "nowhere" not found'],
		['a class', ['odd'], 'request gpu: device class none does not exist'],
	])('that lack %s say so', (_name, claims, why) => {
		const c = cluster();
		claim(c, 'odd', [exactly({ deviceClassName: 'none' })]);
		pod(c, 'p', ...claims);
		expect(c.events('default', 'p')[0]).toMatch(`FailedScheduling: 0/2 nodes are available: ${why}.`);
	});

	it('give a hopeless search up in time', () => {
		const c = testCluster();
		c.addNode('n');
		c.create(CLASSES, undefined, { metadata: { name: 'gpu' }, spec: {} });
		const attributes = (i: number): object => ({ attributes: { id: { int: i } } });
		slice(
			c,
			'n',
			Array.from({ length: 100 }, (_, i) => ({ name: `d${i}`, ...attributes(i % 10) })),
		);
		claim(c, 'mine', [exactly({ count: 12 })], { constraints: [{ distinctAttribute: `${DRIVER}/id` }] });
		const started = performance.now();
		pod(c, 'p', 'mine');
		expect(devicesOf(c, 'mine')).toEqual([]);
		expect([ALLOCATION_STEPS, performance.now() - started < 5000]).toEqual([10_000, true]);
	});
});

describe('claim templates', () => {
	const withTemplate = (c: TestCluster, name: string): void => {
		c.create('v1/pods', 'default', {
			metadata: { name },
			spec: { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'one' }], containers: [{ name: 'main', image: 'nginx' }] },
		});
	};
	const template = (c: TestCluster): void => {
		c.create(TEMPLATES, 'default', { metadata: { name: 'one' }, spec: { metadata: { labels: { made: 'so' } }, spec: { devices: { requests: [exactly()] } } } });
	};

	it('make each pod a claim of its own, which goes with it', () => {
		const c = cluster();
		template(c);
		withTemplate(c, 'p');
		c.run(2000);
		const [made] = c.client.list(c.world, CLAIMS, 'default');
		expect(made).toMatchObject({
			metadata: {
				generateName: 'p-gpu-',
				labels: { made: 'so' },
				annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' },
				ownerReferences: [{ kind: 'Pod', name: 'p', controller: true }],
			},
			status: { reservedFor: [{ name: 'p' }] },
		});
		expect(c.client.get(c.world, 'v1/pods', 'default', 'p')?.['status']).toMatchObject({
			resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: made?.metadata.name }],
		});
		expect(c.events('default', 'p').filter((e) => e.startsWith('FailedScheduling'))).toEqual([]);
		c.client.delete(c.world, 'v1/pods', 'default', 'p', { gracePeriodSeconds: 0 });
		c.run(20_000);
		expect(c.client.list(c.world, CLAIMS, 'default')).toEqual([]);
	});

	it('that are missing are waited for', () => {
		const c = cluster();
		withTemplate(c, 'p');
		c.run(500);
		expect(c.events('default', 'p')[0]).toBe(
			'FailedResourceClaimCreation: PodResourceClaim gpu: resource claim template "one": resourceclaimtemplate.resource.k8s.io "one" not found',
		);
		template(c);
		c.run(5000);
		expect(nodeOf(c, 'p')).toBeDefined();
	});
});
