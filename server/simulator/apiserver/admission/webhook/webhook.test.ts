import { describe, expect, it } from 'vitest';
import { buildSystem, Simulator } from '../../../simulator.ts';
import { rec, recs, str } from '../../registry/fields.ts';
import { testCluster } from '../../registry/testing.ts';
import type { ApiResponse } from '../../wire.ts';

const ADMIN = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };
const GROUP = '/apis/admissionregistration.k8s.io/v1';
const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const IMAGE = 'registry.k8s.io/e2e-test-images/agnhost:2.53';

const system = buildSystem('full');
const booted = Simulator.boot({ seed: 3, now: 1_795_197_600_000, profile: 'full', workers: 1 }, system);

class Cluster {
	readonly simulator: Simulator;
	constructor(simulator: Simulator) {
		this.simulator = simulator;
	}
	send(method: string, url: string, body?: unknown): ApiResponse {
		const request = {
			method,
			url,
			headers: { 'content-type': 'application/json', accept: 'application/json' },
			user: ADMIN,
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		};
		const { response } = this.simulator.apply({ kind: 'request', at: this.simulator.now, request });
		if (response === undefined) throw new Error('no response');
		return response;
	}
	pass(seconds: number): void {
		this.simulator.apply({ kind: 'tick', at: this.simulator.now + seconds * 1000 });
	}
	/** '' where it went well. */
	refusal(url: string, body: unknown): string {
		const { status, json } = this.send('POST', url, body);
		return status < 400 ? '' : str(rec(json).message);
	}
}

/** With `agnhost webhook` behind the service `hooks`. */
const serving = ((): Simulator => {
	const c = new Cluster(booted.fork());
	c.send('POST', '/api/v1/namespaces/default/secrets', {
		metadata: { name: 'cert' },
		type: 'kubernetes.io/tls',
		data: { 'tls.crt': 'eA==', 'tls.key': 'eA==' },
	});
	const args = ['webhook', '--tls-cert-file=/tls/tls.crt', '--tls-private-key-file=/tls/tls.key', '--port=8443'];
	c.send('POST', '/api/v1/namespaces/default/pods', {
		metadata: { name: 'hooks', labels: { app: 'hooks' } },
		spec: {
			volumes: [{ name: 'tls', secret: { secretName: 'cert' } }],
			containers: [{ name: 'c', image: IMAGE, args, volumeMounts: [{ name: 'tls', mountPath: '/tls' }] }],
		},
	});
	c.send('POST', '/api/v1/namespaces/default/services', {
		metadata: { name: 'hooks' },
		spec: {
			selector: { app: 'hooks' },
			ports: [{ port: 443, targetPort: 8443 }],
		},
	});
	c.pass(40);
	return c.simulator;
})();

const RULES = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }];
const webhook = (path: string, more: object = {}, service: object = {}): object => ({
	name: 'x.example.com',
	clientConfig: { service: { name: 'hooks', namespace: 'default', path, ...service }, caBundle: 'eA==' },
	rules: RULES,
	sideEffects: 'None',
	admissionReviewVersions: ['v1'],
	...more,
});

function withHook(kind: 'validating' | 'mutating', ...webhooks: readonly object[]): Cluster {
	const c = new Cluster(serving.fork());
	const made = c.send('POST', `${GROUP}/${kind}webhookconfigurations`, { metadata: { name: 'x' }, webhooks });
	expect(made.status).toBe(201);
	return c;
}

const map = (data: object = {}, name = 'm'): object => ({ metadata: { name }, data });
const FAILED = 'Internal error occurred: failed calling webhook "x.example.com": failed to call webhook: ';

describe('webhooks', () => {
	it('refuse in the words of their server', () => {
		const c = withHook('validating', webhook('/configmaps'));
		expect(c.refusal(CONFIGMAPS, map({ 'webhook-e2e-test': 'webhook-disallow' }))).toBe(
			'admission webhook "x.example.com" denied the request: the configmap contains unwanted key and value',
		);
		expect(c.refusal(CONFIGMAPS, map())).toBe('');
		const answer = withHook('validating', webhook('/always-deny')).send('POST', CONFIGMAPS, map());
		expect(answer.status).toBe(400);
	});

	it('change objects, one after the other, and again where they want it', () => {
		const c = withHook('mutating', webhook('/mutating-configmaps', { reinvocationPolicy: 'IfNeeded' }), webhook('/add-label', { name: 'y.example.com' }));
		const made = rec(c.send('POST', CONFIGMAPS, map({ 'mutation-start': 'yes' })).json);
		expect(made.data).toEqual({ 'mutation-start': 'yes', 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
		expect(rec(made.metadata).labels).toEqual({ 'added-label': 'yes' });
	});

	it('are asked about what their rules, selectors and conditions say alone', () => {
		const deny = (more: object): string => withHook('validating', webhook('/always-deny', more)).refusal(CONFIGMAPS, map());
		expect(deny({})).toContain('denied the request');
		expect(deny({ objectSelector: { matchLabels: { a: 'b' } } })).toBe('');
		expect(deny({ namespaceSelector: { matchLabels: { env: 'prod' } } })).toBe('');
		expect(deny({ matchConditions: [{ name: 'other', expression: "object.metadata.name != 'm'" }] })).toBe('');
		expect(deny({ rules: [{ ...RULES[0], scope: 'Cluster' }] })).toBe('');
		expect(deny({ rules: [{ ...RULES[0], resources: ['*'], apiGroups: ['*'] }] })).toContain('denied the request');
	});

	it('that cannot be reached fail the request, or let it pass', () => {
		const fails = (path: string, more: object = {}, service: object = {}): string =>
			withHook('validating', webhook(path, more, service)).refusal(CONFIGMAPS, map());
		expect(fails('/x', {}, { name: 'nobody' })).toBe(`${FAILED}Post "https://nobody.default.svc:443/x?timeout=10s": service "nobody" not found`);
		expect(fails('/x', {}, { port: 99 })).toBe(`${FAILED}Post "https://hooks.default.svc:99/x?timeout=10s": no service port 99 found for service "hooks"`);
		expect(fails('/x', { failurePolicy: 'Ignore' }, { name: 'nobody' })).toBe('');
		expect(fails('/nowhere')).toBe(`${FAILED}the server could not find the requested resource`);
		expect(fails('/always-allow-delay-5s', { timeoutSeconds: 2 })).toBe(
			`${FAILED}Post "https://hooks.default.svc:443/always-allow-delay-5s?timeout=2s": context deadline exceeded`,
		);
		expect(fails('/always-allow-delay-5s', { timeoutSeconds: 9 })).toBe('');
		expect(fails('/always-deny', { clientConfig: { service: { name: 'hooks', namespace: 'default', path: '/always-deny' } } })).toBe(
			`${FAILED}Post "https://hooks.default.svc:443/always-deny?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
		);
		const c = withHook('validating', webhook('/always-deny'));
		c.send('DELETE', '/api/v1/namespaces/default/pods/hooks');
		c.pass(60);
		const address = str(rec(rec(c.send('GET', '/api/v1/namespaces/default/services/hooks').json).spec).clusterIP);
		expect(c.refusal(CONFIGMAPS, map())).toBe(
			`${FAILED}Post "https://hooks.default.svc:443/always-deny?timeout=10s": dial tcp ${address}:443: connect: connection refused`,
		);
	});

	it('answered by another protocol or another server say so', () => {
		const c = withHook('validating', webhook('/', {}, { name: 'web' }));
		c.send('POST', '/api/v1/namespaces/default/pods', {
			metadata: { name: 'web', labels: { app: 'web' } },
			spec: { containers: [{ name: 'c', image: 'nginx:1.29' }] },
		});
		c.send('POST', '/api/v1/namespaces/default/services', {
			metadata: { name: 'web' },
			spec: { selector: { app: 'web' }, ports: [{ port: 443, targetPort: 80 }] },
		});
		c.pass(40);
		expect(c.refusal(CONFIGMAPS, map())).toBe(`${FAILED}Post "https://web.default.svc:443/?timeout=10s": http: server gave HTTP response to HTTPS client`);
	});

	it('that change objects are asked about deletions, too', () => {
		const c = withHook('mutating', webhook('/always-deny', { rules: [{ ...RULES[0], operations: ['DELETE'] }] }));
		expect(c.refusal(CONFIGMAPS, map())).toBe('');
		expect(str(rec(c.send('DELETE', `${CONFIGMAPS}/m`).json).message)).toBe(
			'admission webhook "x.example.com" denied the request: this webhook denies all requests',
		);
	});

	it('leave the world as it was, whatever their server did', () => {
		const c = withHook('validating', webhook('/configmaps'));
		const before = c.simulator.now;
		expect(c.refusal(CONFIGMAPS, map())).toBe('');
		expect(c.simulator.now).toBe(before);
	});

	it('of everything do not ask themselves', () => {
		const everything = [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }];
		const c = withHook('validating', webhook('/always-deny', { rules: everything }));
		expect(c.refusal(CONFIGMAPS, map())).toContain('denied the request');
		expect(c.send('DELETE', `${GROUP}/validatingwebhookconfigurations/x`).status).toBe(200);
		expect(c.refusal(CONFIGMAPS, map())).toBe('');
	});
});

describe('webhook configurations', () => {
	it('get defaults', () => {
		const cluster = testCluster();
		const made = cluster.create('admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', { metadata: { name: 'x' }, webhooks: [webhook('/a')] });
		expect(recs(made.webhooks)[0]).toMatchObject({
			failurePolicy: 'Fail',
			matchPolicy: 'Equivalent',
			timeoutSeconds: 10,
			reinvocationPolicy: 'Never',
			namespaceSelector: {},
			objectSelector: {},
			clientConfig: { service: { port: 443 } },
			rules: [{ scope: '*' }],
		});
	});

	it.each<readonly [string, object, string]>([
		['a short name', { name: 'x' }, 'webhooks[0].name: Invalid value: "x": should be a domain with at least three segments separated by dots'],
		['side effects', { sideEffects: 'Some' }, 'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
		['a long timeout', { timeoutSeconds: 31 }, 'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds'],
		['no way to call', { clientConfig: {} }, 'webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
		[
			'plain http',
			{ clientConfig: { url: 'http://a.example.com' } },
			`webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
		],
		[
			'unknown reviews',
			{ admissionReviewVersions: ['v2'] },
			'webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
		],
		[
			'a condition that does not compile',
			{ matchConditions: [{ name: 'a', expression: 'objekt == 1' }] },
			`webhooks[0].matchConditions[0].expression: Invalid value: "objekt == 1": compilation failed: ERROR: <input>:1:1: undeclared reference to 'objekt' (in container '')\n | objekt == 1\n | ^`,
		],
	])('are refused for %s', (_what, more, message) => {
		const refusal = testCluster().refusal('admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
			metadata: { name: 'x' },
			webhooks: [webhook('/a', more)],
		});
		expect(refusal).toBe(`ValidatingWebhookConfiguration.admissionregistration.k8s.io "x" is invalid: ${message}`);
	});
});
