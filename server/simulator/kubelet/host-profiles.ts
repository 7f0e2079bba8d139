/** Seccomp and AppArmor profiles of type Localhost, which a node must have before containerd makes a container under them. */
import type { World } from '../kernel/world.ts';
import { diskFiles, diskKey, diskNode } from './node/disk.ts';
import type { Container, Pod, Profile } from './pod.ts';

const SECCOMP_ROOT = '/var/lib/kubelet/seccomp';
const APPARMOR_FOLDER = ['etc', 'apparmor.d'];

function seccompError(world: World, node: string, profile: Profile | undefined): string | undefined {
	if (profile?.type !== 'Localhost') return undefined;
	const path = `${SECCOMP_ROOT}/${profile.localhostProfile ?? ''}`;
	if (diskNode(world, diskKey(node), path.slice(1).split('/'))?.t === 'f') return undefined;
	return `failed to create containerd container: cannot load seccomp profile "${path}": open ${path}: no such file or directory`;
}

/** Loaded are those that a file of the node's /etc/apparmor.d declares: nothing here runs apparmor_parser. */
function apparmorError(world: World, node: string, profile: Profile | undefined): string | undefined {
	if (profile?.type !== 'Localhost') return undefined;
	const name = profile.localhostProfile ?? '';
	const declared = [...diskFiles(world, diskKey(node), APPARMOR_FOLDER).values()].some((text) =>
		text.split('\n').some((line) => line.trim().split(/\s+/).slice(0, 2).join(' ') === `profile ${name}`),
	);
	return declared ? undefined : `failed to get container spec opts: failed to generate apparmor spec opts: apparmor profile not found ${name}`;
}

/** Why containerd would not make this container, in its words. A container's own profile stands before its pod's. */
export function profileError(world: World, node: string, pod: Pod, container: Container): string | undefined {
	const all = pod.spec.securityContext;
	const own = container.securityContext;
	if (own?.privileged === true) return undefined;
	return apparmorError(world, node, own?.appArmorProfile ?? all?.appArmorProfile) ?? seccompError(world, node, own?.seccompProfile ?? all?.seccompProfile);
}
