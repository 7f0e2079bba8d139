/** Whatever fits a kind's type may be sent: no exception leaves a handler, a printer or a controller, and a refused request changes nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindType, type StructType, type Type } from './apiserver/openapi/schema.ts';
import { storeSlice } from './apiserver/registry/store.ts';
import type { Strategy } from './apiserver/types.ts';
import { SYSTEM_USERS } from './services.ts';
import { Simulator } from './simulator.ts';

const base = Simulator.boot({ seed: 1, now: Date.UTC(2026, 0, 1) });

const GROUPS = [
	'apiregistration.k8s.io',
	'autoscaling',
	'certificates.k8s.io',
	'events.k8s.io',
	'flowcontrol.apiserver.k8s.io',
	'networking.k8s.io',
	'node.k8s.io',
	'resource.k8s.io',
	'storage.k8s.io',
];
const RUNS = 15;
/** Types are looked into so far. */
const DEPTH = 6;

const words = fc.constantFrom(
	...['', 'a', 'A', '*', 'example.com/x', '10.0.0.1', '10.0.0.0/24', '::1', 'fd00::/112', '1Gi', '-1', 'eA==', 'x'.repeat(300)],
	...['Limited', 'Exempt', 'Queue', 'Reject', 'Resource', 'ExactCount', 'All', 'True', 'User', 'kubernetes.io/kube-apiserver-client', 'device.driver == "a"'],
);

function anyOf(type: Type, depth: number): fc.Arbitrary<unknown> {
	if (depth > DEPTH) return fc.constant(undefined);
	switch (type.kind) {
		case 'struct':
			return anyStruct(type, depth);
		case 'list':
			return fc.array(anyOf(type.of, depth + 1), { maxLength: 2 });
		case 'map':
			return fc.dictionary(words, anyOf(type.of, depth + 1), { maxKeys: 2 });
		case 'bool':
			return fc.boolean();
		case 'int32':
		case 'int64':
			return fc.constantFrom(-1, 0, 1, 5, 600, 2_147_483_647);
		case 'float64':
			return fc.double({ noNaN: true });
		case 'Quantity':
			return fc.constantFrom('1', '1Gi', '-1', '1m');
		case 'IntOrString':
			return fc.constantFrom(1, '5%');
		case 'Time':
		case 'MicroTime':
			return fc.constant('2026-01-01T00:00:00.000000Z');
		case 'bytes':
			return fc.constantFrom('', 'eA==');
		case 'Any':
			return fc.oneof(fc.dictionary(words, words, { maxKeys: 2 }), fc.constant(null));
		default:
			return words;
	}
}

/** Any object of the type; `metadata` and what names the kind are the sender's to add. */
function anyStruct(type: StructType, depth: number): fc.Arbitrary<{ readonly [field: string]: unknown }> {
	const fields: { [field: string]: fc.Arbitrary<unknown> } = {};
	for (const [name, field] of type.fields) {
		if (depth === 0 && (name === 'metadata' || name === 'kind' || name === 'apiVersion')) continue;
		fields[name] = fc.oneof({ weight: 3, arbitrary: anyOf(field.type, depth + 1) }, { weight: 1, arbitrary: fc.constantFrom(undefined, null) });
	}
	return fc.record(fields, { requiredKeys: [] });
}

/** Upstream's own: an applied list whose items lack their key. */
const TYPED_PATCH = /^failed to create typed patch object/;

const STRATEGIES: readonly (readonly [string, Strategy, string])[] = base.system.services.api.strategies
	.filter((s) => GROUPS.includes(s.group))
	.flatMap((s) => s.versions.map((version) => [`${s.group}/${version} ${s.kind}`, s, version] as const));

describe('any object', () => {
	it.each(STRATEGIES)('of %s', (_name, strategy, version) => {
		const type = kindType(strategy.group, version, strategy.kind);
		if (type === undefined) throw new Error('the type table lacks the kind');
		const apiVersion = `${strategy.group}/${version}`;
		const root = `/apis/${apiVersion}${strategy.namespaced ? '/namespaces/default' : ''}/${strategy.resource}`;
		const names = fc.constantFrom('x', 'a.b', '10.0.0.1', 'v1.a');
		fc.assert(
			fc.property(anyStruct(type, 0), anyStruct(type, 0), names, (made, change, name) => {
				const fork = base.fork();
				const send = (method: string, url: string, body: unknown, contentType = 'application/json'): void => {
					const before = fork.world.read(storeSlice);
					const headers = { 'content-type': contentType };
					const request = { method, url, headers, body: JSON.stringify(body), user: SYSTEM_USERS.admin };
					const { response } = fork.apply({ at: fork.now, kind: 'request', request });
					const { message = '' } = (response?.json ?? {}) as { readonly message?: string };
					if (!TYPED_PATCH.test(message)) expect([response?.status, message]).toEqual([expect.toSatisfy((code: number) => code < 500), message]);
					if ((response?.status ?? 0) >= 400) expect(fork.world.read(storeSlice)).toBe(before);
				};
				send('POST', root, { ...made, metadata: { name } });
				send('PATCH', `${root}/${name}`, change, 'application/merge-patch+json');
				send('PATCH', `${root}/${name}/status`, { status: change['status'] }, 'application/merge-patch+json');
				const applied = { ...change, apiVersion, kind: strategy.kind, metadata: { name } };
				send('PATCH', `${root}/${name}?fieldManager=f&force=true`, applied, 'application/apply-patch+yaml');
				for (const accept of ['application/json;as=Table;v=v1;g=meta.k8s.io', 'application/json']) {
					const request = { method: 'GET', url: root, headers: { accept }, user: SYSTEM_USERS.admin };
					expect(fork.apply({ at: fork.now, kind: 'request', request }).response?.status).toBe(200);
				}
				fork.apply({ at: fork.now + 5000, kind: 'tick' });
			}),
			{ numRuns: RUNS },
		);
	});
});
