/** Kernel parameters that a pod may set: the safe ones alone (pkg/kubelet/sysctl/allowlist.go). */
import type { Pod } from './pod.ts';

/** By the namespace that keeps a value from other pods. */
const SAFE: { readonly [name: string]: 'net' | 'ipc' } = {
	'kernel.shm_rmid_forced': 'ipc',
	'net.ipv4.ip_local_port_range': 'net',
	'net.ipv4.tcp_syncookies': 'net',
	'net.ipv4.ping_group_range': 'net',
	'net.ipv4.ip_unprivileged_port_start': 'net',
	'net.ipv4.ip_local_reserved_ports': 'net',
	'net.ipv4.tcp_keepalive_time': 'net',
	'net.ipv4.tcp_fin_timeout': 'net',
	'net.ipv4.tcp_keepalive_intvl': 'net',
	'net.ipv4.tcp_keepalive_probes': 'net',
	'net.ipv4.tcp_rmem': 'net',
	'net.ipv4.tcp_wmem': 'net',
};

/** Why the kubelet turns a pod away; undefined where all that it sets is safe. */
export function sysctlRejection({ spec }: Pod): { readonly reason: string; readonly message: string } | undefined {
	const shared = { net: spec.hostNetwork === true, ipc: (spec as { readonly hostIPC?: boolean }).hostIPC === true };
	for (const { name } of spec.securityContext?.sysctls ?? []) {
		const of = SAFE[name.replaceAll('/', '.')];
		const quoted = JSON.stringify(name);
		const wrong = of === undefined ? `${quoted} not allowlisted` : shared[of] ? `${quoted} not allowed with host ${of} enabled` : undefined;
		if (wrong !== undefined) return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${wrong}` };
	}
	return undefined;
}
