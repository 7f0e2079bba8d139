import { baseFiles } from '../image.ts';
import type { Image, Program } from '../program.ts';
import { busyboxTools, debianTools } from '../toolbox.ts';
import { pgDump } from './client/pg-dump.ts';
import { pgIsReady } from './client/pg-isready.ts';
import { psql } from './client/psql.ts';
import { postgresEntrypoint, postgresServer, type Release } from './server.ts';

interface Line {
	readonly version: string;
	readonly major: number;
	readonly tags: readonly string[];
}

const LINES: readonly Line[] = [
	{ version: '18.1', major: 18, tags: ['18.1', '18', 'latest'] },
	{ version: '17.7', major: 17, tags: ['17.7', '17'] },
	{ version: '16.11', major: 16, tags: ['16.11', '16'] },
	{ version: '15.15', major: 15, tags: ['15.15', '15'] },
	{ version: '14.20', major: 14, tags: ['14.20', '14'] },
];

const ALPINE = busyboxTools();
const DEBIAN = debianTools();

function image(line: Line, alpine: boolean): Image {
	const uid = alpine ? 70 : 999;
	const build = alpine
		? `PostgreSQL ${line.version} on x86_64-pc-linux-musl, compiled by gcc (Alpine 15.2.0) 15.2.0, 64-bit`
		: `PostgreSQL ${line.version} (Debian ${line.version}-1.pgdg13+2) on x86_64-pc-linux-gnu, compiled by gcc (Debian 14.2.0-19) 14.2.0, 64-bit`;
	const release: Release = { version: line.version, major: line.major, build, uid };
	const data = line.major >= 18 ? `/var/lib/postgresql/${line.major}/docker` : '/var/lib/postgresql/data';
	const bin = alpine ? '/usr/local/bin' : `/usr/lib/postgresql/${line.major}/bin`;
	const tools = { psql: psql(line.version), pg_isready: pgIsReady, pg_dump: pgDump(line.version), postgres: postgresServer(release) };
	const programs: { readonly [path: string]: Program<never> } = {
		...(alpine ? ALPINE : DEBIAN),
		'/usr/local/bin/docker-entrypoint.sh': postgresEntrypoint(release),
		...Object.fromEntries(Object.entries(tools).map(([name, program]) => [`${bin}/${name}`, program as Program<never>])),
	};
	const base = alpine
		? { name: 'Alpine Linux v3.22', id: 'alpine', version: '3.22.2', shell: '/bin/sh' }
		: { name: 'Debian GNU/Linux 13 (trixie)', id: 'debian', version: '13', shell: '/bin/bash' };
	const owned = { uid, gid: uid } as const;
	return {
		repositories: ['docker.io/library/postgres'],
		tags: alpine ? line.tags.map((t) => (t === 'latest' ? 'alpine' : `${t}-alpine`)) : line.tags,
		sizeBytes: alpine ? 291_000_000 : 463_000_000,
		entrypoint: ['docker-entrypoint.sh'],
		cmd: ['postgres'],
		env: {
			PATH: `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin${alpine ? '' : `:${bin}`}`,
			LANG: 'en_US.utf8',
			PG_MAJOR: String(line.major),
			PG_VERSION: line.version,
			PGDATA: data,
		},
		user: '',
		workdir: '/',
		stopSignal: 'SIGINT',
		files: {
			...baseFiles(base, { postgres: [uid, uid] }),
			'/docker-entrypoint-initdb.d': { directory: true, mode: 0o755 },
			'/var/lib/postgresql': { directory: true, mode: line.major >= 18 ? 0o1777 : 0o755, ...owned },
			...(line.major >= 18 ? {} : { [data]: { directory: true, mode: 0o1777, ...owned } }),
			'/var/run/postgresql': { directory: true, mode: 0o3777, ...owned },
		},
		programs,
		users: { postgres: [uid, uid] },
	};
}

export const postgresImages: readonly Image[] = LINES.flatMap((line) => [image(line, false), image(line, true)]);
