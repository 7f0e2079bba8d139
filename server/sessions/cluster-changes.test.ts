import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { SimulatorSandbox } from '../sandboxes/simulator.ts';
import { Template } from '../sandboxes/simulated/template.ts';
import { buildSystem } from '../simulator/simulator.ts';
import { compared, type Inventory, inventory } from './cluster-changes.ts';

const system = buildSystem('full');
const template = Template.build({ hosts: [], gpus: undefined, prepare: () => {} }, system);

describe('what differs from a lab’s start', () => {
	it('is nothing in a cluster that only lives', async () => {
		const sandbox = await SimulatorSandbox.create(template, { id: 'a' });
		const start = await inventory(sandbox.observer);
		expect(start.size).toBeGreaterThan(20);
		const fork = await sandbox.fork();
		await fork.clock.advance(120_000);
		expect(compared(start, await inventory(fork.observer)).changes).toEqual([]);
		await fork.dispose();
		await sandbox.dispose();
	});

	it('is what somebody made, changed and deleted; pods of a Deployment follow from it, secret values stay secret', async () => {
		const sandbox = await SimulatorSandbox.create(template, { id: 'b' });
		const send = async (method: string, path: string, body?: unknown): Promise<void> => {
			const headers = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' };
			const response = await sandbox.cluster.fetch(
				new Request(`http://cluster${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
			);
			expect(response.ok, `${method} ${path}`).toBe(true);
		};
		const labels = { app: 'web' };
		await send('POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'old' }, data: { a: '1' } });
		await send('POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'gone' } });
		const start = await inventory(sandbox.observer);
		await send('PATCH', '/api/v1/namespaces/default/configmaps/old', { data: { a: '2' } });
		await send('DELETE', '/api/v1/namespaces/default/configmaps/gone');
		await send('POST', '/api/v1/namespaces/default/secrets', {
			apiVersion: 'v1',
			kind: 'Secret',
			metadata: { name: 'key' },
			stringData: { password: 'hunter2' },
		});
		await send('POST', '/apis/apps/v1/namespaces/default/deployments', {
			apiVersion: 'apps/v1',
			kind: 'Deployment',
			metadata: { name: 'web' },
			spec: {
				replicas: 2,
				selector: { matchLabels: labels },
				template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx:1.27' }] } },
			},
		});
		const fork = await sandbox.fork();
		await fork.clock.advance(30_000);
		const { changes = [] } = compared(start, await inventory(fork.observer));
		expect(changes.map(({ change, kind, namespace, name }) => `${change} ${kind} ${namespace}/${name}`)).toEqual([
			'deleted ConfigMap default/gone',
			'changed ConfigMap default/old',
			'created Deployment default/web',
			'created Secret default/key',
		]);
		expect(changes[1]?.before).toContain('a: "1"');
		expect(changes[1]?.after).toContain('a: "2"');
		expect(changes[2]?.after).not.toMatch(/resourceVersion|status:|managedFields/);
		const secret = changes[3]?.after ?? '';
		expect(secret).toContain('masked');
		expect(secret).not.toContain(Buffer.from('hunter2').toString('base64'));
		await fork.dispose();
		await sandbox.dispose();
	});

	it(`holds ${LIMITS.changedObjects} objects (LIMITS.changedObjects) and ${LIMITS.changesBytes} bytes (LIMITS.changesBytes), and counts the rest`, () => {
		const made = (count: number, text: string): Inventory =>
			new Map(Array.from({ length: count }, (_, i) => [`ConfigMap/x/${i}`, { kind: 'ConfigMap', namespace: 'x', name: String(i), text }]));
		expect(compared(new Map(), made(LIMITS.changedObjects + 7, 'a'))).toMatchObject({ changesLeftOut: 7 });
		expect(compared(new Map(), made(3, 'x'.repeat(LIMITS.changesBytes / 2))).changes).toHaveLength(1);
	});
});
