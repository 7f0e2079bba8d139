import { expect, it } from 'vitest';
import { goNumber, jsonText, parseJson } from './json-text.ts';
import { Bench } from './testing.ts';
import { parseYaml } from './yaml-in.ts';

it.each(['9007199254740993', '-9223372036854775808', '9223372036854775807', '12', '0.5'])('%s keeps its digits through YAML and JSON', (digits) => {
	expect(jsonText(parseYaml(`a: ${digits}\nb: [${digits}]\n`))).toBe(`{"a":${digits},"b":[${digits}]}`);
	expect(jsonText(parseJson(`{"a":${digits},"b":[{"c":${digits}}]}`))).toBe(`{"a":${digits},"b":[{"c":${digits}}]}`);
});

it('a number beyond 64 bits is a double, as Go has it', () => {
	expect(parseYaml('a: 92233720368547758079\n')).toEqual({ a: Number('92233720368547758079') });
});

it('a manifest goes out and comes back with all its digits', async () => {
	const manifest = 'apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: big\nspec:\n  count: 9007199254740993\n';
	let sent = '';
	const bench = new Bench({
		files: { 'm.yaml': manifest },
		cluster: {
			fetch: async (request: Request) => {
				const path = new URL(request.url).pathname;
				const json = (value: unknown): Response => new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' } });
				if (path === '/apis')
					return json({
						kind: 'APIGroupList',
						groups: [
							{
								name: 'example.com',
								versions: [{ groupVersion: 'example.com/v1', version: 'v1' }],
								preferredVersion: { groupVersion: 'example.com/v1', version: 'v1' },
							},
						],
					});
				if (path === '/apis/example.com/v1')
					return json({
						kind: 'APIResourceList',
						groupVersion: 'example.com/v1',
						resources: [{ name: 'things', singularName: 'thing', namespaced: true, kind: 'Thing', verbs: ['create', 'get'] }],
					});
				if (path === '/api') return json({ kind: 'APIVersions', versions: ['v1'] });
				if (path === '/api/v1') return json({ kind: 'APIResourceList', groupVersion: 'v1', resources: [] });
				if (request.method !== 'POST')
					return new Response('{"kind":"Status","status":"Failure","reason":"NotFound","code":404}', {
						status: 404,
						headers: { 'content-type': 'application/json' },
					});
				sent = await request.text();
				return new Response(sent, { status: 201, headers: { 'content-type': 'application/json' } });
			},
			connect: () => Promise.reject(new TypeError('fetch failed')),
		},
	});
	const made = await bench.run(['create', '-f', 'm.yaml', '--validate=false']);
	expect(made).toEqual({ stdout: 'thing.example.com/big created\n', stderr: '', code: 0 });
	expect(sent).toMatch(/"count":9007199254740993\b/);
});

it.each([
	[2_100_000_000, '2100000000'],
	[9_007_199_254_740_993n, '9007199254740993'],
	[1.5, '1.5'],
	[1_234_567.5, '1.2345675e+06'],
	[123_456.5, '123456.5'],
	[0.0000001, '1e-07'],
	[0.0001, '0.0001'],
	[1e23, '1e+23'],
	[123_456_789_012_345_680_000, '1.2345678901234568e+20'],
])('%s is printed as %s', (value, text) => {
	expect(goNumber(value)).toBe(text);
});
