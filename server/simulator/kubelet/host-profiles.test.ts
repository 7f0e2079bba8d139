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
