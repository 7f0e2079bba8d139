/** Whatever clients send to a whole cluster, these hold. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { treeOf } from './testing/object-trees.ts';
import { kindType, type StructType } from './apiserver/openapi/schema.ts';
import type { KubeObject, Strategy, WatchEvent } from './apiserver/types.ts';
import type { ApiResponse } from './apiserver/wire.ts';
import { Simulator } from './simulator.ts';
import { SYSTEM_USERS } from './services.ts';

const BOOT = { seed: 3, now: Date.UTC(2026, 0, 2), settleMs: 30_000 } as const;
/** Seconds enough for every controller and the garbage collector to come to rest. */
const REST_MS = 120_000;

let full: Simulator;
let bare: Simulator;
beforeAll(() => {
	full = Simulator.boot(BOOT);
	bare = Simulator.boot({ ...BOOT, profile: 'apiserver' });
});

interface Sent {
	readonly method: string;
	readonly url: string;
	readonly body?: unknown;
	readonly type?: string;
	readonly user?: string;
}

function send(sim: Simulator, { method, url, body, type = 'application/json', user }: Sent): ApiResponse {
	const headers = { 'content-type': type, ...(user === undefined ? {} : { 'impersonate-user': user }) };
	const request = {
		method,
		url,
		headers,
		user: SYSTEM_USERS.admin,
		...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
	};
	const { response } = sim.apply({ at: sim.now, kind: 'request', request });
	if (response === undefined) throw new Error('no answer');
	return response;
}

const LABELS = { app: 'web' };
const template = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'c', image: 'nginx:1.29' }] } };
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const job = { template: { spec: { ...template.spec, restartPolicy: 'Never' } } };
const selected = { selector: { matchLabels: LABELS }, template };
/** What makes objects of kinds with rules acceptable at all; the trees are laid over it. */
const BASES: { readonly [resource: string]: { readonly [field: string]: unknown } } = {
	pods: { spec: template.spec },
	services: { spec: { ports: [{ port: 80 }] } },
	persistentvolumeclaims: { spec: claim },
	replicationcontrollers: { spec: { template } },
	deployments: { spec: selected },
	replicasets: { spec: selected },
	daemonsets: { spec: selected },
	statefulsets: { spec: { ...selected, serviceName: 'a' } },
	jobs: { spec: job },
	cronjobs: { spec: { schedule: '@hourly', jobTemplate: { spec: job } } },
	ingresses: { spec: { defaultBackend: { service: { name: 'a', port: { number: 80 } } } } },
	networkpolicies: { spec: { podSelector: {} } },
	poddisruptionbudgets: { spec: { minAvailable: 1, selector: {} } },
	horizontalpodautoscalers: { spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'x' } } },
};

type Tree = { readonly [field: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
function laidOver(base: Tree, tree: Tree): Tree {
	const out: { [field: string]: unknown } = { ...base };
	for (const [key, value] of Object.entries(tree)) {
		const below = Object.hasOwn(base, key) ? base[key] : undefined;
		Object.defineProperty(out, key, {
			value: isTree(below) && isTree(value) ? laidOver(below, value) : value,
			enumerable: true,
			configurable: true,
			writable: true,
		});
	}
	return out;
}

const rootOf = (s: Strategy, version: string): string =>
	`${s.group === '' ? `/api/${version}` : `/apis/${s.group}/${version}`}${s.namespaced ? '/namespaces/default' : ''}/${s.resource}`;

const PATCHES = [
	'application/json-patch+json',
	'application/merge-patch+json',
	'application/strategic-merge-patch+json',
	'application/apply-patch+yaml',
] as const;

/** The store as it is, changed by nothing that is refused or dry. */
const stored = (sim: Simulator): unknown => sim.world.state.slices['store'];
const revision = (answer: ApiResponse): number => Number((answer.json as KubeObject | undefined)?.metadata?.resourceVersion ?? 0);

describe('object trees of every kind', () => {
	/** Sends one object every way; says which ways broke a rule. */
	function everyWay(sim: Simulator, s: Strategy, version: string, tree: Tree): void {
		const url = rootOf(s, version);
		const named = laidOver(laidOver(BASES[s.resource] ?? {}, tree), { metadata: laidOver(isTree(tree['metadata']) ? tree['metadata'] : {}, { name: 'fuzz' }) });
		const object: Tree = { ...named, apiVersion: s.group === '' ? version : `${s.group}/${version}`, kind: s.kind };
		const one = `${url}/fuzz`;
		const ways: readonly Sent[] = [
			{ method: 'POST', url: `${url}?dryRun=All`, body: object },
			{ method: 'POST', url, body: object, user: 'nobody' },
			{ method: 'POST', url: `${url}?fieldValidation=Strict`, body: object },
			{ method: 'POST', url, body: object },
			{ method: 'POST', url, body: { ...BASES[s.resource], metadata: { name: 'fuzz' } } },
			{ method: 'PUT', url: one, body: object },
			...PATCHES.map((type) => ({
				method: 'PATCH',
				url: `${one}?fieldManager=fuzz&force=${type.includes('apply')}`.replace('&force=false', ''),
				type,
				body: type.includes('json-patch') ? Object.entries(tree).map(([key, value]) => ({ op: 'add', path: `/${key}`, value })) : object,
			})),
			{ method: 'PUT', url: `${one}/status`, body: object },
			{ method: 'PATCH', url: `${one}/status`, type: PATCHES[1], body: object },
			{ method: 'GET', url: one },
			{ method: 'GET', url: `${one}?resourceVersion=0` },
			{ method: 'DELETE', url: `${one}?dryRun=All` },
			{ method: 'DELETE', url: one, body: isTree(tree['spec']) ? tree['spec'] : {} },
		];
		let newest = 0;
		for (const way of ways) {
			const before = stored(sim);
			const answer = send(sim, way);
			const what = `${way.method} ${way.url} ${way.type ?? ''}: ${JSON.stringify(answer.json)?.slice(0, 600)}`;
			// Apply patches that no type fits are upstream's one answer of 500.
			if (answer.status === 500) expect(what).toContain('failed to create typed patch object');
			if (answer.status >= 400 || way.url.includes('dryRun')) expect(stored(sim) === before, what).toBe(true);
			else if (way.method !== 'DELETE' && way.method !== 'GET') {
				if (stored(sim) !== before) expect(revision(answer), what).toBeGreaterThan(newest);
				newest = Math.max(newest, revision(answer));
			}
		}
	}

	it('leave no exception, no trace of what is refused, and rising revisions', () => {
		const kinds = bare.system.services.api.strategies.filter((s) => s.virtualCreate === undefined && s.virtualRead === undefined);
		expect(kinds.length).toBeGreaterThan(35);
		for (const s of kinds) {
			for (const version of s.versions) {
				const type = kindType(s.group, version, s.kind);
				if (type === undefined) continue;
				fc.assert(
					fc.property(treeOf(type, 5), (tree: Tree) => everyWay(bare.fork(), s, version, tree)),
					{ numRuns: 25 },
				);
			}
		}
	}, 120_000);

	it('of reviews are answered', () => {
		for (const s of bare.system.services.api.strategies.filter((x) => x.virtualCreate !== undefined)) {
			const version = s.versions[0] ?? 'v1';
			const type = kindType(s.group, version, s.kind);
			if (type === undefined) continue;
			fc.assert(
				fc.property(treeOf(type, 5), (tree) => {
					const answer = send(bare.fork(), { method: 'POST', url: rootOf(s, version), body: tree });
					expect(answer.status, JSON.stringify(answer.json)).not.toBe(500);
				}),
				{ numRuns: 50 },
			);
		}
	});

	/** Applies a tree over what its resource needs, twice. A refusal is an answer, too. */
	function applyTwice(resource: string, tree: Tree): void {
		const { s, version } = kindOf(resource);
		const sim = bare.fork();
		const object = {
			...laidOver(BASES[resource] ?? {}, tree),
			apiVersion: s.group === '' ? version : `${s.group}/${version}`,
			kind: s.kind,
			metadata: { name: 'fuzz' },
		};
		const apply = (): ApiResponse => send(sim, { method: 'PATCH', url: `${rootOf(s, version)}/fuzz?fieldManager=m`, type: PATCHES[3], body: object });
		const first = apply();
		if (first.status >= 400) return;
		const second = apply();
		expect([second.status, second.json], JSON.stringify(object)).toEqual([200, first.json]);
	}

	function kindOf(resource: string): { readonly s: Strategy; readonly version: string; readonly type: StructType } {
		const s = bare.system.services.api.strategies.find((x) => x.resource === resource && x.group !== 'metrics.k8s.io');
		const version = s?.versions[0] ?? 'v1';
		const type = s === undefined ? undefined : kindType(s.group, version, s.kind);
		if (s === undefined || type === undefined) throw new Error(`no ${resource}`);
		return { s, version, type };
	}

	it('applied twice change nothing the second time', () => {
		for (const resource of Object.keys(BASES)) {
			fc.assert(
				fc.property(treeOf(kindOf(resource).type, 5), (tree: Tree) => applyTwice(resource, tree)),
				{ numRuns: 40 },
			);
		}
	});

	it.each<[string, Tree]>([
		['services', { spec: { clusterIPs: [''] } }],
		['jobs', { spec: { selector: null } }],
		['jobs', { spec: { completions: null } }],
		['jobs', { spec: { template: { metadata: null } } }],
	])('applied twice, as was once found by chance: %s %j', (resource, tree) => applyTwice(resource, tree));
});

const name = fc.constantFrom('a', 'b', 'c');
const RESOURCES = [
	'/api/v1/namespaces/default/configmaps',
	'/apis/apps/v1/namespaces/default/deployments',
	'/apis/apps/v1/namespaces/default/replicasets',
	'/api/v1/namespaces/default/services',
	'/apis/batch/v1/namespaces/default/jobs',
] as const;
const KINDS: { readonly [url: string]: string } = {
	configmaps: 'ConfigMap',
	deployments: 'Deployment',
	replicasets: 'ReplicaSet',
	services: 'Service',
	jobs: 'Job',
};
const VERSIONS: { readonly [url: string]: string } = { configmaps: 'v1', services: 'v1', deployments: 'apps/v1', replicasets: 'apps/v1', jobs: 'batch/v1' };
const resourceOf = (url: string): string => url.split('/').at(-1) ?? '';
const user = fc.constantFrom(undefined, undefined, undefined, 'ann', 'nobody');
const action = fc.oneof(
	fc.record({
		op: fc.constant('create' as const),
		at: fc.constantFrom(...RESOURCES),
		name,
		user,
		owner: fc.option(fc.record({ at: fc.constantFrom(...RESOURCES), name, blocks: fc.boolean() }), { nil: undefined }),
	}),
	fc.record({ op: fc.constant('label' as const), at: fc.constantFrom(...RESOURCES), name, user, value: fc.constantFrom('x', 'y', 'not a value!') }),
	fc.record({ op: fc.constant('finalizer' as const), at: fc.constantFrom(...RESOURCES), name, on: fc.boolean() }),
	fc.record({ op: fc.constant('scale' as const), name, replicas: fc.integer({ min: -1, max: 3 }) }),
	fc.record({ op: fc.constant('delete' as const), at: fc.constantFrom(...RESOURCES), name, user, how: fc.constantFrom('Background', 'Foreground', 'Orphan') }),
	fc.record({ op: fc.constant('empty' as const), at: fc.constantFrom(...RESOURCES), dry: fc.boolean() }),
	fc.record({ op: fc.constant('wait' as const), ms: fc.constantFrom(10, 500, 5_000, 40_000) }),
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

function object(sim: Simulator, { at, name: named, owner }: Action & { readonly op: 'create' }): Tree {
	const resource = resourceOf(at);
	const held = owner === undefined ? undefined : (send(sim, { method: 'GET', url: `${owner.at}/${owner.name}` }).json as KubeObject);
	const of = owner === undefined ? '' : resourceOf(owner.at);
	const refs =
		held?.metadata.uid === undefined
			? []
			: [{ apiVersion: VERSIONS[of], kind: KINDS[of], name: owner?.name, uid: held.metadata.uid, blockOwnerDeletion: owner?.blocks ?? false }];
	return { ...(BASES[resource] ?? {}), metadata: { name: named, ownerReferences: refs } };
}

/** The requests of one action; undefined where only time passes. */
function requestOf(sim: Simulator, a: Action): Sent | undefined {
	const merge = { method: 'PATCH', type: PATCHES[1] };
	const by = 'user' in a && a.user !== undefined ? { user: a.user } : {};
	switch (a.op) {
		case 'create':
			return { method: 'POST', url: a.at, body: object(sim, a), ...by };
		case 'label':
			return { ...merge, url: `${a.at}/${a.name}`, body: { metadata: { labels: { label: a.value } } }, ...by };
		case 'finalizer':
			return { ...merge, url: `${a.at}/${a.name}`, body: { metadata: { finalizers: a.on ? ['example.com/hold'] : [] } } };
		case 'scale':
			return { ...merge, url: `${RESOURCES[1]}/${a.name}/scale`, body: { spec: { replicas: a.replicas } } };
		case 'delete':
			return { method: 'DELETE', url: `${a.at}/${a.name}`, body: { propagationPolicy: a.how }, ...by };
		case 'empty':
			return { method: 'DELETE', url: `${a.at}${a.dry ? '?dryRun=All' : ''}` };
		case 'wait':
			return undefined;
	}
}

function perform(sim: Simulator, a: Action): ApiResponse | undefined {
	const request = requestOf(sim, a);
	if (request !== undefined) return send(sim, request);
	if (a.op === 'wait') sim.apply({ at: sim.now + a.ms, kind: 'tick' });
	return undefined;
}

const listed = (sim: Simulator, url: string): readonly KubeObject[] =>
	(send(sim, { method: 'GET', url }).json as { readonly items: readonly KubeObject[] }).items;

function fold(objects: Map<string, KubeObject>, events: readonly WatchEvent[]): void {
	for (const { type, object: o } of events) {
		const { metadata } = o as KubeObject;
		if (type === 'DELETED') objects.delete(metadata.name);
		else if (type !== 'BOOKMARK') objects.set(metadata.name, o as KubeObject);
	}
}

const actions = fc.array(action, { maxLength: 25 });

describe('sequences of verbs by several users, with controllers at work', () => {
	it('lists equal the fold of watches, refusals and dry runs change nothing, finalizers keep', () => {
		fc.assert(
			fc.property(actions, (steps) => {
				const sim = full.fork();
				const watches = [...RESOURCES, '/api/v1/namespaces/default/pods'].map((url) => {
					const { watch } = send(sim, { method: 'GET', url: `${url}?watch=true` });
					if (watch === undefined) throw new Error('no watch');
					return { url, cursor: sim.openWatch(watch), seen: new Map<string, KubeObject>() };
				});
				for (const step of steps) {
					const before = stored(sim);
					const held = step.op === 'delete' ? (send(sim, { method: 'GET', url: `${step.at}/${step.name}` }).json as KubeObject) : undefined;
					const answer = perform(sim, step);
					expect(answer?.status).not.toBe(500);
					if ((answer?.status ?? 0) >= 400 || (step.op === 'empty' && step.dry)) expect(stored(sim) === before).toBe(true);
					if (step.op === 'delete' && answer?.status === 200 && (held?.metadata.finalizers ?? []).length > 0) {
						const kept = send(sim, { method: 'GET', url: `${step.at}/${step.name}` }).json as KubeObject;
						expect([kept.metadata.uid, typeof kept.metadata.deletionTimestamp]).toEqual([held?.metadata.uid, 'string']);
					}
					for (const w of watches) fold(w.seen, w.cursor.next(sim.world));
				}
				for (const { url, seen, cursor } of watches) {
					fold(seen, cursor.next(sim.world));
					const items = listed(sim, url);
					expect([...seen.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))).toEqual(
						items.map((o) => expect.objectContaining({ metadata: o.metadata }) as KubeObject),
					);
				}
			}),
			{ numRuns: 60 },
		);
	}, 60_000);

	it('garbage collection ends: who is left has an owner that is there, or none', () => {
		fc.assert(
			fc.property(actions, (steps) => {
				const sim = full.fork();
				for (const step of steps) perform(sim, step);
				for (const url of RESOURCES)
					for (const o of listed(sim, url))
						if ((o.metadata.finalizers ?? []).includes('example.com/hold')) perform(sim, { op: 'finalizer', at: url, name: o.metadata.name as 'a', on: false });
				sim.apply({ at: sim.now + REST_MS, kind: 'tick' });
				const all = [...RESOURCES, '/api/v1/namespaces/default/pods'].flatMap((url) => listed(sim, url));
				const uids = new Set(all.map((o) => o.metadata.uid));
				for (const o of all) {
					expect(o.metadata.deletionTimestamp, `${o.kind} ${o.metadata.name} goes on being deleted`).toBeUndefined();
					for (const ref of o.metadata.ownerReferences ?? [])
						expect(uids.has(ref.uid), `${o.kind} ${o.metadata.name} has lost ${ref.kind} ${ref.name}`).toBe(true);
				}
			}),
			{ numRuns: 40 },
		);
	}, 60_000);

	it('a snapshot and the same inputs give the same state', () => {
		fc.assert(
			fc.property(actions, fc.integer({ min: 0, max: 25 }), (steps, at) => {
				const one = full.fork();
				for (const step of steps.slice(0, at)) perform(one, step);
				const two = Simulator.restore(JSON.parse(JSON.stringify(one.snapshot())) as ReturnType<Simulator['snapshot']>, full.system);
				for (const step of steps.slice(at)) {
					perform(one, step);
					perform(two, step);
				}
				for (const sim of [one, two]) sim.apply({ at: sim.now + 5_000, kind: 'tick' });
				expect(JSON.stringify(two.world.state) === JSON.stringify(one.world.state)).toBe(true);
			}),
			{ numRuns: 25 },
		);
	}, 60_000);
});
