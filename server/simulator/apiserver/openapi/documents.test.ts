import { expect, it } from 'vitest';
import { testServer } from '../testing.ts';

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
