import { describe, expect, it } from 'vitest';
import { rec, recs, specOf, str } from '../../registry/fields.ts';
import { LIMITS } from '../../cel/limits.ts';
import { type TestCluster, testCluster } from '../../registry/testing.ts';
import type { ApiResult, KubeObject, UserInfo } from '../../types.ts';
import { expressionWarnings } from './type-checking.ts';

const GROUP = 'admissionregistration.k8s.io/v1';
const DEPLOYMENTS = { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] };
const PODS = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
const deployment = (replicas: number, name = 'web', labels: object = { app: 'web' }): { readonly [f: string]: unknown } => ({
	metadata: { name, labels },
	spec: {
		replicas,
		selector: { matchLabels: { app: 'web' } },
		template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
	},
});
const pod = (name = 'p', more: object = {}): { readonly [f: string]: unknown } => ({
	metadata: { name, ...more },
	spec: { containers: [{ name: 'c', image: 'nginx' }] },
});

interface Given {
	readonly spec: object;
	readonly binding?: object;
	readonly name?: string;
}

function withPolicy(...policies: readonly Given[]): TestCluster {
	const cluster = testCluster();
	for (const { spec, binding = {}, name = 'limit' } of policies) {
		cluster.create(`${GROUP}/validatingadmissionpolicies`, { metadata: { name }, spec: { matchConstraints: { resourceRules: [DEPLOYMENTS] }, ...spec } });
		cluster.create(`${GROUP}/validatingadmissionpolicybindings`, {
			metadata: { name: `${name}-b` },
			spec: { policyName: name, validationActions: ['Deny'], ...binding },
		});
	}
	return cluster;
}

const creates = (cluster: TestCluster, object: object, user?: UserInfo, namespace = 'default'): ApiResult =>
	cluster.call('create', 'apps/v1/deployments', { body: object, namespace, ...(user === undefined ? {} : { user }) });
const said = (result: ApiResult): string => (result.code < 400 ? '' : str(rec(result.body).message));
const PREFIX = `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'limit' with binding 'limit-b' denied request: `;
const MAX = { validations: [{ expression: 'object.spec.replicas <= 5' }] };

describe('validating policies', () => {
	it('deny with the expression, the message or what the message expression makes', () => {
		const cluster = withPolicy({ spec: MAX });
		expect(said(creates(cluster, deployment(5)))).toBe('');
		const refused = creates(cluster, deployment(6, 'web2'));
		expect(refused.body).toMatchObject({
			code: 422,
			reason: 'Invalid',
			message: `deployments.apps "web2" is forbidden: ValidatingAdmissionPolicy 'limit' with binding 'limit-b' denied request: failed expression: object.spec.replicas <= 5`,
			details: { name: 'web2', group: 'apps', kind: 'deployments' },
		});
		const worded = withPolicy({ spec: { validations: [{ expression: 'object.spec.replicas <= 5', message: 'at most five', reason: 'Forbidden' }] } });
		expect(creates(worded, deployment(6)).body).toMatchObject({ code: 403, reason: 'Forbidden', message: `${PREFIX}at most five` });
		const made = withPolicy({
			spec: { validations: [{ expression: 'object.spec.replicas <= 5', messageExpression: "'%d are too many'.format([object.spec.replicas])" }] },
		});
		expect(said(creates(made, deployment(6)))).toBe(`${PREFIX}6 are too many`);
	});

	it('hold for updates, patches and scale alike, and say nothing of others', () => {
		const cluster = withPolicy({ spec: MAX });
		cluster.create('apps/v1/deployments', deployment(2));
		const patched = cluster.call('patch', 'apps/v1/deployments', { namespace: 'default', name: 'web', body: { spec: { replicas: 9 } } });
		expect(patched.code).toBe(422);
		expect(cluster.refusal('v1/pods', pod())).toBe('');
	});

	it('warn, and write into the audit event', () => {
		const cluster = withPolicy({ spec: MAX, binding: { validationActions: ['Warn', 'Audit'] } });
		const annotations: Record<string, string> = {};
		const result = cluster.services.api.call(cluster.world, {
			verb: 'create',
			group: 'apps',
			version: 'v1',
			resource: 'deployments',
			namespace: 'default',
			body: deployment(9),
			options: {},
			user: { name: 'kubernetes-admin', groups: ['system:masters'] },
			annotate: (k: string, v: string) => {
				annotations[k] = v;
			},
		});
		expect(result.code).toBe(201);
		expect(result.warnings).toEqual([
			`Validation failed for ValidatingAdmissionPolicy 'limit' with binding 'limit-b': failed expression: object.spec.replicas <= 5`,
		]);
		expect(JSON.parse(annotations['validation.policy.admission.k8s.io/validation_failure'] ?? '')).toEqual([
			{
				message: 'failed expression: object.spec.replicas <= 5',
				policy: 'limit',
				binding: 'limit-b',
				expressionIndex: 0,
				validationActions: ['Warn', 'Audit'],
			},
		]);
	});

	it('end in a fault by their failure policy', () => {
		const spec = { validations: [{ expression: "object.spec.nothing == 'x'" }] };
		expect(said(creates(withPolicy({ spec }), deployment(1)))).toBe(`${PREFIX}expression 'object.spec.nothing == 'x'' resulted in error: no such key: nothing`);
		expect(said(creates(withPolicy({ spec: { ...spec, failurePolicy: 'Ignore' } }), deployment(1)))).toBe('');
		const dear = { validations: [{ expression: 'lists.range(10000).all(a, lists.range(10000).all(b, a + b >= 0))' }] };
		expect(said(creates(withPolicy({ spec: dear }), deployment(1)))).toBe(
			`${PREFIX}expression 'lists.range(10000).all(a, lists.range(10000).all(b, a + b >= 0))' resulted in error: operation cancelled: actual cost limit exceeded`,
		);
	});

	it('run out of budget together', () => {
		const one = { expression: 'lists.range(30000).all(a, a * 2 >= 0 && a * 2 >= 0)' };
		const cluster = withPolicy({ spec: { validations: Array.from({ length: 60 }, (_, i) => ({ expression: `${one.expression} || ${i} < 0` })) } });
		expect(said(creates(cluster, deployment(1)))).toBe(`${PREFIX}validation failed due to running out of cost budget, no further validation rules will be run`);
	});

	it('compose variables, and see request, namespace and authorizer', () => {
		const variables = [
			{ name: 'n', expression: 'object.spec.replicas' },
			{ name: 'twice', expression: 'variables.n * 2' },
			{ name: 'broken', expression: 'object.spec.nowhere' },
		];
		const check = (expression: string, user?: UserInfo): string =>
			said(creates(withPolicy({ spec: { variables, validations: [{ expression, message: 'no' }] } }), deployment(3), user));
		expect(check('variables.twice == 6')).toBe('');
		expect(check('variables.broken == 1')).toContain('composited variable "broken" fails to evaluate: no such key: nowhere');
		expect(check("request.operation == 'CREATE' && request.kind.kind == 'Deployment' && request.namespace == 'default' && request.name == 'web'")).toBe('');
		expect(check("request.userInfo.username == 'kubernetes-admin' && 'system:masters' in request.userInfo.groups && !request.dryRun")).toBe('');
		expect(
			check(
				"namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'default' && namespaceObject.metadata.creationTimestamp < timestamp('2100-01-01T00:00:00Z')",
			),
		).toBe('');
		expect(check("authorizer.group('').resource('pods').namespace('kube-system').check('delete').allowed()")).toBe('');
		expect(check("authorizer.serviceAccount('default', 'default').group('').resource('secrets').namespace('kube-system').check('list').allowed()")).toContain(
			'no',
		);
		expect(check("authorizer.requestResource.check('create').allowed()")).toBe('');
		expect(check('oldObject == null')).toBe('');
	});

	it('leave alone what conditions, selectors, names and exclusions let go', () => {
		const spared = (spec: object, binding?: object, object = deployment(9)): string =>
			said(creates(withPolicy({ spec: { ...MAX, ...spec }, ...(binding === undefined ? {} : { binding }) }), object));
		const rules = { resourceRules: [DEPLOYMENTS] };
		expect(spared({ matchConditions: [{ name: 'not-admin', expression: "request.userInfo.username != 'kubernetes-admin'" }] })).toBe('');
		expect(
			spared({
				matchConditions: [
					{ name: 'broken', expression: 'object.x.y == 1' },
					{ name: 'no', expression: 'false' },
				],
			}),
		).toBe('');
		expect(spared({ matchConstraints: { ...rules, objectSelector: { matchLabels: { app: 'other' } } } })).toBe('');
		expect(spared({ matchConstraints: { ...rules, namespaceSelector: { matchLabels: { env: 'prod' } } } })).toBe('');
		expect(spared({ matchConstraints: { ...rules, excludeResourceRules: [{ ...DEPLOYMENTS, resourceNames: ['web'] }] } })).toBe('');
		expect(spared({}, { matchResources: { namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'Exists' }] } } })).toBe('');
		expect(spared({})).toContain('denied request');
	});

	it('take parameters by name and by selector, and say what is missing', () => {
		const spec = {
			paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
			validations: [{ expression: 'object.spec.replicas <= int(params.data.max)', messageExpression: "'over ' + params.data.max" }],
		};
		const named = { paramRef: { name: 'limits', namespace: 'default', parameterNotFoundAction: 'Deny' } };
		const cluster = withPolicy({ spec, binding: named });
		expect(said(creates(cluster, deployment(4)))).toBe(
			`${PREFIX}failed to configure binding: no params found for policy binding with \`Deny\` parameterNotFoundAction`,
		);
		cluster.create('v1/configmaps', { metadata: { name: 'limits', labels: { kind: 'limit' } }, data: { max: '3' } });
		expect(said(creates(cluster, deployment(4)))).toBe(`${PREFIX}over 3`);
		expect(said(creates(cluster, deployment(3)))).toBe('');
		const allowed = withPolicy({ spec, binding: { paramRef: { name: 'limits', parameterNotFoundAction: 'Allow' } } });
		expect(said(creates(allowed, deployment(4)))).toBe('');
		const selected = withPolicy({ spec, binding: { paramRef: { selector: { matchLabels: { kind: 'limit' } }, parameterNotFoundAction: 'Deny' } } });
		for (const max of ['9', '5']) selected.create('v1/configmaps', { metadata: { name: `l${max}`, labels: { kind: 'limit' } }, data: { max } });
		expect(said(creates(selected, deployment(6)))).toBe(`${PREFIX}over 5`);
	});

	it('annotate the audit event', () => {
		const cluster = withPolicy({ spec: { auditAnnotations: [{ key: 'replicas', valueExpression: "'asked for ' + string(object.spec.replicas)" }] } });
		expect(said(creates(cluster, deployment(2)))).toBe('');
	});

	it('are asked of deletions with the old object', () => {
		const rule = { ...DEPLOYMENTS, operations: ['DELETE'] };
		const cluster = withPolicy({
			spec: {
				matchConstraints: { resourceRules: [rule] },
				validations: [{ expression: "object == null && !('keep' in oldObject.metadata.labels)", message: 'kept' }],
			},
		});
		cluster.create('apps/v1/deployments', deployment(1, 'web', { app: 'web', keep: 'yes' }));
		expect(said(cluster.call('delete', 'apps/v1/deployments', { namespace: 'default', name: 'web' }))).toBe(`${PREFIX}kept`);
	});

	it('never concern policies themselves', () => {
		const all = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*'] };
		const cluster = withPolicy({ spec: { matchConstraints: { resourceRules: [all] }, validations: [{ expression: 'false' }] } });
		expect(cluster.refusal('v1/configmaps', { metadata: { name: 'x' } })).toContain('denied request');
		expect(cluster.call('delete', `${GROUP}/validatingadmissionpolicybindings`, { name: 'limit-b' }).code).toBe(200);
	});
});

describe('policies that are wrong', () => {
	it.each<readonly [string, object, string]>([
		[
			'an unknown name',
			{ validations: [{ expression: 'objekt.spec == 1' }] },
			`spec.validations[0].expression: Invalid value: "objekt.spec == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'objekt' (in container '')\n | objekt.spec == 1\n | ^`,
		],
		['another result', { validations: [{ expression: '1 + 1' }] }, 'spec.validations[0].expression: Invalid value: "1 + 1": must evaluate to bool but got int'],
		[
			'no validations',
			{},
			'[spec.validations: Required value: validations or auditAnnotations must contain at least one item, spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item]',
		],
		[
			'a message in lines',
			{ validations: [{ expression: 'true', message: 'a\nb' }] },
			'spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks',
		],
		[
			'an unknown reason',
			{ validations: [{ expression: 'true', reason: 'Odd' }] },
			'spec.validations[0].reason: Unsupported value: "Odd": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"',
		],
		[
			'parameters without a kind',
			{ validations: [{ expression: 'params.x == 1' }] },
			`spec.validations[0].expression: Invalid value: "params.x == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x == 1\n | ^`,
		],
		[
			'a variable of a later one',
			{
				variables: [
					{ name: 'a', expression: 'variables.b' },
					{ name: 'b', expression: '1' },
				],
				validations: [{ expression: 'true' }],
			},
			`spec.variables[0].expression: Invalid value: "variables.b": compilation failed: ERROR: <input>:1:10: undefined field 'b'\n | variables.b\n | .........^`,
		],
	])('are refused for %s', (_what, spec, message) => {
		const refusal = testCluster().refusal(`${GROUP}/validatingadmissionpolicies`, {
			metadata: { name: 'x' },
			spec: { matchConstraints: { resourceRules: [DEPLOYMENTS] }, ...spec },
		});
		expect(refusal).toBe(`ValidatingAdmissionPolicy.admissionregistration.k8s.io "x" is invalid: ${message}`);
	});

	it('are refused for actions that contradict each other', () => {
		const refusal = testCluster().refusal(`${GROUP}/validatingadmissionpolicybindings`, {
			metadata: { name: 'x' },
			spec: { policyName: 'p', validationActions: ['Deny', 'Warn'] },
		});
		expect(refusal).toContain('must not contain both Deny and Warn');
	});
});

function mutating(mutations: readonly object[], more: object = {}, cluster = testCluster(), name = 'm', rule: object = PODS): TestCluster {
	cluster.create(`${GROUP}/mutatingadmissionpolicies`, {
		metadata: { name },
		spec: { matchConstraints: { resourceRules: [rule] }, reinvocationPolicy: 'Never', mutations, ...more },
	});
	cluster.create(`${GROUP}/mutatingadmissionpolicybindings`, { metadata: { name: `${name}-b` }, spec: { policyName: name } });
	return cluster;
}

const apply = (expression: string): object => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } });
const json = (expression: string): object => ({ patchType: 'JSONPatch', jsonPatch: { expression } });

describe('mutating policies', () => {
	it('apply configurations: labels, and sidecars beside the containers that are there', () => {
		const cluster = mutating([
			apply('Object{metadata: Object.metadata{labels: {"team": "blue"}}}'),
			apply('Object{spec: Object.spec{containers: [Object.spec.containers{name: "side", image: "busybox"}]}}'),
		]);
		const made = cluster.create('v1/pods', pod());
		expect(made.metadata.labels).toEqual({ team: 'blue' });
		expect(recs(specOf(made).containers).map((c) => c.name)).toEqual(expect.arrayContaining(['c', 'side']));
		// What a policy brought in goes through the other plugins as well: the service account's token is mounted.
		for (const c of recs(specOf(made).containers)) expect(recs(c.volumeMounts)).toHaveLength(1);
		expect(recs(specOf(made).containers).find((c) => c.name === 'side')?.imagePullPolicy).toBe('Always');
	});

	it('patch by JSON, where a failing test leaves things be', () => {
		const cluster = mutating([
			json('[JSONPatch{op: "add", path: "/metadata/annotations", value: {"a": "b"}}]'),
			json('[JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("example.com/x"), value: "1"}]'),
			json('[JSONPatch{op: "test", path: "/spec/restartPolicy", value: "Never"}, JSONPatch{op: "remove", path: "/metadata/annotations"}]'),
		]);
		expect(cluster.create('v1/pods', pod()).metadata.annotations).toEqual({ a: 'b', 'example.com/x': '1' });
	});

	it('are asked again where they want it and others changed the object', () => {
		const cluster = mutating(
			[apply('Object{metadata: Object.metadata{labels: {"count": has(object.metadata.labels) ? string(size(object.metadata.labels)) : "0"}}}')],
			{ reinvocationPolicy: 'IfNeeded' },
			testCluster(),
			'a',
		);
		mutating([apply('Object{metadata: Object.metadata{labels: {"late": "yes"}}}')], {}, cluster, 'b');
		expect(cluster.create('v1/pods', pod()).metadata.labels).toEqual({ count: '2', late: 'yes' });
	});

	it('refuse by their failure policy', () => {
		const broken = [apply('Object{spec: Object.spec{nowhere: object.spec.nope}}')];
		const text = `policy 'm' with binding 'm-b' denied request: `;
		expect(mutating(broken).refusal('v1/pods', pod())).toBe(
			`${text}expression 'Object{spec: Object.spec{nowhere: object.spec.nope}}' resulted in error: no such key: nope`,
		);
		expect(mutating(broken, { failurePolicy: 'Ignore' }).refusal('v1/pods', pod())).toBe('');
		expect(mutating([apply('Object{spec: Object.wrong{restartPolicy: "Never"}}')]).refusal('v1/pods', pod())).toBe(
			`${text}type mismatch: unexpected type name "Object.wrong", expected "Object.spec", which matches field name path from root Object type`,
		);
		expect(mutating([apply('Object{spec: Object.spec{containers: [Object.spec.containers{name: "c", args: ["x"]}]}}')]).refusal('v1/pods', pod())).toContain(
			'may not mutate atomic arrays, maps or structs: .spec.containers',
		);
	});

	it.each<readonly [string, object, string]>([
		['another result', apply('1'), 'spec.mutations[0].applyConfiguration.expression: Invalid value: "1": must evaluate to Object but got int'],
		[
			'another list',
			json('["x"]'),
			'spec.mutations[0].jsonPatch.expression: Invalid value: "[\\"x\\"]": must evaluate to list(JSONPatch) but got list(string)',
		],
		['no patch type', {}, 'spec.mutations[0].patchType: Required value'],
	])('are themselves refused for %s', (_what, mutation, message) => {
		const refusal = testCluster().refusal(`${GROUP}/mutatingadmissionpolicies`, {
			metadata: { name: 'x' },
			spec: { matchConstraints: { resourceRules: [PODS] }, reinvocationPolicy: 'Never', mutations: [mutation] },
		});
		expect(refusal).toBe(`MutatingAdmissionPolicy.admissionregistration.k8s.io "x" is invalid: ${message}`);
	});
});

describe('limits of policies', () => {
	it('end match conditions that cost too much together', () => {
		const dear = (name: string): object => ({ name, expression: 'lists.range(100000).all(a, a >= 0)' });
		const cluster = withPolicy({ spec: { ...MAX, matchConditions: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(dear) } });
		expect(LIMITS.matchConditions).toBeLessThan(LIMITS.runtime);
		expect(said(creates(cluster, deployment(1)))).toBe(`${PREFIX}validation failed due to running out of cost budget, no further validation rules will be run`);
	});

	it('cut annotations and pass over messages that are too long', () => {
		const long = "lists.range(20000).map(i, 'x').join()";
		const cluster = withPolicy({
			spec: { validations: [{ expression: 'object.spec.replicas < 5', messageExpression: long }], auditAnnotations: [{ key: 'long', valueExpression: long }] },
		});
		const annotations: Record<string, string> = {};
		cluster.services.api.call(cluster.world, {
			verb: 'create',
			group: 'apps',
			version: 'v1',
			resource: 'deployments',
			namespace: 'default',
			body: deployment(1),
			options: {},
			user: { name: 'kubernetes-admin', groups: ['system:masters'] },
			annotate: (k: string, v: string) => {
				annotations[k] = v;
			},
		});
		expect(annotations['limit/long']).toHaveLength(LIMITS.annotationCharacters);
		expect(LIMITS.messageCharacters).toBeLessThan(20_000);
		expect(said(creates(cluster, deployment(9)))).toBe(`${PREFIX}failed expression: object.spec.replicas < 5`);
	});
});

describe('scaling', () => {
	it('is an update of a Scale', () => {
		const rule = { ...DEPLOYMENTS, resources: ['deployments/scale'] };
		const cluster = withPolicy({
			spec: {
				matchConstraints: { resourceRules: [rule] },
				validations: [{ expression: "object.kind == 'Scale' && request.kind.kind == 'Scale' && object.spec.replicas <= 5" }],
			},
		});
		cluster.create('apps/v1/deployments', deployment(2));
		const to = (replicas: number): ApiResult =>
			cluster.call('patch', 'apps/v1/deployments/scale', { namespace: 'default', name: 'web', body: { spec: { replicas } } });
		expect(said(to(6))).toContain('denied request');
		expect(said(to(4))).toBe('');
	});
});

describe('type checking', () => {
	it('warns of fields that the kinds of a policy do not have', () => {
		const cluster = testCluster();
		const checked = (spec: object): unknown => {
			const policy = { apiVersion: GROUP, kind: 'ValidatingAdmissionPolicy', metadata: { name: 'x' }, spec };
			return expressionWarnings(policy as unknown as KubeObject, cluster.services.api.strategies);
		};
		const matchConstraints = { resourceRules: [DEPLOYMENTS] };
		expect(checked({ matchConstraints, validations: [{ expression: 'object.spec.replicas > 1 && object.metadata.labels.app == "x"' }] })).toEqual([]);
		expect(checked({ matchConstraints, validations: [{ expression: 'object.replicas > 1', messageExpression: "'is ' + object.spec.replicas" }] })).toEqual([
			{
				fieldRef: 'spec.validations[0].expression',
				warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
			},
			{
				fieldRef: 'spec.validations[0].messageExpression',
				warning:
					"apps/v1, Kind=Deployment: ERROR: <input>:1:7: found no matching overload for '_+_' applied to '(string, int)'\n | 'is ' + object.spec.replicas\n | ......^\n",
			},
		]);
		const any = { resourceRules: [{ ...DEPLOYMENTS, apiGroups: ['*'] }] };
		expect(checked({ matchConstraints: any, validations: [{ expression: 'object.replicas > 1' }] })).toEqual([]);
		const withParams = { matchConstraints, paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations: [{ expression: 'params.dta.x == "1"' }] };
		expect(checked(withParams)).toMatchObject([{ fieldRef: 'spec.validations[0].expression' }]);
	});
});
