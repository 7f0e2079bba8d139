import { describe, expect, it } from 'vitest';
import { asPod } from './pod.ts';
import { testCluster, type TestCluster } from './testing.ts';

const waiting = (c: TestCluster, name: string): unknown => {
	const pod = c.services.api.client({ name: 'admin', groups: ['system:masters'] }).get(c.world, 'v1/pods', 'default', name);
	const statuses =
		pod === undefined ? undefined : (asPod(pod).status?.['containerStatuses'] as readonly { readonly state: { readonly waiting?: unknown } }[] | undefined);
	return statuses?.[0]?.state.waiting;
};

describe('profiles of type Localhost', () => {
	it('a seccomp profile that the node lacks', () => {
		const c = testCluster();
		c.pod('p', { args: ['sleep', '1000'], securityContext: { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/audit.json' } } });
		c.run(6);
		expect(waiting(c, 'p')).toEqual({
			reason: 'CreateContainerError',
			message:
				'failed to create containerd container: cannot load seccomp profile "/var/lib/kubelet/seccomp/profiles/audit.json": open /var/lib/kubelet/seccomp/profiles/audit.json: no such file or directory',
		});
	});

	it('an AppArmor profile that nobody loaded', () => {
		const c = testCluster();
		c.pod('p', { args: ['sleep', '1000'] }, { securityContext: { appArmorProfile: { type: 'Localhost', localhostProfile: 'deny-write' } } });
		c.run(6);
		expect(waiting(c, 'p')).toEqual({
			reason: 'CreateContainerError',
			message: 'failed to get container spec opts: failed to generate apparmor spec opts: apparmor profile not found deny-write',
		});
	});
});

describe('pods turned away', () => {
	const status = (c: TestCluster, name: string): unknown =>
		c.services.api.client({ name: 'admin', groups: ['system:masters'] }).get(c.world, 'v1/pods', 'default', name)?.['status'];

	it('for a kernel parameter that is not safe', () => {
		const c = testCluster();
		c.pod('p', { args: ['sleep', '1000'] }, { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '65536' }] } });
		c.pod('q', { args: ['sleep', '1000'] }, { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }] } });
		c.run(6);
		const found = status(c, 'p');
		expect(found).toMatchObject({ phase: 'Failed', reason: 'SysctlForbidden', message: 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted' });
		expect(found).not.toHaveProperty('containerStatuses');
		expect(status(c, 'q')).toMatchObject({ phase: 'Running' });
	});
});
