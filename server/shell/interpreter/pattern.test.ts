import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches } from './pattern.ts';

test.each([
	['a-b', 'a-b', true],
	['*-*', 'three-tiers', true],
	['*-*', 'plain', false],
	['custom-columns=N:.spec.containers[0].image', 'custom-columns=N:.spec.containers0.image', true],
	['[a-c]x', 'bx', true],
	['[a-c]x', '-x', false],
	['[-a]', '-', true],
	['[a-]', '-', true],
	['[!-]', '-', false],
	['[]-a]', '-', false],
	['[]-a]', '_', true],
	['[z-a]', 'm', false],
	['[[:digit:]-]', '-', true],
	['[[:alpha:]]', 'é', true],
	['[é-ü]', 'ö', true],
	['\\*', '*', true],
	['[^a]', 'b', true],
	['[a', '[a', true],
])('%s matches %s: %s', (pattern, text, expected) => {
	expect(matches(text, pattern, false)).toBe(expected);
});

test('any text is a pattern, and one without special characters matches itself alone', () => {
	const any = fc.string({ unit: fc.constantFrom(...'[]!^-azAZ019:\\*?.=,{}()|$/&~#@^é😀 '), maxLength: 12 });
	fc.assert(fc.property(any, any, (pattern, text) => typeof matches(text, pattern, true) === 'boolean'));
	const plain = fc.string({ unit: fc.constantFrom(...'-azA01:.=,{}()|$/&~#@^é😀 '), maxLength: 12 });
	fc.assert(fc.property(plain, plain, (pattern, text) => matches(text, pattern, false) === (text === pattern)));
});

test.each([
	['@(a|b)', 'a', true],
	['@(a|b)', 'ab', false],
	['+(a|b)', 'abba', true],
	['*(x)', '', true],
	['a?(b)c', 'ac', true],
	['!(a*)', 'b', true],
	['!(a*)', 'ab', false],
	['!(*.log).txt', 'x.txt', true],
	['!(a).txt', 'a.txt', false],
	['@(a|+(b|c))', 'bcb', true],
	['@(a', '@(a', true],
])('extended, %s matches %s: %s', (pattern, text, expected) => {
	expect(matches(text, pattern, true)).toBe(expected);
});
