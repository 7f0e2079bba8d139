/** The PostgreSQL server behind its entrypoint, as a state machine. */
import type { Connection, PostgresRequest, PostgresResponse, Request } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import { fileWords, initdb, isInitialised, prepareDirectory, readSetup, type Setup } from './initdb.ts';
import { log, logTime } from './log.ts';
import type { Cluster } from './sql/catalog.ts';
import { errorResponse } from './sql/errors.ts';
import { execute } from './sql/execute.ts';
import { passwordHash } from './sql/roles.ts';
import { Session } from './sql/session.ts';
import { splitStatements } from './split.ts';
import { CHECKPOINT_AT, checkpoint, type DataDirectory, load, logChanges, setControl, writeFile } from './storage.ts';

export interface Release {
	/** e.g. `17.7`. */
	readonly version: string;
	readonly major: number;
	/** As in the start-up line. */
	readonly build: string;
	readonly uid: number;
}

interface Data {
	readonly phase: 'initialising' | 'recovering' | 'ready';
	readonly setup: Setup;
	readonly cluster: Cluster;
	readonly walLength: number;
	/** Number of the next backend, for the log. */
	readonly backend: number;
}

type Server = Process<Data>;

/** How long initdb and its scripts take, virtual ms. */
const INITDB_MS = 1_800;
const START_MS = 150;
const RECOVERY_MS = 400;
const MEMORY_BYTES = 42 * 1024 * 1024;
const SOCKET = '/var/run/postgresql/.s.PGSQL.5432';

const settings = (release: Release): { readonly [name: string]: string } => ({
	server_version: release.build.replace(/^PostgreSQL (\S+ \([^)]*\)).*$/, '$1'),
	server_version_num: `${release.major}000${release.version.split('.')[1] ?? '0'}`,
	max_connections: '100',
	shared_buffers: '128MB',
	timezone: 'Etc/UTC',
	server_encoding: 'UTF8',
	client_encoding: 'UTF8',
	data_directory: '',
	port: '5432',
	listen_addresses: '*',
	search_path: '"$user", public',
	transaction_isolation: 'read committed',
	wal_level: 'replica',
	log_statement: 'none',
	work_mem: '4MB',
});

function die(process: Process<never>, message: string): void {
	process.stderr(message);
	process.exit(1);
}

function announce(process: Server, release: Release, temporary: boolean): void {
	const pid = temporary ? 48 : 1;
	log(process, 'LOG', `starting ${release.build}`, pid);
	if (!temporary) {
		log(process, 'LOG', 'listening on IPv4 address "0.0.0.0", port 5432');
		log(process, 'LOG', 'listening on IPv6 address "::", port 5432');
	}
	log(process, 'LOG', `listening on Unix socket "${SOCKET}"`, pid);
}

/** The entrypoint's temporary server: creates the database and runs /docker-entrypoint-initdb.d. False where a script failed. */
function firstStart(process: Server, release: Release): boolean {
	const { setup } = process.data;
	process.stdout('waiting for server to start....');
	announce(process, release, true);
	log(process, 'LOG', `database system was shut down at ${logTime(process.now).replace(/\.\d+/, '')}`, 51);
	log(process, 'LOG', 'database system is ready to accept connections', 48);
	process.stdout(' done\nserver started\n');
	if (setup.database !== 'postgres') process.stdout('CREATE DATABASE\n\n');
	if (!runScripts(process, release)) return false;
	process.stdout('waiting for server to shut down...');
	log(process, 'LOG', 'received fast shutdown request', 48);
	log(process, 'LOG', 'aborting any active transactions', 48);
	log(process, 'LOG', 'shutting down', 49);
	log(process, 'LOG', 'database system is shut down', 48);
	process.stdout('. done\nserver stopped\n\nPostgreSQL init process complete; ready for start up.\n\n');
	return true;
}

function runScripts(process: Server, release: Release): boolean {
	const folder = '/docker-entrypoint-initdb.d';
	const entrypoint = '/usr/local/bin/docker-entrypoint.sh';
	const listed = process.fs.list(folder);
	const names = listed.ok ? listed.value.filter((n) => !n.startsWith('.')) : [];
	process.stdout('\n');
	if (names.length === 0) process.stdout(`${entrypoint}: ignoring ${folder}/*\n\n`);
	for (const name of [...names].sort()) {
		const path = `${folder}/${name}`;
		if (!name.endsWith('.sql')) {
			process.stdout(`${entrypoint}: ignoring ${path}\n\n`);
			continue;
		}
		const content = process.fs.read(path);
		if (!content.ok) {
			process.stderr(`psql: error: ${path}: ${fileWords(content.error)}\n`);
			return false;
		}
		process.stdout(`${entrypoint}: running ${path}\n`);
		for (const { sql, line } of splitStatements(content.value)) {
			const { setup } = process.data;
			const response = run(process, release, { protocol: 'postgres', user: setup.user, password: '', database: setup.database, sql, parameters: [] });
			if (response.error !== undefined) {
				log(process, 'ERROR', response.error.message, 60);
				log(process, 'STATEMENT', sql, 60);
				process.stderr(`psql:${path}:${line}: ERROR:  ${response.error.message}\n`);
				return false;
			}
			process.stdout(`${response.tag ?? ''}\n`);
		}
		process.stdout('\n\n');
	}
	return true;
}

/** Starts the real server over an initialised directory. */
function start(process: Server, release: Release): void {
	const { setup } = process.data;
	const d = setup.directory;
	const version = process.fs.read(`${d.path}/PG_VERSION`);
	if (version.ok && version.value.trim() !== String(release.major)) {
		const text = `database files are incompatible with server\n${logTime(process.now)} [1] DETAIL:  The data directory was initialized by PostgreSQL version ${version.value.trim()}, which is not compatible with this version ${release.build.replace(/^PostgreSQL (\S+ \([^)]*\)).*$/, '$1')}.`;
		log(process, 'FATAL', text);
		process.exit(1);
		return;
	}
	if (!process.listen(5432)) {
		log(process, 'LOG', 'could not bind IPv4 address "0.0.0.0": Address already in use');
		log(process, 'FATAL', 'could not create any TCP/IP sockets');
		process.exit(1);
		return;
	}
	const locked = process.fs.write(`${SOCKET}.lock`, '1\n');
	if (!locked.ok) {
		log(process, 'FATAL', `could not create lock file "${SOCKET}.lock": ${fileWords(locked.error)}`);
		process.exit(1);
		return;
	}
	const pidFile = writeFile(process, d, `${d.path}/postmaster.pid`, `1\n${d.path}\n`);
	if (!pidFile.ok) {
		log(process, 'FATAL', `could not create lock file "postmaster.pid": ${fileWords(pidFile.error)}`);
		process.exit(1);
		return;
	}
	announce(process, release, false);
	const loaded = load(process, d);
	if ('failed' in loaded) {
		const why = loaded.error === 'corrupt' ? 'invalid data' : fileWords(loaded.error);
		log(process, 'FATAL', `could not open file "${loaded.failed}": ${why}`);
		process.exit(1);
		return;
	}
	process.data = { ...process.data, cluster: loaded.cluster, walLength: loaded.walLength, phase: 'recovering' };
	const at = logTime(loaded.lastKnown).replace(/\.\d+/, '');
	if (loaded.crashed) {
		log(process, 'LOG', `database system was interrupted; last known up at ${at}`, 29);
		log(process, 'LOG', 'database system was not properly shut down; automatic recovery in progress', 29);
		log(process, 'LOG', 'redo starts at 0/1956B90', 29);
		log(process, 'LOG', 'invalid record length at 0/1956BC8: expected at least 24, got 0', 29);
		log(process, 'LOG', 'redo done at 0/1956B90 system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.00 s', 29);
		log(process, 'LOG', 'checkpoint starting: end-of-recovery immediate wait', 27);
	} else log(process, 'LOG', `database system was shut down at ${at}`, 29);
	process.timer(loaded.crashed ? RECOVERY_MS : START_MS, 'ready');
}

function stop(process: Server, how: 'smart' | 'fast'): void {
	log(process, 'LOG', `received ${how} shutdown request`);
	log(process, 'LOG', 'aborting any active transactions');
	if (process.data.phase === 'ready') {
		log(process, 'LOG', 'background worker "logical replication launcher" (PID 32) exited with exit code 1');
		log(process, 'LOG', 'shutting down', 27);
		log(process, 'LOG', 'checkpoint starting: shutdown immediate', 27);
		checkpoint(process, process.data.setup.directory, process.data.cluster, 'shut down');
		process.fs.remove(`${process.data.setup.directory.path}/postmaster.pid`);
	}
	process.fs.remove(`${SOCKET}.lock`);
	log(process, 'LOG', 'database system is shut down');
	process.exit(0);
}

/** Runs a request that has been let in. */
function run(process: Server, release: Release, request: PostgresRequest): PostgresResponse {
	const session = new Session(process.data.cluster, {
		user: request.user,
		database: request.database,
		parameters: request.parameters,
		now: process.now,
		version: release.build,
		settings: { ...settings(release), data_directory: process.data.setup.directory.path },
		random: () => process.random(),
	});
	const { response, session: done } = execute(session, request.sql);
	if (done.changes.length === 0) return response;
	const d = process.data.setup.directory;
	const logged = logChanges(process, d, done.changes);
	if (!logged.ok) {
		const message = `could not write to file "pg_wal/000000010000000000000001": ${fileWords(logged.error)}`;
		log(process, 'PANIC', message, process.data.backend);
		return errorResponse('53100', message, { severity: 'PANIC' });
	}
	process.data = { ...process.data, cluster: done.cluster, walLength: process.data.walLength + logged.value };
	if (process.data.walLength > CHECKPOINT_AT && checkpoint(process, d, done.cluster, 'in production').ok) process.data = { ...process.data, walLength: 0 };
	return response;
}

/** pg_hba.conf as initdb leaves it: local connections are trusted, others bring a password. */
function refuse(process: Server, connection: Connection, request: PostgresRequest): PostgresResponse | undefined {
	const fatal = (code: string, message: string): PostgresResponse => {
		log(process, 'FATAL', message, process.data.backend);
		return errorResponse(code, message, { severity: 'FATAL' });
	};
	if (process.data.phase !== 'ready') return fatal('57P03', 'the database system is starting up');
	const role = process.data.cluster.roles[request.user];
	const local = connection.remoteAddress === '127.0.0.1' || connection.remoteAddress === '::1' || connection.remoteAddress === '';
	const hba = process.fs.read(`${process.data.setup.directory.path}/pg_hba.conf`);
	const trusted = local || (hba.ok && /^host\s+all\s+all\s+all\s+trust/m.test(hba.value));
	if (!trusted && (role?.password === undefined || role.password !== passwordHash(request.user, request.password))) {
		const message = `password authentication failed for user "${request.user}"`;
		const response = fatal('28P01', message);
		const detail =
			role === undefined
				? `Role "${request.user}" does not exist.`
				: role.password === undefined
					? `User "${request.user}" has no password assigned.`
					: undefined;
		if (detail !== undefined)
			log(
				process,
				'DETAIL',
				`${detail}\n\tConnection matched file "${process.data.setup.directory.path}/pg_hba.conf" line 128: "host all all all scram-sha-256"`,
				process.data.backend,
			);
		return response;
	}
	if (role === undefined) return fatal('28000', `role "${request.user}" does not exist`);
	return process.data.cluster.databases[request.database] === undefined ? fatal('3D000', `database "${request.database}" does not exist`) : undefined;
}

function answer(process: Server, release: Release, connection: Connection, request: Request): void {
	process.data = { ...process.data, backend: process.data.backend + 1 };
	if (request.protocol === 'tcp') {
		process.respond(connection.id, { protocol: 'tcp', data: '' });
		return;
	}
	if (request.protocol === 'http') {
		log(process, 'LOG', 'invalid length of startup packet', process.data.backend);
		// No reply an HTTP client could read: curl calls it an empty reply.
		process.respond(connection.id, { protocol: 'tcp', data: '' });
		return;
	}
	process.spendCpu(1);
	const refused = refuse(process, connection, request);
	const response = refused ?? run(process, release, request);
	if (refused === undefined && response.error !== undefined) {
		log(process, response.error.severity, response.error.message, process.data.backend);
		if (response.error.detail !== undefined) log(process, 'DETAIL', response.error.detail, process.data.backend);
		log(process, 'STATEMENT', request.sql, process.data.backend);
	}
	process.respond(connection.id, response);
}

/** The entrypoint and the server it ends in. */
export function postgresServer(release: Release): Program<Data> {
	return {
		name: 'postgres',
		start(process) {
			const bare = process as Process<never>;
			const path = process.env['PGDATA'] ?? '/var/lib/postgresql/data';
			// Started as another user, the server runs as that one; started as root it steps down to postgres.
			const directory: DataDirectory = { path, uid: process.uid === 0 ? release.uid : process.uid, gid: process.uid === 0 ? release.uid : process.gid };
			const prepared = prepareDirectory(bare, directory);
			if (prepared !== undefined) {
				die(bare, prepared);
				return;
			}
			const setup = readSetup(bare, release.major, directory);
			if ('error' in setup) {
				die(bare, setup.error);
				return;
			}
			process.data = { phase: 'initialising', setup, cluster: { roles: {}, databases: {} }, walLength: 0, backend: 60 };
			process.usage({ cpuMilli: 2, memoryBytes: MEMORY_BYTES });
			if (isInitialised(bare, directory)) {
				process.stdout('\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n');
				start(process, release);
				return;
			}
			const failed = initdb(bare, setup, release.major);
			if (failed !== undefined) {
				die(bare, failed);
				return;
			}
			process.timer(INITDB_MS, 'initialised');
		},
		onTimer(process, token) {
			if (token === 'ready') {
				setControl(process, process.data.setup.directory, 'in production');
				process.data = { ...process.data, phase: 'ready' };
				log(process, 'LOG', 'database system is ready to accept connections');
				return;
			}
			const loaded = load(process, process.data.setup.directory);
			if ('failed' in loaded) {
				die(process as Process<never>, `could not open file "${loaded.failed}"\n`);
				return;
			}
			process.data = { ...process.data, cluster: loaded.cluster };
			if (!firstStart(process, release)) {
				process.exit(3);
				return;
			}
			start(process, release);
		},
		onRequest: (process, connection, request) => answer(process, release, connection, request),
		onSignal(process, signal) {
			if (signal === 'SIGTERM') stop(process, 'smart');
			else if (signal === 'SIGINT') stop(process, 'fast');
			else if (signal === 'SIGQUIT') {
				log(process, 'LOG', 'received immediate shutdown request');
				process.exit(2);
			} else if (signal === 'SIGHUP') log(process, 'LOG', 'received SIGHUP, reloading configuration files');
		},
	};
}

/** docker-entrypoint.sh: another command than the server is run as it is. */
export function postgresEntrypoint(release: Release): Program<Data> {
	const server = postgresServer(release);
	return {
		...server,
		name: 'docker-entrypoint.sh',
		start(process) {
			const command = process.argv.slice(1);
			if (command.length === 0 || command[0] === 'postgres' || command[0]?.startsWith('-') === true) {
				server.start(process);
				return;
			}
			if (process.exec(command).ok) return;
			process.stderr(`/usr/local/bin/docker-entrypoint.sh: line 419: exec: ${command[0]}: not found\n`);
			process.exit(127);
		},
	};
}
