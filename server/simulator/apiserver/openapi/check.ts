/**
 * Decoding into a type, as Go's decoder does it: unknown fields are dropped and reported, nulls are dropped, a value of the
 * wrong kind is an error. What is right already is shared, not copied.
 */
import { base64Bytes } from '../base64.ts';
import { isRecord } from '../equal.ts';
import { formatQuantity, parseQuantity, QUANTITY_ERROR } from '../registry/quantity.ts';
import { define } from '../patch/merge.ts';
import { parseTime } from '../../kernel/time.ts';
import { SCHEMA_OR_BOOL } from './apiextensions.ts';
import type { Field, ScalarType, StructType, Type } from './schema.ts';

export interface Checked {
	readonly value: { readonly [key: string]: unknown };
	/** `unknown field "spec.foo"`, and the duplicate fields that were handed in, as they stand in the text. */
	readonly unknown: readonly string[];
	/** Go's words for the first value of a wrong kind. */
	readonly error?: string;
}

/** A number with a suffix that is none of the known ones; everything else that can't be read has the wrong form (`resource.ParseQuantity`). */
const UNKNOWN_SUFFIX = /^[+-]?(?:\d+\.?\d*|\.\d+)[eEinumkKMGTP]*[-+]?\d*$/;
const SUFFIX_ERROR = "unable to parse quantity's suffix";
/** Unknown fields reported for one object. */
const UNKNOWN_LIMIT = 100;
const INT32 = 2 ** 31;

class WrongType extends Error {}

/** A quantity as it is kept. Throws `WrongType` with Go's words. */
function quantityText(value: unknown): string {
	const quantity = parseQuantity(value);
	if (quantity !== undefined) return formatQuantity(quantity);
	throw new WrongType(typeof value === 'string' && UNKNOWN_SUFFIX.test(value) ? SUFFIX_ERROR : QUANTITY_ERROR);
}

/** A step into a map: Go's type errors name struct fields alone. */
interface MapKey {
	readonly key: string;
}

/** How Go names a JSON value's kind. */
function jsonKind(value: unknown): string {
	if (Array.isArray(value)) return 'array';
	if (typeof value === 'boolean') return 'bool';
	return typeof value;
}

class Checker {
	readonly unknown: string[] = [];
	/** JSON path with indices and keys of maps, for unknown fields. */
	readonly #path: (string | number | MapKey)[] = [];
	/** The innermost struct, as Go's error names it. */
	#struct = '';
	readonly #converter: boolean;
	/** Duplicate fields that the decoder has not come by yet: Go reports them where they stand. */
	readonly duplicates: Set<string>;

	constructor(converter: boolean, duplicates: readonly string[]) {
		this.#converter = converter;
		this.duplicates = new Set(duplicates);
	}

	#refuse(value: unknown, go: string, kind = jsonKind(value)): never {
		if (this.#converter) throw new WrongType(converterText(value, go));
		const fields = this.#path.filter((p) => typeof p === 'string').join('.');
		const where = this.#struct === '' || fields === '' ? 'Go value' : `Go struct field ${this.#struct}.${fields}`;
		throw new WrongType(`json: cannot unmarshal ${kind} into ${where} of type ${go}`);
	}

	check(value: unknown, type: Type): unknown {
		switch (type.kind) {
			case 'struct':
				return this.struct(value, type);
			case 'list':
				return this.#list(value, type.of, type.go);
			case 'map':
				return this.#map(value, type.of, type.go);
			default:
				return this.#scalar(value, type);
		}
	}

	struct(value: unknown, type: StructType): { readonly [key: string]: unknown } {
		if (!isRecord(value)) {
			if (typeof value === 'boolean' && type.id === SCHEMA_OR_BOOL) return value as unknown as { readonly [key: string]: unknown };
			if (this.#converter) throw new WrongType(`cannot restore struct from: ${jsonKind(value)}`);
			return this.#refuse(value, type.go);
		}
		const outer = this.#struct;
		let out: { [key: string]: unknown } | undefined;
		for (const key in value) {
			const field = type.fields.get(key);
			const before = value[key];
			if (field === undefined && before !== undefined) this.#reportUnknown(key);
			const after = field === undefined || before === null || before === undefined ? undefined : this.#field(before, field, type);
			if (this.duplicates.size > 0) this.#reportDuplicate(key, field !== undefined);
			if (after === before && field !== undefined) continue;
			out ??= { ...value };
			if (after === undefined) delete out[key];
			else out[key] = after;
		}
		this.#struct = outer;
		return out ?? value;
	}

	#field(value: unknown, field: Field, type: StructType): unknown {
		this.#struct = type.name;
		this.#path.push(field.name);
		const out = this.check(value, field.type);
		this.#path.pop();
		return out;
	}

	#reportUnknown(key: string): void {
		if (this.unknown.length >= UNKNOWN_LIMIT) return;
		this.unknown.push(`unknown field "${this.#fieldPath(key)}"`);
	}

	#fieldPath(key: string): string {
		let path = '';
		for (const step of this.#path) {
			const name = typeof step === 'object' ? step.key : step;
			path += typeof name === 'number' ? `[${name}]` : path === '' ? name : `.${name}`;
		}
		return path === '' ? key : `${path}.${key}`;
	}

	/** A field that is unknown as well is reported as that alone. */
	#reportDuplicate(key: string, isKnown: boolean): void {
		const text = `duplicate field "${this.#fieldPath(key)}"`;
		if (this.duplicates.delete(text) && isKnown && this.unknown.length < UNKNOWN_LIMIT) this.unknown.push(text);
	}

	#list(value: unknown, of: Type, go: string): unknown {
		if (!Array.isArray(value)) return this.#refuse(value, go);
		let out: unknown[] | undefined;
		for (let i = 0; i < value.length; i++) {
			this.#path.push(i);
			const before: unknown = value[i];
			const after = this.check(before ?? zero(of), of);
			this.#path.pop();
			if (after === before) continue;
			out ??= [...(value as unknown[])];
			out[i] = after;
		}
		return out ?? value;
	}

	#map(value: unknown, of: Type, go: string): unknown {
		if (!isRecord(value)) return this.#refuse(value, go);
		let out: { [key: string]: unknown } | undefined;
		for (const key in value) {
			const before = value[key];
			this.#path.push({ key });
			const after = this.check(before ?? zero(of), of);
			this.#path.pop();
			if (after === before) continue;
			out ??= { ...value };
			define(out, key, after);
		}
		return out ?? value;
	}

	#scalar(value: unknown, type: ScalarType): unknown {
		switch (type.kind) {
			case 'string':
				return typeof value === 'string' ? value : this.#refuse(value, type.go);
			case 'bool':
				return typeof value === 'boolean' ? value : this.#refuse(value, type.go);
			case 'int32':
			case 'int64':
				return this.#integer(value, type);
			case 'float64':
				return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : this.#refuse(value, type.go);
			case 'IntOrString':
				if (typeof value === 'string') return value;
				return this.#integer(value, { kind: 'int32', go: 'int32' });
			case 'Quantity':
				return quantityText(value);
			case 'Time':
			case 'MicroTime':
				return checkTime(value);
			case 'bytes':
				if (typeof value !== 'string') return this.#refuse(value, type.go);
				return checkBase64(value);
			default:
				return value;
		}
	}

	#integer(value: unknown, type: ScalarType): number {
		// The types' own fields are numbers here; nothing real in them needs more than 53 bits.
		if (typeof value === 'bigint') return this.#refuse(value, type.go, `number ${value}`);
		if (typeof value !== 'number') return this.#refuse(value, type.go);
		const bound = type.kind === 'int32' ? INT32 : Number.MAX_SAFE_INTEGER;
		if (!Number.isInteger(value) || value >= bound || value < -bound) return this.#refuse(value, type.go, `number ${String(value)}`);
		return value;
	}
}

function zero(type: Type): unknown {
	if (type.kind === 'string') return '';
	if (type.kind === 'list') return [];
	return type.kind === 'bool' ? false : type.kind === 'int32' || type.kind === 'int64' ? 0 : type.kind === 'Quantity' ? '0' : {};
}

function checkTime(value: unknown): string {
	if (typeof value === 'string' && parseTime(value) !== undefined) return value;
	if (typeof value !== 'string') throw new WrongType(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`);
	throw new WrongType(`parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`);
}

const BASE64_TEXT = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function checkBase64(value: string): string {
	const text = value.replaceAll(/[\r\n]/g, '');
	if (BASE64_TEXT.test(text)) return value;
	const body = /^[A-Za-z0-9+/]*/.exec(text)?.[0] ?? '';
	const at = body.length === text.length || base64Bytes(body) === undefined ? body.length - (body.length % 4) : body.length;
	throw new WrongType(`illegal base64 data at input byte ${at}`);
}

/** How `runtime.DefaultUnstructuredConverter` words it: strategic merge patches are decoded by that one. */
function converterText(value: unknown, go: string): string {
	const from = typeof value === 'number' ? (Number.isInteger(value) ? 'int64' : 'float64') : jsonKind(value);
	if (go.startsWith('[]')) return `cannot restore slice from ${from}`;
	if (go.startsWith('map[')) return `cannot restore map from ${from}`;
	if (GO_BASICS.has(go)) return `unrecognized type: ${go}`;
	return 'unrecognized type: string';
}

const GO_BASICS: ReadonlySet<string> = new Set(['string', 'bool', 'int', 'int32', 'int64', 'float64']);

/**
 * Decodes `value` into `type`; `converter` for the words of the converter that strategic merge patches go through.
 * @param duplicates `duplicate field "spec.foo"` for what the text had twice.
 */
export function checkObject(value: { readonly [key: string]: unknown }, type: StructType, converter = false, duplicates: readonly string[] = []): Checked {
	const checker = new Checker(converter, duplicates);
	try {
		const checked = checker.struct(value, type);
		return { value: checked, unknown: [...checker.duplicates, ...checker.unknown] };
	} catch (e) {
		if (e instanceof WrongType) return { value, unknown: [], error: e.message };
		if (e instanceof RangeError) return { value, unknown: [], error: 'exceeded max depth' };
		throw e;
	}
}
