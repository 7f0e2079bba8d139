import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../apiserver/types.ts';
import { Simulator } from '../simulator.ts';
import { SYSTEM_USERS } from '../services.ts';
import type { Deployment, Pod, Service } from './shared/objects.ts';

const NOW = 1_795_000_000_000;

describe('controllers and scheduler in a whole cluster', () => {
	const boot = (): { readonly sim: Simulator; readonly client: ReturnType<Simulator['system']['services']['api']['client']> } => {
		const sim = Simulator.boot({ seed: 3, now: NOW });
		return { sim, client: sim.system.services.api.client(SYSTEM_USERS.loopback) };
	};
	const ready = (p: Pod): boolean => p.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') === true;

	it('settle after power-on: accounts, CA, system pods, the ingress address', () => {
		const { sim, client } = boot();
		for (const ns of client.list(sim.world, 'v1/namespaces')) {
			expect(client.get(sim.world, 'v1/serviceaccounts', ns.metadata.name, 'default')).toBeDefined();
			expect(client.get(sim.world, 'v1/configmaps', ns.metadata.name, 'kube-root-ca.crt')).toBeDefined();
		}
		const pods = client.list(sim.world, 'v1/pods') as readonly Pod[];
		expect(pods.length).toBeGreaterThan(5);
		expect(pods.filter((p) => !ready(p)).map((p) => p.metadata.name)).toEqual([]);
		const ingress = client.get(sim.world, 'v1/services', 'ingress-nginx', 'ingress-nginx-controller') as Service;
		expect(ingress.status?.loadBalancer?.ingress?.[0]?.ip).toBe('172.18.0.100');
	});

	it('roll a real web server out and back without losing a ready pod', () => {
		const { sim, client } = boot();
		const { world } = sim;
		const container = { name: 'web', image: 'nginx:1.29', readinessProbe: { httpGet: { path: '/', port: 80 }, periodSeconds: 1 } };
		const body = {
			apiVersion: 'apps/v1',
			kind: 'Deployment',
			metadata: { name: 'web' },
			spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } } },
		};
		expect(client.create(world, 'apps/v1/deployments', 'default', body).ok).toBe(true);
		const get = (): Deployment => client.get(world, 'apps/v1/deployments', 'default', 'web') as Deployment;
		world.advanceTo(world.now + 60_000);
		expect(get().status).toMatchObject({ readyReplicas: 3, updatedReplicas: 3 });
		const template = { ...get().spec.template, spec: { containers: [{ ...container, image: 'nginx:1.28.0' }] } };
		expect(client.update(world, 'apps/v1/deployments', { ...get(), spec: { ...get().spec, template } } as KubeObject).ok).toBe(true);
		let least = 3;
		for (let i = 0; i < 120; i++) {
			world.advanceTo(world.now + 500);
			least = Math.min(least, get().status?.availableReplicas ?? 0);
		}
		expect(least).toBe(3);
		expect(get().status).toMatchObject({ replicas: 3, updatedReplicas: 3, availableReplicas: 3 });
		expect(get().status?.conditions?.find((c) => c.type === 'Progressing')?.reason).toBe('NewReplicaSetAvailable');
	});

	it('go on from a snapshot exactly as they would have without one', () => {
		const { sim } = boot();
		const slices = ['controllers.indexes', 'controllers.events', 'controllers.failures', 'scheduler'];
		const restored = Simulator.restore(JSON.parse(JSON.stringify(sim.snapshot())), sim.system);
		for (const s of [sim, restored]) s.world.advanceTo(s.world.now + 120_000);
		for (const name of slices) expect(JSON.stringify(restored.world.state.slices[name])).toBe(JSON.stringify(sim.world.state.slices[name]));
	});
});
