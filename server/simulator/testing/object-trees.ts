/** fast-check generators of object trees: what a kind's type allows, now and then what it does not. */
import fc from 'fast-check';
import type { StructType, Type } from '../apiserver/openapi/schema.ts';

const NAMES = ['a', 'b', 'web', 'x-1', '', 'A_b', 'é', '__proto__', 'constructor', 'a'.repeat(64), 'kubernetes.io/x', '*', '$(A)', '../..', ' '];
const WORDS = [
	'Always',
	'Never',
	'None',
	'TCP',
	'ClusterIP',
	'RollingUpdate',
	'Recreate',
	'In',
	'Exists',
	'ReadWriteOnce',
	'Foreground',
	'Indexed',
	'v1',
	'10.96.0.7',
	'::1',
	'100m',
	'1Gi',
	'50%',
	'@hourly',
];
const text = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...NAMES) }, { weight: 3, arbitrary: fc.constantFrom(...WORDS) }, fc.string({ maxLength: 6 }));
const integer = fc.constantFrom(0, 1, 2, 3, 80, 443, 30_000, -1, 65_536, 2_147_483_647);
const time = fc.constantFrom('2026-01-02T03:04:05Z', '2026-13-02T03:04:05Z', '', '2026-01-02T03:04:05.000006Z');
const quantity = fc.constantFrom('1', '100m', '1Gi', '0.5', '1e3', '-1', '12E', 'x', '', '999999999999999999999');
const anything = fc.oneof(
	fc.constantFrom(null, true, 5, -0, 1.5, 'text'),
	fc.constant([]),
	fc.constant({}),
	fc.json().map((j) => JSON.parse(j) as unknown),
);

function scalar(kind: Type['kind']): fc.Arbitrary<unknown> {
	switch (kind) {
		case 'bool':
			return fc.boolean();
		case 'int32':
		case 'int64':
			return integer;
		case 'float64':
			return fc.constantFrom(0, 1.5, -3);
		case 'bytes':
			return fc.constantFrom('', 'aGk=', 'not base64!');
		case 'Time':
		case 'MicroTime':
			return time;
		case 'Duration':
			return fc.constantFrom('30s', '1h', 'soon');
		case 'Quantity':
			return quantity;
		case 'IntOrString':
			return fc.oneof(integer, text);
		case 'Any':
			return anything;
		default:
			return text;
	}
}

/** Values of a type, `depth` levels of structs down; one in thirty is of any other kind. */
export function valuesOf(type: Type, depth: number): fc.Arbitrary<unknown> {
	const right =
		type.kind === 'struct'
			? treeOf(type, depth - 1)
			: type.kind === 'list'
				? fc.array(valuesOf(type.of, depth), { maxLength: 2 })
				: type.kind === 'map'
					? fc.dictionary(fc.constantFrom(...NAMES), valuesOf(type.of, depth), { maxKeys: 2 })
					: scalar(type.kind);
	return fc.oneof({ weight: 30, arbitrary: right }, { weight: 1, arbitrary: anything });
}

/** Objects of a struct with a few of its fields. */
export function treeOf(type: StructType, depth: number): fc.Arbitrary<{ readonly [field: string]: unknown }> {
	const names = [...type.fields.keys()];
	if (depth <= 0 || names.length === 0) return fc.constant({});
	return fc.uniqueArray(fc.constantFrom(...names), { maxLength: 3 }).chain((chosen) => {
		const fields: { [field: string]: fc.Arbitrary<unknown> } = {};
		for (const name of chosen) {
			const field = type.fields.get(name);
			if (field !== undefined) fields[name] = valuesOf(field.type, depth);
		}
		return fc.record(fields);
	});
}
