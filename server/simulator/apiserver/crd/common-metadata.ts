/** The metadata of custom resources and of whole objects inside them, decoded as Go's ObjectMeta (`schema/objectmeta`'s coerce). */
import { type Checked, checkObject } from '../openapi/check.ts';
import { namedType, type StructType } from '../openapi/schema.ts';

const metaField = { required: false, pointer: false, number: 0, retainKeys: false, set: false, atomic: false } as const;

const COMMON: StructType = {
	kind: 'struct',
	go: 'unstructured.Unstructured',
	name: '',
	id: '',
	fields: new Map([['metadata', { ...metaField, name: 'metadata', type: namedType('meta/v1.ObjectMeta') }]]),
	embedded: [],
};

/** `{metadata}` without what ObjectMeta does not have. */
export const checkMetadata = (metadata: unknown): Checked => checkObject({ metadata }, COMMON);
