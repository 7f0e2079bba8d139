/** Server-side field validation: strict, warn and ignore. */
import { expect } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { spec } from '../spec.ts';
import { definition, GROUP, OPEN, served } from './crd.ts';

const FOOS = `/apis/${GROUP}/v1/namespaces/default/foos`;
const text = (spec: string, metadata = '"name":"mytest"'): string => `{"apiVersion":"${GROUP}/v1","kind":"Foo","metadata":{${metadata}},"spec":{${spec}}}`;
const schema = {
	type: 'object',
	properties: {
		spec: {
			type: 'object',
			properties: {
				foo: { type: 'string' },
				bar: { type: 'string' },
				ports: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
			},
		},
	},
};
const apply = (c: Cluster, path: string, body: string, validation = 'Strict') =>
	c.send('PATCH', `${path}?fieldManager=m&fieldValidation=${validation}`, { body, headers: { 'content-type': 'application/apply-patch+yaml' } });
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const deployment = (spec: string, metadata = '"name":"d"'): string =>
	`{"apiVersion":"apps/v1","kind":"Deployment","metadata":{${metadata}},"spec":{${spec}"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"nginx:1.29"}]}}}}`;

spec('Server side field validation, unknown fields CR no validation schema', async (c) => {
	await served(c, definition([{ name: 'v1', schema: OPEN }]));
	expect((await apply(c, `${FOOS}/mytest`, text('"foo":"foo1","anything":{"goes":1}'))).status).toBe(201);
});

spec('Server side field validation, valid CR with validation schema', async (c) => {
	await served(c, definition([{ name: 'v1', schema }]));
	expect((await apply(c, `${FOOS}/mytest`, text('"foo":"foo1","bar":"bar1","ports":[{"name":"a"}]'))).status).toBe(201);
});

spec('Server side field validation, unknown fields CR fails validation', async (c) => {
	await served(c, definition([{ name: 'v1', schema }]));
	const refused = await apply(c, `${FOOS}/mytest`, text('"foo":"foo1","unknown":"u"'));
	expect(refused.body.message).toBe(
		'failed to create typed patch object (default/mytest; areas.example.com/v1, Kind=Foo): .spec.unknown: field not declared in schema',
	);
	const created = await c.send('POST', `${FOOS}?fieldValidation=Strict`, { body: text('"foo":"foo1","unknown":"u","ports":[{"hostPort":1}]') });
	expect(created).toMatchObject({
		status: 400,
		body: {
			reason: 'BadRequest',
			message: 'Foo in version "v1" cannot be handled as a Foo: strict decoding error: unknown field "spec.ports[0].hostPort", unknown field "spec.unknown"',
		},
	});
	const warned = await c.send('POST', `${FOOS}?fieldValidation=Warn`, { body: text('"unknown":"u"') });
	expect([warned.status, warned.headers['warning']]).toEqual([201, '299 - "unknown field \\"spec.unknown\\""']);
});

spec('Server side field validation, CR duplicates', async (c) => {
	await served(c, definition([{ name: 'v1', schema: OPEN }]));
	const duplicated = text('"unknown":"u1","unknown":"u2"');
	const refused = await c.send('POST', `${FOOS}?fieldValidation=Strict`, { body: duplicated });
	expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining('strict decoding error: duplicate field "spec.unknown"') as string } });
	const warned = await c.send<{ spec: object }>('POST', `${FOOS}?fieldValidation=Warn`, { body: duplicated });
	expect([warned.status, warned.body.spec, warned.headers['warning']]).toEqual([201, { unknown: 'u2' }, '299 - "duplicate field \\"spec.unknown\\""']);
});

spec('Server side field validation, typed object', async (c) => {
	const body = deployment('"unknownField":"foo","replicas":1,"replicas":2,');
	const refused = await c.send('POST', `${DEPLOYMENTS}?fieldValidation=Strict`, { body });
	expect(refused).toMatchObject({
		status: 400,
		body: {
			message:
				'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"',
		},
	});
	const ignored = await c.send('POST', `${DEPLOYMENTS}?fieldValidation=Ignore`, { body });
	expect([ignored.status, ignored.headers['warning']]).toEqual([201, undefined]);
	expect((await c.send('POST', `${DEPLOYMENTS}?fieldValidation=Sometimes`, { body })).status).toBe(422);
});

spec('Server side field validation, typed unknown metadata', async (c) => {
	const refused = await c.send('POST', `${DEPLOYMENTS}?fieldValidation=Strict`, { body: deployment('', '"name":"d","unknownMeta":"y"') });
	expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining('unknown field "metadata.unknownMeta"') as string } });
});

spec('Server side field validation, unknown metadata', async (c) => {
	const embedded = { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true };
	await served(c, definition([{ name: 'v1', schema: { type: 'object', properties: { spec: { type: 'object', properties: { template: embedded } } } } }]));
	const inRoot = await c.send('POST', `${FOOS}?fieldValidation=Strict`, { body: text('', '"name":"mytest","unknownMeta":"y"') });
	expect(inRoot).toMatchObject({ status: 400, body: { message: expect.stringContaining('unknown field "metadata.unknownMeta"') as string } });
	const inside = await c.send('POST', `${FOOS}?fieldValidation=Strict`, {
		body: text('"template":{"apiVersion":"foo/v1","kind":"Sub","metadata":{"unknownSubMeta":"y","name":"subobject"}}'),
	});
	expect(inside).toMatchObject({ status: 400, body: { message: expect.stringContaining('unknown field "spec.template.metadata.unknownSubMeta"') as string } });
});
