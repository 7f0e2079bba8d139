/** What images have in common: the Unix files every distribution ships. Binaries become files where the image is unpacked. */
import type { Image, ImageFile } from './program.ts';

export interface Base {
	/** Line of /etc/os-release's PRETTY_NAME. */
	readonly name: string;
	readonly id: string;
	readonly version: string;
	readonly shell: string;
}

/** The files every image with a user land has. `users` beyond root: name → [uid, gid]. */
export function baseFiles(base: Base, users: NonNullable<Image['users']> = {}): { readonly [path: string]: ImageFile } {
	const people: readonly (readonly [string, readonly [number, number]])[] = Object.entries(users);
	const passwd = [
		`root:x:0:0:root:/root:${base.shell}`,
		...people.map(([n, [u, g]]) => `${n}:x:${u}:${g}::/home/${n}:${base.shell}`),
		'nobody:x:65534:65534:nobody:/:/sbin/nologin',
	];
	const group = ['root:x:0:', ...people.map(([n, [, g]]) => `${n}:x:${g}:`), 'nobody:x:65534:'];
	return {
		'/etc/passwd': { content: `${passwd.join('\n')}\n` },
		'/etc/group': { content: `${group.join('\n')}\n` },
		'/etc/os-release': { content: `PRETTY_NAME="${base.name}"\nNAME="${base.name}"\nVERSION_ID="${base.version}"\nID=${base.id}\n` },
		'/tmp': { directory: true, mode: 0o1777 },
		'/root': { directory: true, mode: 0o700 },
		'/home': { directory: true, mode: 0o755 },
		'/var/tmp': { directory: true, mode: 0o1777 },
		'/var/log': { directory: true, mode: 0o755 },
		'/run': { directory: true, mode: 0o755 },
	};
}
