import { baseFiles } from '../image.ts';
import type { Image } from '../program.ts';
import { nginxProgram } from './program.ts';

interface Family {
	readonly repository: string;
	readonly port: number;
	readonly user: string;
}

const VERSIONS: readonly (readonly [string, readonly string[]])[] = [
	['1.29.3', ['1.29.3', '1.29', '1', 'latest', 'mainline']],
	['1.28.0', ['1.28.0', '1.28', 'stable']],
	['1.27.5', ['1.27.5', '1.27']],
];
const FAMILIES: readonly Family[] = [
	{ repository: 'docker.io/library/nginx', port: 80, user: '' },
	{ repository: 'docker.io/nginxinc/nginx-unprivileged', port: 8080, user: '101' },
];

function image(family: Family, version: string, tags: readonly string[], alpine: boolean): Image {
	const programs = { '/usr/sbin/nginx': nginxProgram(version) };
	return {
		repositories: [family.repository],
		tags: alpine ? tags.map((t) => (t === 'latest' ? 'alpine' : `${t}-alpine`)) : tags,
		sizeBytes: alpine ? 54_000_000 : 197_000_000,
		entrypoint: ['/usr/sbin/nginx'],
		cmd: [],
		env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', NGINX_VERSION: version },
		user: family.user,
		workdir: '/',
		stopSignal: 'SIGQUIT',
		files: {
			...baseFiles({ name: 'Debian GNU/Linux 13 (trixie)', id: 'debian', version: '13', shell: '/bin/sh' }, { nginx: [101, 101] }),
		},
		programs,
		users: { nginx: [101, 101] },
	};
}

export const nginxImages: readonly Image[] = FAMILIES.flatMap((f) => VERSIONS.flatMap(([v, tags]) => [image(f, v, tags, false), image(f, v, tags, true)]));
