import { describe, expect, it } from 'vitest';
import { customSchema, customSchemaV2 } from './custom-openapi.ts';
import type { Props } from './definition.ts';

const META = { $ref: '#/definitions/meta' };
const fieldsOf = (schema: object): readonly string[] => Object.keys((schema as { properties?: object }).properties ?? {});

describe('the OpenAPI schema of a custom kind', () => {
	const schema: Props = {
		type: 'object',
		properties: {
			spec: {
				type: 'object',
				properties: {
					port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
					note: { type: 'string', nullable: true },
					free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'string' } } },
				},
			},
		},
	};

	it('has the fields that every object has', () => {
		expect(fieldsOf(customSchema(schema, META))).toEqual(['spec', 'apiVersion', 'kind', 'metadata']);
		expect(fieldsOf(customSchemaV2(schema, META))).toEqual(['spec', 'apiVersion', 'kind', 'metadata']);
	});

	it('lists nothing in Swagger 2 that kubectl would take for the whole', () => {
		const spec = (customSchemaV2(schema, META).properties as { readonly spec: object }).spec;
		expect(spec).toEqual({
			type: 'object',
			properties: { port: { 'x-kubernetes-int-or-string': true }, note: {}, free: { 'x-kubernetes-preserve-unknown-fields': true } },
		});
		expect(customSchemaV2({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, META)).toEqual({ type: 'object' });
	});
});
