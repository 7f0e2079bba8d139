/** The core language against an independent implementation of it: whatever both can evaluate comes to the same. */
import { Environment as Other } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile, type Environment, run } from './environment.ts';
import { fromJson, toJson } from './json.ts';
import { INT, listOf } from './types.ts';
import { Fault } from './values.ts';

const VARIABLES = { a: 3, b: -7, items: [4, 0, 9] };
const environment: Environment = { variables: { a: INT, b: INT, items: listOf(INT) } };
const other = new Other().registerVariable('a', 'int').registerVariable('b', 'int').registerVariable('items', 'list<int>');

const { ints, bools, texts } = fc.letrec<{ ints: string; bools: string; texts: string; lists: string }>((tie) => ({
	ints: fc.oneof(
		{ maxDepth: 4 },
		fc.integer({ min: 0, max: 99 }).map(String),
		fc.constantFrom('a', 'b'),
		fc.tuple(tie('ints'), fc.constantFrom('+', '-', '*', '/', '%'), tie('ints')).map(([l, op, r]) => `(${l} ${op} ${r})`),
		fc.tuple(tie('bools'), tie('ints'), tie('ints')).map(([c, y, n]) => `(${c} ? ${y} : ${n})`),
		tie('lists').map((l) => `size(${l})`),
		tie('texts').map((t) => `size(${t})`),
	),
	bools: fc.oneof(
		{ maxDepth: 4 },
		fc.constantFrom('true', 'false'),
		fc.tuple(tie('ints'), fc.constantFrom('<', '<=', '>', '>=', '==', '!='), tie('ints')).map(([l, op, r]) => `(${l} ${op} ${r})`),
		fc.tuple(tie('bools'), fc.constantFrom('&&', '||'), tie('bools')).map(([l, op, r]) => `(${l} ${op} ${r})`),
		tie('bools').map((b) => `!${b}`),
		fc.tuple(tie('lists'), fc.constantFrom('all', 'exists', 'exists_one'), tie('ints')).map(([l, m, n]) => `${l}.${m}(i, i > ${n})`),
		fc.tuple(tie('ints'), tie('lists')).map(([n, l]) => `(${n} in ${l})`),
		fc.tuple(tie('texts'), fc.constantFrom('startsWith', 'endsWith', 'contains'), tie('texts')).map(([l, m, r]) => `${l}.${m}(${r})`),
	),
	texts: fc.oneof(
		{ maxDepth: 3 },
		fc.constantFrom('""', '"a"', '"ab"', "'é'", 'r"\\d"'),
		fc.tuple(tie('texts'), tie('texts')).map(([l, r]) => `(${l} + ${r})`),
		tie('ints').map((n) => `string(${n})`),
	),
	lists: fc.oneof(
		{ maxDepth: 3 },
		fc.constant('items'),
		fc.array(tie('ints'), { minLength: 1, maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
		fc.tuple(tie('lists'), tie('ints')).map(([l, n]) => `${l}.map(i, i + ${n})`),
		fc.tuple(tie('lists'), tie('ints')).map(([l, n]) => `${l}.filter(i, i < ${n})`),
	),
}));

/** Values as JSON; what either calls an error is one and the same. */
const FAILED = { failed: true };

function theirs(source: string): unknown {
	try {
		const value: unknown = other.evaluate(source, { a: 3n, b: -7n, items: [4n, 0n, 9n] });
		return typeof value === 'bigint' ? Number(value) : value;
	} catch {
		// Its words are its own: that it fails is what is compared.
		return FAILED;
	}
}

function ours(source: string): unknown {
	const compiled = compile(source, environment);
	if ('error' in compiled) return FAILED;
	const value = run(compiled, { variable: (name) => fromJson(VARIABLES[name as keyof typeof VARIABLES]) });
	return value instanceof Fault ? FAILED : toJson(value);
}

describe('the core language', () => {
	it('comes to what cel-js comes to', () => {
		fc.assert(
			fc.property(fc.oneof(ints, bools, texts), (source) => {
				expect({ source, value: ours(source) }).toEqual({ source, value: theirs(source) });
			}),
			{ numRuns: 400, seed: 11 },
		);
	});
});
