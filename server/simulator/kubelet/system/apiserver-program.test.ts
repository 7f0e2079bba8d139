import { describe, expect, it } from 'vitest';
import { SYSTEM_USERS } from '../../services.ts';
import { Simulator } from '../../simulator.ts';
import { WATCH_LONGEST_MS, WATCH_MS, WATCHES_KEPT } from './apiserver-program.ts';

/** A cluster, and a way to ask its API server as a process on a node would. */
function cluster() {
	const s = Simulator.boot({ seed: 1, now: 1_795_197_600_000 });
	const client = s.system.services.api.client(SYSTEM_USERS.admin);
	client.create(s.world, 'rbac.authorization.k8s.io/v1/clusterrolebindings', undefined, {
		metadata: { name: 'open' },
		roleRef: { kind: 'ClusterRole', name: 'cluster-admin' },
		subjects: [{ kind: 'User', name: 'system:anonymous' }],
	});
	let calls = 0;
	const dial = (path: string): string => {
		const id = `d${calls++}`;
		const request = { protocol: 'http', tls: true, method: 'GET', path, headers: { host: 'x' }, body: '' } as const;
		s.apply({
			at: s.now,
			kind: 'dial',
			id,
			dial: { from: { kind: 'node', name: 'foothold-worker' }, host: '10.96.0.1', port: 443, request, timeoutMs: 300_000 },
		});
		return id;
	};
	const run = (ms: number): void => void s.apply({ at: s.now + ms, kind: 'tick' });
	const answer = (id: string): { readonly status: number; readonly body: string } | undefined => {
		const outcome = s.outcome(id);
		return outcome?.ok === true && outcome.response.protocol === 'http' ? outcome.response : undefined;
	};
	const map = (name: string): void => void client.create(s.world, 'v1/configmaps', 'default', { metadata: { name } });
	return { s, dial, run, answer, map };
}

const names = (body: string): readonly string[] =>
	body
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as { readonly type: string; readonly object: { readonly metadata: { readonly name: string } } })
		.map((e) => `${e.type} ${e.object.metadata.name}`);

describe('a watch from inside the cluster', () => {
	it('is answered with what happened until its time was over', () => {
		const c = cluster();
		const id = c.dial('/api/v1/namespaces/default/configmaps?watch=1&timeoutSeconds=5');
		c.run(1000);
		c.map('seen');
		c.run(2000);
		expect(c.answer(id)).toBeUndefined();
		c.run(2500);
		c.map('late');
		expect(c.answer(id)?.status).toBe(200);
		expect(names(c.answer(id)?.body ?? '')).toEqual(['ADDED kube-root-ca.crt', 'ADDED seen']);
	});

	it('ends by itself, however long it was to go on', () => {
		const c = cluster();
		const short = c.dial('/api/v1/configmaps?watch=1');
		const long = c.dial('/api/v1/configmaps?watch=1&timeoutSeconds=3600');
		c.run(WATCH_MS + 500);
		expect(c.answer(short)?.status).toBe(200);
		expect(c.answer(long)).toBeUndefined();
		c.run(WATCH_LONGEST_MS);
		expect(c.answer(long)?.status).toBe(200);
	});

	it('is turned away beyond a number of others', () => {
		const c = cluster();
		const ids = Array.from({ length: WATCHES_KEPT + 1 }, () => c.dial('/api/v1/configmaps?watch=1&timeoutSeconds=60'));
		c.run(1000);
		expect(ids.map((id) => c.answer(id)?.status).filter((status) => status !== undefined)).toEqual([429]);
	});

	it('knows followed logs, too, and no exec', () => {
		const c = cluster();
		const pod = '/api/v1/namespaces/kube-system/pods/kube-apiserver-foothold-control-plane';
		const log = c.dial(`${pod}/log?follow=true`);
		const exec = c.dial(`${pod}/exec?command=ls&stdout=true`);
		c.run(WATCH_MS + 500);
		expect(c.answer(log)?.body).toContain('Serving securely on [::]:6443\n');
		expect(c.answer(exec)).toMatchObject({ status: 400, body: 'Upgrade request required\n' });
	});
});

describe('a proxied request from inside the cluster', () => {
	it('is answered by the pod or the kubelet that it is for, or says why not', () => {
		const c = cluster();
		const client = c.s.system.services.api.client(SYSTEM_USERS.admin);
		const containers = [{ name: 'c', image: 'nginx:1.29', ports: [{ containerPort: 80 }] }];
		client.create(c.s.world, 'v1/pods', 'default', { metadata: { name: 'web' }, spec: { containers } });
		c.run(60_000);
		const ids = ['namespaces/default/pods/web', 'namespaces/default/pods/web:81', 'nodes/foothold-worker'].map((path) =>
			c.dial(`/api/v1/${path}/proxy/healthz`),
		);
		c.run(1000);
		const [page, closed, kubelet] = ids.map((id) => c.answer(id));
		// nginx has no such page, and its own words for that.
		expect([page?.status, page?.body]).toEqual([404, expect.stringContaining('<center>nginx/')]);
		expect([closed?.status, closed?.body]).toEqual([503, expect.stringContaining(':81: connect: connection refused')]);
		expect([kubelet?.status, kubelet?.body]).toEqual([200, 'ok']);
	});
});
