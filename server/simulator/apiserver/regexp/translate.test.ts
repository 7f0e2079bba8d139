import { describe, expect, it } from 'vitest';
import { goRegexp } from './translate.ts';

const matches = (pattern: string, text: string): boolean | string => {
	const found = goRegexp(pattern);
	return found instanceof RegExp ? found.test(text) : found.message;
};

describe("Go's regular expressions", () => {
	it.each([
		['^(?i)(abort|warn)?$', 'WARN', true],
		['^(?i)(abort|warn)?$', 'warning', false],
		['((?i)may)-may', 'MAY-may', true],
		['((?i)may)-may', 'may-MAY', false],
		['a(?i:b)c', 'aBc', true],
		['a(?i:b)c', 'aBC', false],
		['(?i)[a-c]x(?-i)y', 'BXy', true],
		['(?i)[a-c]x(?-i)y', 'BXY', false],
		['^.$', '😀', true],
		['^..$', '😀', false],
		['^[^x]{2}$', '😀a', true],
		['^[😀-😂]$', '😁', true],
		['a.b', 'a\nb', false],
		['(?s)a.b', 'a\nb', true],
		['^b$', 'a\nb', false],
		['(?m)^b$', 'a\nb\nc', true],
		['a$', 'a\n', false],
		['\\Aab\\z', 'ab', true],
		['^\\Qa.b\\E+$', 'a.bb', true],
		['^[[:alpha:]_][^[:space:]]*$', '_x-1', true],
		['^\\pL\\p{Greek}$', 'äλ', true],
		['^[\\S]$', ' ', false],
		['^\\S\\D\\W$', 'ab-', true],
		['^\\x41\\x{42}\\103$', 'ABC', true],
		['^a{,2}$', 'a{,2}', true],
		['^[]a]+$', ']a', true],
		['^[a-]+$', 'a-', true],
		['^*a', 'a', true],
		['(?P<name>a)(?<other>b)', 'ab', true],
		['^\\ *\\-$', '  -', true],
		['^\\s$', '\u00a0', false],
	])('%s on %j is %s', (pattern, text, expected) => {
		expect(matches(pattern, text)).toBe(expected);
	});

	it.each([
		['a**', 'invalid nested repetition operator: `**`'],
		['a{2}{3}', 'invalid nested repetition operator: `{2}{3}`'],
		['*a', 'missing argument to repetition operator: `*`'],
		['a|+', 'missing argument to repetition operator: `+`'],
		['(ab', 'missing closing ): `(ab`'],
		['ab)', 'unexpected ): `ab)`'],
		['x[ab', 'missing closing ]: `[ab`'],
		['[z-a]', 'invalid character class range: `z-a`'],
		['[[:letter:]]', 'invalid character class range: `[:letter:]`'],
		['\\p{Klingon}', 'invalid character class range: `\\p{Klingon}`'],
		['a{1001}', 'invalid repeat count: `{1001}`'],
		['(a{100}){100}', 'invalid repeat count: `{100}`'],
		['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
		['(?P<n-a>b)', 'invalid named capture: `(?P<n-a>`'],
		['(a)\\1', 'invalid escape sequence: `\\1`'],
		['\\Z', 'invalid escape sequence: `\\Z`'],
		['\\C', 'invalid escape sequence: `\\C`'],
		['a\\', 'trailing backslash at end of expression: ``'],
	])('%s: %s', (pattern, message) => {
		expect(matches(pattern, '')).toBe(`error parsing regexp: ${message}`);
	});
});
