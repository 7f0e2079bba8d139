import { describe, expect, it } from 'vitest';
import { testServer } from './testing.ts';
import type { KubeObject, Status } from './types.ts';

const configMap = (name: string, data: { readonly [k: string]: string } = {}): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
const PATH = '/api/v1/namespaces/default/configmaps';

describe('verbs over the generic store', () => {
	it('creates, reads, updates, patches and deletes, and raises the revision', () => {
		const s = testServer();
		const created = s.send('POST', PATH, configMap('a', { x: '1' }));
		expect(created.status).toBe(201);
		const object = created.json as KubeObject;
		expect(object.metadata.namespace).toBe('default');
		expect(object.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
		expect(s.send('GET', `${PATH}/a`).json).toEqual(object);
		const updated = s.send('PUT', `${PATH}/a`, { ...object, data: { x: '2' } }).json as KubeObject;
		expect(Number(updated.metadata.resourceVersion)).toBeGreaterThan(Number(object.metadata.resourceVersion));
		const stale = s.send('PUT', `${PATH}/a`, { ...object, data: { x: '3' } });
		expect(stale.status).toBe(409);
		expect((stale.json as Status).message).toBe(
			'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
		);
		// No version, and the zero that stands for none, are unconditional.
		expect(s.send('PUT', `${PATH}/a`, { ...object, metadata: { name: 'a', resourceVersion: '0' }, data: { x: '2' } }).status).toBe(200);
		const patched = s.send('PATCH', `${PATH}/a`, { data: { x: null, y: 'z' } }).json as KubeObject;
		expect(patched['data']).toEqual({ y: 'z' });
		expect((s.send('DELETE', `${PATH}/a`).json as Status).status).toBe('Success');
		expect((s.send('GET', `${PATH}/a`).json as Status).message).toBe('configmaps "a" not found');
		expect(s.changes.map((c) => c.type)).toEqual(['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED']);
	});

	it('keeps what the simulator itself writes plain, too', () => {
		const s = testServer();
		const client = s.api.client({ name: 'system:test', groups: [] });
		const body = { metadata: { name: 'a', labels: undefined, finalizers: undefined }, data: { x: 'y', z: undefined }, binaryData: undefined };
		const made = client.create(s.world, 'v1/configmaps', 'default', body);
		expect(made.ok).toBe(true);
		expect(JSON.parse(JSON.stringify(s.world.state))).toStrictEqual(s.world.state);
		const object = client.get(s.world, 'v1/configmaps', 'default', 'a');
		expect(object?.['data']).toEqual({ x: 'y' });
		const refused = client.create(s.world, 'v1/configmaps', 'default', { metadata: { name: 'a' } });
		expect(refused).toMatchObject({ ok: false, status: { reason: 'AlreadyExists' } });
		expect(() => client.get(s.world, 'v1/nothings', 'default', 'a')).toThrow('no strategy serves "v1/nothings"');
	});
});
