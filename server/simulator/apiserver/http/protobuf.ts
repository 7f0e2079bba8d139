/**
 * Bodies in `application/vnd.kubernetes.protobuf`: kubectl and Go clients send them for typed objects. Read by the type
 * table's field numbers into what the JSON form of the same object would be.
 */
import { base64Bytes, toBase64Bytes, utf8Text } from '../base64.ts';
import { kindType, namedType, type Field, type ScalarType, type StructType, type Type } from '../openapi/schema.ts';
import { define } from '../patch/merge.ts';
import { formatTime } from '../../kernel/time.ts';

/** `k8s` and a zero byte open every message (`runtime/serializer/protobuf`). */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

type Message = { readonly number: number; readonly value: number | readonly number[] }[];
type Fields = { [key: string]: unknown };

/** Bytes that are no protobuf message. */
class Malformed extends Error {}

class Reader {
	readonly #bytes: readonly number[];
	#at = 0;

	constructor(bytes: readonly number[]) {
		this.#bytes = bytes;
	}

	/** A signed 64-bit varint; exact up to 2^53. */
	#varint(): number {
		let low = 0;
		let high = 0;
		for (let shift = 0; shift < 70; shift += 7) {
			const b = this.#bytes[this.#at++];
			if (b === undefined) throw new Malformed('unexpected EOF');
			const bits = b & 127;
			if (shift < 28) low |= bits << shift;
			else if (shift === 28) {
				low |= bits << 28;
				high |= bits >> 4;
			} else high |= bits << (shift - 32);
			if (b < 128) return high * 2 ** 32 + (low >>> 0);
		}
		throw new Malformed('proto: integer overflow');
	}

	message(): Message {
		const out: Message = [];
		while (this.#at < this.#bytes.length) {
			const tag = this.#varint();
			const number = Math.floor(tag / 8);
			const wire = tag % 8;
			if (wire === 0) out.push({ number, value: this.#varint() });
			else if (wire === 2) out.push({ number, value: this.#take(this.#varint()) });
			else if (wire === 1) this.#take(8);
			else if (wire === 5) this.#take(4);
			else throw new Malformed(`proto: illegal wireType ${wire}`);
		}
		return out;
	}

	#take(length: number): readonly number[] {
		const end = this.#at + length;
		if (length < 0 || end > this.#bytes.length) throw new Malformed('unexpected EOF');
		const out = this.#bytes.slice(this.#at, end);
		this.#at = end;
		return out;
	}
}

const bytesOf = (value: number | readonly number[]): readonly number[] => (typeof value === 'number' ? [] : value);
const messageOf = (value: number | readonly number[]): Message => new Reader(bytesOf(value)).message();
const textOf = (value: number | readonly number[]): string => utf8Text(bytesOf(value));

function scalar(value: number | readonly number[], type: ScalarType): unknown {
	switch (type.kind) {
		case 'string':
			return textOf(value);
		case 'bool':
			return value !== 0;
		case 'int32':
		case 'int64':
			return typeof value === 'number' ? value : 0;
		case 'bytes':
			return toBase64Bytes(bytesOf(value));
		case 'Time':
		case 'MicroTime':
			return time(messageOf(value), type.kind === 'MicroTime');
		case 'Quantity':
			return wrapped(messageOf(value));
		case 'IntOrString':
			return intOrString(messageOf(value));
		case 'Any':
			return raw(messageOf(value));
		default:
			return undefined;
	}
}

function time(message: Message, micro: boolean): string | undefined {
	const number = (n: number): number => Number(message.find((f) => f.number === n)?.value ?? 0);
	const seconds = number(1);
	// Go's zero time is the year 1: nothing was set.
	if (seconds <= -62_135_596_800 || message.length === 0) return undefined;
	const text = formatTime(seconds * 1000);
	const micros = String(Math.floor(number(2) / 1000)).padStart(6, '0');
	return micro ? text.replace('Z', `.${micros}Z`) : text;
}

const wrapped = (message: Message): string => textOf(message.find((f) => f.number === 1)?.value ?? []);

function intOrString(message: Message): number | string {
	const at = (n: number): number | readonly number[] | undefined => message.find((f) => f.number === n)?.value;
	return at(1) === 1 ? textOf(at(3) ?? []) : Number(at(2) ?? 0);
}

function raw(message: Message): unknown {
	const text = wrapped(message);
	return text === '' ? undefined : (JSON.parse(text) as unknown);
}

function value(from: number | readonly number[], type: Type): unknown {
	switch (type.kind) {
		case 'struct':
			return struct(messageOf(from), type);
		case 'list':
			// A list that is a type of its own (ExtraValue) is a message with items.
			return messageOf(from).map((f) => value(f.value, type.of));
		case 'map':
			return undefined;
		default:
			return scalar(from, type);
	}
}

const byNumber = new WeakMap<StructType, ReadonlyMap<number, Field>>();

function fieldsOf(type: StructType): ReadonlyMap<number, Field> {
	let found = byNumber.get(type);
	if (found === undefined) {
		const inner = new Set(type.embedded.flatMap((e) => [...e.type.fields.keys()]));
		found = new Map([...type.fields.values()].filter((f) => f.number > 0 && !inner.has(f.name)).map((f) => [f.number, f]));
		byNumber.set(type, found);
	}
	return found;
}

function struct(message: Message, type: StructType): Fields {
	const out: Fields = {};
	const fields = fieldsOf(type);
	for (const { number, value: from } of message) {
		const embedded = type.embedded.find((e) => e.number === number && number > 0);
		if (embedded !== undefined) Object.assign(out, struct(messageOf(from), embedded.type));
		const field = fields.get(number);
		if (field !== undefined) add(out, field, from);
	}
	return out;
}

function add(out: Fields, field: Field, from: number | readonly number[]): void {
	const { name, type } = field;
	if (type.kind === 'list') {
		const held = out[name];
		const items: unknown[] = Array.isArray(held) ? held : [];
		items.push(value(from, type.of));
		out[name] = items;
	} else if (type.kind === 'map') {
		const entry = messageOf(from);
		const held = out[name] as Fields | undefined;
		const map = held ?? {};
		define(map, textOf(entry.find((f) => f.number === 1)?.value ?? []), value(entry.find((f) => f.number === 2)?.value ?? [], type.of) ?? null);
		out[name] = map;
	} else {
		const read = value(from, type);
		if (!says(read, field)) return;
		out[name] = read;
	}
}

/** Go sends plain fields whether they are set or not; JSON leaves out what is zero. */
function says(read: unknown, field: Field): boolean {
	if (read === undefined) return false;
	if (field.pointer || field.required) return true;
	if (read === '' || read === 0 || read === false) return false;
	return typeof read !== 'object' || read === null || Object.keys(read).length > 0;
}

export interface Decoded {
	readonly value?: { readonly [key: string]: unknown };
	readonly error?: string;
}

function typeFor(apiVersion: string, kind: string): StructType | undefined {
	const parts = apiVersion.split('/');
	const [group, version] = parts.length === 1 ? ['', parts[0] ?? ''] : [parts[0] ?? '', parts[1] ?? ''];
	const found = kindType(group, version, kind);
	if (found !== undefined) return found;
	const meta = namedType(`meta/v1.${kind}`);
	return meta.kind === 'struct' ? meta : undefined;
}

/** Reads a body given in base64. */
export function decodeProtobuf(base64: string): Decoded {
	const bytes = base64Bytes(base64);
	if (bytes === undefined || MAGIC.some((b, i) => bytes[i] !== b))
		return { error: 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]' };
	try {
		const unknown = new Reader(bytes.slice(MAGIC.length)).message();
		const meta = messageOf(unknown.find((f) => f.number === 1)?.value ?? []);
		const apiVersion = textOf(meta.find((f) => f.number === 1)?.value ?? []);
		const kind = textOf(meta.find((f) => f.number === 2)?.value ?? []);
		const type = typeFor(apiVersion, kind);
		if (type === undefined)
			return {
				error: `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "k8s.io/kubernetes/pkg/api/legacyscheme/scheme.go:30"`,
			};
		return { value: { kind, apiVersion, ...struct(messageOf(unknown.find((f) => f.number === 2)?.value ?? []), type) } };
	} catch (e) {
		if (e instanceof Malformed || e instanceof SyntaxError) return { error: e.message };
		throw e;
	}
}
