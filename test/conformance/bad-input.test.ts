/** What no client should send, over https: upstream's status, reason and message, and a server that goes on. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Answer, type Cluster, Clusters, type SendOptions, type Status } from './areas/cluster.ts';

/** Bytes that this thread's heap holds on to, buffers included: what the process has from the system tells of its other threads, too. */
function held(): number {
	setFlagsFromString('--expose-gc');
	const collect = runInNewContext('gc') as () => void;
	collect();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
}

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

let clusters: Clusters;
let c: Cluster;
beforeAll(async () => {
	clusters = await Clusters.start();
	c = clusters.fork();
	await c.send('POST', MAPS, { body: { metadata: { name: 'here' }, data: { a: '1' } } });
});
afterAll(async () => {
	// Whatever was sent, the server still answers.
	expect((await c.send('GET', `${MAPS}/here`)).status).toBe(200);
	await c.dispose();
	await clusters.close();
});

const sent = async (method: string, path: string, options: SendOptions = {}): Promise<readonly [number, string, string]> => {
	const answer: Answer<Status> = await c.send(method, path, options);
	return [answer.status, answer.body.reason, answer.body.message];
};
const typed = (type: string, body: unknown): SendOptions => ({ body, headers: { 'content-type': type } });
const patched = (kind: string, body: unknown, path = `${MAPS}/here`): ReturnType<typeof sent> => sent('PATCH', path, typed(`application/${kind}`, body));

describe('what is not there', () => {
	const NONE = [404, 'NotFound', 'the server could not find the requested resource'] as const;
	it.each([
		['a group', 'GET', '/apis/none.example.com/v1'],
		['a version', 'GET', '/apis/apps/v7/deployments'],
		['a resource', 'GET', '/api/v1/namespaces/default/widgets'],
		['a subresource', 'GET', `${MAPS}/here/status`],
		['a path', 'GET', '/nowhere'],
		['a resource to write', 'POST', '/apis/apps/v1/namespaces/default/widgets'],
	])('%s', async (_what, method, path) => expect(await sent(method, path, method === 'POST' ? { body: {} } : {})).toEqual(NONE));

	it('an object, a namespace', async () => {
		expect(await sent('GET', `${MAPS}/none`)).toEqual([404, 'NotFound', 'configmaps "none" not found']);
		expect(await sent('POST', '/api/v1/namespaces/none/configmaps', { body: { metadata: { name: 'a' } } })).toEqual([
			404,
			'NotFound',
			'namespaces "none" not found',
		]);
	});

	it('a verb', async () => {
		for (const [method, path] of [
			['DELETE', '/api/v1/namespaces'],
			['POST', `${MAPS}/here`],
			['PUT', MAPS],
			['OPTIONS', MAPS],
		] as const) {
			expect(await sent(method, path, method === 'DELETE' || method === 'OPTIONS' ? {} : { body: {} })).toEqual([
				405,
				'MethodNotAllowed',
				'the server does not allow this method on the requested resource',
			]);
		}
	});
});

describe('media types', () => {
	it('of bodies', async () => {
		expect(await sent('POST', MAPS, typed('text/plain', 'x'))).toEqual([
			415,
			'UnsupportedMediaType',
			'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
		]);
		expect(await patched('json', '{}')).toEqual([
			415,
			'UnsupportedMediaType',
			'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml',
		]);
	});

	it('of answers', async () => {
		const [status, reason, message] = await sent('GET', MAPS, { headers: { accept: 'text/html' } });
		expect([status, reason]).toEqual([406, 'NotAcceptable']);
		expect(message).toMatch(/^only the following media types are accepted: application\/json/);
	});
});

describe('bodies', () => {
	it('of another kind or version', async () => {
		expect(await sent('POST', MAPS, { body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } } })).toEqual([
			400,
			'BadRequest',
			'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion',
		]);
		expect(await sent('POST', DEPLOYMENTS, { body: { apiVersion: 'apps/v1beta1', kind: 'Deployment', metadata: { name: 'x' } } })).toEqual([
			400,
			'BadRequest',
			'the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)',
		]);
	});

	it('of the wrong type', async () => {
		expect(await sent('POST', DEPLOYMENTS, { body: { metadata: { name: 'x' }, spec: { replicas: 'two' } } })).toEqual([
			400,
			'BadRequest',
			'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
		]);
		for (const body of ['[]', '"text"', '5', 'true']) expect((await sent('POST', MAPS, { body }))[0]).toBe(400);
	});

	it('that are empty, broken or no text', async () => {
		for (const body of ['{', '{"a":}', '\u0000', '{"metadata":{"name":"x"}} trailing']) {
			const [status, reason] = await sent('POST', MAPS, { body });
			expect([body, status, reason]).toEqual([body, 400, 'BadRequest']);
		}
		expect((await sent('POST', MAPS, { body: '' }))[0]).toBe(400);
		// Go's decoder takes broken UTF-8 as U+FFFD.
		const latin = Buffer.concat([Buffer.from('{"metadata":{"name":"latin"},"data":{"k":"'), Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from('"}}')]);
		const kept = await c.send<{ data: { k: string } }>('POST', MAPS, { body: latin });
		expect([kept.status, kept.body.data.k]).toEqual([201, '\ufffd\ufffd\ufffd']);
	});

	it('of more than 3 MB', async () => {
		const body = JSON.stringify({ metadata: { name: 'big' }, data: { a: 'x'.repeat(3_200_000) } });
		expect(await sent('POST', MAPS, { body })).toEqual([413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728']);
		expect((await patched('merge-patch+json', body))[0]).toBe(413);
		// Under that, but over what a ConfigMap may hold.
		expect((await sent('POST', MAPS, { body: { metadata: { name: 'big' }, data: { a: 'x'.repeat(1_100_000) } } }))[0]).toBe(422);
	});

	it('nested without end', async () => {
		const deep = (n: number): string => `{"metadata":{"name":"deep"},"data":${'{"a":'.repeat(n)}1${'}'.repeat(n)}}`;
		for (const n of [1_000, 20_000, 200_000]) {
			const [status, reason] = await sent('POST', MAPS, { body: deep(n) });
			expect([n, status, reason]).toEqual([n, 400, 'BadRequest']);
		}
		const yaml = `metadata: {name: deep}\ndata: ${'['.repeat(50_000)}`;
		expect((await sent('POST', MAPS, typed('application/yaml', yaml)))[0]).toBe(400);
		const bomb = [
			'a: &a [x, x, x, x, x, x, x, x, x]',
			...'bcdefghi'.split('').map((l, i) => `${l}: &${l} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`),
		].join('\n');
		expect((await sent('POST', MAPS, typed('application/yaml', bomb)))[0]).toBe(400);
	});

	it('with a key twice: the last counts, strict refuses', async () => {
		const body = '{"metadata":{"name":"twice"},"data":{"a":"1"},"data":{"a":"2"}}';
		expect(await sent('POST', `${MAPS}?fieldValidation=Strict`, { body })).toEqual([
			400,
			'BadRequest',
			'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data"',
		]);
		const kept = await c.send<{ data: object }>('POST', MAPS, { body });
		expect([kept.status, kept.body.data, kept.headers['warning']]).toEqual([201, { a: '2' }, '299 - "duplicate field \\"data\\""']);
	});

	it('with keys that other languages take for prototypes are data like any other', async () => {
		const body =
			'{"metadata":{"name":"proto","labels":{"constructor":"c","toString":"s"},"annotations":{"valueOf":"x"}},"data":{"__proto__":"polluted","constructor":"y","hasOwnProperty":"z"}}';
		const made = await c.send('POST', MAPS, { body });
		expect([made.status, made.text.slice(0, 300)]).toEqual([201, expect.any(String)]);
		const stored = (await c.send('GET', `${MAPS}/proto`)).text;
		expect(stored).toContain('"__proto__":"polluted"');
		for (const [kind, patch] of [
			['merge-patch+json', '{"__proto__":{"polluted":1},"data":{"__proto__":null}}'],
			['strategic-merge-patch+json', '{"metadata":{"labels":{"__proto__":{"polluted":"1"}}}}'],
			['json-patch+json', '[{"op":"add","path":"/__proto__/polluted","value":1},{"op":"add","path":"/constructor/prototype/polluted","value":1}]'],
			['apply-patch+yaml', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto"},"__proto__":{"polluted":1}}'],
		] as const) {
			const [status, , message] = await patched(kind, patch, `${MAPS}/proto?fieldManager=m`);
			// Upstream's one answer of 500: an applied field that the type does not have.
			if (kind === 'apply-patch+yaml') expect(message).toContain('.__proto__: field not declared in schema');
			else expect(status).toBeLessThan(500);
		}
		expect([({} as { polluted?: unknown }).polluted, Object.getPrototypeOf({}) === Object.prototype]).toEqual([undefined, true]);
		expect((await c.send('GET', `${MAPS}/proto?labelSelector=__proto__%3Dx`)).status).toBe(200);
	});
});

describe('queries', () => {
	it.each([
		['labelSelector=a(', 400, 'BadRequest'],
		['labelSelector=a+in+', 400, 'BadRequest'],
		['labelSelector=-bad-%3Dx', 400, 'BadRequest'],
		['labelSelector=a%3D%3D%3Db', 400, 'BadRequest'],
		['fieldSelector=metadata.name', 400, 'BadRequest'],
		['fieldSelector=spec.nothing%3Dx', 400, 'BadRequest'],
		['limit=many', 400, 'BadRequest'],
		['continue=nonsense', 400, 'BadRequest'],
		['continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTUsInN0YXJ0IjoiIn0', 400, 'BadRequest'],
		['continue=bnVsbA', 400, 'BadRequest'],
		['resourceVersion=1e9', 400, 'BadRequest'],
		['resourceVersionMatch=Sometimes&resourceVersion=1', 422, 'Invalid'],
		['watch=1&resourceVersion=x', 400, 'BadRequest'],
		['watch=1&timeoutSeconds=soon', 400, 'BadRequest'],
	])('%s', async (query, status, reason) => expect((await sent('GET', `${MAPS}?${query}`)).slice(0, 2)).toEqual([status, reason]));

	it('say what is wrong', async () => {
		const said = async (query: string): Promise<string> => (await sent('GET', `${PODS}?${query}`))[2];
		expect(await said('labelSelector=a(')).toMatch(/^unable to parse requirement: found/);
		expect(await said('fieldSelector=spec.nothing%3Dx')).toBe('field label not supported: spec.nothing');
		expect(await said('fieldSelector=x')).toBe(`invalid selector: 'x'; can't understand 'x'`);
		expect(await sent('DELETE', `${MAPS}?dryRun=Some`)).toEqual([
			422,
			'Invalid',
			'DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
		]);
	});
});

describe('patches', () => {
	it('that cannot be read', async () => {
		for (const kind of ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json']) {
			const [status, reason] = await patched(kind, '{"data":');
			expect([kind, status, reason]).toEqual([kind, 400, 'BadRequest']);
		}
		for (const body of [
			'[{"op":"paint","path":"/data"}]',
			'[5]',
			'{"op":"add"}',
			'[{"op":"test","path":"/data/a","value":"2"}]',
			'[{"op":"remove","path":"/data/none"}]',
			'[{"op":"move","from":"/data","path":"/data/a/b"}]',
		]) {
			const [status] = await patched('json-patch+json', body);
			expect([body, status >= 400 && status < 500]).toEqual([body, true]);
		}
	});

	it('that would break the object', async () => {
		expect((await patched('merge-patch+json', '[1,2]'))[0]).toBe(400);
		expect((await patched('merge-patch+json', '{"metadata":{"name":"other"}}'))[0]).toBe(400);
		expect((await patched('merge-patch+json', '{"kind":"Secret"}'))[0]).toBe(400);
		expect((await patched('merge-patch+json', '{"data":{"a b":"x"}}'))[0]).toBe(422);
		expect((await patched('strategic-merge-patch+json', '{"data":{"$patch":"paint"}}'))[0]).toBe(400);
		expect(await patched('apply-patch+yaml', '{"apiVersion":"v1","kind":"ConfigMap"}')).toEqual([
			422,
			'Invalid',
			expect.stringContaining('fieldManager: Required value') as string,
		]);
	});
});

describe('a watch that never reads', () => {
	it('holds nothing up, and little memory', async () => {
		const idle = await c.raw('GET', `${MAPS}?watch=true`);
		idle.body.pause();
		const reading = await c.at('v1/configmaps').watch('', 'fieldSelector=metadata.name%3Dbig');
		await c.send('POST', MAPS, { body: { metadata: { name: 'big' }, data: { a: '' } } });
		const before = held();
		const text = 'x'.repeat(200_000);
		for (let i = 0; i < 700; i++)
			expect((await c.send('PATCH', `${MAPS}/big`, typed('application/merge-patch+json', { data: { a: `${i}${text}` } }))).status).toBe(200);
		// 140 MB went by; the one that reads has seen all of it, the other's share lies in the log, which is bounded.
		await reading.until((w) => w.events.length === 701);
		reading.stop();
		reading.events.splice(0);
		const growth = (held() - before) / 1e6;
		expect(growth).toBeLessThan(100);
		// Reading at last, it is told that it has lagged too far, or gets all of what is left.
		let got = '';
		idle.body.setEncoding('utf8');
		idle.body.on('data', (piece: string) => {
			got += piece;
		});
		idle.body.resume();
		await vi.waitFor(() => expect(got.includes('"code":410') || got.includes('"a":"699x')).toBe(true), { timeout: 5_000 });
		idle.body.on('error', () => undefined);
		idle.body.destroy();
	});
});
