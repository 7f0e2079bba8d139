/** /proc as a container sees it: its mounts, what it may do, and kernel parameters. */
import type { Credentials } from '../storage-volumes/filesystem.ts';
import { emptyDir, type FsNode, withNode } from '../storage-volumes/tree.ts';
import type { RuntimeConfig } from './state.ts';
import { sysctlTree } from './sysctls.ts';

const PSEUDO = [
	'overlay / overlay rw,relatime 0 0',
	'proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0',
	'tmpfs /dev tmpfs rw,nosuid,size=65536k,mode=755 0 0',
	'proc /proc/sys proc ro,nosuid,nodev,noexec,relatime 0 0',
];

/** /proc/mounts: the container's own, then its volumes and what the kubelet binds, from memory or the node's disk. */
function mountsText(config: RuntimeConfig): string {
	const disk = (path: string, readOnly: boolean): string => `/dev/vda1 ${path} ext4 ${readOnly ? 'ro' : 'rw'},relatime 0 0`;
	const memory = (path: string, readOnly: boolean): string => `tmpfs ${path} tmpfs ${readOnly ? 'ro' : 'rw'},relatime,inode64,noswap 0 0`;
	const volumes = config.mounts.map((m) => (m.tmpfs === true ? memory : disk)(m.path, m.readOnly));
	const managed = ['/etc/hosts', config.terminationPath, '/etc/hostname', '/etc/resolv.conf'].map((path) => disk(path, false));
	return `${[...PSEUDO, ...volumes, ...managed].join('\n')}\n`;
}

/** Bits of capabilities(7). */
const CAPABILITIES: readonly string[] =
	'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
		' ',
	);

/** /proc/self/status: what people look at there, users and capabilities. */
function statusText(config: RuntimeConfig, { uid, gid, groups }: Credentials): string {
	const mask = config.capabilities.reduce((bits, name) => (CAPABILITIES.includes(name) ? bits | (1n << BigInt(CAPABILITIES.indexOf(name))) : bits), 0n);
	const hex = mask.toString(16).padStart(16, '0');
	const own = uid === 0 ? hex : '0'.repeat(16);
	const four = (id: number): string => Array(4).fill(id).join('\t');
	const lines = ['Umask:\t0022', 'State:\tR (running)', `Uid:\t${four(uid)}`, `Gid:\t${four(gid)}`, `Groups:\t${groups.join(' ')} `];
	const caps = [`CapInh:\t${'0'.repeat(16)}`, `CapPrm:\t${own}`, `CapEff:\t${own}`, `CapBnd:\t${hex}`, `CapAmb:\t${'0'.repeat(16)}`];
	return `${[...lines, ...caps].join('\n')}\n`;
}

/** Made anew for every look: a container's state holds none of it. */
export function procTree(config: RuntimeConfig, credentials: Credentials, now: number): FsNode {
	const file = (content: string): FsNode => ({ t: 'f', content, mode: 0o444, uid: 0, gid: 0, mtime: now });
	const dir = () => emptyDir(0o555, 0, 0, now);
	const status = file(statusText(config, credentials));
	let tree = withNode(dir(), ['mounts'], file(mountsText(config)), dir);
	for (const path of [
		['self', 'status'],
		['1', 'status'],
	])
		tree = withNode(tree, path, status, dir);
	return withNode(tree, ['sys'], sysctlTree(config.sysctls, now), dir);
}
