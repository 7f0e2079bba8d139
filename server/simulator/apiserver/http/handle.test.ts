import { describe, expect, it } from 'vitest';
import { auditEvents } from '../audit/audit.ts';
import { adminUser, testServer } from '../testing.ts';
import type { KubeObject, Status } from '../types.ts';
import type { ApiResponse } from '../wire.ts';
import { scanJson } from './json.ts';

const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const MAPS = '/api/v1/namespaces/default/configmaps';
const deployment = (spec: object = {}): { readonly [k: string]: unknown } => ({
	apiVersion: 'apps/v1',
	kind: 'Deployment',
	metadata: { name: 'web' },
	spec: { replicas: 2, template: { spec: { containers: [{ name: 'c', image: 'i' }] } }, ...spec },
});
const messageOf = (r: ApiResponse): string | undefined => (r.json as Status).message;

describe('bodies', () => {
	it('warns of unknown and duplicate fields, drops them, or refuses them', () => {
		const s = testServer();
		const body = deployment({ foo: 1, template: { spec: { containers: [{ name: 'c', image: 'i', bar: 2 }] } } });
		const warned = s.send('POST', DEPLOYMENTS, body);
		expect(warned.status).toBe(201);
		expect(warned.headers['warning']).toBe('299 - "unknown field \\"spec.template.spec.containers[0].bar\\"", 299 - "unknown field \\"spec.foo\\""');
		expect((warned.json as KubeObject)['spec']).not.toHaveProperty('foo');
		expect(messageOf(s.send('POST', `${DEPLOYMENTS}?fieldValidation=Strict`, body))).toBe(
			'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[0].bar", unknown field "spec.foo"',
		);
		expect(s.send('PUT', `${DEPLOYMENTS}/web?fieldValidation=Ignore`, body).headers['warning']).toBeUndefined();
		const twice = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"x":"1","x":"2"}}';
		expect(messageOf(s.send('POST', `${MAPS}?fieldValidation=Strict`, twice))).toBe(
			'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.x"',
		);
	});

	it.each([
		[{ replicas: 'x' }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
		[{ replicas: 1.5 }, 'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
		[{ paused: 'yes' }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool'],
		[
			{ template: { spec: { containers: {} } } },
			'json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container',
		],
		[
			{ template: { spec: { containers: [{ env: [{ name: 'A', value: 5 }] }] } } },
			'json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string',
		],
		[
			{ template: { spec: { containers: [{ resources: { limits: { cpu: 'abc' } } }] } } },
			"quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
		],
	])('says of %j what Go says', (spec, why) => {
		const s = testServer();
		expect(messageOf(s.send('POST', DEPLOYMENTS, deployment(spec)))).toBe(`Deployment in version "v1" cannot be handled as a Deployment: ${why}`);
		expect(s.changes).toEqual([]);
	});

	it.each([
		['{"a": 1,}', "invalid character '}' looking for beginning of object key string"],
		['{"a" 1}', "invalid character '1' after object key"],
		['{"a": tru}', "invalid character '}' in literal true (expecting 'e')"],
		['[1 2]', "invalid character '2' after array element"],
		['{"a": "', 'unexpected end of JSON input'],
		['{} x', "invalid character 'x' after top-level value"],
		['nonsense', "invalid character 'o' in literal null (expecting 'u')"],
		['\u0001', "invalid character '\\u0001' looking for beginning of value"],
	])('names the mistake in %j', (text, error) => {
		expect(scanJson(text).error).toBe(error);
	});

	it('refuses other kinds, other versions, no object at all and too much of one', () => {
		const s = testServer();
		expect(messageOf(s.send('POST', MAPS, { apiVersion: 'v1', kind: 'Pod' }))).toBe(
			'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion',
		);
		expect(messageOf(s.send('POST', DEPLOYMENTS, { apiVersion: 'apps/v1beta1', kind: 'Deployment' }))).toBe(
			'the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)',
		);
		expect(messageOf(s.send('POST', MAPS, 'hello'))).toBe(
			"the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character 'h' looking for beginning of value (68656c6c6f)",
		);
		const large = s.send('POST', MAPS, { metadata: { name: 'a' }, data: { x: 'y'.repeat(3_200_000) } });
		expect([large.status, messageOf(large)]).toEqual([413, 'Request entity too large: limit is 3145728']);
		for (const depth of [1500, 200_000]) {
			const deep = s.send('POST', MAPS, `{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`);
			expect([deep.status, messageOf(deep)?.includes('exceeded max depth')]).toEqual([400, true]);
		}
		const plain = s.send('POST', MAPS, 'x', { 'content-type': 'application/xml' });
		expect(plain.status).toBe(415);
	});

	it('keeps keys that would pollute a prototype as plain keys', () => {
		const s = testServer();
		const body = '{"metadata":{"name":"a"},"data":{"__proto__":"x","constructor":"y"},"__proto__":{"polluted":true}}';
		const made = s.send('POST', MAPS, body);
		expect(made.status).toBe(201);
		const data = (made.json as KubeObject)['data'] as object;
		expect(Object.keys(data).sort()).toEqual(['__proto__', 'constructor']);
		expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
		const patched = s.send('PATCH', `${MAPS}/a`, '{"data":{"__proto__":"z"}}').json as KubeObject;
		expect(JSON.stringify(patched['data'])).toContain('"__proto__":"z"');
		expect(
			s.send('PATCH', `${MAPS}/a`, '[{"op":"add","path":"/__proto__/polluted","value":true}]', { 'content-type': 'application/json-patch+json' }).status,
		).toBeGreaterThanOrEqual(400);
		expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
	});

	it('reads YAML', () => {
		const s = testServer();
		const made = s.send('POST', MAPS, 'kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: yaml\ndata:\n  a: "yes"\n', { 'content-type': 'application/yaml' });
		expect((made.json as KubeObject)['data']).toEqual({ a: 'yes' });
		const yaml = (text: string, query = ''): ApiResponse => s.send('POST', MAPS + query, text, { 'content-type': 'application/yaml' });
		expect(messageOf(yaml('a: b: c'))).toContain('error converting YAML to JSON: yaml: line 1: mapping values are not allowed in this context');
		expect(messageOf(yaml('kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: x\n  name: z\n', '?fieldValidation=Strict'))).toBe(
			'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  line 5: key "name" already set in map',
		);
		expect(yaml('['.repeat(50_000)).status).toBe(400);
		expect(yaml(`a: ${'['.repeat(2000)}${']'.repeat(2000)}`).status).toBe(400);
		const bomb = `a: &a [x,x]\n${[...'bcdefghij'].map((c, i) => `${c}: &${c} [${`*${'abcdefghij'[i]},`.repeat(9)}]`).join('\n')}\n`;
		expect(messageOf(yaml(bomb))).toContain('document contains excessive aliasing');
	});
});

describe('patches', () => {
	const patch = (s: ReturnType<typeof testServer>, type: string, body: unknown, query = ''): ApiResponse =>
		s.send('PATCH', `${DEPLOYMENTS}/web${query}`, body, { 'content-type': `application/${type}` });

	it('answers a JSON patch that does not apply with the famous sentence, changing nothing', () => {
		const s = testServer();
		s.send('POST', DEPLOYMENTS, deployment());
		const refused = patch(s, 'json-patch+json', [
			{ op: 'replace', path: '/spec/replicas', value: 9 },
			{ op: 'remove', path: '/spec/none' },
		]);
		expect([refused.status, messageOf(refused)]).toEqual([422, 'the server rejected our request due to an error in our request']);
		expect((s.send('GET', `${DEPLOYMENTS}/web`).json as KubeObject)['spec']).toMatchObject({ replicas: 2 });
		expect((patch(s, 'json-patch+json', [{ op: 'replace', path: '/spec/replicas', value: 9 }]).json as KubeObject)['spec']).toMatchObject({ replicas: 9 });
	});

	it('says what a patch makes wrong of the patch', () => {
		const s = testServer();
		s.send('POST', DEPLOYMENTS, deployment());
		expect(messageOf(patch(s, 'strategic-merge-patch+json', { spec: { replicas: 'x' } }))).toBe(
			' "" is invalid: patch: Invalid value: "map[spec:map[replicas:x]]": unrecognized type: int32',
		);
		expect(messageOf(patch(s, 'merge-patch+json', { spec: { foo: 1 } }, '?fieldValidation=Strict'))).toBe(
			' "" is invalid: patch: Invalid value: "{\\"spec\\":{\\"foo\\":1}}": strict decoding error: unknown field "spec.foo"',
		);
		expect(patch(s, 'nonsense+json', {}).status).toBe(415);
	});

	it('raises the generation for the spec, not for labels or status', () => {
		const s = testServer();
		s.send('POST', DEPLOYMENTS, deployment());
		const generation = (r: ApiResponse): number | undefined => (r.json as KubeObject).metadata.generation;
		expect(generation(patch(s, 'merge-patch+json', { spec: { replicas: 3 } }))).toBe(2);
		expect(generation(patch(s, 'merge-patch+json', { metadata: { labels: { a: 'b' } } }))).toBe(2);
		const status = s.send('PATCH', `${DEPLOYMENTS}/web/status`, { status: { replicas: 7 }, spec: { replicas: 1 } });
		expect(generation(status)).toBe(2);
		expect(status.json).toMatchObject({ spec: { replicas: 3 }, status: { replicas: 7 } });
		const same = patch(s, 'merge-patch+json', { spec: { replicas: 3 } }).json as KubeObject;
		expect(same.metadata.resourceVersion).toBe((status.json as KubeObject).metadata.resourceVersion);
	});

	it('applies on the server side: owns, takes back, conflicts, is forced', () => {
		const s = testServer();
		const apply = (manager: string, spec: object, force = ''): ApiResponse =>
			s.send(
				'PATCH',
				`${DEPLOYMENTS}/web?fieldManager=${manager}${force}`,
				{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec },
				{
					'content-type': 'application/apply-patch+yaml',
				},
			);
		const container = (extra: object) => ({ template: { spec: { containers: [{ name: 'c', image: 'i', ...extra }] } } });
		expect(apply('one', { replicas: 2, ...container({ env: [{ name: 'A', value: '1' }] }) }).status).toBe(201);
		const second = apply('two', { template: { spec: { containers: [{ name: 'c', env: [{ name: 'B', value: '2' }] }] } } }).json as KubeObject;
		expect(JSON.stringify(second['spec'])).toContain('[{"name":"A","value":"1"},{"name":"B","value":"2"}]');
		const refused = apply('two', { replicas: 5 });
		expect([refused.status, messageOf(refused)]).toEqual([409, 'Apply failed with 1 conflict: conflict with "one" using apps/v1: .spec.replicas']);
		expect((apply('two', { replicas: 5 }, '&force=true').json as KubeObject)['spec']).toMatchObject({ replicas: 5 });
		const less = apply('one', container({}), '&force=true').json as KubeObject;
		expect(JSON.stringify(less['spec'])).not.toContain('"A"');
		expect(messageOf(s.send('PATCH', `${DEPLOYMENTS}/web`, {}, { 'content-type': 'application/apply-patch+yaml' }))).toBe(
			'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
		);
	});
});

describe('the rest of the wire', () => {
	it('serves discovery in both forms', () => {
		const s = testServer();
		expect(s.send('GET', '/api').json).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
		expect(s.send('GET', '/apis/apps').json).toMatchObject({ kind: 'APIGroup', preferredVersion: { groupVersion: 'apps/v1' } });
		expect(JSON.stringify(s.send('GET', '/apis/apps/v1').json)).toContain(
			'"name":"deployments/scale","singularName":"","namespaced":true,"group":"autoscaling","version":"v1","kind":"Scale"',
		);
		const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
		const both = s.send('GET', '/api', undefined, { accept });
		expect(both.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
		expect(both.json).toMatchObject({ kind: 'APIGroupDiscoveryList', items: [{ versions: [{ version: 'v1' }] }] });
		expect(s.send('GET', '/version').json).toMatchObject({ gitVersion: 'v1.36.0' });
		expect(s.send('GET', '/livez').text).toBe('ok');
	});

	it('serves OpenAPI with merge keys, and 304 for what the client has', () => {
		const s = testServer();
		const first = s.send('GET', '/openapi/v3/apis/apps/v1');
		const schemas = (first.json as { components: { schemas: { [k: string]: { properties: { [k: string]: unknown } } } } }).components.schemas;
		expect(schemas['io.k8s.api.core.v1.PodSpec']?.properties['containers']).toMatchObject({
			'x-kubernetes-patch-merge-key': 'name',
			'x-kubernetes-patch-strategy': 'merge',
			items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Container' },
		});
		expect(s.send('GET', '/openapi/v3/apis/apps/v1', undefined, { 'if-none-match': first.headers['etag'] ?? '' }).status).toBe(304);
		expect(s.send('GET', '/openapi/v3').json).toHaveProperty(['paths', 'apis/apps/v1', 'serverRelativeURL']);
	});

	it('answers Tables and metadata where they are asked for, and 406 where nothing fits', () => {
		const s = testServer();
		s.send('POST', MAPS, { metadata: { name: 'a' }, data: { x: 'y' } });
		const as = (kind: string) => ({ accept: `application/json;as=${kind};v=v1;g=meta.k8s.io` });
		expect(s.send('GET', MAPS, undefined, as('Table')).json).toMatchObject({
			kind: 'Table',
			rows: [{ cells: ['a', '2027-01-15T08:00:00Z'], object: { kind: 'PartialObjectMetadata', metadata: { name: 'a' } } }],
		});
		expect(s.send('GET', `${MAPS}/a?includeObject=Object`, undefined, as('Table')).json).toMatchObject({ rows: [{ object: { data: { x: 'y' } } }] });
		expect(s.send('GET', MAPS, undefined, as('PartialObjectMetadataList')).json).toMatchObject({ kind: 'PartialObjectMetadataList' });
		expect(s.send('GET', `${MAPS}/a`, undefined, { accept: 'application/yaml' }).text).toContain('kind: ConfigMap');
		expect(s.send('GET', `${MAPS}/a`, undefined, { accept: 'application/vnd.kubernetes.protobuf' }).headers['content-type']).toBe('application/json');
		expect(messageOf(s.send('GET', MAPS, undefined, { accept: 'image/png' }))).toBe(
			'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
		);
	});

	it('serves scale', () => {
		const s = testServer();
		s.send('POST', DEPLOYMENTS, deployment({ selector: { matchLabels: { a: 'b' } } }));
		expect(s.send('GET', `${DEPLOYMENTS}/web/scale`).json).toMatchObject({ kind: 'Scale', spec: { replicas: 2 }, status: { selector: 'a=b' } });
		expect(s.send('PATCH', `${DEPLOYMENTS}/web/scale`, { spec: { replicas: 4 } }).json).toMatchObject({ spec: { replicas: 4 } });
		expect(s.send('GET', `${DEPLOYMENTS}/web`).json).toMatchObject({ spec: { replicas: 4 }, metadata: { generation: 2 } });
		expect(messageOf(s.send('PATCH', `${DEPLOYMENTS}/web/scale`, { spec: { replicas: -1 } }))).toBe(
			'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
		);
	});

	it('words refusals as upstream', () => {
		const s = testServer();
		s.send('POST', MAPS, { metadata: { name: 'a' } });
		expect(messageOf(s.send('POST', MAPS, { metadata: { name: 'a' } }))).toBe('configmaps "a" already exists');
		expect(messageOf(s.send('POST', MAPS, { metadata: {} }))).toBe('ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required');
		expect(messageOf(s.send('POST', MAPS, { metadata: { name: 'b', namespace: 'x' } }))).toBe(
			'the namespace of the provided object does not match the namespace sent on the request',
		);
		expect(messageOf(s.send('PUT', `${MAPS}/a`, { metadata: { name: 'b' } }))).toBe('the name of the object (b) does not match the name on the URL (a)');
		expect(messageOf(s.send('POST', `${MAPS}/a`, {}))).toBe('the server does not allow this method on the requested resource');
		expect(messageOf(s.send('GET', '/api/v1/nothings'))).toBe('the server could not find the requested resource');
		expect(messageOf(s.send('POST', DEPLOYMENTS, deployment({ replicas: -1 })))).toBe(
			'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
		);
		const two = s.send('POST', MAPS, { metadata: { name: 'A', labels: { 'a b': 'c' } } }).json as Status;
		expect(two.message).toMatch(/^ConfigMap "A" is invalid: \[metadata\.name: Invalid value: "A": .*, metadata\.labels: Invalid value: "a b": .*\]$/s);
		expect(two.details?.causes).toHaveLength(2);
	});

	it('generates names from upstream alphabet', () => {
		const s = testServer();
		const made = s.send('POST', MAPS, { metadata: { generateName: 'gen-' } }).json as KubeObject;
		expect(made.metadata.name).toMatch(/^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
	});

	it('changes nothing in a dry run, and answers as if it had', () => {
		const s = testServer();
		const before = s.world.state.slices['store'];
		const dry = s.send('POST', `${MAPS}?dryRun=All`, { metadata: { name: 'a' } });
		expect([dry.status, (dry.json as KubeObject).metadata.name]).toEqual([201, 'a']);
		expect(s.world.state.slices['store']).toBe(before);
		expect(s.send('POST', `${MAPS}?dryRun=Some`, { metadata: { name: 'a' } }).status).toBe(422);
	});

	it('writes the audit log', () => {
		const s = testServer();
		s.send('POST', MAPS, { metadata: { name: 'a' } }, { 'user-agent': 'kubectl/v1.36.0' });
		s.send('GET', `${MAPS}/b`);
		const [created, missed] = auditEvents(s.world);
		expect(created).toMatchObject({
			kind: 'Event',
			level: 'Metadata',
			verb: 'create',
			user: { username: 'kubernetes-admin' },
			userAgent: 'kubectl/v1.36.0',
			objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
			responseStatus: { code: 201 },
		});
		expect(missed).toMatchObject({ verb: 'get', responseStatus: { code: 404, reason: 'NotFound', message: 'configmaps "b" not found' } });
	});

	it('lets system:masters through and tells others what they may not do', () => {
		const s = testServer();
		const asked = s.api.handle(s.world, { method: 'GET', url: MAPS, headers: {}, user: { name: 'eve', groups: ['system:authenticated'] } });
		expect([asked.status, messageOf(asked)]).toEqual([
			403,
			'configmaps is forbidden: User "eve" cannot list resource "configmaps" in API group "" in the namespace "default"',
		]);
		expect(s.api.handle(s.world, { method: 'GET', url: MAPS, headers: {}, user: adminUser }).status).toBe(200);
	});
});
