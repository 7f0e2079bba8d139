import { describe, expect, it } from 'vitest';
import { fieldFilter, labelFilter } from './selectors.ts';
import { testStrategies } from './testing.ts';
import type { KubeObject, Strategy } from './types.ts';

const labels = { app: 'web', tier: 'front', n: '5', empty: '' };

describe('label selectors', () => {
	it.each([
		['', true],
		['app=web', true],
		['app==web', true],
		['app = web , tier=front', true],
		['app!=web', false],
		['other!=x', true],
		['app in (web, api)', true],
		['app in (api)', false],
		['app notin (api)', true],
		['missing notin (api)', true],
		['app', true],
		['!app', false],
		['!missing', true],
		['n>4', true],
		['n<5', false],
		['empty=', true],
		['empty in (,x)', true],
		['app=web,!missing,n>1', true],
		['in in (in)', false],
	])('%s → %s', (text, matches) => {
		expect(labelFilter(text)(labels)).toBe(matches);
	});

	it.each([
		['app in web', "unable to parse requirement: found 'web', expected: '('"],
		['=x', "unable to parse requirement: found '=', expected: !, identifier, or 'end of string'"],
		['a,', "unable to parse requirement: found '', expected: identifier after ','"],
		['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
		['n>x', "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer"],
	])('refuses %s', (text, message) => {
		expect(() => labelFilter(text)).toThrow(message);
	});

	it('is not fooled by names that objects inherit', () => {
		expect(labelFilter('constructor')({})).toBe(false);
		expect(labelFilter('toString!=x')({})).toBe(true);
	});
});

const pods = testStrategies.find((s) => s.resource === 'pods') as Strategy;
const maps = testStrategies.find((s) => s.resource === 'configmaps') as Strategy;
const pod = {
	apiVersion: 'v1',
	kind: 'Pod',
	metadata: { name: 'a', namespace: 'n', uid: '', resourceVersion: '', creationTimestamp: '' },
	spec: { nodeName: 'w' },
} as KubeObject;

describe('field selectors', () => {
	it.each([
		['metadata.name=a', true],
		['metadata.name!=a', false],
		['spec.nodeName=w,metadata.namespace==n', true],
		['spec.nodeName=', false],
	])('%s → %s', (text, matches) => {
		expect(fieldFilter(pods, text)(pod)).toBe(matches);
	});

	it('refuses fields that a resource does not index, in upstream words', () => {
		expect(() => fieldFilter(pods, 'spec.foo=1')).toThrow('field label not supported: spec.foo');
		expect(() => fieldFilter(maps, 'data.a=1')).toThrow('"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"');
		expect(() => fieldFilter(pods, 'x')).toThrow("invalid selector: 'x'; can't understand 'x'");
	});
});
