/** /proc/sys as a container sees it: what a node of kind has, and what its pod asked for (`securityContext.sysctls`). */
import { emptyDir, type FsNode, withNode } from '../storage-volumes/tree.ts';

const DEFAULTS: { readonly [name: string]: string } = {
	'fs.file-max': '9223372036854775807',
	'fs.inotify.max_user_instances': '512',
	'fs.inotify.max_user_watches': '524288',
	'kernel.msgmax': '8192',
	'kernel.osrelease': '6.8.0-48-generic',
	'kernel.pid_max': '4194304',
	'kernel.shm_rmid_forced': '0',
	'net.core.somaxconn': '4096',
	'net.ipv4.ip_local_port_range': '32768\t60999',
	'net.ipv4.ip_local_reserved_ports': '',
	// containerd lets containers bind low ports and send pings.
	'net.ipv4.ip_unprivileged_port_start': '0',
	'net.ipv4.ping_group_range': '0\t2147483647',
	'net.ipv4.tcp_fin_timeout': '60',
	'net.ipv4.tcp_keepalive_intvl': '75',
	'net.ipv4.tcp_keepalive_probes': '9',
	'net.ipv4.tcp_keepalive_time': '7200',
	'net.ipv4.tcp_syncookies': '1',
	'vm.max_map_count': '262144',
	'vm.overcommit_memory': '1',
	'vm.swappiness': '60',
};

export type Sysctls = { readonly [name: string]: string };

/** A pod's own, by name with dots; names with slashes say the same. */
export function sysctlsOf(given: readonly { readonly name: string; readonly value: string }[] | undefined): Sysctls | undefined {
	if (given === undefined || given.length === 0) return undefined;
	return Object.fromEntries(given.map(({ name, value }) => [name.includes('/') && !name.includes('.') ? name.replaceAll('/', '.') : name, value]));
}

export function sysctlTree(own: Sysctls | undefined, now: number): FsNode {
	const dir = () => emptyDir(0o555, 0, 0, now);
	return Object.entries({ ...DEFAULTS, ...own }).reduce(
		(tree, [name, value]) => withNode(tree, name.split('.'), { t: 'f', content: `${value}\n`, mode: 0o644, uid: 0, gid: 0, mtime: now }, dir),
		dir(),
	);
}
