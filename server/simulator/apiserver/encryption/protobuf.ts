/**
 * Objects as etcd holds them: `k8s`, a zero byte and a runtime.Unknown around the object in protobuf; custom resources in JSON.
 * The other direction of http/protobuf.ts, by the same field numbers (`runtime/serializer/protobuf`).
 */
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { base64Bytes } from '../base64.ts';
import { isRecord } from '../equal.ts';
import { kindType, type Field, type StructType, type Type } from '../openapi/schema.ts';
import type { KubeObject } from '../types.ts';
import { parseTime } from '../../kernel/time.ts';

type Out = number[];

function varint(out: Out, n: number): void {
	let rest = n;
	// A negative number takes ten bytes, as two's complement in 64 bits.
	if (rest < 0) {
		for (let i = 0; i < 9; i++) {
			out.push((((rest % 128) + 128) % 128) | 128);
			rest = Math.floor(rest / 128);
		}
		out.push(1);
		return;
	}
	while (rest >= 128) {
		out.push((rest % 128) | 128);
		rest = Math.floor(rest / 128);
	}
	out.push(rest);
}

function bytesField(out: Out, number: number, bytes: ArrayLike<number>): void {
	varint(out, number * 8 + 2);
	varint(out, bytes.length);
	for (let i = 0; i < bytes.length; i++) out.push(bytes[i] ?? 0);
}

function numberField(out: Out, number: number, value: number): void {
	varint(out, number * 8);
	varint(out, value);
}

const textField = (out: Out, number: number, text: string): void => bytesField(out, number, utf8ToBytes(text));

function message(write: (out: Out) => void): Out {
	const out: Out = [];
	write(out);
	return out;
}

function time(value: unknown): Out {
	const ms = typeof value === 'string' ? parseTime(value) : undefined;
	return message((out) => {
		if (ms === undefined) return;
		numberField(out, 1, Math.floor(ms / 1000));
		numberField(out, 2, (ms % 1000) * 1_000_000);
	});
}

function intOrString(value: unknown): Out {
	return message((out) => {
		numberField(out, 1, typeof value === 'string' ? 1 : 0);
		numberField(out, 2, typeof value === 'number' ? value : 0);
		textField(out, 3, typeof value === 'string' ? value : '');
	});
}

function valueField(out: Out, number: number, value: unknown, type: Type): void {
	switch (type.kind) {
		case 'struct':
			bytesField(out, number, struct(value, type));
			return;
		case 'list':
			for (const item of Array.isArray(value) ? value : []) valueField(out, number, item, type.of);
			return;
		case 'map':
			for (const [key, item] of Object.entries(isRecord(value) ? value : {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
				bytesField(
					out,
					number,
					message((entry) => {
						textField(entry, 1, key);
						valueField(entry, 2, item, type.of);
					}),
				);
			}
			return;
		case 'bool':
			numberField(out, number, value === true ? 1 : 0);
			return;
		case 'int32':
		case 'int64':
			numberField(out, number, typeof value === 'number' ? value : 0);
			return;
		case 'bytes':
			bytesField(out, number, base64Bytes(String(value)) ?? []);
			return;
		case 'Time':
		case 'MicroTime':
			bytesField(out, number, time(value));
			return;
		case 'Quantity':
			bytesField(
				out,
				number,
				message((m) => textField(m, 1, String(value))),
			);
			return;
		case 'IntOrString':
			bytesField(out, number, intOrString(value));
			return;
		case 'Any':
			bytesField(
				out,
				number,
				message((m) => textField(m, 1, JSON.stringify(value))),
			);
			return;
		default:
			textField(out, number, String(value));
	}
}

function struct(value: unknown, type: StructType): Out {
	const from = isRecord(value) ? value : {};
	const inner = new Set(type.embedded.flatMap((e) => (e.number > 0 ? [...e.type.fields.keys()] : [])));
	const own: Field[] = [...type.fields.values()].filter((f) => f.number > 0 && !inner.has(f.name));
	return message((out) => {
		for (const { number, type: part } of type.embedded) if (number > 0) bytesField(out, number, struct(from, part));
		for (const field of own.sort((a, b) => a.number - b.number)) {
			const held = from[field.name];
			if (held !== undefined && held !== null) valueField(out, field.number, held, field.type);
		}
	});
}

/** The bytes of an object in the store, before any encryption. resourceVersion is not among them: it is etcd's own. */
export function storedBytes(object: KubeObject): readonly number[] {
	const { apiVersion, kind, metadata: whole, ...content } = object;
	const { resourceVersion: _own, ...metadata } = whole;
	const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
	const type = kindType(group ?? '', version ?? '', kind);
	if (type === undefined) return [...utf8ToBytes(`${JSON.stringify({ ...object, metadata })}\n`)];
	const unknown = message((out) => {
		bytesField(
			out,
			1,
			message((meta) => {
				textField(meta, 1, apiVersion);
				textField(meta, 2, kind);
			}),
		);
		bytesField(out, 2, struct({ ...content, metadata }, type));
		textField(out, 3, '');
		textField(out, 4, '');
	});
	return [0x6b, 0x38, 0x73, 0x00, ...unknown];
}
