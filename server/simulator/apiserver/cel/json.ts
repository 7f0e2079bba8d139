/** Values out of JSON that no schema speaks of: what policies see (`common.NativeToValue` over unstructured content). */
import { wideInt } from '../../kernel/int64.ts';
import { isRecord } from '../equal.ts';
import { isList, isMap, RecordMap, Uint, type Value } from './values.ts';

/** Whole numbers are ints, the rest doubles; maps are read as they are asked. */
export function fromJson(value: unknown): Value {
	if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
	if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
	if (Array.isArray(value)) return value.map(fromJson);
	return isRecord(value) ? new RecordMap(value, fromJson) : null;
}

/** The way back; undefined for what JSON has no place for. */
export function toJson(value: Value): unknown {
	if (value === null || typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number') return value;
	if (typeof value === 'bigint') return wideInt(String(value)) ?? Number(value);
	if (value instanceof Uint) return wideInt(String(value.value)) ?? Number(value.value);
	if (isList(value)) return value.map(toJson);
	if (!isMap(value)) return undefined;
	const out: { [key: string]: unknown } = {};
	for (const key of value.keys()) {
		Object.defineProperty(out, String(key), { value: toJson(value.get(key) ?? null), enumerable: true, configurable: true, writable: true });
	}
	return out;
}
