/**
 * What the fields of Kubernetes' types are for, as `kubectl explain` prints it. The words come from the installed
 * @kubernetes/client-node when they are first asked for, never from this repository; the simulator, which reads no files,
 * serves its OpenAPI documents without them, and they are filled in on the way out.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface TypeWords {
	readonly description?: string;
	readonly fields: ReadonlyMap<string, string>;
}

type Schema = { readonly [key: string]: unknown };
type Fields = { readonly [name: string]: Schema };

/** Types whose name in client-node is not version and name: where two groups have one of the same name, the group stands before. */
function candidates(schema: string): readonly string[] {
	const parts = schema.split('.');
	const [group = '', version = '', name = ''] = parts.slice(-3);
	const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
	return [`${capital(version)}${name}`, `${capital(group)}${capital(version)}${name}`];
}

let folder: string | undefined | null = null;

/** Where client-node keeps its models; undefined where it is not installed. */
function models(): string | undefined {
	if (folder !== null) return folder;
	try {
		folder = join(dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')), 'gen/models');
		if (!existsSync(folder)) folder = undefined;
	} catch {
		// Not installed: documents are served without descriptions.
		folder = undefined;
	}
	return folder;
}

const COMMENT = /\/\*\*\s*((?:\s*\*(?!\/).*\n)+)\s*\*\/\n\s*(?:export declare class \w+|'([^']+)'\??:)/g;

/** The text of a JSDoc block: stars taken off, the generator's escapes undone. */
function unescaped(comment: string): string {
	return comment
		.split('\n')
		.map((line) => line.replace(/^\s*\* ?/, ''))
		.join('\n')
		.trim()
		.replace(/\\(['"\\])/g, '$1')
		.replace(/\\n/g, '\n');
}

const known = new Map<string, TypeWords | undefined>();

function wordsOf(schema: string): TypeWords | undefined {
	if (known.has(schema)) return known.get(schema);
	const words = readWords(schema);
	known.set(schema, words);
	return words;
}

function readWords(schema: string): TypeWords | undefined {
	const from = models();
	if (from === undefined) return undefined;
	const path = candidates(schema)
		.map((name) => join(from, `${name}.d.ts`))
		.find((p) => existsSync(p));
	if (path === undefined) return undefined;
	let description: string | undefined;
	const fields = new Map<string, string>();
	for (const [, comment = '', field] of readFileSync(path, 'utf8').matchAll(COMMENT)) {
		if (field === undefined) description = unescaped(comment);
		else fields.set(field === '_continue' ? 'continue' : field, unescaped(comment));
	}
	return description === undefined ? { fields } : { description, fields };
}

// By the document itself: the simulator hands out the same one each time, and it never changes.
const described = new WeakMap<object, unknown>();

/** An OpenAPI document, v3 or v2, with its descriptions. `json` itself is not changed. */
export function withDescriptions(json: unknown): unknown {
	if (typeof json !== 'object' || json === null) return json;
	const found = described.get(json);
	if (found !== undefined) return found;
	const document = json as { readonly components?: { readonly schemas?: Fields }; readonly definitions?: Fields; readonly paths?: Fields };
	const { components, definitions, paths } = document;
	if (components?.schemas === undefined && definitions === undefined) return json;
	const out = {
		...document,
		...(paths === undefined ? {} : { paths: mapped(paths, (_path, path) => describePath(path)) }),
		...(components?.schemas === undefined
			? {}
			: { components: { ...components, schemas: mapped(components.schemas, (name, schema) => describe(name, schema, true)) } }),
		...(definitions === undefined ? {} : { definitions: mapped(definitions, (name, schema) => describe(name, schema, false)) }),
	};
	described.set(json, out);
	return out;
}

let parameters: ReadonlyMap<string, string> | undefined;

/** What the parameters of requests are for, by name: they are the same for every kind, so one group's client tells them all. */
function parameterWords(): ReadonlyMap<string, string> {
	if (parameters !== undefined) return parameters;
	const words = new Map<string, string>();
	const from = models();
	const path = from === undefined ? '' : join(from, '../apis/CoreV1Api.d.ts');
	if (existsSync(path)) {
		for (const [, name = '', text = ''] of readFileSync(path, 'utf8').matchAll(/^ +\* @param (\w+) (.+)$/gm)) {
			if (!words.has(name)) words.set(name, unescaped(text.replaceAll(/&(quot|#39|#x60|#x3D|lt|gt|amp);/g, (_, code: string) => ENTITIES[code] ?? '')));
		}
	}
	parameters = words;
	return words;
}

const ENTITIES: { readonly [code: string]: string } = { quot: '"', '#39': "'", '#x60': '`', '#x3D': '=', lt: '<', gt: '>', amp: '&' };

function describePath(path: Schema): Schema {
	const words = parameterWords();
	const withWords = (operation: Schema): Schema => {
		const list = operation['parameters'];
		if (!Array.isArray(list)) return operation;
		return {
			...operation,
			parameters: list.map((p: Schema) => ({ description: words.get(String(p['name'] === 'continue' ? '_continue' : p['name'])), ...p })),
		};
	};
	return mapped(path as Fields, (_method, operation) => withWords(operation));
}

const mapped = (fields: Fields, by: (name: string, schema: Schema) => Schema): Fields =>
	Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, by(name, schema)]));

function describe(name: string, schema: Schema, v3: boolean): Schema {
	const words = wordsOf(name);
	if (words === undefined) return schema;
	const properties = schema['properties'] as Fields | undefined;
	return {
		...(words.description === undefined ? {} : { description: words.description }),
		...schema,
		...(properties === undefined
			? {}
			: { properties: mapped(properties, (field, of) => describeField(words.fields.get(field) ?? conventional(field, of), of, v3)) }),
	};
}

const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

/** The name of the type that a field's schema is. */
function referred(schema: Schema): string | undefined {
	const ref = schema['$ref'] ?? (schema['allOf'] as readonly Schema[] | undefined)?.[0]?.['$ref'];
	return typeof ref === 'string' ? ref.slice(ref.lastIndexOf('/') + 1) : undefined;
}

/** What the API's conventions say of a field that every kind has. */
function conventional(field: string, schema: Schema): string | undefined {
	if (field !== 'metadata') return undefined;
	const type = referred(schema);
	if (type?.endsWith('.meta.v1.ObjectMeta') === true) return `Standard object's metadata. More info: ${CONVENTIONS}#metadata`;
	return type?.endsWith('.meta.v1.ListMeta') === true ? `Standard list metadata. More info: ${CONVENTIONS}#types-kinds` : undefined;
}

/**
 * Beside a $ref nothing else counts in OpenAPI 3.0, so that one is wrapped, as upstream does. client-node has no words for fields whose type
 * is another object: there the type's own stand beside the bare $ref, where explain prints them in lists of fields, and only there.
 */
function describeField(description: string | undefined, schema: Schema, v3: boolean): Schema {
	if (schema['description'] !== undefined) return schema;
	if (description !== undefined) return '$ref' in schema ? { description, allOf: [schema] } : { description, ...schema };
	const type = v3 ? referred(schema) : undefined;
	const words = type === undefined ? undefined : wordsOf(type)?.description;
	if (words === undefined) return schema;
	const { allOf, ...rest } = schema;
	return { ...rest, ...(allOf as readonly Schema[] | undefined)?.[0], description: words };
}
