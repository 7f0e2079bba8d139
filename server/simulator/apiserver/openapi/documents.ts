/** The OpenAPI documents that clients patch, explain and validate by; built from the type table when first asked for. */
import { hashText } from '../../kernel/random.ts';
import { customSchema, customSchemaName, customSchemaV2 } from '../crd/custom-openapi.ts';
import { servedVersions } from '../dispatch.ts';
import { apiVersionOf } from '../handlers/context.ts';
import { jsonAnswer } from '../http/respond.ts';
import type { Query } from '../http/query.ts';
import type { Strategy } from '../types.ts';
import type { ApiResponse } from '../wire.ts';
import { SCHEMA_OR_BOOL } from './apiextensions.ts';
import { type Field, kindType, namedType, type StructType, type Type } from './schema.ts';

type Node = { readonly [key: string]: unknown };

const META_V1 = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Types with a schema of their own that isn't a struct's. */
const SPECIAL: { readonly [kind: string]: { readonly name: string; readonly schema: Node } } = {
	Time: { name: `${META_V1}.Time`, schema: { type: 'string', format: 'date-time' } },
	MicroTime: { name: `${META_V1}.MicroTime`, schema: { type: 'string', format: 'date-time' } },
	Duration: { name: `${META_V1}.Duration`, schema: { type: 'string' } },
	Quantity: { name: 'io.k8s.apimachinery.pkg.api.resource.Quantity', schema: { oneOf: [{ type: 'string' }, { type: 'number' }] } },
	IntOrString: {
		name: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
		schema: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
	},
	Any: { name: 'io.k8s.apimachinery.pkg.runtime.RawExtension', schema: { type: 'object' } },
};
const SCALARS: { readonly [kind: string]: Node } = {
	string: { type: 'string' },
	bool: { type: 'boolean' },
	int32: { type: 'integer', format: 'int32' },
	int64: { type: 'integer', format: 'int64' },
	float64: { type: 'number', format: 'double' },
	bytes: { type: 'string', format: 'byte' },
};

/** `core/v1.Pod` → `io.k8s.api.core.v1.Pod`. */
function schemaName(id: string): string {
	const [pkg = '', name = ''] = id.split('.');
	return pkg === 'meta/v1' ? `${META_V1}.${name}` : `io.k8s.api.${pkg.replace('/', '.')}.${name}`;
}

/** Collects the schemas that a document refers to. */
class Schemas {
	readonly out: { [name: string]: Node } = {};
	readonly #prefix: string;
	readonly #v2: boolean;

	constructor(version: 'v2' | 'v3') {
		this.#v2 = version === 'v2';
		this.#prefix = this.#v2 ? '#/definitions/' : '#/components/schemas/';
	}

	ref(name: string): Node {
		return { $ref: `${this.#prefix}${name}` };
	}

	of(type: Type): Node {
		switch (type.kind) {
			case 'struct':
				return this.ref(this.struct(type));
			case 'list':
				return { type: 'array', items: this.of(type.of) };
			case 'map':
				return { type: 'object', additionalProperties: this.of(type.of) };
			default: {
				const special = SPECIAL[type.kind];
				if (special === undefined) return SCALARS[type.kind] ?? {};
				this.out[special.name] ??= special.schema;
				return this.ref(special.name);
			}
		}
	}

	struct(type: StructType, extra: Node = {}): string {
		const name = schemaName(type.id);
		const known = this.out[name];
		if (known !== undefined) {
			this.out[name] = { ...known, ...extra };
			return name;
		}
		// Either a schema or a boolean: upstream leaves its type open.
		if (type.id === SCHEMA_OR_BOOL) {
			this.out[name] = {};
			return name;
		}
		// Entered before its fields are: types refer to each other in circles.
		this.out[name] = { type: 'object' };
		const properties: { [field: string]: Node } = {};
		const required: string[] = [];
		for (const field of type.fields.values()) {
			properties[field.name] = this.#property(field);
			if (field.required) required.push(field.name);
		}
		this.out[name] = { type: 'object', properties, ...(required.length === 0 ? {} : { required: required.sort() }), ...extra };
		return name;
	}

	/** A custom kind's schema comes with its definition. */
	custom(name: string, schema: object, mark: Node): Node {
		const build = this.#v2 ? customSchemaV2 : customSchema;
		this.out[name] = { ...build(schema, this.of(namedType('meta/v1.ObjectMeta'))), ...mark };
		return this.ref(name);
	}

	/** The list of a kind: `io.k8s.api.core.v1.ServiceList`. `item` is the kind's own schema, a reference. */
	list(item: Node, mark: Node): Node {
		const name = `${String(item['$ref']).slice(this.#prefix.length)}List`;
		const meta = this.of(namedType('meta/v1.ListMeta'));
		const properties = {
			apiVersion: { type: 'string' },
			items: { type: 'array', items: item },
			kind: { type: 'string' },
			metadata: this.#v2 ? meta : { allOf: [meta] },
		};
		this.out[name] = { type: 'object', properties, required: ['items'], ...mark };
		return this.ref(name);
	}

	#property(field: Field): Node {
		const schema = this.of(field.type);
		const marks = marksOf(field);
		if (Object.keys(marks).length === 0) return schema;
		// Beside a $ref nothing else counts in OpenAPI 3.0, so upstream wraps it.
		return '$ref' in schema && !this.#v2 ? { allOf: [schema], ...marks } : { ...schema, ...marks };
	}
}

function marksOf(field: Field): Node {
	const strategies = [...(field.mergeKey === undefined ? [] : ['merge']), ...(field.retainKeys ? ['retainKeys'] : [])];
	const listType = field.listKeys !== undefined ? 'map' : field.set ? 'set' : field.type.kind === 'list' && field.mergeKey === undefined ? 'atomic' : undefined;
	return {
		...(strategies.length === 0 ? {} : { 'x-kubernetes-patch-strategy': strategies.join(',') }),
		...(field.mergeKey ? { 'x-kubernetes-patch-merge-key': field.mergeKey } : {}),
		...(listType === undefined ? {} : { 'x-kubernetes-list-type': listType }),
		...(field.listKeys === undefined ? {} : { 'x-kubernetes-list-map-keys': field.listKeys }),
		...(field.atomic && field.type.kind !== 'list' ? { 'x-kubernetes-map-type': 'atomic' } : {}),
	};
}

const query = (name: string, type: string): Node => ({ name, in: 'query', schema: { type, uniqueItems: true } });
const pathParameter = (name: string): Node => ({ name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } });
const WRITE_PARAMETERS: readonly Node[] = [query('dryRun', 'string'), query('fieldManager', 'string'), query('fieldValidation', 'string')];

const LIST_PARAMETERS: readonly Node[] = [
	query('labelSelector', 'string'),
	query('fieldSelector', 'string'),
	query('limit', 'integer'),
	query('continue', 'string'),
	query('resourceVersion', 'string'),
	query('resourceVersionMatch', 'string'),
	query('timeoutSeconds', 'integer'),
	query('sendInitialEvents', 'boolean'),
	query('allowWatchBookmarks', 'boolean'),
	query('watch', 'boolean'),
];

function operation(strategy: Strategy, version: string, action: string, schema: Node, parameters: readonly Node[] = []): Node {
	return {
		operationId: `${action}${apiVersionOf(strategy, version).replace(/[^a-zA-Z0-9]/g, '')}${strategy.kind}`,
		...(parameters.length === 0 ? {} : { parameters }),
		responses: { 200: { description: 'OK', content: { 'application/json': { schema } } } },
		'x-kubernetes-action': action,
		'x-kubernetes-group-version-kind': { group: strategy.group, kind: strategy.kind, version },
	};
}

function pathsOf(strategy: Strategy, version: string, schema: Node, listSchema: Node): { readonly [path: string]: Node } {
	const root = strategy.group === '' ? `/api/${version}` : `/apis/${strategy.group}/${version}`;
	const scope = strategy.namespaced ? `${root}/namespaces/{namespace}` : root;
	const collection = `${scope}/${strategy.resource}`;
	const shared = strategy.namespaced ? [pathParameter('namespace')] : [];
	const one = (action: string, parameters?: readonly Node[]): Node => operation(strategy, version, action, schema, parameters);
	const out: { [path: string]: Node } = {
		[collection]: {
			get: operation(strategy, version, 'list', listSchema, LIST_PARAMETERS),
			post: one('post', WRITE_PARAMETERS),
			delete: one('deletecollection', [query('dryRun', 'string')]),
			parameters: shared,
		},
		[`${collection}/{name}`]: {
			get: one('get'),
			put: one('put', WRITE_PARAMETERS),
			patch: one('patch', [...WRITE_PARAMETERS, query('force', 'boolean')]),
			delete: one('delete', [query('dryRun', 'string'), query('gracePeriodSeconds', 'integer'), query('propagationPolicy', 'string')]),
			parameters: [pathParameter('name'), ...shared],
		},
	};
	if (strategy.namespaced) {
		// kubectl 1.27's explain looks a resource up under this path alone.
		const list = operation(strategy, version, 'list', listSchema, LIST_PARAMETERS);
		out[`${root}/${strategy.resource}`] = { get: { ...list, operationId: `${String(list['operationId'])}ForAllNamespaces` } };
	}
	return out;
}

const INFO = { title: 'Kubernetes', version: 'v1.36.0' };

interface Served {
	readonly group: string;
	readonly version: string;
	readonly strategies: readonly Strategy[];
}

const schemaHashes = new WeakMap<object, number>();

function schemaHash(schema: object): number {
	let found = schemaHashes.get(schema);
	if (found === undefined) {
		found = hashText(JSON.stringify(schema));
		schemaHashes.set(schema, found);
	}
	return found;
}

/**
 * Tells versions of one document apart. It hangs on what that document alone holds, so that a further definition costs
 * neither the server a look at all others nor clients their copies of them.
 */
function hashOf(name: string, { strategies }: Served): string {
	const kinds = strategies.map(
		(s) => `${s.resource} ${s.kind} ${s.namespaced}${s.custom === undefined ? '' : ` ${s.custom.version} ${schemaHash(s.custom.schema)}`}`,
	);
	return hashText(`${name} ${kinds.join(' ')}`)
		.toString(16)
		.toUpperCase()
		.padStart(8, '0');
}

export class OpenApi {
	readonly #strategies: readonly Strategy[];
	readonly #documents = new Map<string, Node>();
	#groups: ReadonlyMap<string, Served> | undefined;

	constructor(strategies: readonly Strategy[]) {
		this.#strategies = strategies;
	}

	#served(): ReadonlyMap<string, Served> {
		if (this.#groups !== undefined) return this.#groups;
		const out = new Map<string, { readonly group: string; readonly version: string; readonly strategies: Strategy[] }>();
		for (const s of this.#strategies) {
			for (const version of servedVersions(s)) {
				const path = s.group === '' ? `api/${version}` : `apis/${s.group}/${version}`;
				const known = out.get(path);
				if (known === undefined) out.set(path, { group: s.group, version, strategies: [s] });
				else known.strategies.push(s);
			}
		}
		this.#groups = out;
		return out;
	}

	/** Answers `/openapi/…`; undefined for any other path. */
	serve(path: string, query: Query, headers: { readonly [name: string]: string }): ApiResponse | undefined {
		if (path === '/openapi/v3') return jsonAnswer(200, { paths: this.#index() });
		if (path === '/openapi/v2')
			return jsonAnswer(
				200,
				this.#document('v2', () => this.#v2()),
			);
		if (!path.startsWith('/openapi/v3/')) return undefined;
		const name = path.slice('/openapi/v3/'.length);
		const served = this.#served().get(name);
		if (served === undefined) return undefined;
		const etag = `"${hashOf(name, served)}"`;
		if (headers['if-none-match'] === etag) return { status: 304, headers: { etag } };
		const cached: { readonly [name: string]: string } = query['hash'] === undefined ? {} : { 'cache-control': 'public, immutable' };
		return jsonAnswer(
			200,
			this.#document(name, () => this.#v3(served)),
			{ etag, ...cached },
		);
	}

	#document(name: string, build: () => Node): Node {
		let found = this.#documents.get(name);
		if (found === undefined) {
			found = build();
			this.#documents.set(name, found);
		}
		return found;
	}

	#index(): Node {
		const out: { [path: string]: Node } = {};
		const served = [...this.#served()].sort(([a], [b]) => (a < b ? -1 : 1));
		for (const [name, document] of served) out[name] = { serverRelativeURL: `/openapi/v3/${name}?hash=${hashOf(name, document)}` };
		return out;
	}

	#fill(schemas: Schemas, served: Served): { readonly [path: string]: Node } {
		const paths: { [path: string]: Node } = {};
		for (const s of served.strategies) {
			const type = s.custom === undefined ? kindType(served.group, served.version, s.kind) : undefined;
			const mark = { 'x-kubernetes-group-version-kind': [{ group: served.group, kind: s.kind, version: served.version }] };
			const schema =
				s.custom !== undefined
					? schemas.custom(customSchemaName(s.group, served.version, s.kind), s.custom.schema, mark)
					: type === undefined
						? { type: 'object' }
						: schemas.ref(schemas.struct(type, mark));
			const listMark = { 'x-kubernetes-group-version-kind': [{ group: served.group, kind: `${s.kind}List`, version: served.version }] };
			const listed = (s.verbs?.includes('list') ?? true) && '$ref' in schema;
			Object.assign(paths, pathsOf(s, served.version, schema, listed ? schemas.list(schema, listMark) : schema));
		}
		const options = namedType('meta/v1.DeleteOptions');
		if (options.kind === 'struct') schemas.struct(options);
		return paths;
	}

	#v3(served: Served): Node {
		const schemas = new Schemas('v3');
		const paths = this.#fill(schemas, served);
		return { openapi: '3.0.0', info: INFO, paths, components: { schemas: schemas.out } };
	}

	/** Swagger 2: definitions for clients that are older than v3; its paths hold what those ask of them. */
	#v2(): Node {
		const schemas = new Schemas('v2');
		const paths: { [path: string]: Node } = {};
		for (const served of this.#served().values()) Object.assign(paths, this.#fill(schemas, served));
		return { swagger: '2.0', info: INFO, paths, definitions: schemas.out };
	}
}
