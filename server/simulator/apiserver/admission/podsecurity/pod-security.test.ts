import { describe, expect, it } from 'vitest';
import { rec, str } from '../../registry/fields.ts';
import { type TestCluster, testCluster } from '../../registry/testing.ts';
import { detailText, evaluate, type Level } from './policy.ts';

const label = (mode: string) => `pod-security.kubernetes.io/${mode}`;
const container = (more: object = {}) => ({ name: 'c', image: 'nginx:1.29', ...more });
const pod = (spec: object = {}, name = 'p') => ({ metadata: { name }, spec: { containers: [container()], ...spec } });

const SAFE = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const LACKS =
	'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
	'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
	'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
	'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';

function labelled(labels: { readonly [mode: string]: string }): TestCluster {
	const cluster = testCluster();
	cluster.create('v1/namespaces', { metadata: { name: 'x', labels: Object.fromEntries(Object.entries(labels).map(([k, v]) => [label(k), v])) } });
	cluster.create('v1/serviceaccounts', { metadata: { name: 'default' } }, 'x');
	return cluster;
}

const relabel = (cluster: TestCluster, level: string, dryRun = false) =>
	cluster.call('patch', 'v1/namespaces', { name: 'x', body: { metadata: { labels: { [label('enforce')]: level } } }, options: dryRun ? { dryRun } : {} });

describe("a namespace's level", () => {
	it('refuses pods', () => {
		expect(labelled({ enforce: 'restricted' }).refusal('v1/pods', pod(), 'x')).toBe(
			`pods "p" is forbidden: violates PodSecurity "restricted:latest": ${LACKS}`,
		);
	});

	it('lets good pods in', () => {
		const good = pod({ containers: [container({ securityContext: SAFE })] });
		expect(labelled({ enforce: 'restricted' }).refusal('v1/pods', good, 'x')).toBe('');
	});

	it('only warns of workloads', () => {
		const template = { metadata: { labels: { a: 'b' } }, spec: pod().spec };
		const body = { metadata: { name: 'w' }, spec: { selector: { matchLabels: { a: 'b' } }, template } };
		const result = labelled({ enforce: 'restricted' }).call('create', 'apps/v1/deployments', { namespace: 'x', body });
		expect([result.code, result.warnings]).toEqual([201, [`would violate PodSecurity "restricted:latest": ${LACKS}`]]);
	});

	it('warns of pods where it only warns', () => {
		const result = labelled({ warn: 'baseline', 'warn-version': 'v1.30' }).call('create', 'v1/pods', { namespace: 'x', body: pod({ hostNetwork: true }) });
		expect([result.code, result.warnings]).toEqual([201, ['would violate PodSecurity "baseline:v1.30": host namespaces (hostNetwork=true)']]);
	});

	it('has to be one', () => {
		const cluster = testCluster();
		expect(cluster.refusal('v1/namespaces', { metadata: { name: 'x', labels: { [label('enforce')]: 'strict', [label('warn-version')]: '1.30' } } })).toBe(
			'Namespace "x" is invalid: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "strict": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: "1.30": must be "latest" or "v1.x"]',
		);
	});
});

describe('a new level', () => {
	it('names the pods that stand against it, in a dry run, too', () => {
		const cluster = labelled({});
		for (const name of ['b', 'a', 'c']) cluster.create('v1/pods', pod({}, name), 'x');
		cluster.create('v1/pods', pod({ hostPID: true }, 'z'), 'x');
		const warnings = [
			'existing pods in namespace "x" violate the new PodSecurity enforce level "restricted:latest"',
			'a (and 2 other pods): allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile',
			'z: host namespaces, allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile',
		];
		const before = cluster.world.state;
		expect(relabel(cluster, 'restricted', true).warnings).toEqual(warnings);
		expect(cluster.world.state).toBe(before);
		expect(relabel(cluster, 'restricted').warnings).toEqual(warnings);
		expect(relabel(cluster, 'baseline').warnings).toBeUndefined();
	});
});

describe('checks', () => {
	const found = (level: Level, spec: object, version = 'latest'): string =>
		detailText(evaluate({ level, version }, {}, { containers: [container()], ...spec }));
	const secured = (securityContext: object, more: object = {}) => ({ containers: [container({ securityContext, ...more })] });

	it.each<[string, object, string]>([
		['nothing', {}, ''],
		['privileged', secured({ privileged: true }), 'privileged (container "c" must not set securityContext.privileged=true)'],
		[
			'capabilities',
			secured({ capabilities: { add: ['NET_ADMIN', 'CHOWN', 'SYS_TIME'] } }),
			'non-default capabilities (container "c" must not include "NET_ADMIN", "SYS_TIME" in securityContext.capabilities.add)',
		],
		[
			'host paths',
			{
				volumes: [
					{ name: 'a', hostPath: { path: '/' } },
					{ name: 'b', hostPath: { path: '/' } },
				],
			},
			'hostPath volumes (volumes "a", "b")',
		],
		['host ports', { containers: [container({ ports: [{ hostPort: 80 }, { hostPort: 443 }] })] }, 'hostPort (container "c" uses hostPorts 443, 80)'],
		['sysctls', { securityContext: { sysctls: [{ name: 'kernel.msgmax' }, { name: 'net.ipv4.tcp_syncookies' }] } }, 'forbidden sysctls (kernel.msgmax)'],
		[
			'seccomp',
			{ securityContext: { seccompProfile: { type: 'Unconfined' } }, ...secured({ seccompProfile: { type: 'Unconfined' } }) },
			'seccompProfile (pod and container "c" must not set securityContext.seccompProfile.type to "Unconfined")',
		],
		[
			'apparmor',
			secured({ appArmorProfile: { type: 'Unconfined' } }),
			'forbidden AppArmor profile (container "c" must not set AppArmor profile type to "Unconfined")',
		],
		[
			'selinux',
			secured({ seLinuxOptions: { type: 'spc_t', user: 'root' } }),
			'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
		],
		['proc', secured({ procMount: 'Unmasked' }), 'procMount (container "c" must not set securityContext.procMount to "Unmasked")'],
		[
			'probe hosts',
			{ containers: [container({ livenessProbe: { httpGet: { host: '10.0.0.1', port: 80 } } })] },
			'probe or lifecycle host (container "c" uses probe or lifecycle host "10.0.0.1")',
		],
		['windows', secured({ windowsOptions: { hostProcess: true } }), 'hostProcess (container "c" must not set securityContext.windowsOptions.hostProcess=true)'],
	])('baseline: %s', (_name, spec, text) => {
		expect(found('baseline', spec)).toBe(text);
	});

	it.each<[string, object, string]>([
		['all well', secured(SAFE), ''],
		['root', secured({ ...SAFE, runAsUser: 0 }), 'runAsUser=0 (container "c" must not set runAsUser=0)'],
		['root allowed', secured({ ...SAFE, runAsNonRoot: false }), 'runAsNonRoot != true (container "c" must not set securityContext.runAsNonRoot=false)'],
		[
			'the pod saying it',
			{
				securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
				...secured({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } }),
			},
			'',
		],
		[
			'a volume',
			{ ...secured(SAFE), volumes: [{ name: 'v', hostPath: { path: '/' } }] },
			'restricted volume types (volume "v" uses restricted volume type "hostPath")',
		],
		['users of its own', { hostUsers: false, ...secured({ ...SAFE, runAsNonRoot: undefined, runAsUser: 0 }) }, ''],
	])('restricted: %s', (_name, spec, text) => {
		expect(found('restricted', spec)).toBe(text);
	});

	it('are those of their version', () => {
		expect(found('baseline', { containers: [container({ livenessProbe: { httpGet: { host: 'x' } } })] }, 'v1.33')).toBe('');
		expect(found('restricted', secured({ ...SAFE, runAsUser: 0 }), 'v1.22')).toBe('');
		expect(found('privileged', { hostNetwork: true })).toBe('');
	});
});

it('looks at updates only where an image changes', () => {
	const cluster = labelled({});
	const made = cluster.create('v1/pods', pod(), 'x');
	relabel(cluster, 'restricted');
	const put = (change: object) => cluster.call('update', 'v1/pods', { namespace: 'x', name: 'p', body: { ...made, ...change } });
	expect(put({ metadata: { ...made.metadata, labels: { a: 'b' }, resourceVersion: '' } }).code).toBe(200);
	const spec = { ...rec(made.spec), containers: [{ ...(rec(made.spec).containers as object[])[0], image: 'nginx:1.30' }] };
	expect(str(rec(put({ spec, metadata: { ...made.metadata, resourceVersion: '' } }).body).message)).toContain('violates PodSecurity "restricted:latest"');
});
