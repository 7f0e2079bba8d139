import { formatTime } from '../../kernel/time.ts';
import { baseFiles } from '../image.ts';
import type { Image, Process, Program } from '../program.ts';
import { debianTools } from '../toolbox.ts';
import { type DatabaseService, databaseProgram, pingProgram } from './service.ts';

const stamp = (p: Process<unknown>): string => formatTime(p.now);

/** MySQL's and MariaDB's entrypoints ask for the same three, under their own prefixes. */
function mysqlLike(name: 'MySQL' | 'MariaDB', version: string): DatabaseService {
	const prefixes = name === 'MySQL' ? ['MYSQL'] : ['MARIADB', 'MYSQL'];
	const server = name === 'MySQL' ? 'mysqld' : 'mariadbd';
	const entry = (p: Process<unknown>, text: string): string => `${stamp(p).replace('T', ' ').replace('Z', '+00:00')} [Note] [Entrypoint]: ${text}`;
	const line = (p: Process<unknown>, text: string): string =>
		name === 'MySQL' ? `${stamp(p).replace('Z', '.000000Z')} 0 [System] ${text}` : `${stamp(p).replace('T', ' ').slice(0, 19)} 0 [Note] ${text}`;
	return {
		name: server,
		ports: [3306],
		missing(env) {
			const given = prefixes.some((p) =>
				['ROOT_PASSWORD', 'ROOT_PASSWORD_FILE', 'ALLOW_EMPTY_PASSWORD', 'RANDOM_ROOT_PASSWORD', 'ALLOW_EMPTY_ROOT_PASSWORD'].some(
					(n) => (env[`${p}_${n}`] ?? '') !== '',
				),
			);
			if (given) return undefined;
			const names =
				name === 'MySQL'
					? ['MYSQL_ROOT_PASSWORD', 'MYSQL_ALLOW_EMPTY_PASSWORD', 'MYSQL_RANDOM_ROOT_PASSWORD']
					: ['MARIADB_ROOT_PASSWORD', 'MARIADB_ROOT_PASSWORD_HASH', 'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD', 'MARIADB_RANDOM_ROOT_PASSWORD'];
			return `[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n    You need to specify one of the following as an environment variable:\n${names.map((n) => `    - ${n}\n`).join('')}`;
		},
		directory: '/var/lib/mysql',
		initialiseMs: 8_000,
		startMs: 1_500,
		memoryBytes: name === 'MySQL' ? 380_000_000 : 90_000_000,
		stream: 'stderr',
		lines: {
			initialising: (p) => [entry(p, `Entrypoint script for ${name} Server ${version} started.`), entry(p, 'Initializing database files')],
			starting: (p) => [line(p, `[${server}] ${server} (${name === 'MySQL' ? '/usr/sbin/mysqld' : server} ${version}) starting as process ${p.pid}`)],
			ready: (p) => [
				line(
					p,
					`${name === 'MySQL' ? '/usr/sbin/mysqld' : 'mariadbd'}: ready for connections. Version: '${version}'  socket: '/run/mysqld/mysqld.sock'  port: 3306`,
				),
			],
			stopping: (p) => [
				line(
					p,
					`${name === 'MySQL' ? 'Received SHUTDOWN from user <via user signal>. Shutting down mysqld' : 'mariadbd (initiated by: unknown): Normal shutdown'}`,
				),
				line(p, `${server}: Shutdown complete`),
			],
		},
	};
}

const mongod = (version: string): DatabaseService => {
	const line = (p: Process<unknown>, c: string, msg: string, attr: unknown): string =>
		JSON.stringify({ t: { $date: stamp(p).replace('Z', '.000+00:00') }, s: 'I', c, id: 20_698, ctx: 'main', msg, attr });
	return {
		name: 'mongod',
		ports: [27_017],
		missing: (env) =>
			(env['MONGO_INITDB_ROOT_USERNAME'] === undefined) === (env['MONGO_INITDB_ROOT_PASSWORD'] === undefined)
				? undefined
				: "\nerror: missing 'MONGO_INITDB_ROOT_USERNAME' or 'MONGO_INITDB_ROOT_PASSWORD'\n       both must be specified for a user to be created\n\n",
		directory: '/data/db',
		initialiseMs: 1_500,
		startMs: 900,
		memoryBytes: 170_000_000,
		stream: 'stdout',
		lines: {
			starting: (p) => [line(p, 'CONTROL', 'Build Info', { buildInfo: { version } })],
			ready: (p) => [line(p, 'NETWORK', 'Waiting for connections', { port: 27_017, ssl: 'off' })],
			stopping: (p) => [line(p, 'CONTROL', 'Received signal', { signal: 15, error: 'Terminated' }), line(p, 'CONTROL', 'Shutting down', { exitCode: 0 })],
		},
	};
};

const memcached: DatabaseService = {
	name: 'memcached',
	ports: [11_211],
	startMs: 20,
	memoryBytes: 3_000_000,
	stream: 'stderr',
	lines: { starting: () => [], ready: () => [], stopping: () => ['Signal handled: Terminated.'] },
	reply: (data) =>
		/^version/.test(data)
			? 'VERSION 1.6.39\r\n'
			: /^stats/.test(data)
				? 'STAT pid 1\r\nSTAT version 1.6.39\r\nSTAT curr_items 0\r\nEND\r\n'
				: /^get /.test(data)
					? 'END\r\n'
					: data === ''
						? ''
						: 'ERROR\r\n',
};

const rabbitmq: DatabaseService = {
	name: 'rabbitmq-server',
	ports: [5672, 15_672],
	directory: '/var/lib/rabbitmq',
	initialiseMs: 2_000,
	startMs: 6_000,
	memoryBytes: 140_000_000,
	stream: 'stdout',
	page: { port: 15_672, body: '<!doctype html><title>RabbitMQ Management</title>\n' },
	lines: {
		starting: (p) => [`${stamp(p).replace('T', ' ').replace('Z', '.000000+00:00')} [info] <0.208.0>  Starting RabbitMQ 4.2.0 on Erlang 27.3.4 [jit]`],
		ready: (p) => [
			`${stamp(p).replace('T', ' ').replace('Z', '.000000+00:00')} [info] <0.612.0> started TCP listener on [::]:5672`,
			`${stamp(p).replace('T', ' ').replace('Z', '.000000+00:00')} [info] <0.10.0> Server startup complete; 4 plugins started.`,
		],
		stopping: (p) => [`${stamp(p).replace('T', ' ').replace('Z', '.000000+00:00')} [info] <0.9.0> SIGTERM received - shutting down`],
	},
};

const elastic: DatabaseService = {
	name: 'elasticsearch',
	ports: [9200, 9300],
	directory: '/usr/share/elasticsearch/data',
	initialiseMs: 3_000,
	startMs: 12_000,
	memoryBytes: 1_300_000_000,
	stream: 'stdout',
	page: { port: 9200, body: '{\n  "cluster_name" : "docker-cluster",\n  "version" : { "number" : "8.19.7" },\n  "tagline" : "You Know, for Search"\n}\n' },
	lines: {
		starting: (p) => [`{"@timestamp":"${stamp(p)}", "log.level": "INFO", "message":"version[8.19.7], pid[${p.pid}]"}`],
		ready: (p) => [`{"@timestamp":"${stamp(p)}", "log.level": "INFO", "message":"started"}`],
	},
};

interface Row {
	readonly repository: string;
	readonly tags: readonly string[];
	readonly service: DatabaseService;
	readonly size: number;
	readonly user?: string;
	readonly tools?: { readonly [path: string]: Program<never> };
}

const mysqladmin = pingProgram(
	'mysqladmin',
	3306,
	'mysqld is alive',
	(host) =>
		`mysqladmin: connect to server at '${host}' failed\nerror: 'Can't connect to MySQL server on '${host}:3306' (111)'\nCheck that mysqld is running on ${host} and that the port is 3306.`,
);
const mongosh = pingProgram('mongosh', 27_017, '{ ok: 1 }', (host) => `MongoNetworkError: connect ECONNREFUSED ${host}:27017`);

const mysqlTools = { '/usr/bin/mysqladmin': mysqladmin as Program<never>, '/usr/bin/mariadb-admin': mysqladmin as Program<never> };
const mongoTools = { '/usr/bin/mongosh': mongosh as Program<never>, '/usr/bin/mongo': mongosh as Program<never> };
const mysql = (version: string, tags: readonly string[]): Row => ({
	repository: 'docker.io/library/mysql',
	tags,
	service: mysqlLike('MySQL', version),
	size: 798_000_000,
	tools: mysqlTools,
});
const mariadb = (version: string, tags: readonly string[]): Row => ({
	repository: 'docker.io/library/mariadb',
	tags,
	service: mysqlLike('MariaDB', version),
	size: 330_000_000,
	tools: mysqlTools,
});
const mongo = (version: string, tags: readonly string[]): Row => ({
	repository: 'docker.io/library/mongo',
	tags,
	service: mongod(version),
	size: 830_000_000,
	tools: mongoTools,
});

const ROWS: readonly Row[] = [
	mysql('9.5.0', ['9.5.0', '9.5', '9', 'latest']),
	mysql('8.4.7', ['8.4.7', '8.4', '8', 'lts']),
	mysql('8.0.44', ['8.0.44', '8.0', '8.0.30']),
	mysql('5.7.44', ['5.7.44', '5.7', '5']),
	mysql('5.6.51', ['5.6.51', '5.6']),
	mariadb('12.0.2', ['12.0.2', '12', 'latest']),
	mariadb('11.8.4', ['11.8.4', '11.8', '11', 'lts']),
	mariadb('10.11.15', ['10.11.15', '10.11', '10', '10.6']),
	mongo('8.2.1', ['8.2.1', '8.2', '8', 'latest']),
	mongo('7.0.25', ['7.0.25', '7.0', '7']),
	mongo('6.0.26', ['6.0.26', '6.0', '6', '5.0', '4.4', '4.2']),
	{
		repository: 'docker.io/library/memcached',
		tags: ['1.6.39', '1.6', '1', 'latest', '1.6-alpine', 'alpine', '1.4', '1.5'],
		service: memcached,
		size: 85_000_000,
		user: '11211',
	},
	{
		repository: 'docker.io/library/rabbitmq',
		tags: ['4.2.0', '4', 'latest', '4-management', '4.2-management', '3', '3-management', '3.13-management', 'management'],
		service: rabbitmq,
		size: 274_000_000,
	},
	{ repository: 'docker.elastic.co/elasticsearch/elasticsearch', tags: ['8.19.7', '8.11.0', '7.17.29'], service: elastic, size: 1_300_000_000, user: '1000' },
	{ repository: 'docker.io/library/elasticsearch', tags: ['8.19.7', '7.17.29'], service: elastic, size: 1_300_000_000, user: '1000' },
];

export const databaseImages: readonly Image[] = ROWS.map((row) => ({
	repositories: [row.repository],
	tags: row.tags,
	sizeBytes: row.size,
	entrypoint: [`/usr/local/bin/${row.service.name}`],
	cmd: [],
	env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
	user: row.user ?? '',
	workdir: '/',
	files: {
		...baseFiles({ name: 'Debian GNU/Linux 12 (bookworm)', id: 'debian', version: '12', shell: '/bin/bash' }),
		...(row.service.directory === undefined ? {} : { [row.service.directory]: { directory: true, mode: 0o777 } as const }),
	},
	programs: { ...debianTools(), ...row.tools, [`/usr/local/bin/${row.service.name}`]: databaseProgram(row.service) as Program<never> },
}));
