/** Snapshots of etcd: what `etcdctl snapshot save` writes, `etcdutl` reads and lays out as a data folder again. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { listObjects, revision } from '../../../apiserver/registry/store.ts';
import type { Strategy } from '../../../apiserver/types.ts';
import { formatTime } from '../../../kernel/time.ts';
import type { World } from '../../../kernel/world.ts';
import type { Host } from '../../host.ts';

export const VERSION = '3.6.6';
/** A data file of an empty store, and what a key of a usual object adds to it, bytes. */
const EMPTY_BYTES = 2_100_000;
const KEY_BYTES = 3_400;

export interface StoreState {
	/** Eight hexadecimal digits over all that is stored. */
	readonly hash: string;
	readonly revision: number;
	readonly keys: number;
	/** Bytes of the data file. */
	readonly size: number;
}

/** Whether a resource's objects lie in etcd. */
export const isStored = (s: Strategy): boolean => s.virtualCreate === undefined && s.virtualRead === undefined;

export function stateOf(world: World, host: Host): StoreState {
	let keys = 0;
	for (const strategy of host.services.api.strategiesOf(world)) if (isStored(strategy)) keys += listObjects(world, strategy).length;
	const at = revision(world);
	return {
		hash: bytesToHex(sha256(utf8ToBytes(`${at} ${keys}`))).slice(0, 8),
		revision: at,
		keys,
		size: Math.ceil((EMPTY_BYTES + keys * KEY_BYTES) / 4096) * 4096,
	};
}

const MAGIC = 'etcd snapshot ';

/** The file holds what the store was, not its contents: a snapshot of the cluster itself is the sandbox's business. */
export const snapshotText = (state: StoreState): string => `${MAGIC}${JSON.stringify(state)}\n`;

export function readSnapshot(text: string): StoreState | undefined {
	return text.startsWith(MAGIC) ? (JSON.parse(text.slice(MAGIC.length)) as StoreState) : undefined;
}

/** Sizes as go-humanize's Bytes prints them: powers of a thousand, a digit behind the point below ten. */
export function bytesText(bytes: number): string {
	const units = ['B', 'kB', 'MB', 'GB'];
	const power = bytes < 10 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
	const value = Math.floor((bytes / 1000 ** power) * 10 + 0.5) / 10;
	return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** The time of a log line of zap. */
export const stamp = (ms: number): string => formatTime(ms).replace(/(\.\d+)?Z$/, `.${String(ms % 1000).padStart(3, '0')}000Z`);

export const absolute = (cwd: string, path: string): string => (path.startsWith('/') ? path : `${cwd === '/' ? '' : cwd}/${path}`);

/** Go's words for what a file operation fails of. */
export const ERRNO: { readonly [code: string]: string } = {
	ENOENT: 'no such file or directory',
	EACCES: 'permission denied',
	EROFS: 'read-only file system',
	ENOTDIR: 'not a directory',
	EISDIR: 'is a directory',
};

export const SNAPSHOT_HELP = `NAME:
	snapshot - Manages etcd node snapshots

USAGE:
	etcdctl snapshot <subcommand> [flags]

API VERSION:
	3.6


COMMANDS:
	save	Stores an etcd node backend snapshot to a given file

OPTIONS:
  -h, --help[=false]	help for snapshot

`;
