import { beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM_USERS } from '../services.ts';
import { Simulator } from '../simulator.ts';

const START = 1_795_197_600_000;
const PODS = '/api/v1/namespaces/default/pods';

interface PodObject {
	readonly status: {
		readonly phase: string;
		readonly podIP?: string;
		readonly containerStatuses?: readonly {
			readonly ready: boolean;
			readonly restartCount: number;
			readonly state: { readonly terminated?: { readonly exitCode: number } };
		}[];
	};
}

const simulator = Simulator.boot({ seed: 7, now: START, hosts: [] });
function send(method: string, url: string, body?: unknown) {
	const request = {
		method,
		url,
		headers: { 'content-type': 'application/json' },
		user: SYSTEM_USERS.admin,
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	};
	return simulator.apply({ at: simulator.now, kind: 'request', request }).response;
}
const create = (name: string, spec: object): void => {
	const status = send('POST', PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec })?.status;
	if (status !== 201) throw new Error(`${name}: ${status}`);
};
const pod = (name: string): PodObject => send('GET', `${PODS}/${name}`)?.json as PodObject;
const container = (name: string) => pod(name).status.containerStatuses?.[0];
const IMAGE = 'quay.io/argoproj/argocd:v3.2.1';

beforeAll(() => {
	const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
	const meta = { name: 'maker' };
	send('POST', '/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta });
	send('POST', `${rbac}/roles`, {
		apiVersion: 'rbac.authorization.k8s.io/v1',
		kind: 'Role',
		metadata: meta,
		rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['create'] }],
	});
	send('POST', `${rbac}/rolebindings`, {
		apiVersion: 'rbac.authorization.k8s.io/v1',
		kind: 'RoleBinding',
		metadata: meta,
		roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'maker' },
		subjects: [{ kind: 'ServiceAccount', name: 'maker', namespace: 'default' }],
	});
	create('server', {
		initContainers: [
			{ name: 'copy', image: IMAGE, command: ['sh', '-c'], args: ['/bin/cp -n /usr/local/bin/argocd /shared/argocd && ln -s /shared/argocd /shared/x'] },
		],
		containers: [
			{
				name: 'server',
				image: IMAGE,
				args: ['/usr/local/bin/argocd-server', '--port=8080'],
				ports: [{ containerPort: 8080 }, { containerPort: 9443, name: 'webhook' }],
				readinessProbe: { httpGet: { path: '/healthz', port: 8082 } },
				livenessProbe: { exec: { command: ['argocd', 'ready'] } },
				startupProbe: { grpc: { port: 9000 } },
				securityContext: { runAsNonRoot: true },
			},
		],
	});
	create('certgen', {
		restartPolicy: 'OnFailure',
		serviceAccountName: 'maker',
		containers: [{ name: 'create', image: 'registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.9', args: ['create', '--host=a', '--secret-name=made'] }],
	});
	create('work', { restartPolicy: 'Never', containers: [{ name: 'work', image: IMAGE, command: ['argocd', 'admin', 'import'] }] });
	create('fails', { restartPolicy: 'Never', containers: [{ name: 'fails', image: 'alpine/git:2.45.2', command: ['sh', '-c', 'echo no; exit 3'] }] });
	create('script', {
		containers: [
			{
				name: 'script',
				image: 'alpine/git:2.45.2',
				command: ['sh', '-c', 'while true; do date > /tmp/now; sleep 5; done'],
				readinessProbe: { exec: { command: ['cat', '/tmp/now'] } },
			},
		],
	});
	simulator.apply({ at: simulator.now + 60_000, kind: 'tick' });
});

describe('a container whose program is not simulated', () => {
	it('serves on the ports that its pod names, after init containers whose work is not known', () => {
		expect(pod('server').status.phase).toBe('Running');
		expect(container('server')).toMatchObject({ ready: true, restartCount: 0 });
		expect(send('GET', `${PODS}/server/log`)?.text).toContain('stand-in listens on 8080, 9443, 9000, 8082');
	});

	it('ends well where it is to come to an end', () => {
		expect(container('work')?.state.terminated?.exitCode).toBe(0);
	});

	it('makes the secret that others wait for, as far as its service account may', () => {
		expect(send('GET', `${PODS}/certgen/log`)?.text).toContain('The stand-in has made the secret made.');
		const data = { ca: expect.any(String), cert: expect.any(String), key: expect.any(String) };
		expect(send('GET', '/api/v1/namespaces/default/secrets/made')?.json).toMatchObject({ data });
	});

	it('runs scripts that its tools can run, to their own end', () => {
		expect(container('fails')?.state.terminated?.exitCode).toBe(3);
		expect(container('script')).toMatchObject({ ready: true, restartCount: 0 });
	});

	it('lets through what it is asked about as a webhook, without a bundle that it would have brought itself', () => {
		send('POST', '/api/v1/namespaces/default/services', {
			apiVersion: 'v1',
			kind: 'Service',
			metadata: { name: 'hook' },
			spec: { selector: { app: 'server' }, ports: [{ port: 443, targetPort: 9443 }] },
		});
		const service = (name: string) => ({ service: { name, namespace: 'default', path: '/validate' } });
		const configure = (name: string): number | undefined =>
			send('POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
				apiVersion: 'admissionregistration.k8s.io/v1',
				kind: 'ValidatingWebhookConfiguration',
				metadata: { name },
				webhooks: [
					{
						name: `${name}.example.com`,
						clientConfig: service(name),
						rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
						sideEffects: 'None',
						admissionReviewVersions: ['v1'],
					},
				],
			})?.status;
		const map = (name: string) => send('POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
		simulator.apply({ at: simulator.now + 5_000, kind: 'tick' });
		expect(configure('hook')).toBe(201);
		expect(map('a')?.status).toBe(201);
		expect(configure('nobody')).toBe(201);
		expect(map('b')).toMatchObject({ status: 500, json: { message: expect.stringContaining('service "nobody" not found') } });
	});
});
