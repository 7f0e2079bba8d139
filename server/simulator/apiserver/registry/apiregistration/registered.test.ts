import { describe, expect, it } from 'vitest';
import { rec, recs, str } from '../fields.ts';
import { type TestCluster, testCluster } from '../testing.ts';
import type { ApiResponse } from '../../wire.ts';

const ADMIN = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

const send = (c: TestCluster, method: string, url: string, body?: unknown): ApiResponse =>
	c.services.api.handle(c.world, {
		method,
		url,
		headers: { accept: 'application/json', 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' },
		user: ADMIN,
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
const groups = (c: TestCluster): readonly string[] => recs(rec(send(c, 'GET', '/apis').json).groups).map((g) => str(g.name));

describe('a deleted APIService', () => {
	it('is missing from discovery, while the server goes on to answer for its own groups', () => {
		const c = testCluster();
		expect(groups(c)).toContain('batch');
		send(c, 'DELETE', '/apis/apiregistration.k8s.io/v1/apiservices/v1.batch');
		expect(groups(c)).not.toContain('batch');
		expect(groups(c)).toContain('apps');
		expect(send(c, 'GET', '/apis/batch/v1/jobs').status).toBe(200);
	});

	it('takes one version of a group along and leaves the others', () => {
		const c = testCluster();
		send(c, 'DELETE', '/apis/apiregistration.k8s.io/v1/apiservices/v1.autoscaling');
		const found = rec(send(c, 'GET', '/apis/autoscaling').json);
		expect(recs(found.versions).map((v) => v.version)).toEqual(['v2']);
	});

	it('of an extension server ends what that one served', () => {
		const c = testCluster();
		const url = '/apis/metrics.k8s.io/v1beta1/nodes';
		expect(send(c, 'GET', url).status).toBe(200);
		send(c, 'DELETE', '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io');
		expect([send(c, 'GET', url).status, groups(c).includes('metrics.k8s.io')]).toEqual([404, false]);
	});
});

describe('componentstatuses', () => {
	const table = (c: TestCluster): readonly unknown[] => {
		const request = { method: 'GET', url: '/api/v1/componentstatuses', headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }, user: ADMIN };
		return recs(rec(c.services.api.handle(c.world, request).json).rows).map((r) => r.cells);
	};
	it('are healthy, but for the scheduler where none runs', () => {
		const well = ['controller-manager', 'scheduler', 'etcd-0'].map((name) => [name, 'Healthy', 'ok', '']);
		expect(table(testCluster())).toEqual(well);
		const why = 'Get "https://127.0.0.1:10259/healthz": dial tcp 127.0.0.1:10259: connect: connection refused';
		expect(table(testCluster('apiserver'))).toEqual(well.map((row) => (row[0] === 'scheduler' ? ['scheduler', 'Unhealthy', why, ''] : row)));
	});
});

describe('managedFields', () => {
	it.each([[[]], [[{}]]])('are cleared by %j', (managedFields) => {
		const c = testCluster();
		const made = send(c, 'POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'm' }, data: { a: 'b' } });
		expect(recs(rec(rec(made.json).metadata).managedFields)).toHaveLength(1);
		send(c, 'PATCH', '/api/v1/namespaces/default/configmaps/m', { metadata: { managedFields } });
		expect(c.client.get(c.world, 'v1/configmaps', 'default', 'm')?.metadata.managedFields).toBeUndefined();
	});
});
