import { describe, expect, it } from 'vitest';
import { testServer } from '../testing.ts';

const URL = '/api/v1/namespaces/default/configmaps';
const object = (data: object): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data });
type Answer = { readonly metadata: { readonly resourceVersion?: string; readonly uid?: string }; readonly data?: object };

describe('a dry run', () => {
	it('gives what it would create no revision', () => {
		const { metadata } = testServer().send('POST', `${URL}?dryRun=All`, object({ a: '1' })).json as Answer;
		expect(metadata.uid).toBeDefined();
		expect(metadata.resourceVersion).toBeUndefined();
	});

	it('leaves what it would change at the revision that it has', () => {
		const server = testServer();
		const { resourceVersion } = (server.send('POST', URL, object({ a: '1' })).json as Answer).metadata;
		const patched = server.send('PATCH', `${URL}/a?dryRun=All`, { data: { a: '2' } }, { 'content-type': 'application/merge-patch+json' }).json as Answer;
		expect(patched).toMatchObject({ metadata: { resourceVersion }, data: { a: '2' } });
		const replaced = server.send('PUT', `${URL}/a?dryRun=All`, object({ a: '3' })).json as Answer;
		expect(replaced.metadata.resourceVersion).toBe(resourceVersion);
		const applied = server.send(
			'PATCH',
			`${URL}/b?dryRun=All&fieldManager=me`,
			{ ...object({}), metadata: { name: 'b' } },
			{ 'content-type': 'application/apply-patch+yaml' },
		);
		expect(applied.status).toBe(201);
		expect((applied.json as Answer).metadata.resourceVersion).toBeUndefined();
	});
});
