import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testServer } from '../testing.ts';
import type { KubeObject, Status } from '../types.ts';
import type { ApiResponse } from '../wire.ts';

const WEB = '/apis/apps/v1/namespaces/default/deployments/web';

function setUp() {
	const s = testServer();
	const apply = (manager: string, spec: object, force = false): ApiResponse =>
		s.send(
			'PATCH',
			`${WEB}?fieldManager=${manager}${force ? '&force=true' : ''}`,
			{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec },
			{ 'content-type': 'application/apply-patch+yaml' },
		);
	return { ...s, apply };
}
const messageOf = (r: ApiResponse): string | undefined => (r.json as Status).message;
const managersOf = (r: ApiResponse): readonly string[] =>
	((r.json as KubeObject).metadata.managedFields ?? []).map((e) => {
		const { manager, operation, fieldsV1 } = e as { manager: string; operation: string; fieldsV1: object };
		return `${manager} ${operation} ${JSON.stringify(fieldsV1)}`;
	});

describe('server-side apply', () => {
	it('gives a field to whoever writes it last, and lets appliers know', () => {
		const s = setUp();
		s.apply('one', { replicas: 2, paused: true });
		const edited = s.send('PATCH', `${WEB}?fieldManager=kubectl-edit`, { spec: { replicas: 7 } });
		expect(managersOf(edited)).toEqual(['one Apply {"f:spec":{"f:paused":{}}}', 'kubectl-edit Update {"f:spec":{"f:replicas":{}}}']);
		expect(messageOf(s.apply('one', { replicas: 2, paused: true }))).toBe(
			'Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.replicas',
		);
		expect(managersOf(s.apply('one', { replicas: 2, paused: true }, true))).toEqual(['one Apply {"f:spec":{"f:replicas":{},"f:paused":{}}}']);
	});

	it('keeps account of what a client makes, from the start', () => {
		const s = setUp();
		const made = s.send('POST', `${WEB.replace('/web', '')}?fieldManager=kubectl-create`, {
			apiVersion: 'apps/v1',
			kind: 'Deployment',
			metadata: { name: 'web', labels: { app: 'web' } },
			spec: { replicas: 2 },
		});
		expect(managersOf(made)).toEqual(['kubectl-create Update {"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:replicas":{}}}']);
		const annotated = s.send('PATCH', `${WEB}?fieldManager=kubectl-annotate`, { metadata: { annotations: { note: 'x' } } });
		expect(managersOf(annotated)[0]).toBe('kubectl-annotate Update {"f:metadata":{"f:annotations":{"f:note":{}}}}');
		expect(messageOf(s.apply('one', { replicas: 3 }))).toBe('Apply failed with 1 conflict: conflict with "kubectl-create" using apps/v1: .spec.replicas');
	});

	it('names the subresource through which another manager wrote', () => {
		const s = setUp();
		s.apply('one', { replicas: 2 });
		s.send('PATCH', `${WEB}/scale?fieldManager=kubectl`, { spec: { replicas: 4 } });
		expect(messageOf(s.apply('one', { replicas: 2 }))).toBe(
			'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas',
		);
	});

	it('lets kubectl alone take over what it applied from its own side', () => {
		const s = setUp();
		const config = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 2, paused: true } };
		s.send('POST', `${WEB.replace('/web', '')}?fieldManager=kubectl-client-side-apply`, {
			...config,
			metadata: { name: 'web', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(config) } },
		});
		const refused = s.apply('other', { replicas: 3, paused: false });
		expect(messageOf(refused)).toBe(
			'Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using apps/v1:\n- .spec.paused\n- .spec.replicas',
		);
		// What somebody else has changed since is not kubectl's to take.
		s.send('PATCH', `${WEB}?fieldManager=kubectl-edit`, { spec: { paused: false } });
		expect(messageOf(s.apply('kubectl', { replicas: 3, paused: true }))).toBe(
			'Apply failed with 1 conflict: conflict with "kubectl-edit" using apps/v1: .spec.paused',
		);
		const taken = s.apply('kubectl', { replicas: 3 }).json as KubeObject;
		expect(taken['spec']).toMatchObject({ replicas: 3, paused: false });
		expect(taken.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration']).toBe(
			'{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":3}}\n',
		);
	});

	it('takes out what its manager applies no longer, unless another holds it', () => {
		const s = setUp();
		s.apply('one', { replicas: 2, paused: true, minReadySeconds: 5 });
		s.apply('two', { paused: true });
		const less = s.apply('one', { replicas: 2 }).json as KubeObject;
		expect(less['spec']).toEqual({ replicas: 2, paused: true });
	});

	it('merges list items by their keys', () => {
		const s = setUp();
		const container = (name: string, extra: object = {}): object => ({ template: { spec: { containers: [{ name, image: 'i', ...extra }] } } });
		s.apply('one', container('a', { ports: [{ containerPort: 80 }] }));
		s.apply('two', container('b'));
		const third = s.apply('one', container('a', { ports: [{ containerPort: 81, protocol: 'TCP' }] })).json as {
			spec: { template: { spec: { containers: object[] } } };
		};
		expect(third.spec.template.spec.containers).toEqual([
			{ name: 'a', image: 'i', ports: [{ containerPort: 81, protocol: 'TCP' }] },
			{ name: 'b', image: 'i' },
		]);
	});

	it('changes nothing when nothing is new', () => {
		const s = setUp();
		const first = s.apply('one', { replicas: 2 }).json as KubeObject;
		const again = s.apply('one', { replicas: 2 }).json as KubeObject;
		expect(again).toEqual(first);
	});

	it('refuses fields that the type lacks', () => {
		const s = setUp();
		const refused = s.apply('one', { foo: 1 });
		expect([refused.status, messageOf(refused)]).toEqual([
			500,
			'failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema',
		]);
	});
});

describe('whatever two managers apply', () => {
	const container = fc.record(
		{ name: fc.constantFrom('a', 'b'), image: fc.constantFrom('x', 'y'), args: fc.array(fc.constantFrom('1', '2'), { maxLength: 2 }) },
		{ requiredKeys: ['name'] },
	);
	const containers = fc.uniqueArray(container, { selector: (c) => c.name, maxLength: 2 });
	const spec = fc.record(
		{
			replicas: fc.nat(3),
			paused: fc.boolean(),
			template: fc.record({
				metadata: fc.record({ labels: fc.dictionary(fc.constantFrom('k', 'l'), fc.constantFrom('1', '2')) }),
				spec: fc.record({ containers }),
			}),
		},
		{ requiredKeys: [] },
	);
	const steps = fc.array(fc.record({ manager: fc.constantFrom('one', 'two'), spec }), { minLength: 1, maxLength: 8 });

	/** Whether all that `part` says is so in `whole`; list items are found by name. */
	function holds(whole: unknown, part: unknown): boolean {
		if (Array.isArray(part)) {
			if (!Array.isArray(whole)) return part.length === 0;
			const named = part.every((p) => typeof p === 'object' && p !== null && 'name' in p);
			if (!named) return JSON.stringify(whole) === JSON.stringify(part);
			return part.every((p: { name: string }) =>
				holds(
					whole.find((w: { name: string }) => w.name === p.name),
					p,
				),
			);
		}
		if (typeof part !== 'object' || part === null) return whole === part;
		if (Object.keys(part).length === 0) return true;
		return typeof whole === 'object' && whole !== null && Object.entries(part).every(([k, v]) => holds((whole as { [k: string]: unknown })[k], v));
	}

	it('the last one gets all it asked for by force, and a second time changes nothing', () => {
		fc.assert(
			fc.property(steps, (all) => {
				const s = setUp();
				for (const one of all) {
					const answer = s.apply(one.manager, one.spec, true);
					expect(answer.status).toBeLessThan(300);
					const object = answer.json as KubeObject;
					expect({ has: holds(object['spec'] ?? {}, one.spec), object, applied: one.spec }).toMatchObject({ has: true });
					expect(s.apply(one.manager, one.spec, true).json).toEqual(object);
				}
			}),
		);
	});

	it('what both let go is gone', () => {
		fc.assert(
			fc.property(steps, (all) => {
				const s = setUp();
				for (const one of all) s.apply(one.manager, one.spec, true);
				s.apply('one', {}, true);
				const left = s.apply('two', {}, true).json as KubeObject;
				const { replicas, paused, template } = (left['spec'] ?? {}) as { replicas?: number; paused?: boolean; template?: { spec?: { containers?: object[] } } };
				expect([replicas, paused, template?.spec?.containers ?? []]).toEqual([undefined, undefined, []]);
			}),
		);
	});
});
