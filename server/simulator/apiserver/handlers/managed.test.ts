import { describe, expect, it } from 'vitest';
import { testServer, type TestServer } from '../testing.ts';
import type { KubeObject } from '../types.ts';
import { type ManagedEntry, UPDATE_MANAGERS_KEPT } from './managed.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const entries = (s: TestServer): readonly ManagedEntry[] =>
	((s.send('GET', `${CONFIGMAPS}/a`).json as KubeObject).metadata.managedFields ?? []) as unknown as readonly ManagedEntry[];
const write = (s: TestServer, manager: string, data: object): void => void s.send('PATCH', `${CONFIGMAPS}/a?fieldManager=${manager}`, { data });

function made(): TestServer {
	const s = testServer();
	s.send('POST', `${CONFIGMAPS}?fieldManager=first`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { first: 'x' } });
	return s;
}

describe('entries of updates', () => {
	it('keep their time until their manager owns something else', () => {
		const s = made();
		const before = entries(s)[0]?.time;
		s.world.advanceTo(s.world.now + 5000);
		write(s, 'first', { first: 'y' });
		expect(entries(s).map((e) => e.time)).toEqual([before]);
		write(s, 'first', { second: 'y' });
		expect(entries(s)[0]?.time).not.toBe(before);
	});

	it('are put together from the oldest on where there are too many', () => {
		const s = made();
		for (let i = 0; i < UPDATE_MANAGERS_KEPT + 2; i++) {
			s.world.advanceTo(s.world.now + 1000);
			write(s, `m${i}`, { [`k${i}`]: 'x' });
		}
		const kept = entries(s);
		expect(kept).toHaveLength(UPDATE_MANAGERS_KEPT);
		const ancient = kept.find((e) => e.manager === 'ancient-changes');
		expect(ancient?.fieldsV1['f:data']).toMatchObject({ 'f:first': {}, 'f:k0': {}, 'f:k1': {} });
		expect(kept.some((e) => e.manager === `m${UPDATE_MANAGERS_KEPT + 1}`)).toBe(true);
	});
});
