/** A cluster's OpenAPI v3 documents, read as what an editor asks of them: which kinds there are, and what may stand where. */

/** What of OpenAPI's schema objects matters here. */
export interface Schema {
	readonly $ref?: string;
	readonly allOf?: readonly Schema[];
	readonly oneOf?: readonly Schema[];
	readonly anyOf?: readonly Schema[];
	readonly type?: string;
	readonly format?: string;
	readonly description?: string;
	readonly properties?: Readonly<Record<string, Schema>>;
	readonly required?: readonly string[];
	readonly items?: Schema;
	readonly additionalProperties?: Schema | boolean;
	readonly enum?: readonly unknown[];
	readonly default?: unknown;
	readonly nullable?: boolean;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly maxLength?: number;
	readonly pattern?: string;
	readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
	readonly 'x-kubernetes-int-or-string'?: boolean;
	readonly 'x-kubernetes-embedded-resource'?: boolean;
	readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[];
}

interface GroupVersionKind {
	readonly group: string;
	readonly version: string;
	readonly kind: string;
}

/** One of `/openapi/v3/…`'s documents. */
export interface Document {
	readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** Something that the cluster serves, as discovery names it. */
export interface Kind {
	readonly apiVersion: string;
	readonly kind: string;
	readonly namespaced: boolean;
	/** Plural, for addresses. */
	readonly resource: string;
}

/** A schema with the document that its references point into, references and wrappers resolved. */
export interface Place {
	readonly schema: Schema;
	/** Name of the schema in the document (`io.k8s.api.core.v1.Container`); '' for one that stands where it is used. */
	readonly name: string;
	readonly document: Document;
}

const PREFIX = '#/components/schemas/';
/** References that lead on to references: more than any document has. */
const DEEPEST = 8;

/** Follows references and takes wrappers (an allOf around one reference) off; the outermost description is the field's own. */
export function resolve(document: Document, schema: Schema): Place {
	let at = schema;
	let name = '';
	const description = schema.description;
	for (let depth = 0; depth < DEEPEST; depth++) {
		const only = at.allOf?.length === 1 && at.properties === undefined ? at.allOf[0] : undefined;
		const next = at.$ref === undefined ? only : document.components?.schemas?.[at.$ref.slice(PREFIX.length)];
		if (next === undefined) break;
		if (at.$ref !== undefined) name = at.$ref.slice(PREFIX.length);
		at = next;
	}
	return { schema: description === undefined || description === at.description ? at : { ...at, description }, name, document };
}

/** The schema of a kind in the document of its group and version. */
export function kindPlace(document: Document, apiVersion: string, kind: string): Place | undefined {
	const [version = '', group = ''] = apiVersion.split('/').reverse();
	for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
		const found = schema['x-kubernetes-group-version-kind']?.some((gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind);
		if (found) return { schema, name, document };
	}
	return undefined;
}

/** What stands below a key; undefined where the schema doesn't know such a key. */
export function field(place: Place, key: string): Place | undefined {
	const { schema, document } = place;
	const own = schema.properties?.[key];
	if (own !== undefined) return resolve(document, own);
	const { additionalProperties } = schema;
	return typeof additionalProperties === 'object' ? resolve(document, additionalProperties) : undefined;
}

export const item = (place: Place): Place | undefined => (place.schema.items === undefined ? undefined : resolve(place.document, place.schema.items));

/** Down a path of keys and list positions. */
export function descend(place: Place | undefined, path: readonly (string | number)[]): Place | undefined {
	let at = place;
	for (const step of path) at = at && (typeof step === 'number' ? item(at) : field(at, step));
	return at;
}

/** Whether a key that the schema doesn't name may stand there all the same. */
export const isOpen = ({ schema }: Place): boolean =>
	schema['x-kubernetes-preserve-unknown-fields'] === true ||
	schema.additionalProperties === true ||
	typeof schema.additionalProperties === 'object' ||
	schema.properties === undefined;

/** Path below `/openapi/v3/` of an apiVersion's document. */
export const documentPath = (apiVersion: string): string => (apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`);

/** What a value is called: `string`, `integer`, `[]Container`, `map[string]string`, `PodSpec`. */
export function typeName(place: Place): string {
	const { schema, name, document } = place;
	if (schema.type === 'array') return `[]${schema.items ? typeName(resolve(document, schema.items)) : 'any'}`;
	if (typeof schema.additionalProperties === 'object' && !schema.properties) return `map[string]${typeName(resolve(document, schema.additionalProperties))}`;
	if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return 'integer or string';
	if (name !== '' && (schema.properties || schema.oneOf)) return name.split('.').at(-1) ?? name;
	return schema.type ?? 'any';
}
