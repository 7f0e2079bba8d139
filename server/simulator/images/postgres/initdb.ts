/** The official image's entrypoint up to the running server: settings, ownership, initdb. Models docker-library/postgres docker-entrypoint.sh and initdb.c. */
import type { FileError, Process } from '../program.ts';
import { applyChange, type Change, EMPTY_CLUSTER } from './sql/catalog.ts';
import { passwordHash } from './sql/roles.ts';
import { checkpoint, type DataDirectory, makeDirectory, writeFile } from './storage.ts';

export interface Setup {
	readonly user: string;
	readonly database: string;
	readonly password: string;
	/** POSTGRES_HOST_AUTH_METHOD=trust. */
	readonly trust: boolean;
	readonly directory: DataDirectory;
}

const WORDS: { readonly [error in FileError]?: string } = {
	EACCES: 'Permission denied',
	EROFS: 'Read-only file system',
	ENOSPC: 'No space left on device',
	ENOTDIR: 'Not a directory',
	ENOENT: 'No such file or directory',
};
export const fileWords = (error: FileError): string => WORDS[error] ?? error;

/** Reads a setting, its _FILE variant included; complains as the entrypoint's file_env does. */
function fileEnv(process: Process<never>, name: string, otherwise: string): { readonly value: string } | { readonly error: string } {
	const value = process.env[name] ?? '';
	const file = process.env[`${name}_FILE`] ?? '';
	if (value !== '' && file !== '') return { error: `error: both ${name} and ${name}_FILE are set (but are exclusive)` };
	if (file === '') return { value: value === '' ? otherwise : value };
	const content = process.fs.read(file);
	if (!content.ok) return { error: `/usr/local/bin/docker-entrypoint.sh: line 21: ${file}: ${fileWords(content.error)}` };
	return { value: content.value.replace(/\n+$/, '') };
}

const NO_PASSWORD = `Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.

       See PostgreSQL documentation about "trust":
       https://www.postgresql.org/docs/current/auth-trust.html
`;

const OLD_DATABASES = (where: string): string => `Error: in 18+, these Docker images are configured to store database data in a
       format which is compatible with "pg_ctlcluster" (specifically, using
       major-version-specific directory names).  This better reflects how
       PostgreSQL itself works, and how upgrades are to be performed.

       See also https://github.com/docker-library/postgres/pull/1259

       Counter to that, there appears to be PostgreSQL data in:
         ${where}

       This is usually the result of upgrading the Docker image without
       upgrading the underlying database using "pg_upgrade" (which requires both
       versions).

       The suggested container configuration for 18+ is to place a single mount
       at /var/lib/postgresql which will then place PostgreSQL data in a
       subdirectory, allowing usage of "pg_upgrade --link" without mount point
       boundary issues.

       See https://github.com/docker-library/postgres/issues/37 for a (long)
       discussion around this process, and suggestions for how to do so.
`;

export const isInitialised = (process: Process<never>, d: DataDirectory): boolean => process.fs.stat(`${d.path}/PG_VERSION`).ok;

/** Settings from the environment; what the entrypoint prints before it gives up, else. */
export function readSetup(process: Process<never>, major: number, directory: DataDirectory): Setup | { readonly error: string } {
	const read: string[] = [];
	for (const [name, otherwise] of [
		['POSTGRES_PASSWORD', ''],
		['POSTGRES_USER', 'postgres'],
		['POSTGRES_DB', ''],
	] as const) {
		const result = fileEnv(process, name, otherwise);
		if ('error' in result) return { error: `${result.error}\n` };
		read.push(result.value);
	}
	const [password = '', user = 'postgres', database = ''] = read;
	const trust = process.env['POSTGRES_HOST_AUTH_METHOD'] === 'trust';
	if (!isInitialised(process, directory)) {
		// The 18 images keep no directory at the old place: one that is there is a volume mounted where it is not used.
		const old = '/var/lib/postgresql/data';
		if (major >= 18 && directory.path === `/var/lib/postgresql/${major}/docker` && process.fs.stat(old).ok) {
			return { error: OLD_DATABASES(process.fs.stat(`${old}/PG_VERSION`).ok ? old : `${old} (unused mount/volume)`) };
		}
		if (password === '' && !trust) return { error: NO_PASSWORD };
	}
	return { user, database: database === '' ? user : database, password, trust, directory };
}

/** Makes the data directory and hands it to the server's user. The message to die with, where that fails. */
export function prepareDirectory(process: Process<never>, d: DataDirectory): string | undefined {
	const made = process.fs.stat(d.path).ok ? undefined : process.fs.mkdir(d.path, { parents: true, mode: 0o700 });
	if (made !== undefined && !made.ok) return `mkdir: cannot create directory ‘${d.path}’: ${fileWords(made.error)}\n`;
	if (process.uid === 0) {
		const owned = process.fs.chown(d.path, d.uid, d.gid);
		if (!owned.ok) return `chown: changing ownership of '${d.path}': ${owned.error === 'EROFS' ? 'Read-only file system' : 'Operation not permitted'}\n`;
		process.fs.chmod(d.path, 0o700);
		return undefined;
	}
	const changed = process.fs.chmod(d.path, 0o700);
	if (!changed.ok && !isInitialised(process, d)) {
		return `chmod: changing permissions of '${d.path}': Operation not permitted\ninitdb: error: could not ${canList(process, d) ? 'change permissions of' : 'access'} directory "${d.path}": ${canList(process, d) ? 'Operation not permitted' : 'Permission denied'}\n`;
	}
	return undefined;
}

const canList = (process: Process<never>, d: DataDirectory): boolean => process.fs.list(d.path).ok;

const intro = (checksums: boolean): string => `The files belonging to this database system will be owned by user "postgres".
This user must also own the server process.

The database cluster will be initialized with locale "en_US.utf8".
The default database encoding has accordingly been set to "UTF8".
The default text search configuration will be set to "english".

Data page checksums are ${checksums ? 'enabled' : 'disabled'}.

`;

/** initdb: makes the cluster's files. The message to die with, where it fails. */
export function initdb(process: Process<never>, setup: Setup, major: number): string | undefined {
	const d = setup.directory;
	process.stdout(intro(major >= 18));
	const entries = process.fs.list(d.path);
	if (!entries.ok) return `initdb: error: could not access directory "${d.path}": ${fileWords(entries.error)}\n`;
	if (entries.value.length > 0) {
		const lost = entries.value.includes('lost+found')
			? `initdb: detail: It contains a lost+found directory, perhaps due to it being a mount point.\ninitdb: hint: Using a mount point directly as the data directory is not recommended.\nCreate a subdirectory under the mount point.\n`
			: `initdb: hint: If you want to create a new database system, either remove or empty the directory "${d.path}" or run initdb with an argument other than "${d.path}".\n`;
		return `initdb: error: directory "${d.path}" exists but is not empty\n${lost}`;
	}
	process.stdout(`fixing permissions on existing directory ${d.path} ... ok\ncreating subdirectories ... `);
	for (const sub of ['base', 'global', 'pg_wal']) {
		const made = makeDirectory(process, d, `${d.path}/${sub}`);
		if (!made.ok) {
			process.stdout('\n');
			return `initdb: error: could not create directory "${d.path}/${sub}": ${fileWords(made.error)}\ninitdb: removing contents of data directory "${d.path}"\n`;
		}
	}
	process.stdout(
		'ok\nselecting dynamic shared memory implementation ... posix\nselecting default "max_connections" ... 100\nselecting default "shared_buffers" ... 128MB\nselecting default time zone ... Etc/UTC\ncreating configuration files ... ',
	);
	const hba = `local   all             all                                     trust\nhost    all             all             127.0.0.1/32            trust\nhost    all             all             ::1/128                 trust\n\nhost all all all ${setup.trust ? 'trust' : 'scram-sha-256'}\n`;
	const files: readonly (readonly [string, string])[] = [
		['PG_VERSION', `${major}\n`],
		['pg_hba.conf', hba],
		['postgresql.conf', "listen_addresses = '*'\nmax_connections = 100\nshared_buffers = 128MB\n"],
	];
	for (const [name, content] of files) {
		const written = writeFile(process, d, `${d.path}/${name}`, content);
		if (!written.ok) return `initdb: error: could not open file "${d.path}/${name}" for writing: ${fileWords(written.error)}\n`;
	}
	const changes: readonly Change[] = [
		{ op: 'role', name: setup.user, role: { superuser: true, ...(setup.password === '' ? {} : { password: passwordHash(setup.user, setup.password) }) } },
		...['postgres', 'template0', 'template1', ...(setup.database === 'postgres' ? [] : [setup.database])].map(
			(name): Change => ({ op: 'database', name, owner: setup.user }),
		),
	];
	checkpoint(process, d, changes.reduce(applyChange, EMPTY_CLUSTER), 'shut down');
	process.stdout('ok\nrunning bootstrap script ... ok\nperforming post-bootstrap initialization ... ok\nsyncing data to disk ... ok\n\n');
	process.stdout(`\nSuccess. You can now start the database server using:\n\n    pg_ctl -D ${d.path} -l logfile start\n\n`);
	process.stderr(
		'initdb: warning: enabling "trust" authentication for local connections\ninitdb: hint: You can change this by editing pg_hba.conf or using the option -A, or --auth-local and --auth-host, the next time you run initdb.\n',
	);
	return undefined;
}
