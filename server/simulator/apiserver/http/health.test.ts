import { describe, expect, it } from 'vitest';
import { testServer } from '../testing.ts';
import { countRequest, REQUEST_SERIES_KEPT } from './metrics.ts';

const text = (url: string): string => testServer().send('GET', url).text ?? '';

describe('health', () => {
	it('is a word, or a line for every check', () => {
		expect(text('/livez')).toBe('ok');
		expect(text('/livez?verbose')).toMatch(
			/^\[\+\]ping ok\n\[\+\]log ok\n\[\+\]etcd ok\n[\s\S]*\[\+\]autoregister-completion ok\n[\s\S]*livez check passed\n$/,
		);
		expect(text('/livez?verbose')).not.toContain('[+]informer-sync ok');
		expect(text('/readyz?verbose')).toMatch(/\[\+\]etcd-readiness ok\n\[\+\]informer-sync ok\n[\s\S]*\[\+\]shutdown ok\nreadyz check passed\n$/);
		expect(text('/healthz?verbose=true')).toContain('healthz check passed');
	});

	it('answers for one check, knows none that is not there, and leaves checks out', () => {
		expect(text('/livez/etcd')).toBe('ok');
		expect(text('/healthz/poststarthook/rbac/bootstrap-roles')).toBe('ok');
		expect(testServer().send('GET', '/livez/none').status).toBe(404);
		expect(text('/readyz?verbose&exclude=etcd')).toContain('[+]etcd excluded: ok\n');
		expect(text('/readyz?verbose&exclude=none')).toContain('warn: some health checks cannot be excluded: no matches for "none"\n');
	});
});

describe('metrics', () => {
	it('count requests by what they were', () => {
		const s = testServer();
		const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
		s.send('POST', '/api/v1/namespaces/default/configmaps', map);
		s.send('POST', '/api/v1/namespaces/default/configmaps', map);
		s.send('GET', '/api/v1/configmaps');
		const page = s.send('GET', '/metrics').text ?? '';
		const series = (code: number, scope: string, verb: string): string =>
			`apiserver_request_total{code="${code}",component="apiserver",dry_run="",group="",resource="configmaps",scope="${scope}",subresource="",verb="${verb}",version="v1"} 1\n`;
		expect(page).toContain(series(201, 'resource', 'POST'));
		expect(page).toContain(series(409, 'resource', 'POST'));
		expect(page).toContain(series(200, 'cluster', 'LIST'));
		expect(page).toContain('apiserver_storage_objects{resource="configmaps"} 1\n');
		expect(page).toMatch(/apiserver_request_duration_seconds_count\{.*verb="POST".*\} 2\n/);
	});

	it('count audit events and tell of deprecated resources once they were asked for', () => {
		const s = testServer();
		const page = (): string => s.send('GET', '/metrics').text ?? '';
		const events = (): number => Number(/^apiserver_audit_event_total (\d+)$/m.exec(page())?.[1]);
		const before = events();
		s.send('GET', '/api/v1/configmaps');
		expect(events()).toBe(before + 2);
		expect(page()).not.toContain('apiserver_requested_deprecated_apis{');
		s.send('GET', '/api/v1/endpoints');
		expect(page()).toContain('apiserver_requested_deprecated_apis{group="",removed_release="",resource="endpoints",subresource="",version="v1"} 1\n');
	});

	it('keep a bounded number of series, whatever is asked for', () => {
		const s = testServer();
		for (let i = 0; i < REQUEST_SERIES_KEPT + 10; i++) {
			countRequest(s.world, { verb: 'get', group: `g${i}`, version: 'v1', resource: 'r', options: {}, user: { name: 'a', groups: [] } }, 404);
		}
		const page = s.send('GET', '/metrics').text ?? '';
		expect(page.split('\n').filter((l) => l.startsWith('apiserver_request_total{'))).toHaveLength(REQUEST_SERIES_KEPT);
	});
});
