import { describe, expect, it } from 'vitest';
import { ApiError } from '../types.ts';
import { jsonPatch, jsonPatchOrFault } from './json.ts';

describe('JSON patches', () => {
	it('change a copy', () => {
		const target = { a: { b: 1 } };
		expect(jsonPatch(target, [{ op: 'replace', path: '/a/b', value: 2 }])).toEqual({ a: { b: 2 } });
		expect(target).toEqual({ a: { b: 1 } });
	});

	it.each([
		['a path without its slash', { op: 'test', path: 'a', value: 1 }],
		['a path that is a number', { op: 'remove', path: 5 }],
		['no path', { op: 'remove' }],
		['a move from nowhere', { op: 'move', path: '/b' }],
		['a copy of no path', { op: 'copy', from: 'a', path: '/b' }],
		['a way through the prototype', { op: 'add', path: '/__proto__/x', value: 1 }],
		['a missing member', { op: 'remove', path: '/nothing' }],
		['an unknown operation', { op: 'spin', path: '/a' }],
	])('with %s are rejected', (_name, operation) => {
		let code: number | undefined;
		try {
			jsonPatch({ a: 1 }, [operation]);
		} catch (e) {
			code = e instanceof ApiError ? e.status.code : 500;
		}
		expect(code).toBe(422);
		expect(jsonPatchOrFault({ a: 1 }, [operation])).toHaveProperty('fault');
	});
});
