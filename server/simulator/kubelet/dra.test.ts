import { describe, expect, it } from 'vitest';
import { rec, recs, str } from '../apiserver/registry/fields.ts';
import { SYSTEM_USERS } from '../services.ts';
import { buildSystem, Simulator } from '../simulator.ts';

const system = buildSystem();
const base = Simulator.boot({ seed: 5, now: Date.UTC(2026, 0, 1) }, system);
const client = system.services.api.client(SYSTEM_USERS.loopback);
const DRIVER = 'dra.example.com';

function cluster(): Simulator {
	const sim = base.fork();
	const make = (path: string, namespace: string | undefined, object: { readonly [k: string]: unknown }): void => {
		const made = client.create(sim.world, path, namespace, object);
		if (!made.ok) throw new Error(made.status.message);
	};
	const pool = { name: 'foothold-worker', generation: 1, resourceSliceCount: 1 };
	make('resource.k8s.io/v1/resourceslices', undefined, {
		metadata: { name: 's' },
		spec: { driver: DRIVER, nodeName: 'foothold-worker', pool, devices: [{ name: 'd0' }] },
	});
	make('resource.k8s.io/v1/deviceclasses', undefined, {
		metadata: { name: 'ex' },
		spec: { selectors: [{ cel: { expression: `device.driver == '${DRIVER}'` } }] },
	});
	make('resource.k8s.io/v1/resourceclaims', 'default', {
		metadata: { name: 'c' },
		spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'ex', allocationMode: 'ExactCount', count: 1 } }] } },
	});
	const container = { name: 'main', image: 'busybox:1.37', command: ['sleep', '3600'], resources: { claims: [{ name: 'dev' }] } };
	make('v1/pods', 'default', { metadata: { name: 'user' }, spec: { containers: [container], resourceClaims: [{ name: 'dev', resourceClaimName: 'c' }] } });
	return sim;
}

const run = (sim: Simulator, ms: number): unknown => sim.world.advanceTo(sim.world.now + ms);
const status = (sim: Simulator): { readonly [k: string]: unknown } => rec(client.get(sim.world, 'v1/pods', 'default', 'user')?.['status']);

describe('a pod whose claim’s driver is absent', () => {
	it('stays ContainerCreating, says why, and can be deleted', () => {
		const sim = cluster();
		run(sim, 60_000);
		expect(status(sim)['phase']).toBe('Pending');
		expect(recs(status(sim)['containerStatuses'])[0]).toMatchObject({ state: { waiting: { reason: 'ContainerCreating' } } });
		const events = client.list(sim.world, 'v1/events', 'default').map((e) => `${str(e['type'])} ${str(e['reason'])}: ${str(e['message'])}`);
		expect(events).toContain(
			`Warning FailedPrepareDynamicResources: Failed to prepare dynamic resources: prepare dynamic resources: DRA driver ${DRIVER} is not registered`,
		);
		client.delete(sim.world, 'v1/pods', 'default', 'user');
		run(sim, 40_000);
		expect(client.get(sim.world, 'v1/pods', 'default', 'user')).toBeUndefined();
	});

	it('starts once a pod of its node stands for the driver', () => {
		const sim = cluster();
		run(sim, 30_000);
		const volumes = [{ name: 'registry', hostPath: { path: '/var/lib/kubelet/plugins_registry', type: 'DirectoryOrCreate' } }];
		const containers = [{ name: 'plugin', image: 'busybox:1.37', command: ['sleep', '3600'], env: [{ name: 'DRIVER_NAME', value: DRIVER }] }];
		client.create(sim.world, 'v1/pods', 'kube-system', { metadata: { name: 'plugin' }, spec: { nodeName: 'foothold-worker', volumes, containers } });
		run(sim, 40_000);
		expect(status(sim)['phase']).toBe('Running');
	});
});
