import { describe, expect, it } from 'vitest';
import { AUDIT_POLICY_FILE, reloadControlPlaneFile } from '../config/control-plane.ts';
import { testCluster } from '../registry/testing.ts';
import { SYSTEM_USERS } from '../../services.ts';
import { type TestServer, testServer } from '../testing.ts';
import { AUDIT_BYTES_KEPT, AUDIT_EVENTS_KEPT, AUDIT_OPEN_KEPT, auditEvents, auditEventsSince, completeAudit, recordAudit } from './audit.ts';
import type { AuditEvent } from './event.ts';

const CONFIGMAPS = '/api/v1/namespaces/default/configmaps';
const map = (name: string, value = 'x'): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { k: value } });

/** A server whose policy file says so. */
function audited(rules: string): TestServer {
	const s = testServer();
	const said = reloadControlPlaneFile(s.world, AUDIT_POLICY_FILE, `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules}`);
	expect(said).toContain('Load audit policy rules success');
	return s;
}

const stages = (events: readonly AuditEvent[]): readonly string[] => events.map((e) => `${e.stage} ${e.verb} ${e.responseStatus?.code ?? '-'}`);

describe('audit events', () => {
	it('tell of a request once, without bodies, where no policy says otherwise', () => {
		const s = testServer();
		s.send('POST', CONFIGMAPS, map('a'));
		const [event] = auditEvents(s.world);
		expect(auditEvents(s.world)).toHaveLength(1);
		expect(event).toMatchObject({
			level: 'Metadata',
			stage: 'ResponseComplete',
			objectRef: { resource: 'configmaps', namespace: 'default', name: 'a', apiVersion: 'v1' },
			responseStatus: { metadata: {}, code: 201 },
			annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
		});
		expect(event).not.toHaveProperty('requestObject');
		expect(s.send('GET', CONFIGMAPS).headers['audit-id']).toBe(auditEvents(s.world)[1]?.auditID);
	});

	it('have a stage each under one ID, and bodies by their level', () => {
		const s = audited('- {level: RequestResponse, verbs: [create]}\n- {level: Request, verbs: [update]}\n- {level: Metadata, verbs: [get]}\n');
		const made = s.send('POST', CONFIGMAPS, map('a'));
		s.send('PUT', `${CONFIGMAPS}/a`, map('a', 'y'));
		s.send('GET', `${CONFIGMAPS}/a`);
		s.send('DELETE', `${CONFIGMAPS}/a`);
		const events = auditEvents(s.world);
		expect(stages(events)).toEqual([
			'RequestReceived create -',
			'ResponseComplete create 201',
			'RequestReceived update -',
			'ResponseComplete update 200',
			'RequestReceived get -',
			'ResponseComplete get 200',
		]);
		expect(new Set(events.map((e) => e.auditID)).size).toBe(3);
		expect(events[0]?.auditID).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
		expect(events[1]?.requestObject).toMatchObject({ data: { k: 'x' } });
		expect(events[1]?.responseObject).toEqual(made.json);
		expect(events[3]?.requestObject).toMatchObject({ data: { k: 'y' } });
		expect(events[3]).not.toHaveProperty('responseObject');
		expect(events[5]).not.toHaveProperty('requestObject');
	});

	it('name the caller, and who it acts as', () => {
		const s = testServer();
		s.send('GET', CONFIGMAPS, undefined, { 'impersonate-user': 'jane', 'user-agent': 'kubectl/v1.35.2' });
		expect(auditEvents(s.world)[0]).toMatchObject({
			user: { username: 'kubernetes-admin' },
			impersonatedUser: { username: 'jane', groups: ['system:authenticated'] },
			userAgent: 'kubectl/v1.35.2',
			responseStatus: { status: 'Failure', reason: 'Forbidden', code: 403 },
			annotations: { 'authorization.k8s.io/decision': 'forbid' },
		});
	});

	it('tell what a caller that could not say who it is wanted', () => {
		const s = testServer();
		s.api.handle(s.world, { method: 'GET', url: `${CONFIGMAPS}/a`, headers: { authorization: 'Bearer none' } });
		const [event] = auditEvents(s.world);
		expect(event).toMatchObject({ user: { username: '' }, objectRef: { resource: 'configmaps', name: 'a' }, responseStatus: { code: 401 } });
		expect(event).not.toHaveProperty('annotations');
	});

	it('name the object that a field selector picks', () => {
		const s = testServer();
		s.send('GET', `${CONFIGMAPS}?watch=1&fieldSelector=metadata.name%3Da`);
		expect(auditEvents(s.world)[0]).toMatchObject({ stage: 'ResponseStarted', verb: 'watch', objectRef: { name: 'a' } });
	});

	it('leave managed fields out where the policy says so', () => {
		const s = audited('- {level: RequestResponse, omitManagedFields: true}\n');
		const applied = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: 'v' } };
		const made = s.send('PATCH', `${CONFIGMAPS}/a?fieldManager=t`, applied, { 'content-type': 'application/apply-patch+yaml' });
		expect(made.json).toHaveProperty('metadata.managedFields');
		expect(auditEvents(s.world).at(-1)?.responseObject).not.toHaveProperty('metadata.managedFields');
	});

	it('go by what held before where a new policy can’t be read', () => {
		const s = audited('- {level: None}\n');
		expect(reloadControlPlaneFile(s.world, AUDIT_POLICY_FILE, 'kind: [')).toContain('Failed to load audit policy');
		s.send('GET', CONFIGMAPS);
		expect(auditEvents(s.world)).toEqual([]);
		reloadControlPlaneFile(s.world, AUDIT_POLICY_FILE, undefined);
		s.send('GET', CONFIGMAPS);
		expect(auditEvents(s.world)).toHaveLength(1);
	});

	it('complete an exec when its stream closes, and know of a bounded number of open ones', () => {
		const s = testServer();
		const open = (id: string): string | undefined =>
			recordAudit(
				s.world,
				{ method: 'POST', url: '/x', agent: undefined, sourceIPs: [], size: 0 },
				{ user: { name: 'a', groups: [] } },
				{
					status: 101,
					long: true,
					stream: { id, kind: 'exec' },
				},
			);
		for (let i = 0; i <= AUDIT_OPEN_KEPT; i++) open(`s${i}`);
		completeAudit(s.world, 's0');
		completeAudit(s.world, 's0');
		completeAudit(s.world, `s${AUDIT_OPEN_KEPT}`);
		const events = auditEvents(s.world);
		expect(events.filter((e) => e.stage === 'ResponseComplete')).toHaveLength(1);
		expect(events.at(-1)).toMatchObject({ stage: 'ResponseComplete', auditID: events[0]?.auditID });
	});

	it('keep within their number and their bytes, and tell a reader what it missed', () => {
		const s = audited('- {level: Request, omitStages: [RequestReceived]}\n');
		for (let i = 0; i < AUDIT_EVENTS_KEPT + 5; i++) s.send('GET', CONFIGMAPS);
		const read = auditEventsSince(s.world, 0);
		expect(read.events).toHaveLength(AUDIT_EVENTS_KEPT);
		expect(read.missed).toBe(5);
		expect(auditEventsSince(s.world, read.next)).toEqual({ events: [], next: read.next, missed: 0 });
		const big = 'x'.repeat(1_000_000);
		for (let i = 0; i < 12; i++) s.send('POST', CONFIGMAPS, map(`m${i}`, big));
		const sizes = auditEvents(s.world).map((e) => JSON.stringify(e.requestObject ?? '').length);
		expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(AUDIT_BYTES_KEPT);
		expect(sizes.length).toBe(8);
	});
});

describe('writes of the cluster’s own parts', () => {
	const own = (c: ReturnType<typeof testCluster>): readonly string[] =>
		auditEvents(c.world).map((e) => `${e.user.username} ${e.verb} ${e.requestURI} ${e.userAgent?.split('/')[0] ?? ''} ${e.responseStatus?.code ?? ''}`);
	const write = (c: ReturnType<typeof testCluster>): void => {
		const controller = c.services.api.client(SYSTEM_USERS.controller('deployment'));
		controller.create(c.world, 'v1/configmaps', 'default', { metadata: { name: 'a' } });
		controller.get(c.world, 'v1/configmaps', 'default', 'a');
		c.client.create(c.world, 'v1/configmaps', 'default', { metadata: { name: 'b' } });
	};

	it('are there under a policy of one’s own, as the users that they act as, and not else', () => {
		const c = testCluster();
		write(c);
		expect(own(c)).toEqual([]);
		const d = testCluster();
		reloadControlPlaneFile(
			d.world,
			AUDIT_POLICY_FILE,
			'apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n',
		);
		write(d);
		d.create('v1/nodes', { metadata: { name: 'n1' } });
		const node = d.client.get(d.world, 'v1/nodes', undefined, 'n1');
		if (node !== undefined) d.services.api.client(SYSTEM_USERS.node('n1')).updateStatus(d.world, 'v1/nodes', node);
		expect(own(d)).toEqual([
			'system:serviceaccount:kube-system:deployment-controller create /api/v1/namespaces/default/configmaps kube-controller-manager 201',
			'system:node:n1 patch /api/v1/nodes/n1/status kubelet 200',
		]);
	});
});
