import { describe, expect, it } from 'vitest';
import { parseExact } from '../../kernel/int64.ts';
import { buildSystem, compactSnapshot, Simulator } from '../../simulator.ts';
import type { ApiResponse } from '../wire.ts';
import type { Props } from './definition.ts';
import { schemaErrors } from './schema-validation.ts';

const ADMIN = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const TABS = '/apis/stable.example.com/v1/namespaces/default/crontabs';
const system = buildSystem('apiserver');
const booted = Simulator.boot({ seed: 7, now: 1_795_197_600_000, profile: 'apiserver' }, system);

interface Cluster {
	send(method: string, url: string, body?: unknown, type?: string, accept?: string): ApiResponse;
	pass(ms: number): void;
	readonly simulator: Simulator;
}

function cluster(): Cluster {
	const simulator = booted.fork();
	return {
		simulator,
		send(method, url, body, type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json', accept = 'application/json') {
			const request = { method, url, headers: { 'content-type': type, accept }, user: ADMIN, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
			const { response } = simulator.apply({ kind: 'request', at: simulator.now, request });
			if (response === undefined) throw new Error('no response');
			return response;
		},
		pass: (ms) => void simulator.apply({ kind: 'tick', at: simulator.now + ms }),
	};
}

const SPEC: Props = {
	type: 'object',
	required: ['cronSpec'],
	properties: {
		cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' },
		image: { type: 'string', default: 'busybox' },
		replicas: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
		mode: { type: 'string', enum: ['Fast', 'Slow'] },
		port: { 'x-kubernetes-int-or-string': true },
		tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
		parts: {
			type: 'array',
			items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, size: { type: 'integer' } } },
			'x-kubernetes-list-type': 'map',
			'x-kubernetes-list-map-keys': ['name'],
		},
		extra: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
		labels: { type: 'object', additionalProperties: { type: 'string' } },
		until: { type: 'string', format: 'date-time' },
	},
};

const VERSION = {
	name: 'v1',
	served: true,
	storage: true,
	schema: {
		openAPIV3Schema: {
			type: 'object',
			properties: { spec: SPEC, status: { type: 'object', properties: { replicas: { type: 'integer' }, labelSelector: { type: 'string' } } } },
		},
	},
	subresources: {
		status: {},
		scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.labelSelector' },
	},
	selectableFields: [{ jsonPath: '.spec.mode' }],
	additionalPrinterColumns: [
		{ name: 'Spec', type: 'string', description: 'The cron spec', jsonPath: '.spec.cronSpec' },
		{ name: 'Replicas', type: 'integer', priority: 1, jsonPath: '.spec.replicas' },
		{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
	],
};

const crontabs = (versions: readonly unknown[] = [VERSION]): object => ({
	apiVersion: 'apiextensions.k8s.io/v1',
	kind: 'CustomResourceDefinition',
	metadata: { name: 'crontabs.stable.example.com' },
	spec: { group: 'stable.example.com', scope: 'Namespaced', names: { plural: 'crontabs', kind: 'CronTab', shortNames: ['ct'], categories: ['all'] }, versions },
});

const tab = (spec: object, name = 'my-tab'): object => ({ apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata: { name }, spec });

const CRON = '* * * * */5';
const messageOf = (response: ApiResponse): string => String((response.json as { message?: string }).message);

function withTabs(versions?: readonly unknown[]): Cluster {
	const c = cluster();
	expect(c.send('POST', CRDS, crontabs(versions)).status).toBe(201);
	return c;
}

describe('whole numbers beyond 2^53', () => {
	const send = (c: Cluster, extra: string, type = 'application/json'): ApiResponse => {
		const object = `{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"t"},"spec":{"cronSpec":"* * * * *","extra":${extra}}}`;
		const request = { method: 'POST', url: TABS, headers: { 'content-type': type }, user: ADMIN, body: object };
		const { response } = c.simulator.apply({ kind: 'request', at: c.simulator.now, request });
		if (response === undefined) throw new Error('no response');
		return response;
	};
	it.each(['application/json', 'application/yaml'])('keep all 64 bits, and come back so from a snapshot (%s)', (type) => {
		const c = withTabs();
		const extra = '{"big":9007199254740993,"most":9223372036854775807,"least":-9223372036854775808,"float":1.2345678901234567890,"huge":100000000000000000001}';
		const kept = '{"big":9007199254740993,"most":9223372036854775807,"least":-9223372036854775808,"float":1.2345678901234567,"huge":100000000000000000000}';
		const made = send(c, extra, type);
		const text = (answer: ApiResponse): string => JSON.stringify((answer.json as { spec: { extra: object } }).spec.extra);
		expect([made.status, text(made)]).toEqual([201, kept]);
		const patched = c.send('PATCH', `${TABS}/t`, { spec: { extra: { small: 1 } } });
		expect(text(patched)).toBe(kept.replace('}', ',"small":1}'));
		const packed = JSON.stringify(compactSnapshot(c.simulator.snapshot()));
		expect(packed).toContain('"most":9223372036854775807');
		expect(JSON.stringify(parseExact(packed))).toBe(packed);
	});

	it('hold schemas, rules and columns', () => {
		const schema = {
			type: 'object',
			properties: { spec: { type: 'object', properties: { n: { type: 'integer', format: 'int64', minimum: 5, multipleOf: 2 } } } },
		};
		expect(schemaErrors({ spec: { n: 9223372036854775806n } }, schema)).toEqual([]);
		expect(schemaErrors({ spec: { n: 9223372036854775807n } }, schema)).toMatchObject([
			{ message: expect.stringContaining('should be a multiple of 2') as string },
		]);
		expect(schemaErrors({ spec: { n: -9223372036854775808n } }, schema)).toMatchObject([
			{ message: expect.stringContaining('should be greater than or equal to 5') as string },
		]);
	});
});

describe('custom resource definitions', () => {
	it('are established and discovered at once', () => {
		const c = withTabs();
		const crd = c.send('GET', `${CRDS}/crontabs.stable.example.com`).json as {
			status: { conditions: readonly object[]; acceptedNames: object; storedVersions: object };
		};
		expect(crd.status.conditions).toMatchObject([
			{ type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
			{ type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' },
		]);
		expect(crd.status.acceptedNames).toEqual({
			plural: 'crontabs',
			singular: 'crontab',
			shortNames: ['ct'],
			kind: 'CronTab',
			listKind: 'CronTabList',
			categories: ['all'],
		});
		expect(crd.status.storedVersions).toEqual(['v1']);
		const found = c.send('GET', '/apis/stable.example.com/v1').json as { resources: readonly { name: string }[] };
		expect(found.resources.map((r) => r.name)).toEqual(['crontabs', 'crontabs/scale', 'crontabs/status']);
		const document = c.send('GET', '/openapi/v3/apis/stable.example.com/v1').json as { components: { schemas: { [name: string]: { properties: object } } } };
		expect(Object.keys(document.components.schemas['com.example.stable.v1.CronTab']?.properties ?? {})).toEqual([
			'spec',
			'status',
			'apiVersion',
			'kind',
			'metadata',
		]);
		const list = c.send('GET', '/apis', undefined, 'application/json', 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList').json;
		expect(JSON.stringify(list)).toContain('"responseKind":{"group":"stable.example.com","version":"v1","kind":"CronTab"}');
	});

	it.each<[string, unknown, string]>([
		['no schema', [{ name: 'v1', served: true, storage: true }], 'spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required'],
		[
			'an untyped field',
			[{ ...VERSION, schema: { openAPIV3Schema: { type: 'object', properties: { spec: {} } } } }],
			'spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
		],
		[
			'rules that say nothing',
			[{ ...VERSION, schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-validations': [{ rule: '' }] } } }],
			'spec.versions[0].schema.openAPIV3Schema.x-kubernetes-validations[0].rule: Required value: rule is not specified',
		],
	])('are refused with %s', (_what, versions, message) => {
		const answer = cluster().send('POST', CRDS, crontabs(versions as readonly unknown[]));
		expect(answer.status).toBe(422);
		expect(messageOf(answer)).toBe(`CustomResourceDefinition.apiextensions.k8s.io "crontabs.stable.example.com" is invalid: ${message}`);
	});

	it('wait for names that another one holds', () => {
		const c = withTabs();
		const other = { ...crontabs(), metadata: { name: 'cronies.stable.example.com' } } as { spec?: object };
		c.send('POST', CRDS, {
			...other,
			spec: { group: 'stable.example.com', scope: 'Namespaced', names: { plural: 'cronies', kind: 'CronTab' }, versions: [VERSION] },
		});
		const status = (): unknown => (c.send('GET', `${CRDS}/cronies.stable.example.com`).json as { status: unknown }).status;
		expect(status()).toMatchObject({
			conditions: [
				{ type: 'NamesAccepted', status: 'False', reason: 'ListKindConflict', message: '"CronTabList" is already in use' },
				{ type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' },
			],
		});
		c.send('DELETE', `${CRDS}/crontabs.stable.example.com`);
		c.pass(10_000);
		expect(status()).toMatchObject({ conditions: [{ status: 'True' }, { status: 'True' }] });
	});

	it('go though a policy denies changes of definitions: the finalizer is taken off with the status', () => {
		const c = withTabs();
		const rules = [{ apiGroups: ['apiextensions.k8s.io'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['*'] }];
		const admission = '/apis/admissionregistration.k8s.io/v1';
		const of = (kind: string, spec: object) => ({ apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'frozen' }, spec });
		c.send(
			'POST',
			`${admission}/validatingadmissionpolicies`,
			of('ValidatingAdmissionPolicy', { matchConstraints: { resourceRules: rules }, validations: [{ expression: 'false' }] }),
		);
		c.send(
			'POST',
			`${admission}/validatingadmissionpolicybindings`,
			of('ValidatingAdmissionPolicyBinding', { policyName: 'frozen', validationActions: ['Deny'] }),
		);
		c.pass(1_000);
		expect(c.send('PATCH', `${CRDS}/crontabs.stable.example.com`, { metadata: { labels: { a: 'b' } } }).status).toBe(422);
		expect(c.send('DELETE', `${CRDS}/crontabs.stable.example.com`).status).toBe(200);
		c.pass(10_000);
		expect(c.send('GET', `${CRDS}/crontabs.stable.example.com`).status).toBe(404);
	});

	it('take their objects along', () => {
		const c = withTabs();
		c.send('POST', TABS, tab({ cronSpec: CRON }));
		const gone = c.send('DELETE', `${CRDS}/crontabs.stable.example.com`).json as { metadata: { finalizers: unknown } };
		expect(gone.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io']);
		c.pass(10_000);
		expect(c.send('GET', `${CRDS}/crontabs.stable.example.com`).status).toBe(404);
		expect(c.send('GET', TABS).status).toBe(404);
		c.send('POST', CRDS, crontabs());
		expect((c.send('GET', TABS).json as { items: unknown }).items).toEqual([]);
	});
});

describe('custom resources', () => {
	it('get defaults and lose what their schema does not name', () => {
		const c = withTabs();
		const made = c.send('POST', TABS, tab({ cronSpec: CRON, colour: 'red', extra: { any: 1 } }));
		expect(made.headers['warning']).toBe('299 - "unknown field \\"spec.colour\\""');
		expect((made.json as { spec: unknown }).spec).toEqual({ cronSpec: CRON, extra: { any: 1 }, image: 'busybox', replicas: 1 });
		const strict = c.send('POST', `${TABS}?fieldValidation=Strict`, tab({ cronSpec: CRON, colour: 'red' }, 'other'));
		expect(strict.status).toBe(400);
		expect(messageOf(strict)).toBe('CronTab in version "v1" cannot be handled as a CronTab: strict decoding error: unknown field "spec.colour"');
	});

	it.each<[object, string]>([
		[{ cronSpec: CRON, replicas: 'three' }, 'spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"'],
		[{}, 'spec.cronSpec: Required value'],
		[{ cronSpec: '* *' }, `spec.cronSpec: Invalid value: "* *": spec.cronSpec in body should match '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$'`],
		[{ cronSpec: CRON, replicas: 11 }, 'spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10'],
		[{ cronSpec: CRON, mode: 'Odd' }, 'spec.mode: Unsupported value: "Odd": supported values: "Fast", "Slow"'],
		[{ cronSpec: CRON, port: true }, 'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"'],
		[{ cronSpec: CRON, tags: ['a', 'b', 'a'] }, 'spec.tags[2]: Duplicate value: "a"'],
		[{ cronSpec: CRON, parts: [{ name: 'a' }, { name: 'a' }] }, 'spec.parts[1]: Duplicate value: {"name":"a"}'],
		[{ cronSpec: CRON, labels: { a: 1 } }, 'spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"'],
		[{ cronSpec: CRON, until: 'soon' }, 'spec.until: Invalid value: "soon": spec.until in body must be of type date-time: "soon"'],
	])('are refused: %j', (spec, message) => {
		const answer = withTabs().send('POST', TABS, tab(spec));
		expect(answer.status).toBe(422);
		expect(messageOf(answer)).toBe(`CronTab.stable.example.com "my-tab" is invalid: ${message}`);
	});

	it('keep status and spec apart, scale and count generations', () => {
		const c = withTabs();
		c.send('POST', TABS, { ...tab({ cronSpec: CRON }), status: { replicas: 9 } });
		expect((c.send('GET', `${TABS}/my-tab`).json as { status?: unknown }).status).toBeUndefined();
		c.send('PATCH', `${TABS}/my-tab/status`, { status: { replicas: 2, labelSelector: 'app=x' }, spec: { image: 'other' } });
		expect(c.send('GET', `${TABS}/my-tab`).json).toMatchObject({ metadata: { generation: 1 }, spec: { image: 'busybox' }, status: { replicas: 2 } });
		const wrong = c.send('PATCH', `${TABS}/my-tab/status`, { status: { replicas: 'x' } });
		expect(messageOf(wrong)).toContain('status.replicas in body must be of type integer: "string"');
		c.send('PATCH', `${TABS}/my-tab/scale`, { spec: { replicas: 4 } });
		expect(c.send('GET', `${TABS}/my-tab/scale`).json).toMatchObject({ kind: 'Scale', spec: { replicas: 4 }, status: { replicas: 2, selector: 'app=x' } });
		expect(c.send('GET', `${TABS}/my-tab`).json).toMatchObject({ metadata: { generation: 2 } });
	});

	it('are patched by merge and JSON patches, not by strategic ones', () => {
		const c = withTabs();
		c.send('POST', TABS, tab({ cronSpec: CRON }));
		expect(c.send('PATCH', `${TABS}/my-tab`, { spec: { mode: 'Fast' } }).json).toMatchObject({ spec: { mode: 'Fast' } });
		expect(c.send('PATCH', `${TABS}/my-tab`, [{ op: 'replace', path: '/spec/mode', value: 'Slow' }], 'application/json-patch+json').json).toMatchObject({
			spec: { mode: 'Slow' },
		});
		const strategic = c.send('PATCH', `${TABS}/my-tab`, { spec: {} }, 'application/strategic-merge-patch+json');
		expect(strategic.status).toBe(415);
		expect(messageOf(strategic)).toBe(
			'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
		);
	});

	it('are applied by several managers, whose list items merge by key', () => {
		const c = withTabs();
		const apply = (manager: string, spec: object): ApiResponse =>
			c.send('PATCH', `${TABS}/my-tab?fieldManager=${manager}`, tab(spec), 'application/apply-patch+yaml');
		expect(apply('one', { cronSpec: CRON, parts: [{ name: 'a', size: 1 }] }).status).toBe(201);
		expect(apply('two', { parts: [{ name: 'b', size: 2 }] }).json).toMatchObject({
			spec: {
				parts: [
					{ name: 'a', size: 1 },
					{ name: 'b', size: 2 },
				],
			},
		});
		const conflict = apply('two', { parts: [{ name: 'a', size: 3 }] });
		expect(messageOf(conflict)).toBe('Apply failed with 1 conflict: conflict with "one" using stable.example.com/v1: .spec.parts[name="a"].size');
	});

	it('are not applied where their types differ', () => {
		const c = withTabs();
		const answer = c.send('PATCH', `${TABS}/my-tab?fieldManager=one`, tab({ cronSpec: CRON, replicas: 'three' }), 'application/apply-patch+yaml');
		expect(messageOf(answer)).toBe(
			'failed to create typed patch object (default/my-tab; stable.example.com/v1, Kind=CronTab): .spec.replicas: expected numeric (int or float), got string',
		);
	});

	it('are not applied with fields that nobody declared', () => {
		const c = withTabs();
		const answer = c.send('PATCH', `${TABS}/my-tab?fieldManager=one`, tab({ cronSpec: 5, colour: 'red' }), 'application/apply-patch+yaml');
		expect(messageOf(answer)).toBe(
			'failed to create typed patch object (default/my-tab; stable.example.com/v1, Kind=CronTab): errors:\n' +
				'  .spec.cronSpec: expected string, got &value.valueUnstructured{Value:5}\n  .spec.colour: field not declared in schema',
		);
	});

	it('show the defaults of a schema that changed after they were written', () => {
		const c = withTabs();
		c.send('POST', TABS, tab({ cronSpec: CRON }));
		const later = { ...SPEC, properties: { ...SPEC.properties, shell: { type: 'string', default: '/bin/sh' } } };
		const versions = [{ ...VERSION, schema: { openAPIV3Schema: { type: 'object', properties: { spec: later } } } }];
		expect(c.send('PATCH', `${CRDS}/crontabs.stable.example.com`, { spec: { versions } }).status).toBe(200);
		expect(c.send('GET', `${TABS}/my-tab`).json).toMatchObject({ spec: { shell: '/bin/sh' } });
		expect(c.send('GET', TABS).json).toMatchObject({ items: [{ spec: { shell: '/bin/sh' } }] });
	});

	it('count a status that is a field like any other, and scale only what has a count', () => {
		const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
		const subresources = { scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } };
		const c = withTabs([{ name: 'v1', served: true, storage: true, schema, subresources }]);
		c.send('POST', TABS, tab({}));
		expect(c.send('PATCH', `${TABS}/my-tab`, { status: { phase: 'Done' } }).json).toMatchObject({ metadata: { generation: 2 } });
		const none = c.send('GET', `${TABS}/my-tab/scale`);
		expect([none.status, messageOf(none)]).toEqual([500, 'Internal error occurred: the spec replicas field ".spec.replicas" does not exist']);
		c.send('PATCH', `${TABS}/my-tab`, { spec: { replicas: 2 } });
		expect(c.send('PATCH', `${TABS}/my-tab/scale`, { spec: { replicas: 5 } }).json).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 0 } });
	});

	it('print the columns of their definition', () => {
		const c = withTabs();
		c.send('POST', TABS, tab({ cronSpec: CRON }));
		c.pass(65_000);
		const table = c.send('GET', TABS, undefined, 'application/json', 'application/json;as=Table;v=v1;g=meta.k8s.io').json as {
			columnDefinitions: readonly { name: string; priority: number }[];
			rows: readonly { cells: unknown }[];
		};
		expect(table.columnDefinitions.map((d) => [d.name, d.priority])).toEqual([
			['Name', 0],
			['Spec', 0],
			['Replicas', 1],
			['Age', 0],
		]);
		expect(table.rows[0]?.cells).toEqual(['my-tab', CRON, 1, '65s']);
	});

	it('are found by their selectable fields', () => {
		const c = withTabs();
		c.send('POST', TABS, tab({ cronSpec: CRON, mode: 'Fast' }, 'fast'));
		c.send('POST', TABS, tab({ cronSpec: CRON, mode: 'Slow' }, 'slow'));
		const list = c.send('GET', `${TABS}?fieldSelector=spec.mode%3DFast`).json as { items: readonly { metadata: { name: string } }[] };
		expect(list.items.map((i) => i.metadata.name)).toEqual(['fast']);
		expect(c.send('GET', `${TABS}?fieldSelector=spec.image%3Dx`).status).toBe(400);
	});

	it('are served in every served version, and stored in one', () => {
		const beta = { ...VERSION, name: 'v1beta1', storage: false, deprecated: true };
		const c = withTabs([VERSION, beta, { ...VERSION, name: 'v1alpha1', storage: false, served: false }]);
		c.send('POST', TABS, tab({ cronSpec: CRON }));
		const read = c.send('GET', `${TABS.replace('/v1/', '/v1beta1/')}/my-tab`);
		expect(read.json).toMatchObject({ apiVersion: 'stable.example.com/v1beta1', spec: { cronSpec: CRON } });
		expect(read.headers['warning']).toBe('299 - "stable.example.com/v1beta1 CronTab is deprecated"');
		expect(c.send('GET', TABS.replace('/v1/', '/v1alpha1/')).status).toBe(404);
	});

	it('are watched, and the watch ends with their definition', () => {
		const c = withTabs();
		const { watch } = c.send('GET', `${TABS}?watch=true`);
		if (watch === undefined) throw new Error('no watch');
		const cursor = c.simulator.openWatch(watch);
		c.send('POST', TABS, tab({ cronSpec: CRON }));
		expect(cursor.next(c.simulator.world).map((e) => e.type)).toEqual(['ADDED']);
		c.send('DELETE', `${CRDS}/crontabs.stable.example.com`);
		c.pass(10_000);
		cursor.next(c.simulator.world);
		expect(cursor.done).toBe(true);
	});

	it('own and are owned, and go with their namespace', () => {
		const c = withTabs();
		const owner = c.send('POST', TABS, tab({ cronSpec: CRON })).json as { metadata: { uid: string } };
		const ownerReferences = [{ apiVersion: 'stable.example.com/v1', kind: 'CronTab', name: 'my-tab', uid: owner.metadata.uid }];
		c.send('POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned', ownerReferences } });
		c.pass(1_000);
		expect(c.send('GET', '/api/v1/namespaces/default/configmaps/owned').status).toBe(200);
		c.send('DELETE', `${TABS}/my-tab`);
		c.pass(10_000);
		expect(c.send('GET', '/api/v1/namespaces/default/configmaps/owned').status).toBe(404);
		c.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'brief' } });
		c.send('POST', TABS.replace('default', 'brief'), tab({ cronSpec: CRON }));
		c.send('DELETE', '/api/v1/namespaces/brief');
		c.pass(60_000);
		expect(c.send('GET', '/api/v1/namespaces/brief').status).toBe(404);
		expect((c.send('GET', '/apis/stable.example.com/v1/crontabs').json as { items: unknown }).items).toEqual([]);
	});

	it('may be of a kind that Kubernetes has, in a group that begins alike', () => {
		const c = cluster();
		const open = { type: 'object', properties: { spec: { type: 'object', properties: { foo: { type: 'string' } } } } };
		c.send('POST', CRDS, {
			...crontabs(),
			metadata: { name: 'cronjobs.batch.tutorial.kubebuilder.io' },
			spec: {
				group: 'batch.tutorial.kubebuilder.io',
				scope: 'Cluster',
				names: { plural: 'cronjobs', kind: 'CronJob' },
				versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: open } }],
			},
		});
		const made = c.send('POST', '/apis/batch.tutorial.kubebuilder.io/v1/cronjobs', { metadata: { name: 'x' }, spec: { foo: 'a' } });
		expect(made.json).toMatchObject({ apiVersion: 'batch.tutorial.kubebuilder.io/v1', kind: 'CronJob', spec: { foo: 'a' } });
	});
});
