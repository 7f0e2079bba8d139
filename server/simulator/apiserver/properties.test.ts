import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testServer } from './testing.ts';
import type { KubeObject, WatchEvent } from './types.ts';

const PODS = '/api/v1/namespaces/default/pods';
const name = fc.constantFrom('a', 'b', 'c', 'd');
const labels = fc.constantFrom({}, { app: 'x' }, { app: 'y' });
const step = fc.oneof(
	fc.record({ op: fc.constant('create' as const), name, labels }),
	fc.record({ op: fc.constant('label' as const), name, labels }),
	fc.record({ op: fc.constant('node' as const), name }),
	fc.record({ op: fc.constant('finalizer' as const), name, on: fc.boolean() }),
	fc.record({ op: fc.constant('delete' as const), name, grace: fc.constantFrom(0, 5) }),
	fc.record({ op: fc.constant('dry' as const), name }),
	fc.record({ op: fc.constant('bad' as const), name }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function run(s: ReturnType<typeof testServer>, step: Step): number {
	switch (step.op) {
		case 'create':
			return s.send('POST', PODS, { metadata: { name: step.name, labels: step.labels }, spec: {} }).status;
		case 'label':
			return s.send('PATCH', `${PODS}/${step.name}`, { metadata: { labels: { app: null, ...step.labels } } }).status;
		case 'node':
			return s.send('PATCH', `${PODS}/${step.name}`, { spec: { nodeName: 'n1' } }).status;
		case 'finalizer':
			return s.send('PATCH', `${PODS}/${step.name}`, { metadata: { finalizers: step.on ? ['example.com/f'] : null } }).status;
		case 'delete':
			return s.send('DELETE', `${PODS}/${step.name}?gracePeriodSeconds=${step.grace}`).status;
		case 'dry':
			return s.send('DELETE', `${PODS}/${step.name}?dryRun=All`).status;
		case 'bad':
			return s.send('PATCH', `${PODS}/${step.name}`, { metadata: { labels: { app: 'not a value!' } } }).status;
	}
}

type Objects = ReadonlyMap<string, KubeObject>;

function fold(objects: Map<string, KubeObject>, events: readonly WatchEvent[]): void {
	for (const { type, object } of events) {
		const { metadata } = object as KubeObject;
		if (type === 'DELETED') objects.delete(metadata.name);
		else objects.set(metadata.name, object as KubeObject);
	}
}

function listed(s: ReturnType<typeof testServer>, query: string): Objects {
	const { items } = s.send('GET', PODS + query).json as { items: readonly KubeObject[] };
	return new Map(items.map((o) => [o.metadata.name, o]));
}

const sorted = (objects: Objects): readonly KubeObject[] => [...objects.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));

describe('whatever is asked', () => {
	it.each(['', '?labelSelector=app%3Dx', '?fieldSelector=spec.nodeName%3Dn1'])('a list%s equals the fold of its watch', (query) => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 7 }), (steps, every) => {
				const s = testServer();
				const { watch } = s.send('GET', `${PODS}${query === '' ? '?' : `${query}&`}watch=true`);
				if (watch === undefined) throw new Error('no watch');
				const cursor = s.api.openWatch(watch);
				const seen = new Map<string, KubeObject>();
				steps.forEach((one, i) => {
					run(s, one);
					if (i % every === 0) fold(seen, cursor.next(s.world));
				});
				fold(seen, cursor.next(s.world));
				expect(sorted(seen)).toEqual(sorted(listed(s, query)));
			}),
		);
	});

	it('what is refused or dry changes nothing, and every change raises the revision', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
				const s = testServer();
				for (const one of steps) {
					const before = s.world.state.slices['store'];
					const known = s.changes.length;
					const code = run(s, one);
					if (code >= 400) expect(s.world.state.slices['store']).toBe(before);
					if (one.op === 'dry') expect(s.world.state.slices['store']).toBe(before);
					else if (s.world.state.slices['store'] !== before) expect(s.changes.length).toBeGreaterThan(known);
				}
				const stored = s.changes.map((c) => c.revision);
				expect([...stored].sort((a, b) => a - b)).toEqual(stored);
				expect(s.changes.every((c) => c.object.metadata.resourceVersion === String(c.revision))).toBe(true);
			}),
		);
	});

	it('the state is plain data that JSON holds', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
				const s = testServer();
				for (const one of steps) run(s, one);
				s.send('PATCH', `${PODS}/a/status`, { status: { phase: 'Running' } });
				const type = { 'content-type': 'application/apply-patch+yaml' };
				s.send('PATCH', `${PODS}/z?fieldManager=m`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'z' }, spec: {} }, type);
				s.send('PATCH', `${PODS}/z`, { metadata: { labels: { a: 'b' } } });
				expect(JSON.parse(JSON.stringify(s.world.state))).toStrictEqual(s.world.state);
			}),
		);
	});

	it('indexes hold exactly what a scan would find', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
				const s = testServer();
				for (const one of steps) run(s, one);
				const client = s.api.client({ name: 'test', groups: [] });
				const scan = client.list(s.world, 'v1/pods').filter((o) => (o['spec'] as { nodeName?: string }).nodeName === 'n1');
				expect(client.byIndex(s.world, 'v1/pods', 'byNode', 'n1')).toEqual(scan);
			}),
		);
	});

	it('no exception leaves handle, and every answer has a code and a body', () => {
		const piece = fc.oneof(
			fc.constantFrom('api', 'apis', 'v1', 'apps', 'namespaces', 'default', 'pods', 'deployments', 'a', 'status', 'scale', 'watch', '%zz', '..'),
			fc.string({ maxLength: 5 }),
		);
		const query = fc.oneof(
			fc.constantFrom(
				'',
				'watch=1',
				'limit=x',
				'limit=2',
				'continue=abc',
				'labelSelector=a(',
				'fieldSelector=a',
				'resourceVersion=zz',
				'dryRun=All',
				'timeoutSeconds=-1',
			),
			fc.string({ maxLength: 12 }),
		);
		const body = fc.oneof(
			fc.constantFrom(
				'',
				'{}',
				'[]',
				'null',
				'{"metadata":null}',
				'{"metadata":{"name":5}}',
				'{"metadata":{"labels":[]}}',
				'[{"op":"x"}]',
				'[{"op":"test","path":"a","value":1}]',
				'{"spec":{"$patch":"x"}}',
			),
			fc.json(),
			fc.string({ maxLength: 20 }),
		);
		const type = fc.constantFrom(
			'application/json',
			'application/yaml',
			'application/json-patch+json',
			'application/merge-patch+json',
			'application/strategic-merge-patch+json',
			'application/apply-patch+yaml',
			'',
		);
		const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'BREW');
		const s = testServer();
		s.send('POST', PODS, { metadata: { name: 'a' }, spec: {} });
		fc.assert(
			fc.property(method, fc.array(piece, { maxLength: 7 }), query, body, type, (verb, pieces, q, text, contentType) => {
				const answer = s.send(verb, `/${pieces.join('/')}${q === '' ? '' : `?${q}`}`, text, { 'content-type': contentType, accept: '*/*' });
				expect(answer.status).toBeGreaterThanOrEqual(200);
				// 500 would be a fault of ours behind the catch.
				expect(answer.status === 500 ? JSON.stringify(answer.json) : '').toBe('');
				if (verb !== 'HEAD') expect(answer.json ?? answer.text ?? answer.watch).toBeDefined();
			}),
			{ numRuns: 2000 },
		);
		fc.assert(
			fc.property(
				fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
				fc.constantFrom('', '/a', '/a/status', '/a/scale'),
				body,
				type,
				(verb, path, text, contentType) => {
					for (const root of [PODS, '/apis/apps/v1/namespaces/default/deployments', '/api/v1/namespaces']) {
						const answer = s.send(verb, `${root}${path}?fieldManager=m`, text, { 'content-type': contentType });
						expect(answer.status === 500 ? JSON.stringify(answer.json) : '').toBe('');
					}
				},
			),
			{ numRuns: 2000 },
		);
	});
});
