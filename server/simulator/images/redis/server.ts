/** redis-server as a state machine: flags and redis.conf, a password, an append-only file or snapshot on its volume. */
import type { Connection, Request } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import { strftime } from '../utilities/date.ts';
import { encode, failed, isWrite, type Keyspace, parseRequests, type Reply, runCommand } from './commands.ts';

interface Config {
	readonly port: number;
	readonly dir: string;
	readonly appendonly: boolean;
	readonly password: string;
	readonly maxmemory: string;
	readonly maxmemoryPolicy: string;
}

interface Data {
	readonly version: string;
	readonly config: Config;
	readonly keys: Keyspace;
	readonly startedAt: number;
	readonly commands: number;
}

type Server = Process<Data>;

const AOF = 'appendonlydir/appendonly.aof.1.incr.aof';
const DUMP = 'dump.rdb';
const BASE_BYTES = 4 * 1024 * 1024;

function log(process: Process<never> | Server, level: '*' | '#', text: string): void {
	const ms = String(process.now % 1000).padStart(3, '0');
	process.stdout(`${process.pid}:M ${strftime('%d %b %Y %T', process.now)}.${ms} ${level} ${text}\n`);
}

/** Directives of the command line (`--appendonly yes`) over those of a configuration file named first. */
function configure(process: Process<never>): Config | { readonly problem: string } {
	const given: { [name: string]: string } = {};
	const take = (name: string, value: string): void => {
		given[name.toLowerCase()] = value.replace(/^"(.*)"$/, '$1');
	};
	const args = process.argv.slice(1);
	const file = args[0]?.startsWith('-') === false ? args[0] : undefined;
	if (file !== undefined) {
		const content = process.fs.read(file.startsWith('/') ? file : `${process.cwd}/${file}`);
		if (!content.ok) return { problem: `Fatal error, can't open config file '${file}': No such file or directory` };
		for (const line of content.value.split('\n')) {
			const m = /^\s*([a-z-]+)\s+(.*?)\s*$/i.exec(line);
			if (m !== null) take(m[1] ?? '', m[2] ?? '');
		}
	}
	for (let i = file === undefined ? 0 : 1; i < args.length; i++) {
		const name = args[i] ?? '';
		if (name.startsWith('--')) take(name.slice(2), args[++i] ?? '');
	}
	const port = Number(given['port'] ?? 6379);
	if (!(port >= 0 && port < 65_536))
		return {
			problem: `*** FATAL CONFIG FILE ERROR ***\nReading the configuration file, at line 2\n>>> 'port "${given['port']}"'\nargument must be between 0 and 65535 inclusive`,
		};
	return {
		port,
		dir: given['dir'] ?? process.cwd,
		appendonly: given['appendonly'] === 'yes',
		password: given['requirepass'] ?? '',
		maxmemory: given['maxmemory'] ?? '0',
		maxmemoryPolicy: given['maxmemory-policy'] ?? 'noeviction',
	};
}

/** What an earlier server of this volume wrote down. */
function load(process: Process<never>, config: Config): Keyspace {
	const log = process.fs.read(`${config.dir}/${AOF}`);
	if (config.appendonly && log.ok) {
		return parseRequests(log.value).reduce((keys: Keyspace, words) => runCommand(keys, words, process.now).keys, {});
	}
	const dump = process.fs.read(`${config.dir}/${DUMP}`);
	return dump.ok && dump.value !== '' ? (JSON.parse(dump.value.replace(/^REDIS0012/, '')) as Keyspace) : {};
}

function snapshot(process: Server): boolean {
	const written = process.fs.write(`${process.data.config.dir}/${DUMP}`, `REDIS0012${JSON.stringify(process.data.keys)}`);
	if (!written.ok)
		log(process, '#', `Failed opening the temp RDB file temp-1.rdb (in server root dir ${process.data.config.dir}) for saving: Permission denied`);
	return written.ok;
}

function info(process: Server, section: string): string {
	const d = process.data;
	const size = Object.keys(d.keys).length;
	const sections: { readonly [name: string]: readonly string[] } = {
		server: [
			`redis_version:${d.version}`,
			'redis_mode:standalone',
			`process_id:${process.pid}`,
			`tcp_port:${d.config.port}`,
			`uptime_in_seconds:${Math.floor((process.now - d.startedAt) / 1000)}`,
		],
		clients: ['connected_clients:1'],
		memory: [`used_memory:${BASE_BYTES}`, 'used_memory_human:4.00M', `maxmemory:${d.config.maxmemory}`, `maxmemory_policy:${d.config.maxmemoryPolicy}`],
		persistence: ['loading:0', `aof_enabled:${d.config.appendonly ? 1 : 0}`],
		stats: [`total_commands_processed:${d.commands}`],
		replication: ['role:master', 'connected_slaves:0'],
		keyspace: size === 0 ? [] : [`db0:keys=${size},expires=${Object.values(d.keys).filter((e) => e.expiresAt !== undefined).length},avg_ttl=0`],
	};
	return Object.entries(sections)
		.filter(([name]) => section === '' || section === 'all' || section === name)
		.map(([name, lines]) => `# ${name.replace(/^./, (l) => l.toUpperCase())}\r\n${lines.map((l) => `${l}\r\n`).join('')}`)
		.join('\r\n');
}

function configGet(config: Config, pattern: string): Reply {
	const all: { readonly [name: string]: string } = {
		port: String(config.port),
		dir: config.dir,
		appendonly: config.appendonly ? 'yes' : 'no',
		requirepass: config.password,
		maxmemory: config.maxmemory,
		'maxmemory-policy': config.maxmemoryPolicy,
	};
	const wanted = Object.entries(all).filter(([name]) => pattern === '*' || name === pattern.toLowerCase());
	return { t: 'array', items: wanted.flat().map((text) => ({ t: 'bulk', text })) };
}

/** One command of a connection; `authenticated` is the connection's. */
function command(process: Server, words: readonly string[], authenticated: boolean): { readonly reply: Reply; readonly authenticated: boolean } {
	const name = (words[0] ?? '').toLowerCase();
	const { config } = process.data;
	if (name === 'auth') {
		if (config.password === '')
			return {
				reply: failed('ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?'),
				authenticated,
			};
		return words.at(-1) === config.password
			? { reply: { t: 'simple', text: 'OK' }, authenticated: true }
			: { reply: failed('WRONGPASS invalid username-password pair or user is disabled.'), authenticated: false };
	}
	if (config.password !== '' && !authenticated) return { reply: failed('NOAUTH Authentication required.'), authenticated };
	process.data = { ...process.data, commands: process.data.commands + 1 };
	if (name === 'info') return { reply: { t: 'bulk', text: info(process, (words[1] ?? '').toLowerCase()) }, authenticated };
	if (name === 'config' && words[1]?.toLowerCase() === 'get') return { reply: configGet(config, words[2] ?? ''), authenticated };
	if (name === 'shutdown') {
		stop(process, 'User requested shutdown...');
		return { reply: { t: 'simple', text: '' }, authenticated };
	}
	const result = runCommand(process.data.keys, words, process.now);
	if (result.keys !== process.data.keys) {
		if (config.appendonly) {
			const kept = process.fs.write(`${config.dir}/${AOF}`, encode({ t: 'array', items: words.map((text) => ({ t: 'bulk', text })) }), { append: true });
			if (!kept.ok) return { reply: failed('MISCONF Errors writing to the AOF file: No space left on device'), authenticated };
		}
		process.data = { ...process.data, keys: result.keys };
	}
	if (isWrite(name) && (name === 'save' || name === 'bgsave')) snapshot(process);
	return { reply: result.reply, authenticated };
}

function stop(process: Server, why: string): void {
	log(process, '*', why);
	// With an append-only file everything is there already; else a last snapshot is taken, as `save` points in the default configuration ask.
	if (!process.data.config.appendonly) {
		log(process, '*', 'Saving the final RDB snapshot before exiting.');
		if (snapshot(process)) log(process, '*', 'DB saved on disk');
	}
	log(process, '#', 'Redis is now ready to exit, bye bye...');
	process.exit(0);
}

/** The server of one version. */
export const redisServer = (version: string): Program<Data> => ({
	name: 'redis-server',
	start(process) {
		if (process.argv.includes('--version') || process.argv.includes('-v')) {
			process.stdout(`Redis server v=${version} sha=00000000:1 malloc=jemalloc-5.3.0 bits=64 build=aa4d60d2a0e1cbb7\n`);
			process.exit(0);
			return;
		}
		const config = configure(process as Process<never>);
		if ('problem' in config) {
			process.stderr(`${config.problem}\n`);
			process.exit(1);
			return;
		}
		log(process, '*', 'oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo');
		log(process, '*', `Redis version=${version}, bits=64, commit=00000000, modified=1, pid=${process.pid}, just started`);
		if (process.argv.length === 1)
			log(process, '#', 'Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf');
		else log(process, '*', 'Configuration loaded');
		if (!process.listen(config.port)) {
			log(process, '#', `Warning: Could not create server TCP listening socket *:${config.port}: bind: Address already in use`);
			log(process, '#', `Failed listening on port ${config.port} (tcp), aborting.`);
			process.exit(1);
			return;
		}
		if (config.appendonly) {
			const made = process.fs.mkdir(`${config.dir}/appendonlydir`, { parents: true });
			if (!made.ok && made.error !== 'EEXIST') {
				log(process, '#', `Can't open or create append-only dir appendonlydir: ${made.error === 'EROFS' ? 'Read-only file system' : 'Permission denied'}`);
				process.exit(1);
				return;
			}
		}
		process.data = { version, config, keys: load(process as Process<never>, config), startedAt: process.now, commands: 0 };
		process.usage({ cpuMilli: 2, memoryBytes: BASE_BYTES });
		log(process, '*', `Running mode=standalone, port=${config.port}.`);
		log(process, '*', 'Server initialized');
		log(process, '*', 'Ready to accept connections tcp');
	},
	onRequest(process, connection: Connection, request: Request) {
		if (request.protocol !== 'tcp') {
			if (request.protocol === 'http')
				log(process, '#', 'Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. Connection aborted.');
			process.respond(connection.id, { protocol: 'tcp', data: '' });
			return;
		}
		let authenticated = false;
		let data = '';
		for (const words of parseRequests(request.data ?? '')) {
			const done = command(process, words, authenticated);
			authenticated = done.authenticated;
			data += encode(done.reply);
		}
		process.spendCpu(0.05);
		process.respond(connection.id, { protocol: 'tcp', data });
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM') stop(process, 'Received SIGTERM scheduling shutdown...');
		if (signal === 'SIGINT') stop(process, 'Received SIGINT scheduling shutdown...');
	},
});
