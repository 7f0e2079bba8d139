/** The OpenAPI schema of a custom kind (`apiextensions-apiserver/pkg/controller/openapi/builder`). */
import type { Props } from './definition.ts';

type Node = { readonly [key: string]: unknown };

const API_VERSION =
	'APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources';
const KIND =
	'Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds';
const METADATA = "Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

/** `stable.example.com`, `v1`, `CronTab` → `com.example.stable.v1.CronTab`. */
export const customSchemaName = (group: string, version: string, kind: string): string => `${group.split('.').reverse().join('.')}.${version}.${kind}`;

const isOpen = (schema: Props): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true;

const LOGIC = ['allOf', 'anyOf', 'oneOf', 'not'] as const;

/**
 * What Swagger 2 can say of a schema without misleading clients that validate by it: kubectl takes fields beside listed
 * ones for unknown, and knows neither null nor two types for one value (`openapiv2.ToStructuralOpenAPIV2`).
 */
function simpler(schema: Props): Props {
	const { nullable, type, items, properties, additionalProperties, ...rest } = schema;
	const kept = Object.fromEntries(Object.entries(rest).filter(([key]) => !LOGIC.some((k) => k === key)));
	if (nullable === true) return kept;
	const untyped = schema['x-kubernetes-int-or-string'] === true || isOpen(schema);
	return {
		...kept,
		...(type === undefined || untyped ? {} : { type }),
		...(items === undefined || isOpen(schema) ? {} : { items: simpler(items) }),
		...(properties === undefined || isOpen(schema) ? {} : { properties: Object.fromEntries(Object.entries(properties).map(([k, v]) => [k, simpler(v)])) }),
		...(additionalProperties === undefined
			? {}
			: { additionalProperties: typeof additionalProperties === 'boolean' ? additionalProperties : simpler(additionalProperties) }),
	};
}

/** In Swagger 2 a kind with fields of any name says no more than that it is an object. */
export function customSchemaV2(schema: Props, meta: Node): Node {
	if (isOpen(schema)) return { type: 'object' };
	const { metadata: _, ...own } = ownProperties(meta);
	const simple = simpler(schema);
	return { ...simple, type: 'object', properties: { ...simple.properties, ...own, metadata: { description: METADATA, ...meta } } };
}

/** @param meta the reference to ObjectMeta's schema. */
export function customSchema(schema: Props, meta: Node): Node {
	return { ...schema, type: 'object', properties: { ...schema.properties, ...ownProperties(meta) } };
}

const ownProperties = (meta: Node): { readonly [field: string]: Node } => ({
	apiVersion: { type: 'string', description: API_VERSION },
	kind: { type: 'string', description: KIND },
	metadata: { description: METADATA, allOf: [meta] },
});
