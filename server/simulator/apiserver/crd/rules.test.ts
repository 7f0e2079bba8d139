import { describe, expect, it } from 'vitest';
import { LIMITS } from '../cel/limits.ts';
import type { FieldError } from '../types.ts';
import type { Props } from './definition.ts';
import { ruleFindings } from './rule-validation.ts';
import { schemaErrors } from './schema-validation.ts';
import { structuralErrors } from './structural.ts';

const rules = (...all: readonly object[]): Props => ({ 'x-kubernetes-validations': all });
const spec = (properties: { readonly [name: string]: Props }, ...all: readonly object[]): Props => ({
	type: 'object',
	properties: { spec: { type: 'object', properties, ...rules(...all) } },
});
const said = (errors: readonly FieldError[]): readonly string[] => errors.map((e) => `${e.field}: ${e.message}`);
const found = (schema: Props, object: object, old?: object): readonly string[] => said(ruleFindings(schema, object, old).errors);
const refused = (schema: Props): readonly string[] => said(structuralErrors(schema, 'schema'));

const replicas = { replicas: { type: 'integer' }, max: { type: 'integer' } };

describe('rules of a schema', () => {
	it('hold where they stand, with their message or the rule itself', () => {
		const schema = spec(replicas, { rule: 'self.replicas <= self.max', message: 'too many replicas' }, { rule: 'self.replicas > 0' });
		expect(found(schema, { spec: { replicas: 2, max: 3 } })).toEqual([]);
		expect(found(schema, { spec: { replicas: 4, max: 3 } })).toEqual(['spec: Invalid value: too many replicas']);
		expect(found(schema, { spec: { replicas: 0, max: 3 } })).toEqual(['spec: Invalid value: failed rule: self.replicas > 0']);
	});

	it('show the value where it is a scalar, at the path of its list or map', () => {
		const item: Props = { type: 'integer', ...rules({ rule: 'self < 10' }) };
		const schema = spec({ list: { type: 'array', items: item }, map: { type: 'object', additionalProperties: item } });
		expect(found(schema, { spec: { list: [1, 12], map: { a: 11 } } })).toEqual([
			'spec.list[1]: Invalid value: 12: failed rule: self < 10',
			'spec.map[a]: Invalid value: 11: failed rule: self < 10',
		]);
	});

	it('make messages, give reasons and name fields', () => {
		const schema = spec(replicas, {
			rule: 'self.replicas <= self.max',
			messageExpression: "'replicas %d > max %d'.format([self.replicas, self.max])",
			reason: 'FieldValueForbidden',
			fieldPath: '.replicas',
		});
		expect(found(schema, { spec: { replicas: 4, max: 3 } })).toEqual(['spec.replicas: Forbidden: replicas 4 > max 3']);
	});

	it('fall back on the message where the expression gives none', () => {
		const schema = spec(replicas, { rule: 'false', message: 'no', messageExpression: "'' + ''" });
		expect(found(schema, { spec: {} })).toEqual(['spec: Invalid value: no']);
	});

	it('say what a rule ended in', () => {
		const schema = spec({ ...replicas, port: { 'x-kubernetes-int-or-string': true } }, { rule: 'self.replicas > 0' }, { rule: 'self.port > 5' });
		expect(found(schema, { spec: { port: 'http' } })).toEqual([
			'spec: Invalid value: "object": no such key: replicas evaluating rule: self.replicas > 0',
			'spec: Invalid value: "object": \'no such overload\': call arguments did not match a supported operator, function or macro signature for rule: self.port > 5',
		]);
	});

	it('end where they cost too much', () => {
		const schema = spec(
			{ list: { type: 'array', items: { type: 'integer' } } },
			{ rule: 'self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))' },
		);
		expect(found(schema, { spec: { list: Array.from({ length: 200 }, (_, i) => i) } })).toEqual([
			'spec: Invalid value: "object": \'operation cancelled: actual cost limit exceeded\': no further validation rules will be run due to call cost exceeds limit for rule: self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))',
		]);
	});

	it('reach fields with names that need escaping, metadata.name and typed formats', () => {
		const schema: Props = {
			type: 'object',
			properties: {
				spec: {
					type: 'object',
					properties: {
						'max-size': { type: 'integer' },
						namespace: { type: 'string' },
						until: { type: 'string', format: 'date-time' },
						wait: { type: 'string', format: 'duration' },
						key: { type: 'string', format: 'byte' },
					},
				},
			},
			...rules(
				{ rule: 'self.spec.max__dash__size == 3' },
				{ rule: "self.spec.__namespace__ == 'x'" },
				{ rule: "self.spec.until > timestamp('2026-01-01T00:00:00Z')" },
				{ rule: "self.spec.wait < duration('2h')" },
				{ rule: 'size(self.spec.key) == 3' },
				{ rule: "self.metadata.name.startsWith('a')" },
			),
		};
		expect(refused(schema)).toEqual([]);
		const object = { metadata: { name: 'a1' }, spec: { 'max-size': 3, namespace: 'x', until: '2026-05-05T00:00:00Z', wait: '1h30m', key: 'YWJj' } };
		expect(found(schema, object)).toEqual([]);
		expect(found(schema, { ...object, metadata: { name: 'b' } })).toEqual(["<nil>: Invalid value: failed rule: self.metadata.name.startsWith('a')"]);
	});
});

describe('rules about changes', () => {
	const immutable = spec({ tier: { type: 'string', ...rules({ rule: 'self == oldSelf', message: 'tier is immutable' }) } });

	it('speak of updates alone', () => {
		expect(found(immutable, { spec: { tier: 'a' } })).toEqual([]);
		expect(found(immutable, { spec: { tier: 'b' } }, { spec: { tier: 'a' } })).toEqual(['spec.tier: Invalid value: "b": tier is immutable']);
		expect(found(immutable, { spec: { tier: 'b' } }, { spec: {} })).toEqual([]);
	});

	it('find their counterpart by the keys of a map-like list', () => {
		const items: Props = {
			type: 'object',
			required: ['name'],
			properties: { name: { type: 'string' }, size: { type: 'integer' } },
			...rules({ rule: 'self.size >= oldSelf.size', message: 'no shrinking' }),
		};
		const schema = spec({ disks: { type: 'array', maxItems: 10, items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } });
		expect(refused(schema)).toEqual([]);
		const old = {
			spec: {
				disks: [
					{ name: 'a', size: 5 },
					{ name: 'b', size: 1 },
				],
			},
		};
		expect(
			found(
				schema,
				{
					spec: {
						disks: [
							{ name: 'b', size: 2 },
							{ name: 'a', size: 4 },
						],
					},
				},
				old,
			),
		).toEqual(['spec.disks[1]: Invalid value: no shrinking']);
	});

	it('take no notice of the order of sets and of map-like lists', () => {
		const items: Props = { type: 'object', required: ['name'], properties: { name: { type: 'string' }, size: { type: 'integer' } } };
		const schema = spec(
			{
				set: { type: 'array', maxItems: 9, items: { type: 'string', maxLength: 9 }, 'x-kubernetes-list-type': 'set' },
				map: { type: 'array', maxItems: 9, items, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
				list: { type: 'array', maxItems: 9, items: { type: 'string', maxLength: 9 } },
			},
			{ rule: 'self.set == oldSelf.set', message: 'set' },
			{ rule: 'self.map == oldSelf.map', message: 'map' },
			{ rule: 'self.list == oldSelf.list', message: 'list' },
			{ rule: 'size(self.set + oldSelf.set) == 2 && (self.map + oldSelf.map).exists(m, m.size == 2)', message: 'union' },
		);
		expect(refused(schema)).toEqual([]);
		const old = {
			spec: {
				set: ['a', 'b'],
				map: [
					{ name: 'a', size: 1 },
					{ name: 'b', size: 2 },
				],
				list: ['a', 'b'],
			},
		};
		const turned = {
			spec: {
				set: ['b', 'a'],
				map: [
					{ name: 'b', size: 2 },
					{ name: 'a', size: 1 },
				],
				list: ['b', 'a'],
			},
		};
		expect(found(schema, turned, old)).toEqual(['spec: Invalid value: list']);
		expect(
			found(
				schema,
				{
					spec: {
						...old.spec,
						map: [
							{ name: 'a', size: 1 },
							{ name: 'b', size: 3 },
						],
					},
				},
				old,
			),
		).toEqual(['spec: Invalid value: map']);
	});

	it('may do without the old value where they say so', () => {
		const schema = spec({ n: { type: 'integer', ...rules({ rule: 'oldSelf.hasValue() || self == 1', optionalOldSelf: true, message: 'starts at 1' }) } });
		expect(refused(schema)).toEqual([]);
		expect(found(schema, { spec: { n: 2 } })).toEqual(['spec.n: Invalid value: 2: starts at 1']);
		expect(found(schema, { spec: { n: 2 } }, { spec: { n: 1 } })).toEqual([]);
	});

	it('let what was wrong before stay, with a warning', () => {
		const schema = spec({ n: { type: 'integer', ...rules({ rule: 'self < 5' }) }, other: { type: 'string' } });
		const now = ruleFindings(schema, { spec: { n: 9, other: 'b' } }, { spec: { n: 9, other: 'a' } });
		expect(now.errors).toEqual([]);
		expect(now.warnings).toEqual(['spec.n: Invalid value: 9: failed rule: self < 5']);
		expect(found(schema, { spec: { n: 8 } }, { spec: { n: 9 } })).toEqual(['spec.n: Invalid value: 8: failed rule: self < 5']);
	});
});

describe('a schema that became stricter', () => {
	it('lets be what an update leaves as it was', () => {
		const item: Props = { type: 'object', required: ['name'], properties: { name: { type: 'string' }, size: { type: 'integer', maximum: 5 } } };
		const schema = spec({
			n: { type: 'integer', maximum: 5 },
			parts: { type: 'array', items: item, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
		});
		const old = { spec: { n: 9, parts: [{ name: 'a', size: 9 }] } };
		expect(
			said(
				schemaErrors(
					{
						spec: {
							n: 9,
							parts: [
								{ name: 'b', size: 1 },
								{ name: 'a', size: 9 },
							],
						},
					},
					schema,
					'',
					old,
				),
			),
		).toEqual([]);
		expect(said(schemaErrors({ spec: { n: 8, parts: [{ name: 'a', size: 8 }] } }, schema, '', old))).toEqual([
			'spec.n: Invalid value: 8: spec.n in body should be less than or equal to 5',
			'spec.parts[0].size: Invalid value: 8: spec.parts[0].size in body should be less than or equal to 5',
		]);
	});
});

describe('keywords of merging', () => {
	const list = (more: object): Props => ({ type: 'object', properties: { l: { type: 'array', items: { type: 'string' }, ...more } } });
	const at = 'schema.properties[l]';
	it.each<readonly [string, Props, readonly string[]]>([
		[
			'a set of objects that merge',
			list({ items: { type: 'object' }, 'x-kubernetes-list-type': 'set' }),
			[`${at}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`],
		],
		[
			'an unknown kind of list',
			list({ 'x-kubernetes-list-type': 'odd' }),
			[`${at}.x-kubernetes-list-type: Unsupported value: "odd": supported values: "atomic", "set", "map"`],
		],
		[
			'keys of a list that is no map',
			list({ 'x-kubernetes-list-map-keys': ['a'] }),
			[`${at}.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty`],
		],
		[
			'a map of texts',
			list({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] }),
			[`${at}.items.type: Invalid value: "string": must be object if parent array's x-kubernetes-list-type is map`],
		],
		[
			'keys that are not there, come twice, or may be missing',
			list({
				'x-kubernetes-list-type': 'map',
				'x-kubernetes-list-map-keys': ['a', 'a', 'b'],
				items: { type: 'object', properties: { a: { type: 'string' } } },
			}),
			[
				`${at}.items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
				`${at}.x-kubernetes-list-map-keys: Invalid value: ["a","a","b"]: must not contain duplicate entries`,
				`${at}.items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
				`${at}.x-kubernetes-list-map-keys: Invalid value: ["a","a","b"]: entries must all be names of item properties`,
			],
		],
		[
			'a map type of a list',
			list({ 'x-kubernetes-map-type': 'atomic' }),
			[`${at}.type: Invalid value: "array": must be object if x-kubernetes-map-type is specified`],
		],
	])('are refused: %s', (_what, schema, errors) => {
		expect(refused(schema)).toEqual(errors);
	});
});

describe('definitions with rules', () => {
	it.each<readonly [string, Props, readonly string[]]>([
		[
			'a name that is not there',
			spec(replicas, { rule: 'self.replica > 1' }),
			[
				'schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.replica > 1","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: ' +
					"compilation failed: ERROR: <input>:1:5: undefined field 'replica'\n | self.replica > 1\n | ....^",
			],
		],
		[
			'a result that is no boolean',
			spec(replicas, { rule: 'self.replicas' }),
			[
				'schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.replicas","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: cel expression must evaluate to a bool',
			],
		],
		['an empty rule', spec(replicas, { rule: ' ' }), ['schema.properties[spec].x-kubernetes-validations[0].rule: Required value: rule is not specified']],
		[
			'an unknown reason and a path to nowhere',
			spec(replicas, { rule: 'true', reason: 'Because', fieldPath: '.nope' }),
			[
				'schema.properties[spec].x-kubernetes-validations[0].reason: Unsupported value: "Because": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
				'schema.properties[spec].x-kubernetes-validations[0].fieldPath: Invalid value: ".nope": must be a valid path',
			],
		],
		[
			'the old value of items that have none',
			spec({ list: { type: 'array', maxItems: 3, items: { type: 'integer', ...rules({ rule: 'self == oldSelf' }) } } }),
			[
				'schema.properties[spec].properties[list].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within schema.properties[spec].properties[list]',
			],
		],
		[
			'an optional old value that nothing asks for',
			spec(replicas, { rule: 'true', optionalOldSelf: true }),
			['schema.properties[spec].x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule'],
		],
	])('are refused for %s', (_what, schema, errors) => {
		expect(refused(schema)).toEqual(errors);
	});

	it('are refused where a rule could cost too much', () => {
		const list: Props = { type: 'array', items: { type: 'string' } };
		const [first = ''] = refused(spec({ list }, { rule: 'self.list.all(a, self.list.all(b, a.contains(b)))' }));
		expect(first).toBe(
			'schema.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)',
		);
		const bounded: Props = { type: 'array', maxItems: 10, items: { type: 'string', maxLength: 20 } };
		expect(refused(spec({ list: bounded }, { rule: 'self.list.all(a, self.list.all(b, a.contains(b)))' }))).toEqual([]);
	});

	it('cost nothing for the length of keys, one for a key in a map, and what the root holds for items of a call', () => {
		const labels: Props = { type: 'object', maxProperties: 8, additionalProperties: { type: 'string', maxLength: 4096 } };
		const cheap: readonly (readonly [Props, string])[] = [
			[labels, "self.all(key, key.split('/')[0].size() < 253)"],
			[labels, 'self.all(key, key.matches(r"""^(?i)\\.?[a-z_][a-z_0-9]*$"""))'],
			[{ type: 'object', additionalProperties: { type: 'string' } }, "'a' in self && !('b' in self)"],
			[{ type: 'string', maxLength: 100 }, "self.split(',').all(part, part.matches('^[a-z]+$'))"],
			[{ type: 'string', maxLength: 100 }, "cel.bind(parts, self.split(','), parts.all(part, part != ''))"],
		];
		for (const [schema, rule] of cheap) expect(refused(spec({ it: { ...schema, 'x-kubernetes-validations': [{ rule }] } }))).toEqual([]);
	});

	it('are refused where their rules could cost too much together', () => {
		const list: Props = { type: 'array', maxItems: 100, items: { type: 'string', maxLength: 75 } };
		const rule = { rule: 'self.list.all(a, self.list.all(b, a.contains(b)))' };
		expect(refused(spec({ list }, rule))).toEqual([]);
		const errors = refused(spec({ list }, ...Array.from({ length: 12 + LIMITS.staticSchema / LIMITS.staticRule }, () => rule)));
		expect(errors.at(0)).toContain('contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema');
		expect(errors.at(-1)).toMatch(
			/^schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of [0-9.]+x/,
		);
	});
});
