import { baseFiles } from '../image.ts';
import type { Image, Program } from '../program.ts';
import { nginxEntrypoint } from './entrypoint.ts';
import { defaultConf, nginxFiles } from './files.ts';
import { curl } from '../curl/program.ts';
import { busyboxTools, debianTools } from '../toolbox.ts';
import { nginxProgram } from './program.ts';
import { WORKER_PATH, workerProgram } from './workers.ts';

interface Family {
	readonly repository: string;
	readonly port: number;
	readonly user: string;
}

const VERSIONS: readonly (readonly [string, readonly string[]])[] = [
	['1.29.3', ['1.29.3', '1.29', '1', 'latest', 'mainline']],
	['1.28.0', ['1.28.0', '1.28', 'stable']],
	['1.27.5', ['1.27.5', '1.27']],
	['1.26.3', ['1.26.3', '1.26']],
	['1.25.5', ['1.25.5', '1.25']],
	['1.24.0', ['1.24.0', '1.24']],
	['1.23.4', ['1.23.4', '1.23']],
	['1.22.1', ['1.22.1', '1.22']],
	['1.21.6', ['1.21.6', '1.21']],
	['1.20.2', ['1.20.2', '1.20']],
	['1.19.10', ['1.19.10', '1.19', '1.19.0', '1.19.2', '1.19.1']],
	['1.18.0', ['1.18.0', '1.18']],
	['1.17.10', ['1.17.10', '1.17', '1.17.1']],
	['1.16.1', ['1.16.1', '1.16', '1.16.0']],
	['1.15.12', ['1.15.12', '1.15', '1.15.4']],
	['1.14.2', ['1.14.2', '1.14', '1.14.0']],
	['1.13.12', ['1.13.12', '1.13']],
	['1.12.2', ['1.12.2', '1.12']],
	['1.9.1', ['1.9.1', '1.9']],
	['1.7.9', ['1.7.9', '1.7', '1.7.1']],
];
const FAMILIES: readonly Family[] = [
	{ repository: 'docker.io/library/nginx', port: 80, user: '' },
	{ repository: 'docker.io/nginxinc/nginx-unprivileged', port: 8080, user: '101' },
];
/** registry.k8s.io/nginx-slim of the StatefulSet pages: its own numbers, one nginx. */
const SLIM: readonly (readonly [string, readonly string[]])[] = [['1.27.3', ['0.27', '0.26', '0.24', '0.21', '0.9', '0.8', '0.7', 'latest']]];

/** What Kubernetes' own tests run: Alpine's image under their registry. */
const E2E: readonly (readonly [string, readonly string[]])[] = [
	['1.14.2', ['1.14-4', '1.14-2', '1.14-1']],
	['1.15.12', ['1.15-4', '1.15-2', '1.15-1']],
];

/** Both official variants ship curl; Debian's has no ps, wget or nc. */
const ALPINE = { ...busyboxTools(), '/usr/bin/curl': curl };
const DEBIAN = { ...debianTools(), '/usr/bin/curl': curl };

function image(family: Family, version: string, tags: readonly string[], alpine: boolean): Image {
	const unprivileged = family.port !== 80;
	const programs: { readonly [path: string]: Program<never> } = {
		...(alpine ? ALPINE : DEBIAN),
		'/usr/sbin/nginx': nginxProgram(version),
		[WORKER_PATH]: workerProgram,
		'/docker-entrypoint.sh': nginxEntrypoint(defaultConf(family.port)),
	};
	const base = alpine
		? { name: 'Alpine Linux v3.22', id: 'alpine', version: '3.22.2', shell: '/bin/sh' }
		: { name: 'Debian GNU/Linux 13 (trixie)', id: 'debian', version: '13', shell: '/bin/bash' };
	return {
		repositories: [family.repository],
		tags: alpine ? tags.map((t) => (t === 'latest' ? 'alpine' : `${t}-alpine`)) : tags,
		sizeBytes: alpine ? 54_000_000 : 197_000_000,
		entrypoint: ['/docker-entrypoint.sh'],
		cmd: ['nginx', '-g', 'daemon off;'],
		env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', NGINX_VERSION: version },
		user: family.user,
		workdir: '/',
		stopSignal: 'SIGQUIT',
		files: { ...baseFiles(base, { nginx: [101, 101] }), ...nginxFiles(unprivileged) },
		programs,
		users: { nginx: [101, 101] },
	};
}

export const nginxImages: readonly Image[] = [
	...FAMILIES.flatMap((f) => VERSIONS.flatMap(([v, tags]) => [image(f, v, tags, false), image(f, v, tags, true)])),
	...E2E.map(([v, tags]): Image => ({ ...image({ repository: 'registry.k8s.io/e2e-test-images/nginx', port: 80, user: '' }, v, [], true), tags })),
	...['registry.k8s.io/nginx-slim', 'k8s.gcr.io/nginx-slim'].flatMap((repository) =>
		SLIM.map(([v, tags]) => image({ repository, port: 80, user: '' }, v, tags, false)),
	),
];
