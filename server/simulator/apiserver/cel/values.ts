/**
 * Values at run time. int is a bigint, double a number, text a string, bytes a Uint8Array, a list an array; what JavaScript
 * has no type for is a class of its own. Errors are values as well: `||` and `&&` may yet make good of one.
 */

import { sameMembers } from './merged-lists.ts';

/** What went wrong in an evaluation, in cel-go's words. */
export class Fault {
	readonly message: string;
	constructor(message: string) {
		this.message = message;
	}
}

export class Uint {
	readonly value: bigint;
	constructor(value: bigint) {
		this.value = value;
	}
}

/** Nanoseconds since 1970. */
export class Timestamp {
	readonly nanos: bigint;
	constructor(nanos: bigint) {
		this.nanos = nanos;
	}
}

export class Duration {
	readonly nanos: bigint;
	constructor(nanos: bigint) {
		this.nanos = nanos;
	}
}

export class Optional {
	readonly value: Value | undefined;
	constructor(value: Value | undefined) {
		this.value = value;
	}
}

/** A type as a value: what `type(x)` answers. */
export class TypeValue {
	readonly name: string;
	constructor(name: string) {
		this.name = name;
	}
}

/** A value of one of Kubernetes' own types (Quantity, IP, URL, an authorizer…): its type's name and what it holds. */
export class Opaque<T = unknown> {
	readonly type: string;
	readonly held: T;
	/** Equal texts are equal values, where a type has an equality. */
	readonly key: string | undefined;
	constructor(type: string, held: T, key: string | undefined) {
		this.type = type;
		this.held = held;
		this.key = key;
	}
}

/** A map, or an object with fields. Keys of JSON are texts; a literal's may be numbers and booleans too. */
export interface MapLike {
	readonly isMap: true;
	/** The object type's name, where this is one. */
	readonly typeName?: string;
	readonly size: number;
	get(key: Value): Value | undefined;
	keys(): readonly Value[];
}

export type Value =
	| null
	| boolean
	| bigint
	| number
	| string
	| Uint8Array
	| readonly Value[]
	| MapLike
	| Uint
	| Timestamp
	| Duration
	| Optional
	| TypeValue
	| Opaque
	| Fault;

export const isMap = (v: unknown): v is MapLike => typeof v === 'object' && v !== null && (v as { readonly isMap?: unknown }).isMap === true;
export const isList = (v: Value): v is readonly Value[] => Array.isArray(v);

/** A key's identity: numbers that are equal across types are one key. */
function keyText(key: Value): string | undefined {
	if (typeof key === 'string') return `s${key}`;
	if (typeof key === 'bigint') return `n${key}`;
	if (key instanceof Uint) return `n${key.value}`;
	if (typeof key === 'number') return Number.isInteger(key) ? `n${BigInt(key)}` : `d${key}`;
	return typeof key === 'boolean' ? `b${key}` : undefined;
}

/** A map that an expression made. */
export class LiteralMap implements MapLike {
	readonly isMap = true as const;
	readonly typeName?: string;
	readonly #entries: ReadonlyMap<string, readonly [Value, Value]>;
	private constructor(entries: ReadonlyMap<string, readonly [Value, Value]>, typeName?: string) {
		this.#entries = entries;
		if (typeName !== undefined) this.typeName = typeName;
	}
	/** Undefined keys and repeated ones are faults. */
	static of(entries: Iterable<readonly [Value, Value]>, typeName?: string): LiteralMap | Fault {
		const out = new Map<string, readonly [Value, Value]>();
		for (const [key, value] of entries) {
			const text = keyText(key);
			if (text === undefined) return new Fault(`unsupported key type: ${runtimeType(key)}`);
			if (out.has(text)) return new Fault(`duplicate key in map: ${plainText(key)}`);
			out.set(text, [key, value]);
		}
		return new LiteralMap(out, typeName);
	}
	get size(): number {
		return this.#entries.size;
	}
	get(key: Value): Value | undefined {
		const text = keyText(key);
		return text === undefined ? undefined : this.#entries.get(text)?.[1];
	}
	keys(): readonly Value[] {
		return [...this.#entries.values()].map(([key]) => key);
	}
}

/** A record of JSON, turned into values field by field as they are asked for. */
export class RecordMap implements MapLike {
	readonly isMap = true as const;
	readonly typeName?: string;
	readonly #record: { readonly [key: string]: unknown };
	readonly #convert: (value: unknown, key: string) => Value | undefined;
	/** The record's key for a field's name, where names are escaped; undefined for none. */
	readonly #unescape: ((name: string) => string | undefined) | undefined;
	#known: Map<string, Value> | undefined;
	constructor(
		record: { readonly [key: string]: unknown },
		convert: (value: unknown, key: string) => Value | undefined,
		options: { readonly typeName?: string; readonly unescape?: (name: string) => string | undefined } = {},
	) {
		this.#record = record;
		this.#convert = convert;
		this.#unescape = options.unescape;
		if (options.typeName !== undefined) this.typeName = options.typeName;
	}
	get size(): number {
		return Object.keys(this.#record).length;
	}
	get(key: Value): Value | undefined {
		if (typeof key !== 'string') return undefined;
		const known = this.#known?.get(key);
		if (known !== undefined) return known;
		const name = this.#unescape === undefined ? key : this.#unescape(key);
		if (name === undefined || !Object.hasOwn(this.#record, name) || this.#record[name] === undefined) return undefined;
		const value = this.#convert(this.#record[name], name);
		if (value === undefined) return undefined;
		this.#known ??= new Map();
		this.#known.set(key, value);
		return value;
	}
	keys(): readonly Value[] {
		return Object.keys(this.#record).filter((k) => this.#record[k] !== undefined);
	}
}

/** Maps behind computed fields (`variables`, an object's lazily made parts). */
export class LazyMap implements MapLike {
	readonly isMap = true as const;
	readonly typeName: string;
	readonly #read: (name: string) => Value | undefined;
	constructor(typeName: string, read: (name: string) => Value | undefined) {
		this.typeName = typeName;
		this.#read = read;
	}
	readonly size = 0;
	get(key: Value): Value | undefined {
		return typeof key === 'string' ? this.#read(key) : undefined;
	}
	keys(): readonly Value[] {
		return [];
	}
}

/** A value's type, as cel-go names it. */
export function runtimeType(v: Value): string {
	switch (typeof v) {
		case 'string':
			return 'string';
		case 'bigint':
			return 'int';
		case 'number':
			return 'double';
		case 'boolean':
			return 'bool';
		default:
			break;
	}
	if (v === null) return 'null_type';
	if (isList(v)) return 'list';
	if (isMap(v)) return v.typeName ?? 'map';
	if (v instanceof Uint8Array) return 'bytes';
	if (v instanceof Uint) return 'uint';
	if (v instanceof Timestamp) return 'google.protobuf.Timestamp';
	if (v instanceof Duration) return 'google.protobuf.Duration';
	if (v instanceof Optional) return 'optional_type';
	if (v instanceof TypeValue) return 'type';
	return v instanceof Opaque ? v.type : 'error';
}

const isNumber = (v: Value): v is bigint | number | Uint => typeof v === 'bigint' || typeof v === 'number' || v instanceof Uint;
const number = (v: bigint | number | Uint): bigint | number => (v instanceof Uint ? v.value : v);

/** Equality over all types: what differs in type is unequal, numbers compare across theirs. */
export function equal(a: Value, b: Value): boolean {
	if (a === b) return true;
	// biome-ignore lint/suspicious/noDoubleEquals: a bigint equals a number of the same amount.
	if (isNumber(a)) return isNumber(b) && number(a) == number(b);
	if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
	if (isList(a)) return isList(b) && (sameMembers(a, b, equal) ?? (a.length === b.length && a.every((item, i) => equal(item, b[i] ?? null))));
	if (isMap(a)) return isMap(b) && a.typeName === b.typeName && a.size === b.size && a.keys().every((k) => sameAt(k, a, b));
	if (a instanceof Uint8Array) return b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i]);
	if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
	if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos;
	if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
	if (a instanceof Optional) {
		if (!(b instanceof Optional) || (a.value === undefined) !== (b.value === undefined)) return false;
		return a.value === undefined || b.value === undefined || equal(a.value, b.value);
	}
	return a instanceof Opaque && b instanceof Opaque && a.type === b.type && a.key !== undefined && a.key === b.key;
}

function sameAt(key: Value, a: MapLike, b: MapLike): boolean {
	const [x, y] = [a.get(key), b.get(key)];
	return x === undefined ? y === undefined : y !== undefined && equal(x, y);
}

/** -1, 0 or 1; undefined where the two have no order. */
export function compare(a: Value, b: Value): number | undefined {
	if (isNumber(a) && isNumber(b)) return order(number(a), number(b));
	if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
	if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
	if (a instanceof Timestamp && b instanceof Timestamp) return order(a.nanos, b.nanos);
	if (a instanceof Duration && b instanceof Duration) return order(a.nanos, b.nanos);
	if (a instanceof Uint8Array && b instanceof Uint8Array) {
		for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return (a[i] ?? 0) < (b[i] ?? 0) ? -1 : 1;
		return order(a.length, b.length);
	}
	return undefined;
}

const order = (a: bigint | number, b: bigint | number): number => (a < b ? -1 : a > b ? 1 : 0);

/** By code points, as Go orders UTF-8. */
function compareText(a: string, b: string): number {
	if (a === b) return 0;
	const [x, y] = [[...a], [...b]];
	for (let i = 0; i < Math.min(x.length, y.length); i++) {
		const d = (x[i]?.codePointAt(0) ?? 0) - (y[i]?.codePointAt(0) ?? 0);
		if (d !== 0) return Math.sign(d);
	}
	return Math.sign(x.length - y.length);
}

/** A simple value inside an error's text. */
export function plainText(v: Value): string {
	if (v instanceof Uint) return `${v.value}`;
	return typeof v === 'string' || typeof v === 'bigint' || typeof v === 'number' || typeof v === 'boolean' ? String(v) : runtimeType(v);
}
