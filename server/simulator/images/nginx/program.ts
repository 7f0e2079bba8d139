/** The nginx binary: start-up checks, signals, requests. */
import type { Connection, Request } from '../../network/types.ts';
import type { Process, Program } from '../program.ts';
import { errorTime, logError, writeLog } from './log.ts';
import type { Model } from './config/model.ts';
import { page } from './pages.ts';
import { clientGone, passPiece } from './passing.ts';
import { onUpstream, onUpstreamTimeout, proxy } from './proxy.ts';
import { begin } from './serve.ts';
import { startWorkers, WORKER_TOKEN, workersHang } from './workers.ts';
import { currentModel, type Data, modelOf, type Nginx } from './state.ts';
import { ConfigError, globRegex, includesIn, includeTarget, type Sources } from './config/syntax.ts';

interface Options {
	readonly config: string;
	readonly globals: string;
	readonly test: boolean;
	readonly signal?: string;
	readonly version: boolean;
}

const ERRNO: { readonly [error: string]: string } = {
	EACCES: '13: Permission denied',
	EROFS: '30: Read-only file system',
	ENOENT: '2: No such file or directory',
	ENOSPC: '28: No space left on device',
	EISDIR: '21: Is a directory',
	ENOTDIR: '20: Not a directory',
};
const errno = (error: string): string => ERRNO[error] ?? error;

function parseOptions(argv: readonly string[]): Options | { readonly error: string } {
	let o: Options = { config: '/etc/nginx/nginx.conf', globals: '', test: false, version: false };
	for (let i = 1; i < argv.length; i++) {
		const arg = argv[i] ?? '';
		const value = (): string => argv[++i] ?? '';
		if (arg === '-t' || arg === '-T' || arg === '-q') o = { ...o, test: o.test || arg !== '-q' };
		else if (arg === '-v' || arg === '-V') o = { ...o, version: true };
		else if (arg === '-g') o = { ...o, globals: value() };
		else if (arg === '-c') o = { ...o, config: value() };
		else if (arg === '-s') {
			const signal = value();
			if (!['stop', 'quit', 'reload', 'reopen'].includes(signal)) return { error: `nginx: invalid option: "-s ${signal}"\n` };
			o = { ...o, signal };
		} else if (arg === '-p' || arg === '-e') value();
		else return { error: `nginx: invalid option: "${arg}"\n` };
	}
	return o;
}

/** Reads the configuration and what it includes. Throws `ConfigError` where a file cannot be read. */
function readSources<D>(process: Process<D>, main: string): Sources {
	const sources: { [path: string]: string } = {};
	const read = (path: string, from: string): void => {
		if (sources[path] !== undefined) return;
		const content = process.fs.read(path);
		if (!content.ok) throw new ConfigError(`open() "${path}" failed (${errno(content.error)})${from}`);
		sources[path] = content.value;
		for (const include of includesIn(path, content.value)) {
			const target = includeTarget(include);
			const where = ` in ${include.file}:${include.line}`;
			if (!/[*?[]/.test(target)) read(target, where);
			else {
				const folder = target.slice(0, target.lastIndexOf('/'));
				const regex = globRegex(target);
				const listed = process.fs.list(folder);
				for (const name of listed.ok ? listed.value : []) {
					const full = `${folder}/${name}`;
					const stat = process.fs.stat(full);
					if (regex.test(full) && !name.startsWith('.') && stat.ok && stat.value.kind === 'file') read(full, where);
				}
			}
		}
	};
	read(main, '');
	return sources;
}

interface Loaded {
	readonly model: Model;
	readonly sources: Sources;
	readonly resolved: Data['resolved'];
}

/** Everything `nginx -t` checks. Throws `ConfigError`. */
function load<D>(process: Process<D>, o: Options): Loaded {
	const sources = readSources(process, o.config);
	const model = modelOf(sources, o.config, o.globals);
	const resolved: { [host: string]: readonly string[] } = {};
	for (const { host: authority, at } of model.hosts) {
		const host = authority.replace(/:\d+$/, '');
		const found = process.resolve(host);
		if ('error' in found) throw new ConfigError(at);
		resolved[host] = found.addresses;
	}
	for (const path of model.certificates) {
		const file = process.fs.read(path);
		if (!file.ok) {
			const [code, words] = file.error === 'EACCES' ? ['8000000D', 'Permission denied'] : ['80000002', 'No such file or directory'];
			throw new ConfigError(
				`cannot load certificate "${path}": BIO_new_file() failed (SSL: error:${code}:system library::${words}:calling fopen(${path}, r) error:10000080:BIO routines::no such file)`,
			);
		}
		if (!file.value.includes('-----BEGIN'))
			throw new ConfigError(
				`cannot load certificate "${path}": PEM_read_bio_X509_AUX() failed (SSL: error:0480006C:PEM routines::no start line:Expecting: TRUSTED CERTIFICATE)`,
			);
	}
	return { model, sources, resolved };
}

/** Directories, log files and the user, in ngx_init_cycle's order. Throws `ConfigError`. */
function prepare<D>(process: Process<D>, model: Model): void {
	for (const path of model.temp) {
		const stat = process.fs.stat(path);
		if (!stat.ok) {
			const made = process.fs.mkdir(path, { mode: 0o700 });
			if (!made.ok) throw new ConfigError(`mkdir() "${path}" failed (${errno(made.error)})`);
		}
		if (process.uid === 0 && (!stat.ok || stat.value.uid !== 101)) {
			const owned = process.fs.chown(path, 101, 101);
			if (!owned.ok) throw new ConfigError(`chown("${path}", 101) failed (1: Operation not permitted)`);
		}
	}
	for (const log of new Set(model.servers.flatMap((s) => s.settings.accessLog.map((l) => l.path)))) openLog(process, log);
}

function openLog<D>(process: Process<D>, path: string): void {
	if (path.includes('$')) return;
	const stat = process.fs.stat(path, true);
	if (path.startsWith('/dev/') || (stat.ok && stat.value.kind === 'symlink')) return;
	const opened = process.fs.write(path, '', { append: true });
	if (!opened.ok) throw new ConfigError(`open() "${path}" failed (${errno(opened.error)})`);
}

function bind<D>(process: Process<D>, model: Model, held: readonly number[]): readonly number[] {
	const wanted = new Map(model.servers.flatMap((s) => s.listen.filter((l) => l.port > 0).map((l) => [l.port, l] as const)));
	for (const [port, l] of wanted) {
		if (held.includes(port) || process.listen(port, { tls: l.tls, localOnly: l.local })) continue;
		const why = port < 1024 && process.uid !== 0 ? '13: Permission denied' : '98: Address already in use';
		throw new ConfigError(`bind() to 0.0.0.0:${port} failed (${why})`);
	}
	return [...wanted.keys()];
}

/** The error log as it is known before the configuration is, and on the terminal beside it. */
function emerg<D>(process: Process<D>, message: string, model?: Model): void {
	process.stderr(`nginx: [emerg] ${message}\n`);
	if (process.pid === 1) {
		const path = model?.errorLog ?? '/var/log/nginx/error.log';
		writeLog(process, path, `${errorTime(process.now)} [emerg] 1#1: ${message}\n`);
	}
}

function start(process: Process<Data>, version: string, o: Options): void {
	let model: Model | undefined;
	try {
		const loaded = load(process, o);
		model = loaded.model;
		const { user } = model;
		if (user !== undefined && process.uid !== 0) {
			const text = `the "user" directive makes sense only if the master process runs with super-user privileges, ignored in ${user.at}`;
			process.stderr(`${errorTime(process.now)} [warn] ${process.pid}#${process.pid}: ${text}\nnginx: [warn] ${text}\n`);
		}
		for (const w of model.warnings) process.stderr(`${errorTime(process.now)} [warn] ${process.pid}#${process.pid}: ${w}\nnginx: [warn] ${w}\n`);
		prepare(process, model);
		if (o.test) {
			process.stderr(`nginx: the configuration file ${o.config} syntax is ok\nnginx: configuration file ${o.config} test is successful\n`);
			process.exit(0);
			return;
		}
		const ports = bind(process, model, []);
		const pid = process.fs.write(model.pid, `${process.pid}\n`);
		if (!pid.ok) throw new ConfigError(`open() "${model.pid}" failed (${errno(pid.error)})`);
		if (model.daemon) {
			// The foreground process of a daemon returns at once: as a container's first process it takes all with it.
			process.exit(0);
			return;
		}
		process.data = {
			sources: loaded.sources,
			main: o.config,
			globals: o.globals,
			resolved: loaded.resolved,
			upstreams: {},
			pending: {},
			passing: {},
			requests: 0,
			ports,
			stopping: false,
			workers: [],
		};
		process.data = { ...process.data, workers: startWorkers(process, model.workers) };
		process.usage({ cpuMilli: 1, memoryBytes: 8 * 1024 * 1024 });
		const log = { path: model.errorLog, level: levelOf(model) };
		for (const line of [
			'using the "epoll" event method',
			`nginx/${version}`,
			'built by gcc 14.2.0 (Debian 14.2.0-19) ',
			'OS: Linux 6.12.48+deb13-amd64',
			'getrlimit(RLIMIT_NOFILE): 1048576:1048576',
			'start worker processes',
		]) {
			logError(process, log, 'notice', line);
		}
		for (const w of process.data.workers) logError(process, log, 'notice', `start worker process ${w}`);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		emerg(process, error.message, model);
		if (o.test) process.stderr(`nginx: configuration file ${o.config} test failed\n`);
		process.exit(1);
	}
}

const levelOf = (model: Model): string => model.servers[0]?.settings.errorLog.level ?? 'notice';

function sendSignal<D>(process: Process<D>, o: Options): void {
	try {
		const { model } = load(process, o);
		const pid = process.fs.read(model.pid);
		const number = pid.ok ? Number(pid.value.trim()) : Number.NaN;
		if (!pid.ok) throw new ConfigError(`open() "${model.pid}" failed (${errno(pid.error)})`);
		if (!Number.isInteger(number) || pid.value.trim() === '') throw new ConfigError(`invalid PID number "${pid.value.trim()}" in "${model.pid}"`);
		process.stderr(`${errorTime(process.now)} [notice] ${process.pid}#${process.pid}: signal process started\n`);
		const sent = process.kill(number, o.signal === 'reload' ? 'SIGHUP' : o.signal === 'quit' ? 'SIGQUIT' : o.signal === 'stop' ? 'SIGTERM' : 'SIGUSR1');
		if (!sent) throw new ConfigError(`kill(${number}, ${o.signal === 'reload' ? 1 : 15}) failed (3: No such process)`);
		process.exit(0);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		process.stderr(`nginx: [${error.message.startsWith('kill') ? 'alert' : error.message.startsWith('invalid PID') ? 'error' : 'emerg'}] ${error.message}\n`);
		process.exit(1);
	}
}

function reload(process: Process<Data>): void {
	const { data } = process;
	const log = { path: currentModel(data).errorLog, level: 'notice' };
	logError(process, log, 'notice', 'signal 1 (SIGHUP) received from 35, reconfiguring');
	logError(process, log, 'notice', 'reconfiguring');
	try {
		const loaded = load(process, { config: data.main, globals: data.globals, test: false, version: false });
		prepare(process, loaded.model);
		const ports = bind(process, loaded.model, data.ports);
		const workers = startWorkers(process, loaded.model.workers);
		process.data = { ...data, sources: loaded.sources, resolved: loaded.resolved, upstreams: {}, ports: [...new Set([...data.ports, ...ports])], workers };
		logError(process, log, 'notice', 'using the "epoll" event method');
		logError(process, log, 'notice', 'start worker processes');
		for (const w of workers) logError(process, log, 'notice', `start worker process ${w}`);
		for (const w of data.workers) {
			logError(process, log, 'notice', 'gracefully shutting down', w);
			process.kill(w, 'SIGQUIT');
		}
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		logError(process, log, 'emerg', error.message);
	}
}

function quit(process: Process<Data>, signal: string, graceful: boolean): void {
	const log = { path: currentModel(process.data).errorLog, level: levelOf(currentModel(process.data)) };
	logError(process, log, 'notice', `signal ${signal} received${graceful ? ', shutting down' : ' from 0, exiting'}`);
	for (const w of process.data.workers) logError(process, log, 'notice', graceful ? 'gracefully shutting down' : 'exiting', w);
	process.data = { ...process.data, stopping: true };
	if (!graceful || idle(process.data)) leave(process);
}

function leave(process: Process<Data>): void {
	const log = { path: currentModel(process.data).errorLog, level: levelOf(currentModel(process.data)) };
	for (const w of process.data.workers) {
		logError(process, log, 'notice', 'exit', w);
		logError(process, log, 'notice', `worker process ${w} exited with code 0`);
	}
	logError(process, log, 'notice', 'exit');
	for (const w of process.data.workers) process.kill(w, 'SIGQUIT');
	process.fs.remove(currentModel(process.data).pid);
	process.exit(0);
}

/** A worker that dies on its own is replaced; one that was told to go is not. */
function workerEnded(process: Process<Data>, pid: number, code: number): void {
	const { data } = process;
	if (data.stopping || !data.workers.includes(pid)) return;
	const model = currentModel(data);
	const log = { path: model.errorLog, level: levelOf(model) };
	logError(process, log, code > 128 ? 'alert' : 'notice', `worker process ${pid} exited ${code > 128 ? `on signal ${code - 128}` : `with code ${code}`}`);
	const started = startWorkers(process, 1);
	for (const w of started) logError(process, log, 'notice', `start worker process ${w}`);
	process.data = { ...data, workers: [...data.workers.filter((w) => w !== pid), ...started] };
}

function request(n: Nginx, connection: Connection, r: Request): void {
	const { process } = n;
	if (r.protocol !== 'http') {
		// A bare connection is closed without a word; another protocol is a bad request.
		process.respond(
			connection.id,
			r.protocol === 'tcp'
				? { protocol: 'tcp', data: '' }
				: { protocol: 'http', status: 400, headers: { server: `nginx/${n.version}` }, body: page(400, `nginx/${n.version}`) },
		);
		return;
	}
	// The kernel has taken the connection; nobody is there to read it.
	if (workersHang(process)) return;
	process.spendCpu(0.3);
	const number = process.data.requests + 1;
	process.data = { ...process.data, requests: number };
	const [rawPath = '/', args = ''] = split(r.path);
	const uri = normalise(rawPath);
	begin(n, {
		connection: connection.id,
		request: r,
		remote: connection.remoteAddress,
		port: connection.port,
		startedAt: process.now,
		number,
		uri,
		args,
		rewritten: false,
		captures: [],
		set: {},
		at: uri,
		hops: 0,
	});
}

function split(path: string): readonly [string, string] {
	const at = path.indexOf('?');
	return at === -1 ? [path, ''] : [path.slice(0, at), path.slice(at + 1)];
}

/** Decodes %XX, resolves dots, merges slashes. */
function normalise(path: string): string {
	let decoded = path;
	try {
		decoded = decodeURIComponent(path);
	} catch {
		// Not valid UTF-8: nginx keeps the bytes; the text as sent is the closest we have.
	}
	const out: string[] = [];
	for (const part of decoded.split('/')) {
		if (part === '..') out.pop();
		else if (part !== '.' && part !== '') out.push(part);
	}
	return `/${out.join('/')}${decoded.endsWith('/') && out.length > 0 ? '/' : ''}`;
}

/** Nothing is under way. */
const idle = (data: Data): boolean => Object.keys(data.pending).length === 0 && Object.keys(data.passing).length === 0;

/** The nginx of one version. */
export function nginxProgram(version: string): Program<Data> {
	const n = (process: Process<Data>): Nginx => ({ process, version, proxy, model: currentModel(process.data) });
	return {
		name: 'nginx',
		start(process) {
			const o = parseOptions(process.argv);
			if ('error' in o) {
				process.stderr(o.error);
				process.exit(1);
			} else if (o.version) {
				process.stderr(`nginx version: nginx/${version}\n`);
				process.exit(0);
			} else if (o.signal !== undefined) sendSignal(process, o);
			else start(process, version, o);
		},
		onRequest: (process, connection, r) => request(n(process), connection, r),
		onReply(process, token, outcome) {
			onUpstream(n(process), token, outcome);
			if (process.data.stopping && idle(process.data)) leave(process);
		},
		onPiece(process, token, piece) {
			passPiece(n(process), token, piece);
			if (process.data.stopping && idle(process.data)) leave(process);
		},
		onHangup: (process, connection) => clientGone(n(process), connection),
		onTimer: (process, token) => onUpstreamTimeout(n(process), token),
		onChild(process, token, child) {
			if (token === WORKER_TOKEN) workerEnded(process, child.pid, child.exitCode);
		},
		onSignal(process, signal) {
			if (process.data === undefined) process.exit(143);
			else if (signal === 'SIGQUIT') quit(process, '3 (SIGQUIT)', true);
			else if (signal === 'SIGTERM' || signal === 'SIGINT') quit(process, signal === 'SIGTERM' ? '15 (SIGTERM)' : '2 (SIGINT)', false);
			else if (signal === 'SIGHUP') reload(process);
		},
	};
}
