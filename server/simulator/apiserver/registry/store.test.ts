import { describe, expect, it } from 'vitest';
import { testServer, testStrategies } from '../testing.ts';
import type { KubeObject, Strategy } from '../types.ts';
import { byIndex, changesSince, getObject, LOG_BYTES_KEPT, LOG_CHANGES_KEPT, listObjects, logReaches, objectTreeAt, revision } from './store.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const maps = testStrategies.find((s) => s.resource === 'configmaps') as Strategy;

describe('the store', () => {
	it('finds what an owner owns', () => {
		const s = testServer();
		const owner = (uid: string): object => ({ apiVersion: 'v1', kind: 'Pod', name: 'p', uid });
		s.send('POST', MAPS, { metadata: { name: 'a', ownerReferences: [owner('u1')] } });
		s.send('POST', MAPS, { metadata: { name: 'b', ownerReferences: [owner('u1'), owner('u2')] } });
		const names = (uid: string): readonly string[] => byIndex(s.world, maps, 'byOwner', uid).map((o) => o.metadata.name);
		expect([names('u1'), names('u2'), names('u3')]).toEqual([['a', 'b'], ['b'], []]);
		s.send('PATCH', `${MAPS}/b`, { metadata: { ownerReferences: [owner('u2')] } });
		s.send('DELETE', `${MAPS}/a`);
		expect([names('u1'), names('u2')]).toEqual([[], ['b']]);
	});

	it('shows its objects as they were, as far back as the log goes', () => {
		const s = testServer();
		s.send('POST', MAPS, { metadata: { name: 'a' } });
		s.send('POST', MAPS, { metadata: { name: 'b' } });
		const then = revision(s.world);
		const before = listObjects(s.world, maps);
		s.send('DELETE', `${MAPS}/a`);
		s.send('PATCH', `${MAPS}/b`, { data: { x: 'y' } });
		s.send('POST', MAPS, { metadata: { name: 'c' } });
		const tree = objectTreeAt(s.world, maps, then);
		const values: KubeObject[] = [];
		const walk = (n: typeof tree): void => {
			if (n === null || n === undefined) return;
			walk(n.l);
			values.push(n.v);
			walk(n.r);
		};
		walk(tree);
		expect(values).toEqual(before);
	});

	it('keeps its log bounded, in number, in age and in size', () => {
		const s = testServer();
		s.send('POST', MAPS, { metadata: { name: 'a' } });
		const first = revision(s.world);
		for (let i = 0; i < LOG_CHANGES_KEPT + 50; i++) s.send('PATCH', `${MAPS}/a`, { data: { i: String(i) } });
		expect([...changesSince(s.world, maps, 0)]).toHaveLength(LOG_CHANGES_KEPT);
		expect(logReaches(s.world, maps, first)).toBe(false);
		s.world.advanceTo(s.world.now + 600_000);
		for (let i = 0; i < LOG_CHANGES_KEPT; i++) s.send('PATCH', `${MAPS}/a`, { data: { j: String(i) } });
		const kept = [...changesSince(s.world, maps, 0)];
		expect(kept.every((c) => (c.object['data'] as { j?: string }).j !== undefined)).toBe(true);
		const large = testServer();
		large.send('POST', MAPS, { metadata: { name: 'a' } });
		for (let i = 0; i < 200; i++) large.send('PATCH', `${MAPS}/a`, { data: { big: `${i}${'x'.repeat(500_000)}` } });
		const bytes = [...changesSince(large.world, maps, 0)].length * 500_000;
		expect(bytes).toBeLessThan(2 * LOG_BYTES_KEPT);
		expect(getObject(large.world, maps, 'default/a')?.metadata.resourceVersion).toBe(String(revision(large.world)));
	});

	it('costs the same with many objects as with few', () => {
		const s = testServer();
		const per = (count: number, from: number): number => {
			const start = performance.now();
			for (let i = 0; i < count; i++) s.send('POST', MAPS, { metadata: { name: `m${from + i}` } });
			return (performance.now() - start) / count;
		};
		per(2000, 0);
		const few = per(2000, 10_000);
		per(16_000, 20_000);
		const many = per(2000, 50_000);
		// Logarithmic growth and a busy machine fit in; a scan of twenty thousand objects would not.
		expect(many).toBeLessThan(few * 5 + 0.5);
	});
});
