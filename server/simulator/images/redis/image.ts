import { baseFiles } from '../image.ts';
import type { Image, Program } from '../program.ts';
import { busyboxTools, debianTools } from '../toolbox.ts';
import { redisCli } from './client.ts';
import { redisServer } from './server.ts';

const VERSIONS: readonly (readonly [string, readonly string[]])[] = [
	['8.2.2', ['8.2.2', '8.2', '8', 'latest']],
	['7.4.6', ['7.4.6', '7.4', '7']],
	['7.2.11', ['7.2.11', '7.2']],
	['7.0.15', ['7.0.15', '7.0']],
	['6.2.20', ['6.2.20', '6.2', '6']],
	['6.0.20', ['6.0.20', '6.0', '6.0.5']],
	['5.0.14', ['5.0.14', '5.0', '5', '5.0.4']],
	['3.2.12', ['3.2.12', '3.2', '3']],
];
const REPOSITORY = 'docker.io/library/redis';

/** docker-entrypoint.sh puts redis-server before options and configuration files, and leaves root. */
const ENTRYPOINT = '#!/bin/sh\nset -e\nif [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then\n  set -- redis-server "$@"\nfi\nexec "$@"\n';

function image(version: string, tags: readonly string[], alpine: boolean): Image {
	const base = alpine
		? { name: 'Alpine Linux v3.22', id: 'alpine', version: '3.22.2', shell: '/bin/sh' }
		: { name: 'Debian GNU/Linux 12 (bookworm)', id: 'debian', version: '12', shell: '/bin/bash' };
	return {
		repositories: [REPOSITORY],
		tags: alpine ? tags.map((t) => (t === 'latest' ? 'alpine' : `${t}-alpine`)) : tags,
		sizeBytes: alpine ? 60_500_000 : 137_000_000,
		entrypoint: ['/usr/local/bin/docker-entrypoint.sh'],
		cmd: ['redis-server'],
		env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', REDIS_VERSION: version },
		user: '',
		workdir: '/data',
		files: {
			...baseFiles(base, { redis: [999, 999] }),
			'/data': { directory: true, mode: 0o755, uid: 999, gid: 999 },
			'/usr/local/bin/docker-entrypoint.sh': { mode: 0o755, content: ENTRYPOINT },
		},
		programs: {
			...(alpine ? busyboxTools() : debianTools()),
			'/usr/local/bin/redis-server': redisServer(version) as Program<never>,
			'/usr/local/bin/redis-cli': redisCli(version) as Program<never>,
		},
		users: { redis: [999, 999] },
	};
}

export const redisImages: readonly Image[] = VERSIONS.flatMap(([version, tags]) => [image(version, tags, false), image(version, tags, true)]);
