/** CustomResourceDefinitions: their API, watches of what they define, defaulting, published schemas. */
import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { spec } from '../spec.ts';
import { CRDS, custom, definition, GROUP, OPEN, served } from './crd.ts';

const crds = (c: Cluster) => c.at<V1CustomResourceDefinition>(CRDS, '');

spec('Custom Resource Definition, create', async (c) => {
	const made = await served(c, definition([{ name: 'v1' }]));
	expect(made.status?.acceptedNames?.kind).toBe('Foo');
	await crds(c).delete('foos.areas.example.com');
	await c.until('it is gone', () => crds(c).gone('foos.areas.example.com'));
	expect((await c.send('GET', `/apis/${GROUP}/v1/foos`)).status).toBe(404);
});

spec('Custom Resource Definition, list', async (c) => {
	for (let i = 0; i < 10; i++) await served(c, definition([{ name: 'v1' }], { kind: `Foo${i}x`, labels: { set: i < 6 ? 'one' : 'two' } }));
	expect(await crds(c).list('set=one')).toHaveLength(6);
	await crds(c).deleteAll('set=one');
	await c.until('they are gone', async () => (await crds(c).list('set=one')).length === 0);
	expect(await crds(c).list('set=two')).toHaveLength(4);
});

spec('Custom Resource Definition, status sub-resource', async (c) => {
	await served(c, definition([{ name: 'v1' }]));
	const name = 'foos.areas.example.com';
	const held = await crds(c).get(name, '/status');
	expect(held.status?.conditions?.some((x) => x.type === 'Established')).toBe(true);
	const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from a test' };
	const updated = await crds(c).replace(
		{ ...held, status: { ...held.status, conditions: [...(held.status?.conditions ?? []), condition] } } as never,
		'/status',
	);
	expect(updated.status?.conditions?.find((x) => x.type === 'StatusUpdate')?.message).toBe('Set from a test');
	const patched = await crds(c).patch(name, { status: { conditions: [{ ...condition, message: 'patched' }] } }, 'merge', '/status');
	expect(patched.status?.conditions?.find((x) => x.type === 'StatusUpdate')?.message).toBe('patched');
});

spec('Custom Resource Definition, discovery', async (c) => {
	interface Group {
		readonly name: string;
		readonly versions: readonly { readonly groupVersion: string }[];
	}
	const all = await c.get<{ groups: readonly Group[] }>('/apis');
	expect(all.groups.find((g) => g.name === 'apiextensions.k8s.io')?.versions.map((v) => v.groupVersion)).toContain('apiextensions.k8s.io/v1');
	expect((await c.get<Group>('/apis/apiextensions.k8s.io')).versions.map((v) => v.groupVersion)).toContain('apiextensions.k8s.io/v1');
	const list = await c.get<{ resources: readonly { name: string; kind: string }[] }>('/apis/apiextensions.k8s.io/v1');
	expect(list.resources.find((r) => r.name === 'customresourcedefinitions')?.kind).toBe('CustomResourceDefinition');
});

spec('Custom Resource Definition, watch', async (c) => {
	await served(c, definition([{ name: 'v1' }]));
	const foos = c.at(`${GROUP}/v1/foos`);
	const watches = await Promise.all(['a', 'b'].map((name) => foos.watch('', `fieldSelector=metadata.name%3D${name}`)));
	for (const name of ['a', 'b']) {
		await foos.create(custom(name, { content: { key: 'value' } }));
		await foos.patch(name, { num: { num1: 1 } });
		await foos.delete(name);
	}
	for (const [i, name] of ['a', 'b'].entries()) {
		await watches[i]?.seen(`DELETED ${name}` as 'DELETED a');
		expect(watches[i]?.summary()).toEqual([`ADDED ${name}`, `MODIFIED ${name}`, `DELETED ${name}`]);
		watches[i]?.stop();
	}
});

spec('Custom Resource Definition, defaulting', async (c) => {
	const name = 'foos.areas.example.com';
	const field = (extra: object): object => ({ type: 'string', ...extra });
	const schema = (a: object, b: object): object => ({ type: 'object', properties: { a: field(a), b: field(b) } });
	await served(c, definition([{ name: 'v1', schema: schema({}, {}) }]));
	const foos = c.at<{ a?: string; b?: string }>(`${GROUP}/v1/foos`);
	await foos.create(custom('one'));
	const change = (a: object, b: object): Promise<unknown> =>
		crds(c).patch(name, [{ op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value: schema(a, b) }], 'json');
	await change({ default: 'A' }, {});
	await c.until('what is stored is read with the default', async () => (await foos.get('one')).a === 'A');
	await foos.create(custom('two'));
	await change({}, { default: 'B' });
	await c.until('the other default shows', async () => (await foos.get('two')).b === 'B');
	// What was written with its default keeps it.
	expect([await foos.get('one'), await foos.get('two')]).toMatchObject([{ b: 'B' }, { a: 'A', b: 'B' }]);
	expect((await foos.get('one')).a).toBeUndefined();
});

interface Schemas {
	readonly components?: {
		readonly schemas?: { readonly [name: string]: { readonly description?: string; readonly properties?: { readonly [field: string]: object } } };
	};
}
/** What `kubectl explain` and validation read of a version: its OpenAPI document, undefined where there is none. */
async function published(c: Cluster, version: string, group = GROUP): Promise<Schemas | undefined> {
	const paths = (await c.get<{ paths: { readonly [path: string]: { serverRelativeURL: string } } }>('/openapi/v3')).paths;
	const url = paths[`apis/${group}/${version}`]?.serverRelativeURL;
	return url === undefined ? undefined : c.get<Schemas>(url);
}
async function fields(c: Cluster, version: string, kind = 'Foo', group = GROUP): Promise<readonly string[] | undefined> {
	const schemas = (await published(c, version, group))?.components?.schemas ?? {};
	const found = Object.entries(schemas).find(([name]) => name.endsWith(`.${version}.${kind}`));
	return found === undefined ? undefined : Object.keys(found[1].properties ?? {}).sort();
}
const BASE = ['apiVersion', 'kind', 'metadata'];
const typed = {
	type: 'object',
	description: 'Foo CRD for Testing',
	properties: {
		spec: {
			type: 'object',
			description: 'Specification of Foo',
			properties: {
				bars: { type: 'array', items: { type: 'object', required: ['name'], properties: { name: { type: 'string', description: 'Name of Bar' } } } },
			},
		},
	},
};

spec('Custom Resource OpenAPI Publish, with validation schema', async (c) => {
	await served(c, definition([{ name: 'v1', schema: typed }]));
	expect(await fields(c, 'v1')).toEqual([...BASE, 'spec']);
	const foos = c.at(`${GROUP}/v1/foos`);
	expect((await foos.try('POST', '?fieldValidation=Strict', { body: custom('a', { spec: { bars: [{ name: 'b' }] } }) })).status).toBe(201);
	const unknown = await foos.try('POST', '?fieldValidation=Strict', { body: custom('b', { spec: { bars: [{ name: 'b', age: 5 }] } }) });
	expect(unknown).toMatchObject({
		status: 400,
		body: { message: expect.stringContaining('strict decoding error: unknown field "spec.bars[0].age"') as string },
	});
	const missing = await foos.try('POST', '', { body: custom('c', { spec: { bars: [{}] } }) });
	expect(missing).toMatchObject({ status: 422, body: { message: expect.stringContaining('spec.bars[0].name: Required value') as string } });
	const schemas = (await published(c, 'v1'))?.components?.schemas ?? {};
	expect(Object.values(schemas).some((s) => s.description === 'Foo CRD for Testing')).toBe(true);
});

for (const [name, schema, where] of [
	['with x-kubernetes-preserve-unknown-fields at root', OPEN, 'root'],
	[
		'with x-kubernetes-preserve-unknown-fields in object',
		{ ...OPEN, properties: { spec: { type: 'object', description: 'Specification of Waldo' } } },
		'object',
	],
	[
		'with x-kubernetes-preserve-unknown-fields in embedded object',
		{ type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-embedded-resource': true } } },
		'embedded',
	],
] as const) {
	spec(`Custom Resource OpenAPI Publish, ${name}`, async (c) => {
		await served(c, definition([{ name: 'v1', schema }]));
		const body = where === 'embedded' ? { spec: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, a: 1 } } : { a: { b: 1 } };
		const foos = c.at<{ [field: string]: unknown }>(`${GROUP}/v1/foos`);
		expect((await foos.try('POST', '?fieldValidation=Strict', { body: custom('a', body) })).status).toBe(201);
		expect(await foos.get('a')).toMatchObject(body);
		await foos.patch('a', custom('a', body), 'apply');
		expect(await fields(c, 'v1')).toEqual(where === 'root' ? BASE : [...BASE, 'spec']);
		const schemas = JSON.stringify((await published(c, 'v1'))?.components?.schemas);
		expect(schemas).toContain('"x-kubernetes-preserve-unknown-fields":true');
	});
}

spec('Custom Resource OpenAPI Publish, varying groups', async (c) => {
	for (const group of ['a.example.com', 'b.example.com']) await served(c, definition([{ name: 'v1', schema: typed }], { group }));
	for (const group of ['a.example.com', 'b.example.com']) expect(await fields(c, 'v1', 'Foo', group)).toEqual([...BASE, 'spec']);
});

spec('Custom Resource OpenAPI Publish, varying kinds', async (c) => {
	for (const kind of ['Foo', 'Waldo']) await served(c, definition([{ name: 'v1', schema: typed }], { kind }));
	for (const kind of ['Foo', 'Waldo']) expect(await fields(c, 'v1', kind)).toEqual([...BASE, 'spec']);
});

spec('Custom Resource OpenAPI Publish, varying versions', async (c) => {
	await served(
		c,
		definition([
			{ name: 'v1', schema: typed },
			{ name: 'v2', schema: typed },
		]),
	);
	for (const version of ['v1', 'v2']) expect(await fields(c, version)).toEqual([...BASE, 'spec']);
});

spec('Custom Resource OpenAPI Publish, version rename', async (c) => {
	await served(
		c,
		definition([
			{ name: 'v2', schema: typed },
			{ name: 'v3', schema: typed },
		]),
	);
	await crds(c).patch('foos.areas.example.com', [{ op: 'replace', path: '/spec/versions/1/name', value: 'v4' }], 'json');
	await c.pass(2);
	expect([await fields(c, 'v2'), await fields(c, 'v4'), await fields(c, 'v3')]).toEqual([[...BASE, 'spec'], [...BASE, 'spec'], undefined]);
});

spec('Custom Resource OpenAPI Publish, stop serving version', async (c) => {
	await served(
		c,
		definition([
			{ name: 'v5', schema: typed },
			{ name: 'v6alpha1', schema: typed },
		]),
	);
	await crds(c).patch('foos.areas.example.com', [{ op: 'replace', path: '/spec/versions/1/served', value: false }], 'json');
	await c.pass(2);
	expect([await fields(c, 'v5'), await fields(c, 'v6alpha1')]).toEqual([[...BASE, 'spec'], undefined]);
});
