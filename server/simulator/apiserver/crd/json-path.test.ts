import { expect, it } from 'vitest';
import { find, parsePath } from './json-path.ts';

const object = {
	spec: {
		scopes: ['a:b', 'c'],
		parts: [
			{ name: 'x', size: 3, on: true },
			{ name: 'y', size: 12 },
		],
		'dotted.key': 1,
	},
};

it.each([
	['.spec.scopes[?(@ == "a:b")]', ['a:b']],
	['.spec.scopes[?(@!="a:b")]', ['c']],
	['.spec.parts[?(@.name=="y")].size', [12]],
	["..spec.parts[?(@.name=='y')].size", undefined],
	['.spec.parts[?(@.on)].name', ['x']],
	['.spec.parts[?(@.size > 4)].name', ['y']],
	['.spec.parts[?(@.size<=3)].name', ['x']],
	['.spec.parts[*].name', ['x', 'y']],
	['.spec.parts[-1].name', ['y']],
	['.spec.dotted\\.key', [1]],
	['.spec.parts[?(@.name=="y"]', undefined],
])('%s leads to %j', (path, values) => {
	const parsed = parsePath(path);
	expect(parsed === undefined ? undefined : find(object, parsed)).toEqual(values);
});
