import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesPattern } from './pattern.ts';

test('any text is a pattern, and one without special characters matches itself alone', () => {
	const any = fc.string({ unit: fc.constantFrom(...'[]!^-azAZ019:\\*?.=,{}()|$/&~#@^é😀 '), maxLength: 12 });
	fc.assert(fc.property(any, any, (pattern, text) => typeof matchesPattern(text, pattern) === 'boolean'));
	const plain = fc.string({ unit: fc.constantFrom(...'-azA01:.=,{}()|$/&~#@^é😀 '), maxLength: 12 });
	fc.assert(fc.property(plain, plain, (pattern, text) => matchesPattern(text, pattern) === (text === pattern)));
	expect(matchesPattern('m', '[z-a]')).toBe(false);
});
