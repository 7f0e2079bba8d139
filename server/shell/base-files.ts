/** What every workstation has under its files: read only, the same for all. */

import { randomBytes } from 'node:crypto';

interface BaseEntry {
	readonly kind: 'file' | 'directory' | 'symlink';
	readonly content: string;
	readonly binary: boolean;
	readonly mode: number;
	readonly mtime: number;
}

const FILES: { readonly [path: string]: string } = {
	'/etc/os-release': 'PRETTY_NAME="Foothold workstation 1"\nNAME="Foothold workstation"\nVERSION_ID="1"\nID=foothold\nID_LIKE=debian\n',
	'/etc/hostname': 'workstation\n',
	'/etc/passwd':
		'root:x:0:0:root:/root:/bin/bash\nlearner:x:1000:1000:learner:/home/learner:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
	'/etc/group': 'root:x:0:\nlearner:x:1000:\n',
	'/etc/shells': '/bin/sh\n/bin/bash\n',
	'/etc/resolv.conf': 'nameserver 172.18.0.1\n',
	'/dev/null': '',
	'/proc/version': 'Linux version 6.12.0 (foothold)\n',
	'/proc/cpuinfo': 'processor\t: 0\nprocessor\t: 1\n',
	'/proc/meminfo': 'MemTotal:        4194304 kB\nMemFree:         3145728 kB\nMemAvailable:    3670016 kB\n',
};

const DIRECTORIES = [
	'/bin',
	'/dev',
	'/etc',
	'/home',
	'/home/learner',
	'/proc',
	'/root',
	'/sbin',
	'/tmp',
	'/usr',
	'/usr/bin',
	'/usr/local',
	'/usr/local/bin',
	'/var',
	'/var/log',
	'/var/tmp',
	'/opt',
	'/srv',
	'/mnt',
];

const directory: BaseEntry = { kind: 'directory', content: '', binary: false, mode: 0o755, mtime: 0 };

let programs: ReadonlySet<string> = new Set();

/** Names shown under /usr/bin and /bin. */
export function setBasePrograms(names: Iterable<string>): void {
	programs = new Set(names);
}

/** What is read from a device at once: it has no end, its readers want one. */
const DEVICES: { readonly [path: string]: () => string } = {
	'/dev/zero': () => ZEROS,
	'/dev/urandom': () => randomBytes(DEVICE_BYTES).toString('latin1'),
	'/dev/random': () => randomBytes(DEVICE_BYTES).toString('latin1'),
};
/** Bytes that one reading of a device without an end gives. */
export const DEVICE_BYTES = 1_048_576;
const ZEROS = '\0'.repeat(DEVICE_BYTES);

export function baseEntry(path: string): BaseEntry | undefined {
	const device = DEVICES[path];
	if (device !== undefined)
		return {
			kind: 'file',
			get content() {
				return device();
			},
			binary: true,
			mode: 0o666,
			mtime: 0,
		};
	const content = FILES[path];
	if (content !== undefined) return { kind: 'file', content, binary: false, mode: path === '/dev/null' ? 0o666 : 0o644, mtime: 0 };
	if (DIRECTORIES.includes(path)) return directory;
	const program = /^(?:\/usr)?\/bin\/([^/]+)$/.exec(path)?.[1];
	if (program !== undefined && programs.has(program)) return { kind: 'file', content: '', binary: false, mode: 0o755, mtime: 0 };
	return undefined;
}

/** Names of what a directory of the base layer holds. */
export function baseNames(path: string): readonly string[] {
	const prefix = path === '/' ? '/' : `${path}/`;
	const names = new Set<string>();
	for (const p of [...DIRECTORIES, ...Object.keys(FILES), ...Object.keys(DEVICES)])
		if (p.startsWith(prefix) && p !== path) names.add(p.slice(prefix.length).split('/')[0] ?? '');
	if (path === '/usr/bin' || path === '/bin') for (const p of programs) names.add(p);
	return [...names];
}
