import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Input, InputBody } from './inputs.ts';
import { storeSlice } from './apiserver/registry/store.ts';
import { treeValues } from './kernel/tree.ts';
import { SYSTEM_USERS } from './services.ts';
import { buildSystem, compactSnapshot, Simulator } from './simulator.ts';

const system = buildSystem();
/** A cluster with something running in it; every case starts from a fork. */
const base = Simulator.boot({ seed: 11, now: Date.UTC(2026, 0, 1), workers: 2, hosts: ['web.foothold.test'] }, system);

const POD = 'talker';
const IMAGES = ['nginx:1.29', 'busybox:1.37', 'nosuch.example/image:1'];

function request(method: string, url: string, body?: unknown, type = 'application/json'): InputBody {
	const text = body === undefined ? {} : { body: JSON.stringify(body) };
	return { kind: 'request', request: { method, url, headers: { 'content-type': type }, user: SYSTEM_USERS.admin, ...text } };
}

const deployment = (name: string, image: string, replicas: number): InputBody =>
	request('POST', '/apis/apps/v1/namespaces/default/deployments', {
		apiVersion: 'apps/v1',
		kind: 'Deployment',
		metadata: { name },
		spec: {
			replicas,
			selector: { matchLabels: { app: name } },
			template: {
				metadata: { labels: { app: name } },
				spec: { containers: [{ name: 'c', image, readinessProbe: { httpGet: { port: 80 } } }] },
			},
		},
	});

const service = (name: string): InputBody =>
	request('POST', '/api/v1/namespaces/default/services', {
		apiVersion: 'v1',
		kind: 'Service',
		metadata: { name },
		spec: { selector: { app: name }, ports: [{ port: 80 }] },
	});

const scale = (name: string, replicas: number): InputBody =>
	request('PATCH', `/apis/apps/v1/namespaces/default/deployments/${name}`, { spec: { replicas } }, 'application/merge-patch+json');

const command = (words: readonly string[], stdin: boolean): InputBody =>
	request('POST', `/api/v1/namespaces/default/pods/${POD}/exec?${words.map((w) => `command=${encodeURIComponent(w)}`).join('&')}&stdout=true&stdin=${stdin}`);

const name = fc.constantFrom('a', 'b');
const body: fc.Arbitrary<InputBody> = fc.oneof(
	{ weight: 4, arbitrary: fc.constant<InputBody>({ kind: 'tick' }) },
	fc.tuple(name, fc.constantFrom(...IMAGES), fc.nat(3)).map(([n, image, replicas]) => deployment(n, image, replicas)),
	name.map(service),
	fc.tuple(name, fc.nat(3)).map(([n, replicas]) => scale(n, replicas)),
	name.map((n) => request('DELETE', `/apis/apps/v1/namespaces/default/deployments/${n}`)),
	fc.constant(request('DELETE', `/api/v1/namespaces/default/pods/${POD}`)),
	fc.constantFrom('/api/v1/pods?limit=3', '/api/v1/namespaces/default/events', '/apis/apps/v1/deployments?watch=true').map((url) => request('GET', url)),
	fc
		.constantFrom(['sh', '-c', 'echo $RANDOM; sleep 2; echo done > /tmp/f'], ['cat', '/tmp/f'], ['wget', '-qO-', 'http://a'], ['nosuch'])
		.map((words) => command(words, false)),
	fc.constant(command(['sh'], true)),
	fc
		.tuple(fc.nat(6), fc.constantFrom('ls\n', 'read x; echo $x\n', 'ex'))
		.map(([n, data]): InputBody => ({ kind: 'stream', id: `s${n}`, op: { op: 'stdin', data } })),
	fc.nat(6).map((n): InputBody => ({ kind: 'stream', id: `s${n}`, op: { op: 'stdin-end' } })),
	fc
		.tuple(fc.nat(3), fc.string({ maxLength: 5 }))
		.map(([n, content]): InputBody => ({ kind: 'file', op: { op: 'write', path: `/home/learner/f${n}`, content } })),
	fc.nat(3).map((n): InputBody => ({ kind: 'file', op: { op: 'remove', path: `/home/learner/f${n}` } })),
	fc.string({ maxLength: 5 }).map((line): InputBody => ({ kind: 'note', topic: 'commands', value: { line } })),
	fc.tuple(fc.nat(3), name).map(
		([n, host]): InputBody => ({
			kind: 'dial',
			id: `dial-${n}`,
			dial: {
				from: { kind: 'external' },
				host: `${host}.foothold.test`,
				port: 80,
				request: { protocol: 'http', method: 'GET', path: '/', headers: {}, body: '' },
			},
		}),
	),
	fc.nat(3).map((n): InputBody => ({ kind: 'abort', id: `dial-${n}` })),
	fc.nat().map((seed): InputBody => ({ kind: 'reseed', seed })),
);

/** Inputs with the time that passes before each, ms: from nothing to half a minute. */
const journal = fc.array(fc.tuple(fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(30_000)), body), { maxLength: 25 });

function timed(from: number, steps: readonly (readonly [number, InputBody])[]): Input[] {
	let at = from;
	return steps.map(([wait, input]) => ({ at: (at += wait), ...input }));
}

function play(simulator: Simulator, inputs: readonly Input[]): Simulator {
	for (const input of inputs) simulator.apply(input);
	return simulator;
}

const bytes = (simulator: Simulator): string => JSON.stringify(simulator.snapshot());
const restored = (text: string): Simulator => Simulator.restore(JSON.parse(text), system);

const settled = play(base.fork(), [
	{
		at: base.now,
		...request('POST', '/api/v1/namespaces/default/pods', {
			apiVersion: 'v1',
			kind: 'Pod',
			metadata: { name: POD },
			spec: { containers: [{ name: 'c', image: 'busybox:1.37', command: ['sh', '-c', 'while true; do date; sleep 5; done'] }] },
		}),
	},
	{ at: base.now, ...deployment('a', 'nginx:1.29', 2) },
	{ at: base.now, ...service('a') },
	{ at: base.now + 20_000, kind: 'tick' },
]);

/** Where two states part, for a failure that can be read. */
function firstDifference(a: unknown, b: unknown, path = ''): string | undefined {
	if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
		return a === b ? undefined : `${path}: ${JSON.stringify(a)?.slice(0, 200)} / ${JSON.stringify(b)?.slice(0, 200)}`;
	const keys = [Object.keys(a), Object.keys(b)].map((k) => k.join());
	if (keys[0] !== keys[1]) return `${path}: keys ${keys[0]?.slice(0, 300)} / ${keys[1]?.slice(0, 300)}`;
	for (const k of Object.keys(a)) {
		const found = firstDifference((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k], `${path}.${k}`);
		if (found !== undefined) return found;
	}
	return undefined;
}

function expectSame(a: string, b: string): void {
	if (a !== b) expect.fail(`the states differ at ${firstDifference(JSON.parse(a), JSON.parse(b)) ?? 'nothing but their bytes'}`);
}

describe('a whole cluster', () => {
	it('comes to the same bytes when its journal is replayed', () => {
		fc.assert(
			fc.property(journal, (steps) => {
				const inputs = timed(settled.now, steps);
				expectSame(bytes(play(settled.fork(), inputs)), bytes(play(settled.fork(), inputs)));
			}),
			{ numRuns: 15 },
		);
	});

	it('goes on from a snapshot as if there had been none', () => {
		fc.assert(
			fc.property(journal, journal, (first, second) => {
				const before = play(settled.fork(), timed(settled.now, first));
				const rest = timed(before.now, second);
				const copies = [restored(bytes(before)), restored(JSON.stringify(compactSnapshot(before.snapshot())))];
				const whole = bytes(play(before, rest));
				for (const copy of copies) expectSame(bytes(play(copy, rest)), whole);
			}),
			{ numRuns: 25 },
		);
	});

	it('is less text compacted, and shares again what it shared', () => {
		const text = JSON.stringify(compactSnapshot(settled.snapshot()));
		expect(text.length).toBeLessThan(bytes(settled).length * 0.9);
		const again = restored(text);
		expect(JSON.stringify(compactSnapshot(again.snapshot()))).toBe(text);
	});

	it('is handed over without the log of how it came up', () => {
		const fresh = Simulator.boot({ seed: 3, now: settled.now });
		const logs = treeValues(fresh.world.read(storeSlice).resources).map((r) => r.log);
		expect(logs.length).toBeGreaterThan(20);
		expect(logs.filter((log) => log !== null)).toEqual([]);
		const api = fresh.system.services.api.client(SYSTEM_USERS.admin);
		const watch = (resourceVersion: string): readonly unknown[] => {
			const answer = api.call(fresh.world, { verb: 'watch', path: 'v1/nodes', options: { resourceVersion } });
			if (answer.watch === undefined) throw new Error('there is no watch');
			return fresh.openWatch({ ...answer.watch, asTable: false, includeObject: 'Object' }).next(fresh.world);
		};
		expect(watch('5')).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]);
		expect(watch(String(fresh.world.read(storeSlice).revision))).toEqual([]);
	});

	it('refuses a compacted snapshot that names what is not there', () => {
		const text = JSON.stringify(compactSnapshot(settled.snapshot()));
		const key = /"object":"default\/talker"/;
		expect(text).toMatch(key);
		expect(() => restored(text.replace(key, '"object":"default/nobody"'))).toThrow(/the snapshot is damaged: change \d+ of \/pods/);
	});

	it('never lets a fork change its parent', () => {
		fc.assert(
			fc.property(journal, (steps) => {
				const parent = settled.fork();
				const before = bytes(parent);
				play(parent.fork(), timed(parent.now, steps));
				expectSame(bytes(parent), before);
			}),
			{ numRuns: 10 },
		);
	});
});
