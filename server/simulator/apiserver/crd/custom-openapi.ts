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

/** @param meta the reference to ObjectMeta's schema. */
export function customSchema(schema: Props, meta: Node): Node {
	const own = {
		apiVersion: { type: 'string', description: API_VERSION },
		kind: { type: 'string', description: KIND },
		metadata: { description: METADATA, allOf: [meta] },
	};
	return { ...schema, type: 'object', properties: { ...schema.properties, ...own } };
}
