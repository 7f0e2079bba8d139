import { baseFiles } from '../image.ts';
import type { Image } from '../program.ts';
import { alpineExtras, busyboxTools } from '../toolbox.ts';

/** Tags that still have the nslookup of before 1.29. */
const OLD = new Set(['1.28', '1.28.4', '1.27', '1.27.2', '1.24']);
const FAMILIES: readonly {
	readonly repositories: readonly string[];
	readonly tags: readonly (readonly string[])[];
	readonly size: number;
	readonly name: string;
	readonly id: string;
	readonly version: string;
}[] = [
	{
		repositories: [
			'docker.io/library/busybox',
			'registry.k8s.io/busybox',
			'k8s.gcr.io/busybox',
			'gcr.io/google_containers/busybox',
			'registry.k8s.io/e2e-test-images/busybox',
			'quay.io/quay/busybox',
		],
		tags: [
			['1.37.0', '1.37', '1', 'latest', 'stable', 'musl', 'glibc', 'uclibc', '1.37.0-1'],
			['1.36.1', '1.36', '1.36.1-1'],
			['1.35.0', '1.35'],
			['1.29', '1.29-4', '1.29-2', '1.30', '1.31', '1.32', '1.33', '1.34', '1.34.1'],
			[...OLD],
		],
		size: 4_421_246,
		name: 'BusyBox',
		id: 'busybox',
		version: '1.37.0',
	},
	{
		repositories: ['docker.io/library/alpine'],
		tags: [
			['3.22.2', '3.22', '3', 'latest'],
			['3.21.5', '3.21'],
			['3.20.8', '3.20'],
			['3.19', '3.18', '3.17', '3.16', '3.15', '3.14', '3.12', '3.10', '3.8', 'edge'],
		],
		size: 8_315_904,
		name: 'Alpine Linux v3.22',
		id: 'alpine',
		version: '3.22.2',
	},
];

const ALPINE = { ...busyboxTools(), ...alpineExtras() };

export const busyboxImages: readonly Image[] = FAMILIES.flatMap((f) =>
	f.tags.map(
		(tags): Image => ({
			repositories: f.repositories,
			tags,
			sizeBytes: f.size,
			entrypoint: [],
			cmd: [f.id === 'alpine' ? '/bin/sh' : 'sh'],
			env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
			user: '',
			workdir: '/',
			files: { ...baseFiles({ name: f.name, id: f.id, version: f.version, shell: '/bin/sh' }), '/var/www': { directory: true, mode: 0o755 } },
			programs: f.id === 'alpine' ? ALPINE : busyboxTools(tags.some((t) => OLD.has(t)) ? 'old' : 'busybox'),
		}),
	),
);
