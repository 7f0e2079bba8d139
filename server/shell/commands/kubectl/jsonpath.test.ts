import { describe, expect, test } from 'vitest';
import { findAll, relaxed, renderJsonPath } from './jsonpath.ts';

const LIST = {
	items: [
		{ metadata: { name: 'a', labels: { 'app.io/x': '1' } }, n: 1, tags: ['p', 'q'] },
		{ metadata: { name: 'b', labels: {} }, n: 2, tags: [] },
	],
};

describe('client-go JSONPath', () => {
	test.each([
		['{.items[*].metadata.name}', 'a b'],
		['{range .items[*]}{.metadata.name}{"\\t"}{.n}{"\\n"}{end}', 'a\t1\nb\t2\n'],
		['{.items[?(@.n>1)].metadata.name}', 'b'],
		['{.items[?(@.metadata.name=="a")].n}', '1'],
		['{.items[-1].metadata.name}', 'b'],
		['{.items[0:1].metadata.name}', 'a'],
		['{.items[0].metadata.labels.app\\.io/x}', '1'],
		["{.items[0].metadata.labels['app.io/x']}", '1'],
		['{.items[0].tags}', '["p","q"]'],
		['{..name}', 'a b'],
		['name={.items[0].metadata.name}!', 'name=a!'],
		['{.nothing.here}', ''],
		["{.items[0]['metadata.name','n']}", '1'],
	])('%s', (template, expected) => {
		expect(renderJsonPath(template, LIST)).toBe(expected);
	});

	test('missing keys are an error where they are not allowed', () => {
		expect(() => renderJsonPath('{.nope}', LIST, false)).toThrow('nope is not found');
		expect(() => renderJsonPath('{range .items[*]}', LIST)).toThrow('unterminated range');
		expect(() => renderJsonPath('{.items', LIST)).toThrow('unclosed action');
	});

	test('relaxed expressions', () => {
		expect(relaxed('metadata.name')).toBe('{.metadata.name}');
		expect(findAll(relaxed('.items[1].n'), LIST)).toEqual([2]);
	});
});
