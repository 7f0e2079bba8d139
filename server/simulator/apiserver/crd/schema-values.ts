/** What a structural schema does to a value when it is read: fields that it does not name go (pruning), defaults come. */
import { isRecord } from '../equal.ts';
import { define } from '../patch/merge.ts';
import { checkMetadata } from './common-metadata.ts';
import type { Props } from './definition.ts';

type Fields = { readonly [key: string]: unknown };

/** What every object has besides what its schema says. */
const OBJECT_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

const propertyOf = (schema: Props, key: string): Props | undefined =>
	schema.properties !== undefined && Object.hasOwn(schema.properties, key) ? schema.properties[key] : undefined;

const otherProperties = (schema: Props): Props | true | undefined => {
	const other = schema.additionalProperties;
	return other === true ? true : isRecord(other) ? (other as Props) : undefined;
};

/**
 * `value` without the fields that the schema does not name; `dropped` gets their paths, as `spec.items[0].x`.
 * @param whole an object with apiVersion, kind and metadata, which are kept.
 */
export function prune(value: unknown, schema: Props, whole: boolean, dropped: string[], path = ''): unknown {
	if (Array.isArray(value)) {
		const { items } = schema;
		if (items === undefined) return value;
		const out = value.map((item: unknown, i) => prune(item, items, items['x-kubernetes-embedded-resource'] === true, dropped, `${path}[${i}]`));
		return out.every((item, i) => item === value[i]) ? value : out;
	}
	if (!isRecord(value)) return value;
	const other = otherProperties(schema);
	const keepAll = schema['x-kubernetes-preserve-unknown-fields'] === true || other === true;
	let out: { [key: string]: unknown } | undefined;
	for (const key in value) {
		if (whole && OBJECT_FIELDS.has(key)) {
			const kept = key === 'metadata' && path !== '' ? innerMetadata(value[key], path, dropped) : value[key];
			if (kept === value[key]) continue;
			out ??= { ...value };
			define(out, key, kept);
			continue;
		}
		const child = propertyOf(schema, key) ?? (other === true ? undefined : other);
		const at = path === '' ? key : `${path}.${key}`;
		if (child === undefined) {
			if (keepAll) continue;
			out ??= { ...value };
			delete out[key];
			dropped.push(at);
			continue;
		}
		const next = prune(value[key], child, child['x-kubernetes-embedded-resource'] === true, dropped, at);
		if (next === value[key]) continue;
		out ??= { ...value };
		define(out, key, next);
	}
	return out ?? value;
}

/** Metadata of an object inside another: what ObjectMeta lacks goes. One that cannot be decoded is validation's to refuse. */
function innerMetadata(metadata: unknown, path: string, dropped: string[]): unknown {
	if (!isRecord(metadata)) return metadata;
	const checked = checkMetadata(metadata);
	if (checked.error !== undefined) return metadata;
	for (const text of checked.unknown) dropped.push(`${path}.${/^unknown field "(.*)"$/.exec(text)?.[1] ?? 'metadata'}`);
	return checked.value['metadata'];
}

/** `value` with defaults filled in; a null that the schema does not allow gives way to its default (`PruneNonNullableDefaults`). */
export function fillDefaults(value: unknown, schema: Props): unknown {
	if (Array.isArray(value)) {
		const { items } = schema;
		if (items === undefined) return value;
		const out = value.map((item: unknown) =>
			fillDefaults(item === null && items.nullable !== true && items.default !== undefined ? items.default : item, items),
		);
		return out.every((item, i) => item === value[i]) ? value : out;
	}
	if (!isRecord(value)) return value;
	return fillRecord(value, schema);
}

function fillRecord(value: Fields, schema: Props): Fields {
	let out: { [key: string]: unknown } | undefined;
	const set = (key: string, next: unknown): void => {
		out ??= { ...value };
		if (next === undefined) delete out[key];
		else define(out, key, next);
	};
	for (const key in schema.properties) {
		const child = propertyOf(schema, key);
		if (child === undefined) continue;
		const held = Object.hasOwn(value, key) ? value[key] : undefined;
		const from = held === undefined || (held === null && child.nullable !== true && child.default !== undefined) ? child.default : held;
		if (from === undefined) continue;
		const next = fillDefaults(from, child);
		if (next !== held) set(key, next);
	}
	const other = otherProperties(schema);
	if (other !== undefined && other !== true) {
		for (const key in value) {
			if (propertyOf(schema, key) !== undefined) continue;
			const from = value[key] === null && other.nullable !== true && other.default !== undefined ? other.default : value[key];
			const next = fillDefaults(from, other);
			if (next !== value[key]) set(key, next);
		}
	}
	return out ?? value;
}
