import { describe, expect, it } from 'vitest';
import { testServer } from '../testing.ts';
import type { KubeObject, Status, WatchEvent } from '../types.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
interface List {
	readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
	readonly items: readonly KubeObject[];
}
const names = (list: List): readonly string[] => list.items.map((o) => o.metadata.name);
const fill = (s: ReturnType<typeof testServer>, count: number): void => {
	for (let i = 0; i < count; i++) s.send('POST', MAPS, { metadata: { name: `m${String(i).padStart(3, '0')}`, labels: { even: String(i % 2 === 0) } } });
};

describe('lists', () => {
	it('pages through one moment, whatever happens meanwhile', () => {
		const s = testServer();
		fill(s, 10);
		const first = s.send('GET', `${MAPS}?limit=4`).json as List;
		expect(first.metadata.remainingItemCount).toBe(6);
		s.send('DELETE', `${MAPS}/m005`);
		s.send('POST', MAPS, { metadata: { name: 'm0045' } });
		s.send('PATCH', `${MAPS}/m006`, { data: { x: 'y' } });
		const second = s.send('GET', `${MAPS}?limit=4&continue=${first.metadata.continue}`).json as List;
		expect(names(second)).toEqual(['m004', 'm005', 'm006', 'm007']);
		expect(second.items[2]?.['data']).toBeUndefined();
		expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
		const last = s.send('GET', `${MAPS}?limit=4&continue=${second.metadata.continue}`).json as List;
		expect(names(last)).toEqual(['m008', 'm009']);
		expect(last.metadata.continue).toBeUndefined();
	});

	it('ends a token that the log no longer reaches with 410', () => {
		const s = testServer();
		fill(s, 3);
		const first = s.send('GET', `${MAPS}?limit=1`).json as List;
		for (let i = 0; i < 1100; i++) s.send('PATCH', `${MAPS}/m000`, { data: { i: String(i) } });
		const answer = s.send('GET', `${MAPS}?limit=1&continue=${first.metadata.continue}`);
		expect(answer.status).toBe(410);
		expect((answer.json as Status).reason).toBe('Expired');
		const watch = s.send('GET', `${MAPS}?watch=1&resourceVersion=${first.metadata.resourceVersion}`).watch;
		expect(watch).toBeDefined();
		if (watch === undefined) return;
		const cursor = s.api.openWatch(watch);
		const [event] = cursor.next(s.world);
		expect(event?.type).toBe('ERROR');
		expect((event?.object as Status | undefined)?.message).toMatch(/^too old resource version: 4 \(\d+\)$/);
		expect(cursor.done).toBe(true);
	});

	it('reads an exact earlier revision and refuses one to come', () => {
		const s = testServer();
		fill(s, 2);
		const { resourceVersion } = (s.send('GET', MAPS).json as List).metadata;
		s.send('DELETE', `${MAPS}/m000`);
		expect(names(s.send('GET', `${MAPS}?resourceVersion=${resourceVersion}&resourceVersionMatch=Exact`).json as List)).toEqual(['m000', 'm001']);
		expect((s.send('GET', `${MAPS}?resourceVersion=9999`).json as Status).message).toBe('Too large resource version: 9999, current: 4');
		expect((s.send('GET', `${MAPS}?resourceVersionMatch=Exact`).json as Status).message).toBe(
			'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
		);
		expect((s.send('GET', `${MAPS}?continue=zzz`).json as Status).code).toBe(400);
	});

	it('takes no limit for a limit of nothing', () => {
		const s = testServer();
		fill(s, 3);
		for (const limit of [0, -1]) expect(names(s.send('GET', `${MAPS}?limit=${limit}`).json as List)).toHaveLength(3);
	});

	it('filters', () => {
		const s = testServer();
		fill(s, 5);
		expect(names(s.send('GET', `${MAPS}?labelSelector=even%3Dtrue&limit=2`).json as List)).toEqual(['m000', 'm002']);
		expect(names(s.send('GET', `${MAPS}?fieldSelector=metadata.name%3Dm003`).json as List)).toEqual(['m003']);
		expect(names(s.send('GET', '/api/v1/configmaps?fieldSelector=metadata.name%3Dm003').json as List)).toEqual(['m003']);
	});
});

describe('watches', () => {
	const open = (s: ReturnType<typeof testServer>, query: string) => {
		const { watch } = s.send('GET', `${MAPS}?watch=true${query}`);
		if (watch === undefined) throw new Error('no watch');
		return s.api.openWatch(watch);
	};
	const shown = (events: readonly WatchEvent[]): readonly string[] => events.map((e) => `${e.type} ${(e.object as KubeObject).metadata.name}`);

	it('sends what was there, then what happens, once', () => {
		const s = testServer();
		fill(s, 1);
		const cursor = open(s, '');
		expect(shown(cursor.next(s.world))).toEqual(['ADDED m000']);
		s.send('PATCH', `${MAPS}/m000`, { data: { a: 'b' } });
		s.send('POST', '/api/v1/namespaces/other/configmaps', { metadata: { name: 'elsewhere' } });
		s.send('DELETE', `${MAPS}/m000`);
		expect(shown(cursor.next(s.world))).toEqual(['MODIFIED m000', 'DELETED m000']);
		expect(cursor.next(s.world)).toEqual([]);
	});

	it('turns entering and leaving a selector into ADDED and DELETED', () => {
		const s = testServer();
		fill(s, 1);
		const cursor = open(s, '&labelSelector=on%3Dyes');
		s.send('PATCH', `${MAPS}/m000`, { metadata: { labels: { on: 'yes' } } });
		s.send('PATCH', `${MAPS}/m000`, { data: { a: 'b' } });
		s.send('PATCH', `${MAPS}/m000`, { metadata: { labels: { on: 'no' } } });
		const events = cursor.next(s.world);
		expect(shown(events)).toEqual(['ADDED m000', 'MODIFIED m000', 'DELETED m000']);
		expect((events[2]?.object as KubeObject | undefined)?.metadata.labels).toMatchObject({ on: 'yes' });
	});

	it('marks the end of initial events, sends bookmarks and ends at its timeout', () => {
		const s = testServer();
		fill(s, 1);
		const cursor = open(s, '&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=100');
		const events = cursor.next(s.world);
		expect(events.map((e) => e.type)).toEqual(['ADDED', 'BOOKMARK']);
		expect((events[1]?.object as KubeObject | undefined)?.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
		s.world.advanceTo(s.world.now + 61_000);
		expect(cursor.next(s.world).map((e) => e.type)).toEqual(['BOOKMARK']);
		expect(cursor.done).toBe(false);
		s.world.advanceTo(s.world.now + 61_000);
		cursor.next(s.world);
		expect(cursor.done).toBe(true);
	});

	it('sends Tables, the columns once', () => {
		const s = testServer();
		fill(s, 2);
		const { watch } = s.send('GET', `${MAPS}?watch=true`, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
		if (watch === undefined) throw new Error('no watch');
		const events = s.api.openWatch(watch).next(s.world) as unknown as { object: { kind: string; columnDefinitions: unknown; rows: unknown[] } }[];
		expect(events.map((e) => [e.object.kind, e.object.columnDefinitions === null, e.object.rows.length])).toEqual([
			['Table', false, 1],
			['Table', true, 1],
		]);
	});
});
