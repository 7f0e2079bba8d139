import { describe, expect, it } from 'vitest';
import { testServer } from '../testing.ts';
import type { KubeObject, Status } from '../types.ts';

const PODS = '/api/v1/namespaces/default/pods';
const MAPS = '/api/v1/namespaces/default/configmaps';

describe('deletion', () => {
	it('gives a pod that runs its grace, which may be cut but not stretched', () => {
		const s = testServer();
		s.send('POST', PODS, { metadata: { name: 'a' }, spec: { nodeName: 'n' } });
		const marked = s.send('DELETE', `${PODS}/a`).json as KubeObject;
		expect(marked.metadata.deletionGracePeriodSeconds).toBe(30);
		expect(marked.metadata.deletionTimestamp).toBe('2027-01-15T08:00:30Z');
		const rv = marked.metadata.resourceVersion;
		expect((s.send('DELETE', `${PODS}/a`, { gracePeriodSeconds: 60 }).json as KubeObject).metadata.resourceVersion).toBe(rv);
		expect((s.send('DELETE', `${PODS}/a`, { gracePeriodSeconds: 5 }).json as KubeObject).metadata.deletionTimestamp).toBe('2027-01-15T08:00:05Z');
		expect(s.send('DELETE', `${PODS}/a?gracePeriodSeconds=0`).status).toBe(200);
		expect(s.send('GET', `${PODS}/a`).status).toBe(404);
	});

	it('waits for finalizers and takes no new ones', () => {
		const s = testServer();
		s.send('POST', MAPS, { metadata: { name: 'a', finalizers: ['example.com/x'] } });
		const marked = s.send('DELETE', `${MAPS}/a`).json as KubeObject;
		expect(marked.metadata.deletionTimestamp).toBeDefined();
		const more = s.send('PATCH', `${MAPS}/a`, { metadata: { finalizers: ['example.com/x', 'example.com/y'] } });
		expect((more.json as Status).message).toBe(
			'ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/y"}',
		);
		s.send('PATCH', `${MAPS}/a`, { metadata: { finalizers: null } });
		expect(s.send('GET', `${MAPS}/a`).status).toBe(404);
		expect(s.changes.at(-1)?.type).toBe('DELETED');
	});

	it('leaves foreground and orphan to the garbage collector by a finalizer', () => {
		const s = testServer();
		for (const [name, policy, finalizer] of [
			['a', 'Foreground', 'foregroundDeletion'],
			['b', 'Orphan', 'orphan'],
		]) {
			s.send('POST', MAPS, { metadata: { name } });
			expect((s.send('DELETE', `${MAPS}/${name}?propagationPolicy=${policy}`).json as KubeObject).metadata.finalizers).toEqual([finalizer]);
		}
		s.send('POST', MAPS, { metadata: { name: 'c' } });
		const status = s.send('DELETE', `${MAPS}/c`, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: 'Background' }).json as Status;
		expect(status).toMatchObject({ kind: 'Status', status: 'Success', details: { name: 'c', kind: 'configmaps' } });
	});

	it('checks preconditions', () => {
		const s = testServer();
		const { uid } = (s.send('POST', MAPS, { metadata: { name: 'a' } }).json as KubeObject).metadata;
		const refused = s.send('DELETE', `${MAPS}/a`, { preconditions: { uid: 'other' } }).json as Status;
		expect(refused.message).toBe(
			`Operation cannot be fulfilled on configmaps "a": Precondition failed: UID in precondition: other, UID in object meta: ${uid}`,
		);
		expect(s.send('DELETE', `${MAPS}/a`, { preconditions: { uid } }).status).toBe(200);
	});

	it('deletes a collection by selector', () => {
		const s = testServer();
		for (const name of ['a', 'b', 'c']) s.send('POST', MAPS, { metadata: { name, labels: { keep: name === 'c' ? 'y' : 'n' } } });
		s.send('DELETE', `${MAPS}?labelSelector=keep%3Dn`);
		expect((s.send('GET', MAPS).json as { items: KubeObject[] }).items.map((o) => o.metadata.name)).toEqual(['c']);
	});

	it('keeps a namespace until its spec is free of finalizers', () => {
		const s = testServer();
		s.send('POST', '/api/v1/namespaces', { metadata: { name: 'x' }, spec: { finalizers: ['kubernetes'] } });
		const marked = s.send('DELETE', '/api/v1/namespaces/x').json as KubeObject;
		expect(marked['status']).toEqual({ phase: 'Terminating' });
		s.send('PUT', '/api/v1/namespaces/x/finalize', { metadata: { name: 'x' }, spec: {} });
		expect(s.send('GET', '/api/v1/namespaces/x').status).toBe(404);
	});
});
