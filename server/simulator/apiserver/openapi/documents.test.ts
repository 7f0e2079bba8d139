import { expect, it } from 'vitest';
import { testServer, testStrategies } from '../testing.ts';
import { OpenApi } from './documents.ts';

interface Operation {
	readonly operationId: string;
	readonly 'x-kubernetes-group-version-kind': { readonly kind: string };
}
type Document = { readonly paths: { readonly [path: string]: { readonly [verb: string]: Operation } } };

it('lists a namespaced resource under its own path and under all namespaces, each operation once', () => {
	const { paths } = testServer().send('GET', '/openapi/v3/apis/apps/v1').json as Document;
	expect(paths['/apis/apps/v1/deployments']?.['get']?.['x-kubernetes-group-version-kind'].kind).toBe('Deployment');
	expect(Object.keys(paths['/apis/apps/v1/deployments'] ?? {})).toEqual(['get']);
	expect(paths['/apis/apps/v1/namespaces/{namespace}/deployments']?.['post']).toBeDefined();
	const ids = Object.values(paths).flatMap((verbs) => Object.values(verbs).flatMap((o) => (o.operationId === undefined ? [] : [o.operationId])));
	expect(new Set(ids).size).toBe(ids.length);
});

it('gives a document a new hash when what it holds changes, and leaves those of all others', () => {
	const [first] = testStrategies;
	if (first === undefined) throw new Error('no strategy');
	const custom = (group: string, field: string) => ({
		...first,
		group,
		custom: { version: 'v1', schema: { type: 'object', properties: { [field]: { type: 'string' } } } } as unknown as NonNullable<typeof first.custom>,
	});
	const index = (...groups: readonly (readonly [string, string])[]): { readonly [path: string]: object } => {
		const answer = new OpenApi([...testStrategies, ...groups.map(([g, f]) => custom(g, f))]).serve('/openapi/v3', {}, {});
		if (answer === undefined) throw new Error('no answer');
		return (answer.json as { readonly paths: { readonly [path: string]: object } }).paths;
	};
	const one = index(['a.example.com', 'x']);
	const two = index(['a.example.com', 'x'], ['b.example.com', 'x']);
	expect(two).toMatchObject(one);
	expect(Object.keys(two).length).toBe(Object.keys(one).length + 1);
	expect(index(['a.example.com', 'y'])['apis/a.example.com/v1']).not.toEqual(one['apis/a.example.com/v1']);
});
