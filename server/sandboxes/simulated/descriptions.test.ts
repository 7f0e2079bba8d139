import { describe, expect, test } from 'vitest';
import { withDescriptions } from './descriptions.ts';

const REF = { $ref: '#/components/schemas/io.k8s.api.core.v1.SecurityContext' };
const document = {
	components: {
		schemas: {
			'io.k8s.api.core.v1.Container': { type: 'object', properties: { name: { type: 'string' }, securityContext: REF, args: { type: 'array' } } },
			'io.k8s.api.core.v1.EndpointPort': { type: 'object', properties: { port: { type: 'integer' } } },
			'com.example.v1.Widget': { type: 'object', properties: { size: { type: 'integer' } } },
		},
	},
};

type Described = {
	components: { schemas: { [name: string]: { description?: string; properties: { [field: string]: { description?: string; allOf?: unknown } } } } };
};

describe('descriptions', () => {
	const { schemas } = (withDescriptions(document) as Described).components;
	const container = schemas['io.k8s.api.core.v1.Container'];

	test('types and fields say what they are for', () => {
		expect(container?.description).toBe('A single application container that you want to run within a pod.');
		expect(container?.properties['name']?.description).toMatch(/^Name of the container specified as a DNS_LABEL\./);
	});

	test("the generator's escapes are undone", () => {
		expect(container?.properties['args']?.description).toContain(`The container image's CMD`);
		expect(container?.properties['args']?.description).toContain('i.e. "$$(VAR_NAME)" will');
	});

	test("a field that is another object has its type's words, where it has none of its own", () => {
		const field = container?.properties['securityContext'];
		expect(field).toEqual({ ...REF, description: expect.stringMatching(/^SecurityContext holds security configuration/) });
		const meta = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };
		const pod = { components: { schemas: { 'io.k8s.api.core.v1.Pod': { type: 'object', properties: { metadata: meta } } } } };
		const described = (withDescriptions(pod) as Described).components.schemas['io.k8s.api.core.v1.Pod'];
		expect(described?.properties['metadata']).toMatchObject({ allOf: [meta], description: expect.stringMatching(/^Standard object's metadata\./) as string });
	});

	test('a type whose name two groups share is found under its group', () => {
		expect(schemas['io.k8s.api.core.v1.EndpointPort']?.description).toMatch(/EndpointPort is a tuple/);
	});

	test('Swagger 2 and the parameters of requests have them, too', () => {
		const parameters = [{ name: 'watch', in: 'query' }];
		const described = withDescriptions({
			definitions: { 'io.k8s.api.core.v1.ServiceList': { properties: { items: { type: 'array' } } } },
			paths: { '/api/v1/services': { get: { parameters }, parameters: [] } },
		});
		expect(described).toMatchObject({
			definitions: { 'io.k8s.api.core.v1.ServiceList': { properties: { items: { description: 'List of services' } } } },
			paths: { '/api/v1/services': { get: { parameters: [{ name: 'watch', description: expect.stringMatching(/^Watch for changes to the described/) }] } } },
		});
	});

	test('a type that client-node lacks stays as it is', () => {
		expect(schemas['com.example.v1.Widget']).toBe(document.components.schemas['com.example.v1.Widget']);
	});

	test('the document is made once and the given one is not changed', () => {
		expect(withDescriptions(document)).toBe(withDescriptions(document));
		expect(document.components.schemas['io.k8s.api.core.v1.Container']).not.toHaveProperty('description');
	});
});
