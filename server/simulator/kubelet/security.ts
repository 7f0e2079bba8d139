/** Who a container's processes run as, and with which capabilities. Models kuberuntime/security_context.go and containerd's defaults. */
import type { Image } from '../images/program.ts';
import { type Container, formatPod, type Pod } from './pod.ts';

/** containerd's default capabilities (oci.defaultUnixCaps), without CAP_. */
const DEFAULT_CAPABILITIES: readonly string[] = [
	'CHOWN',
	'DAC_OVERRIDE',
	'FSETID',
	'FOWNER',
	'MKNOD',
	'NET_RAW',
	'SETGID',
	'SETUID',
	'SETFCAP',
	'SETPCAP',
	'NET_BIND_SERVICE',
	'SYS_CHROOT',
	'KILL',
	'AUDIT_WRITE',
];

const PRIVILEGED: readonly string[] = [...DEFAULT_CAPABILITIES, 'SYS_ADMIN', 'NET_ADMIN', 'SYS_PTRACE', 'SYS_TIME'];

const NONE: readonly string[] = [];

export interface Identity {
	readonly uid: number;
	readonly gid: number;
	readonly groups: readonly number[];
	readonly capabilities: readonly string[];
	readonly readOnlyRoot: boolean;
}

export type IdentityResult = { readonly ok: true; readonly identity: Identity } | { readonly ok: false; readonly message: string };

/** The image's USER: '', a name, a uid, or either with `:group`. */
function imageUser(image: Image): { readonly uid: number | undefined; readonly gid: number | undefined; readonly name: string } {
	const [user = '', group = ''] = image.user.split(':');
	const known = image.users?.[user];
	const number = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);
	const uid = user === '' || user === 'root' ? 0 : number(user);
	const primary = Object.values(image.users ?? {}).find(([id]) => id === (uid ?? known?.[0]))?.[1];
	const gid = number(group) ?? image.users?.[group]?.[1] ?? known?.[1] ?? primary;
	return { uid, gid, name: user };
}

function capabilities(container: Container, uid: number): readonly string[] {
	const sc = container.securityContext;
	const strip = (name: string): string => name.toUpperCase().replace(/^CAP_/, '');
	if (sc?.privileged === true) return PRIVILEGED;
	const drop = new Set((sc?.capabilities?.drop ?? []).map(strip));
	const add = (sc?.capabilities?.add ?? []).map(strip);
	// Without ambient capabilities a non-root process starts with an empty effective set.
	if (uid !== 0) return NONE;
	// Most containers have the same: one array serves them all.
	if (drop.size === 0 && add.length === 0) return DEFAULT_CAPABILITIES;
	const kept = drop.has('ALL') ? NONE : DEFAULT_CAPABILITIES.filter((c) => !drop.has(c));
	return [...new Set([...kept, ...add])];
}

/** Decides user, groups and rights; the message is the kubelet's where the pod's rules forbid the image's user. */
export function identityOf(pod: Pod, container: Container, image: Image): IdentityResult {
	const podContext = pod.spec.securityContext;
	const own = container.securityContext;
	const wanted = own?.runAsUser ?? podContext?.runAsUser;
	const user = imageUser(image);
	const where = `(pod: "${formatPod(pod)}", container: ${container.name})`;
	if (own?.runAsNonRoot ?? podContext?.runAsNonRoot) {
		if (wanted === 0) return { ok: false, message: `container's runAsUser breaks non-root policy ${where}` };
		if (wanted === undefined && user.uid === undefined) {
			return { ok: false, message: `container has runAsNonRoot and image has non-numeric user (${user.name}), cannot verify user is non-root ${where}` };
		}
		if (wanted === undefined && user.uid === 0) return { ok: false, message: `container has runAsNonRoot and image will run as root ${where}` };
	}
	const uid = wanted ?? user.uid ?? image.users?.[user.name]?.[0] ?? 0;
	const listed = Object.values(image.users ?? {}).find(([id]) => id === uid);
	const gid = own?.runAsGroup ?? podContext?.runAsGroup ?? (wanted === undefined ? user.gid : listed?.[1]) ?? 0;
	const groups = [...(podContext?.supplementalGroups ?? []), ...(podContext?.fsGroup === undefined ? [] : [podContext.fsGroup])];
	return { ok: true, identity: { uid, gid, groups, capabilities: capabilities(container, uid), readOnlyRoot: own?.readOnlyRootFilesystem === true } };
}
