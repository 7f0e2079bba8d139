/**
 * The types of the API, read on demand out of the compact table in schema.gen.ts. They drive decoding (unknown fields, type
 * errors), patches (merge keys) and the OpenAPI documents.
 *
 * A type's line: fields parted by `;`, each `name[!] [*]type[#number][@flags]` — `!` required, `*` a pointer in Go, number that of protobuf, flags
 * parted by `|`: `p=key` patch merge key (empty for lists of plain values), `r` retainKeys, `l=keys` map-like list, `s` set,
 * `a` atomic. `^ type` embeds another type's fields; `=type` is another name for a type.
 */
import { APIEXTENSIONS } from './apiextensions.ts';
import { APIREGISTRATION } from './apiregistration.ts';
import { SCHEMA } from './schema.gen.ts';

export type ScalarKind = 'string' | 'bool' | 'int32' | 'int64' | 'float64' | 'bytes' | 'Time' | 'MicroTime' | 'Duration' | 'Quantity' | 'IntOrString' | 'Any';

export interface ScalarType {
	readonly kind: ScalarKind;
	/** As Go prints the type in an error: `int32`, `v1.PullPolicy`. */
	readonly go: string;
}
export interface ListType {
	readonly kind: 'list';
	readonly go: string;
	readonly of: Type;
}
export interface MapType {
	readonly kind: 'map';
	readonly go: string;
	readonly of: Type;
}
export interface StructType {
	readonly kind: 'struct';
	readonly go: string;
	/** Go's bare name: `PodSpec`. */
	readonly name: string;
	/** `core/v1.PodSpec`. */
	readonly id: string;
	readonly fields: ReadonlyMap<string, Field>;
	/** Structs whose fields are among `fields`, with the protobuf number under which they are sent as messages of their own. */
	readonly embedded: readonly { readonly number: number; readonly type: StructType }[];
}
export type Type = ScalarType | ListType | MapType | StructType;

export interface Field {
	readonly name: string;
	readonly required: boolean;
	/** A zero that is sent is meant; others say the same as nothing. */
	readonly pointer: boolean;
	/** Protobuf field number; 0 where it has none. */
	readonly number: number;
	/** Patch strategy merge; '' merges plain values. */
	readonly mergeKey?: string;
	readonly retainKeys: boolean;
	/** Keys of a map-like list (server-side apply). */
	readonly listKeys?: readonly string[];
	readonly set: boolean;
	readonly atomic: boolean;
	readonly type: Type;
}

const INTEGERS: { readonly [go: string]: ScalarKind } = {
	int: 'int64',
	int32: 'int32',
	int64: 'int64',
	uint32: 'int64',
	uint64: 'int64',
	uint8: 'int32',
	byte: 'int32',
};
const SCALARS: ReadonlySet<string> = new Set(['string', 'bool', 'float64', 'bytes', 'Time', 'MicroTime', 'Duration', 'Quantity', 'IntOrString', 'Any']);
const GO_NAMES: { readonly [kind: string]: string } = {
	bytes: '[]uint8',
	Time: 'v1.Time',
	MicroTime: 'v1.MicroTime',
	Duration: 'v1.Duration',
	Quantity: 'resource.Quantity',
	IntOrString: 'intstr.IntOrString',
	Any: 'runtime.RawExtension',
};

// Derived from the table alone, so it may be kept for all worlds.
const types = new Map<string, Type>();

/** `core/v1.PodSpec` → `v1.PodSpec`. */
const goName = (id: string): string => id.replace(/^.*\//, '');

function typeOf(text: string, pkg: string): Type {
	if (text.startsWith('[]')) {
		const of = typeOf(text.slice(2), pkg);
		return { kind: 'list', of, go: `[]${of.go}` };
	}
	if (text.startsWith('map[string]')) {
		const of = typeOf(text.slice('map[string]'.length), pkg);
		return { kind: 'map', of, go: `map[string]${of.go}` };
	}
	const integer = INTEGERS[text];
	if (integer !== undefined) return { kind: integer, go: text };
	if (SCALARS.has(text)) return { kind: text as ScalarKind, go: GO_NAMES[text] ?? text };
	return namedType(text.includes('.') ? text : `${pkg}.${text}`);
}

/** A type by its id, e.g. `core/v1.PodSpec`; one that the table lacks takes anything. */
export function namedType(id: string): Type {
	let found = types.get(id);
	if (found === undefined) {
		found = readType(id);
		types.set(id, found);
	}
	return found;
}

/** Packages outside the ones that the table is generated from. */
const BY_HAND: { readonly [pkg: string]: { readonly [type: string]: string } } = { 'apiextensions/v1': APIEXTENSIONS, 'apiregistration/v1': APIREGISTRATION };

function readType(id: string): Type {
	const at = id.indexOf('.');
	const pkg = id.slice(0, at);
	const name = id.slice(at + 1);
	const line = (BY_HAND[pkg] ?? SCHEMA[pkg])?.[name];
	if (line === undefined) return { kind: 'Any', go: goName(id) };
	if (line.startsWith('=')) return { ...typeOf(line.slice(1), pkg), go: goName(id) };
	return new LazyStruct(id, name, pkg, line);
}

/** Types refer to each other in circles, so fields are read when they are first asked for. */
class LazyStruct implements StructType {
	readonly kind = 'struct';
	readonly go: string;
	readonly id: string;
	readonly name: string;
	readonly #pkg: string;
	readonly #line: string;
	#read: Pick<StructType, 'fields' | 'embedded'> | undefined;

	constructor(id: string, name: string, pkg: string, line: string) {
		this.id = id;
		this.name = name;
		this.go = goName(id);
		this.#pkg = pkg;
		this.#line = line;
	}

	get fields(): ReadonlyMap<string, Field> {
		return this.#parts().fields;
	}

	get embedded(): StructType['embedded'] {
		return this.#parts().embedded;
	}

	#parts(): Pick<StructType, 'fields' | 'embedded'> {
		this.#read ??= readFields(this.#line, this.#pkg);
		return this.#read;
	}
}

function readFields(line: string, pkg: string): Pick<StructType, 'fields' | 'embedded'> {
	const out = new Map<string, Field>();
	const embedded: { readonly number: number; readonly type: StructType }[] = [];
	for (const text of line === '' ? [] : line.split(';')) {
		const space = text.indexOf(' ');
		const name = text.slice(0, space);
		const [head = '', flags] = text.slice(space + 1).split('@');
		const [typeName = '', number] = head.split('#');
		const pointer = typeName.startsWith('*');
		const type = typeOf(pointer ? typeName.slice(1) : typeName, pkg);
		if (name !== '^') out.set(name.replace('!', ''), readField(name, type, Number(number ?? 0), flags, pointer));
		else if (type.kind === 'struct') {
			for (const [k, f] of type.fields) out.set(k, f);
			embedded.push({ number: Number(number ?? 0), type });
		}
	}
	return { fields: out, embedded };
}

function readField(name: string, type: Type, number: number, flags: string | undefined, pointer: boolean): Field {
	let mergeKey: string | undefined;
	let listKeys: readonly string[] | undefined;
	const plain = { retainKeys: false, set: false, atomic: false };
	for (const flag of flags?.split('|') ?? []) {
		if (flag.startsWith('p=')) mergeKey = flag.slice(2);
		else if (flag.startsWith('l=')) listKeys = flag.slice(2).split(',');
		else if (flag === 'r') plain.retainKeys = true;
		else if (flag === 's') plain.set = true;
		else if (flag === 'a') plain.atomic = true;
	}
	return {
		name: name.replace('!', ''),
		required: name.endsWith('!'),
		pointer,
		number,
		type,
		...plain,
		...(mergeKey === undefined ? {} : { mergeKey }),
		...(listKeys === undefined ? {} : { listKeys }),
	};
}

/** `rbac.authorization.k8s.io`, `v1` → `rbac/v1`: where a group's types stand in the table. */
export function packageOf(group: string, version: string): string {
	return `${group === '' ? 'core' : (group.split('.')[0] ?? '')}/${version}`;
}

/** Groups of Kubernetes' own: `apps`, `storage.k8s.io`, `rbac.authorization.k8s.io`. Others may begin alike (`batch.example.com`). */
const OWN_GROUP = /^(?:[a-z]*|(?:[a-z]+\.(?:authorization\.|apiserver\.)?k8s\.io))$/;

/** The type of a kind, or undefined for kinds that the table doesn't know (custom resources). */
export function kindType(group: string, version: string, kind: string): StructType | undefined {
	if (!OWN_GROUP.test(group)) return undefined;
	const type = namedType(`${packageOf(group, version)}.${kind}`);
	return type.kind === 'struct' ? type : undefined;
}
