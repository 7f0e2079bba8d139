/**
 * A small world to run image programs in without a kubelet: containers by name, a virtual clock, in-memory files and a
 * network in which a container's name is its address. For tests only.
 */
import type { VisibleGpu } from '../../gpu/contract.ts';
import { nextRandom } from '../../kernel/random.ts';
import type { Connection, Dial, HttpResponse, NetworkError, Outcome, Piece, Request, Response } from '../../network/types.ts';
import type { FileResult, Image, Process, Program, Signal, SpawnOptions } from '../program.ts';
import { TestFiles } from './files.ts';

interface Job {
	readonly at: number;
	readonly seq: number;
	readonly run: () => void;
}

type ChildEnd = (result: { readonly pid: number; readonly exitCode: number; readonly stdout: string; readonly stderr: string }) => void;

interface Running {
	readonly pid: number;
	readonly ppid: number;
	argv: readonly string[];
	env: { readonly [name: string]: string };
	cwd: string;
	data: unknown;
	program: Program<unknown>;
	stdin: { text: string; ended: boolean; waiting: boolean };
	readonly out: (text: string) => void;
	readonly err: (text: string) => void;
	readonly timers: Map<string, number>;
	readonly onEnd: ChildEnd;
	collected: { out: string; err: string };
	ended: boolean;
	tty: boolean;
	readonly startedAt: number;
}

export interface ContainerOptions {
	readonly argv?: readonly string[];
	readonly args?: readonly string[];
	readonly env?: { readonly [name: string]: string };
	readonly uid?: number;
	/** Path → content, put there before the start. */
	readonly files?: { readonly [path: string]: string };
	/** Files of an earlier container: a volume that outlives it. */
	readonly disk?: TestFiles;
	readonly stdin?: string;
	readonly tty?: boolean;
	/** GPUs that `process.gpus()` shows. */
	readonly gpus?: readonly VisibleGpu[];
}

export class TestContainer {
	stdout = '';
	stderr = '';
	/** Both, in order of writing. */
	output = '';
	exitCode: number | undefined;
	readonly files: TestFiles;
	readonly processes = new Map<number, Running>();
	readonly listeners = new Map<number, number>();
	readonly cpu = { spent: 0, milli: 0, memory: 0 };
	private nextPid = 1;
	readonly world: TestWorld;
	readonly name: string;
	readonly image: Image;
	readonly uid: number;
	readonly env: { readonly [name: string]: string };
	readonly gpus: readonly VisibleGpu[];

	constructor(world: TestWorld, name: string, image: Image, options: ContainerOptions) {
		this.world = world;
		this.name = name;
		this.image = image;
		this.gpus = options.gpus ?? [];
		this.uid = options.uid ?? (image.user === '' ? 0 : Number(image.user.split(':')[0]));
		this.files = options.disk ?? new TestFiles(image);
		this.files.now = world.now;
		for (const [path, content] of Object.entries(options.files ?? {})) this.files.put(path, 'file', content);
		this.env = { HOSTNAME: name, ...image.env, ...options.env };
		const argv = options.argv ?? [...image.entrypoint, ...(options.args ?? image.cmd)];
		const started = this.start(argv, {
			out: (t) => this.write('stdout', t),
			err: (t) => this.write('stderr', t),
			end: (r) => {
				this.exitCode = r.exitCode;
				for (const p of this.processes.values()) p.ended = true;
				this.listeners.clear();
			},
			ppid: 0,
			env: this.env,
			cwd: image.workdir === '' ? '/' : image.workdir,
			stdin: options.stdin === undefined ? { text: '', ended: options.tty !== true, waiting: false } : { text: options.stdin, ended: true, waiting: false },
			tty: options.tty ?? false,
		});
		if (!started.ok) throw new Error(`cannot start ${argv.join(' ')}: ${started.error}`);
	}

	private write(to: 'stdout' | 'stderr', text: string): void {
		this[to] += text;
		this.output += text;
	}

	find(
		argv: readonly string[],
		env: { readonly [name: string]: string },
		cwd: string,
	): { readonly program: Program<unknown>; readonly argv: readonly string[] } | undefined {
		const name = argv[0] ?? '';
		const paths = name.includes('/')
			? [name.startsWith('/') ? name : `${cwd}/${name}`]
			: (env['PATH'] ?? '/usr/bin:/bin').split(':').map((d) => `${d}/${name}`);
		for (const path of paths) {
			const full = this.files.resolve(path);
			const entry = this.files.entries.get(full);
			if (entry === undefined) continue;
			const program = this.image.programs[full];
			if (program !== undefined) return { program: program as unknown as Program<unknown>, argv };
			const shebang = /^#!\s*(\S+)/.exec(entry.content);
			if (shebang !== null && (entry.mode & 0o111) !== 0) return this.find([shebang[1] ?? '', full, ...argv.slice(1)], env, cwd);
		}
		return undefined;
	}

	start(
		argv: readonly string[],
		o: {
			out: (t: string) => void;
			err: (t: string) => void;
			end: ChildEnd;
			ppid: number;
			env: Running['env'];
			cwd: string;
			stdin: Running['stdin'];
			tty: boolean;
		},
	): FileResult<number> {
		const found = this.find(argv, o.env, o.cwd);
		if (found === undefined) return { ok: false, error: 'ENOENT' };
		const pid = this.nextPid++;
		const p: Running = {
			pid,
			ppid: o.ppid,
			argv: found.argv,
			env: o.env,
			cwd: o.cwd,
			data: undefined,
			program: found.program,
			stdin: o.stdin,
			out: o.out,
			err: o.err,
			timers: new Map(),
			onEnd: o.end,
			collected: { out: '', err: '' },
			ended: false,
			tty: o.tty,
			startedAt: this.world.now,
		};
		this.processes.set(pid, p);
		this.world.at(pid === 1 ? 0 : 1, () => this.call(p, (program, handle) => program.start(handle)));
		return { ok: true, value: pid };
	}

	/** Runs a command beside the main one, as `kubectl exec` does, until it ends. */
	exec(
		argv: readonly string[],
		options: { readonly stdin?: string; readonly tty?: boolean; readonly maxMs?: number } = {},
	): { readonly stdout: string; readonly stderr: string; readonly code: number } {
		let out = '';
		let err = '';
		let code: number | undefined;
		const started = this.start(argv, {
			out: (t) => {
				out += t;
			},
			err: (t) => {
				err += t;
			},
			end: (r) => {
				code = r.exitCode;
			},
			ppid: 0,
			env: this.env,
			cwd: this.image.workdir === '' ? '/' : this.image.workdir,
			stdin: { text: options.stdin ?? '', ended: true, waiting: false },
			tty: options.tty ?? false,
		});
		if (!started.ok) return { stdout: '', stderr: `exec: "${argv[0]}": executable file not found in $PATH`, code: 126 };
		this.world.until(() => code !== undefined, options.maxMs ?? 600_000);
		return { stdout: out, stderr: err, code: code ?? -1 };
	}

	signal(signal: Signal, pid = 1, inside = false): boolean {
		const p = this.processes.get(pid);
		if (p === undefined || p.ended) return false;
		this.world.at(0, () => {
			if (signal === 'SIGKILL') {
				if (!(pid === 1 && inside)) this.end(p, 137);
			} else if (p.program.onSignal !== undefined) this.call(p, (program, handle) => program.onSignal?.(handle, signal));
			else if (pid !== 1) this.end(p, signal === 'SIGTERM' ? 143 : 130);
		});
		return true;
	}

	call(p: Running, run: (program: Program<unknown>, handle: Process<unknown>) => void): void {
		if (p.ended) return;
		const handle = new Handle(this, p);
		run(p.program, handle);
		if (this.world.roundTrip && handle.data !== undefined) handle.data = JSON.parse(JSON.stringify(handle.data));
		p.data = handle.data;
		p.cwd = handle.cwd;
		if (handle.exitCode !== undefined) this.end(p, handle.exitCode);
		else if (handle.replacement !== undefined) {
			p.program = handle.replacement.program;
			p.argv = handle.replacement.argv;
			p.env = handle.replacement.env;
			p.data = undefined;
			p.timers.clear();
			this.world.at(0, () => this.call(p, (program, next) => program.start(next)));
		}
	}

	end(p: Running, code: number): void {
		if (p.ended) return;
		p.ended = true;
		this.processes.delete(p.pid);
		for (const [port, pid] of this.listeners) if (pid === p.pid) this.listeners.delete(port);
		p.onEnd({ pid: p.pid, exitCode: code, stdout: p.collected.out, stderr: p.collected.err });
	}
}

class Handle implements Process<unknown> {
	readonly c: TestContainer;
	readonly p: Running;
	cwd: string;
	data: unknown;
	exitCode: number | undefined;
	replacement: { readonly program: Program<unknown>; readonly argv: readonly string[]; readonly env: Running['env'] } | undefined;
	readonly fs: Process['fs'];
	readonly podIP: string;

	constructor(c: TestContainer, p: Running) {
		this.c = c;
		this.p = p;
		this.cwd = p.cwd;
		this.data = p.data;
		this.podIP = c.world.addressOf(c.name);
		c.files.now = c.world.now;
		this.fs = c.files.as({ uid: c.uid, gid: c.uid, stdout: p.out, stderr: p.err });
	}
	get pid(): number {
		return this.p.pid;
	}
	get argv(): readonly string[] {
		return this.p.argv;
	}
	get env(): Running['env'] {
		return this.p.env;
	}
	get uid(): number {
		return this.c.uid;
	}
	get gid(): number {
		return this.c.uid;
	}
	get groups(): readonly number[] {
		return [];
	}
	get hostname(): string {
		return this.c.name;
	}
	get tty(): boolean {
		return this.p.tty;
	}
	get now(): number {
		return this.c.world.now;
	}
	random(): number {
		return this.c.world.random();
	}
	stdout(text: string): void {
		this.p.out(text);
	}
	stderr(text: string): void {
		this.p.err(text);
	}
	exit(code: number): void {
		this.exitCode ??= code & 255;
	}
	timer(delayMs: number, token: string): void {
		const id = this.c.world.at(delayMs, () => {
			if (this.p.timers.get(token) !== id) return;
			this.p.timers.delete(token);
			this.c.call(this.p, (program, handle) => program.onTimer?.(handle, token));
		});
		this.p.timers.set(token, id);
	}
	clearTimer(token: string): void {
		this.p.timers.delete(token);
	}
	listen(port: number): boolean {
		if (this.c.listeners.has(port) || (port < 1024 && this.c.uid !== 0 && this.c.world.privilegedPorts)) return false;
		this.c.listeners.set(port, this.p.pid);
		return true;
	}
	unlisten(port: number): void {
		this.c.listeners.delete(port);
	}
	respond(connection: string, response: Response): void {
		this.c.world.respond(connection, response);
	}
	send(connection: string, data: string, last: boolean | 'broken'): void {
		this.c.world.send(connection, data, last !== false);
	}
	dial(dial: Omit<Dial, 'from'>, token: string): string {
		return this.c.world.dial(
			this.c.name,
			dial,
			(outcome) => this.c.call(this.p, (program, handle) => program.onReply?.(handle, token, outcome)),
			(piece) => this.c.call(this.p, (program, handle) => program.onPiece?.(handle, token, piece)),
		);
	}
	giveUp(dial: string): void {
		this.c.world.giveUp(dial);
	}
	resolve(name: string): ReturnType<Process['resolve']> {
		return this.c.world.lookup(name);
	}
	spawn(argv: readonly string[], options: SpawnOptions): FileResult<number> {
		const { c, p } = this;
		const sink = (where: SpawnOptions['stdout'], own: (t: string) => void, field: 'out' | 'err'): ((t: string) => void) => {
			if (where === undefined || where === 'inherit') return own;
			if (where === 'discard') return () => undefined;
			if (where === 'collect')
				return (t) => {
					const child = holder.child;
					if (child !== undefined) child.collected[field] += t;
				};
			return (t) => {
				this.fs.write(where.file.startsWith('/') ? where.file : `${this.cwd}/${where.file}`, t, { append: true });
			};
		};
		const holder: { child?: Running } = {};
		const out = sink(options.stdout, p.out, 'out');
		const err = options.stderr === 'stdout' ? out : sink(options.stderr, p.err, 'err');
		const result = c.start(argv, {
			out,
			err,
			ppid: p.pid,
			env: options.env ?? p.env,
			cwd: options.cwd ?? this.cwd,
			tty: p.tty,
			stdin: options.stdin === undefined ? p.stdin : { text: options.stdin, ended: true, waiting: false },
			end: (r) => {
				c.world.at(1, () => c.call(p, (program, handle) => program.onChild?.(handle, options.token, r)));
			},
		});
		if (result.ok) {
			const child = c.processes.get(result.value);
			if (child !== undefined) holder.child = child;
		}
		return result;
	}
	exec(argv: readonly string[], env?: Running['env']): FileResult<null> {
		const found = this.c.find(argv, env ?? this.env, this.cwd);
		if (found === undefined) return { ok: false, error: 'ENOENT' };
		this.replacement = { ...found, env: env ?? this.env };
		return { ok: true, value: null };
	}
	/** No volumes are mounted here. */
	chroot(): FileResult<null> {
		return { ok: false, error: 'EINVAL' };
	}

	kill(pid: number, signal: Signal): boolean {
		return this.c.signal(signal, pid, true);
	}
	processes(): ReturnType<Process['processes']> {
		return [...this.c.processes.values()].map((p) => ({
			pid: p.pid,
			ppid: p.ppid,
			argv: p.argv,
			uid: this.c.uid,
			startedAt: p.startedAt,
			state: 'running',
			rss: 1 << 20,
		}));
	}
	readStdin(): void {
		const { stdin } = this.p;
		this.c.world.at(0, () => {
			if (stdin.text === '' && !stdin.ended) return;
			const cut = this.p.tty ? stdin.text.indexOf('\n') + 1 : stdin.text.length;
			const data = stdin.text === '' ? null : stdin.text.slice(0, cut);
			stdin.text = stdin.text.slice(cut);
			this.c.call(this.p, (program, handle) => program.onStdin?.(handle, data));
		});
	}
	usage(use: { readonly cpuMilli?: number; readonly memoryBytes?: number }): void {
		this.c.cpu.milli = use.cpuMilli ?? this.c.cpu.milli;
		this.c.cpu.memory = use.memoryBytes ?? this.c.cpu.memory;
	}
	gpus(): readonly VisibleGpu[] {
		return this.c.gpus;
	}
	spendCpu(ms: number): void {
		this.c.cpu.spent += ms;
	}
	metric(): void {}
}

interface Open {
	readonly from: string;
	readonly address: string;
	readonly port: number;
	readonly settle: (outcome: Outcome) => void;
	readonly piece: (piece: Piece) => void;
	readonly hangup: () => void;
	readonly streamed: boolean;
	/** An open answer that is wanted whole. */
	held?: HttpResponse;
}

export class TestWorld {
	now: number;
	/** Puts every process's data through JSON after every handler. */
	roundTrip = true;
	/** Whether ports under 1024 need root, as outside pods. */
	privilegedPorts = true;
	readonly containers = new Map<string, TestContainer>();
	/** Names and addresses that drop packets; `dns` for the name server. */
	readonly dropped = new Set<string>();
	private jobs: Job[] = [];
	private seq = 0;
	private seed = 1;
	private readonly open = new Map<string, Open>();

	constructor(now = 1_795_197_600_000) {
		this.now = now;
	}

	random(): number {
		const step = nextRandom(this.seed);
		this.seed = step.state;
		return step.value;
	}

	at(delayMs: number, run: () => void): number {
		this.seq += 1;
		this.jobs.push({ at: this.now + Math.max(0, delayMs), seq: this.seq, run });
		return this.seq;
	}

	run(name: string, image: Image | undefined, options: ContainerOptions = {}): TestContainer {
		if (image === undefined) throw new Error(`${name}: no such image`);
		const c = new TestContainer(this, name, image, options);
		this.containers.set(name, c);
		this.advance(0);
		return c;
	}

	/** Lets virtual time pass, running what comes due. */
	advance(ms: number): void {
		const end = this.now + ms;
		this.until(() => false, ms);
		this.now = end;
	}

	until(done: () => boolean, maxMs: number): void {
		const end = this.now + maxMs;
		while (!done()) {
			let next: Job | undefined;
			for (const j of this.jobs) if (next === undefined || j.at < next.at || (j.at === next.at && j.seq < next.seq)) next = j;
			if (next === undefined || next.at > end) return;
			const chosen = next;
			this.jobs = this.jobs.filter((j) => j !== chosen);
			this.now = Math.max(this.now, chosen.at);
			chosen.run();
		}
	}

	addressOf(name: string): string {
		return `10.244.1.${[...this.containers.keys()].indexOf(name) + 2}`;
	}

	lookup(name: string): { readonly addresses: readonly string[] } | { readonly error: 'ENOTFOUND' } {
		if (/^[\d.]+$/.test(name)) return { addresses: [name] };
		if (name === 'localhost') return { addresses: ['127.0.0.1'] };
		return this.containers.has(name) ? { addresses: [this.addressOf(name)] } : { error: 'ENOTFOUND' };
	}

	/** Gives the dial's id; '' where it fails before there is a connection. */
	dial(from: string, dial: Omit<Dial, 'from'>, settle: (outcome: Outcome) => void, piece: (piece: Piece) => void = () => undefined): string {
		const fail = (error: NetworkError, phase: 'dns' | 'connect' | 'response', afterMs = 1): void => {
			this.at(afterMs, () => settle({ ok: false, error, phase, port: dial.port, ...(address === undefined ? {} : { address }) }));
		};
		const given = dial.resolve?.[dial.host];
		const found = given === undefined ? this.lookup(dial.host) : { addresses: [given] };
		const address = 'addresses' in found ? found.addresses[0] : undefined;
		if (address === undefined) {
			fail('ENOTFOUND', 'dns');
			return '';
		}
		if (this.dropped.has('dns') && given === undefined) {
			fail('ETIMEDOUT', 'dns', dial.connectTimeoutMs ?? (dial.timeoutMs || 10_000));
			return '';
		}
		if (this.dropped.has(dial.host)) {
			fail('ETIMEDOUT', 'connect', dial.connectTimeoutMs ?? (dial.timeoutMs || 130_000));
			return '';
		}
		const target = address === '127.0.0.1' ? this.containers.get(from) : [...this.containers.values()].find((c) => this.addressOf(c.name) === address);
		if (target === undefined) {
			fail('EHOSTUNREACH', 'connect', 3000);
			return '';
		}
		const pid = target.listeners.get(dial.port);
		const server = pid === undefined ? undefined : target.processes.get(pid);
		if (server === undefined) {
			fail('ECONNREFUSED', 'connect');
			return '';
		}
		const id = `c${++this.seq}`;
		const hangup = (): void => target.call(server, (program, handle) => program.onHangup?.(handle, id));
		this.open.set(id, { from, address, port: dial.port, settle, piece, hangup, streamed: dial.stream === true });
		const connection: Connection = { id, remoteAddress: address === '127.0.0.1' ? address : this.addressOf(from), port: dial.port };
		this.at(1, () => target.call(server, (program, handle) => program.onRequest?.(handle, connection, dial.request)));
		if (dial.timeoutMs !== undefined && dial.timeoutMs > 0) {
			this.at(dial.timeoutMs, () => {
				if (!this.open.has(id)) return;
				this.finish(id, { ok: false, error: 'ETIMEDOUT', phase: 'response', port: dial.port, address });
				this.at(1, hangup);
			});
		}
		return id;
	}

	giveUp(id: string): void {
		const open = this.open.get(id);
		this.open.delete(id);
		if (open !== undefined) this.at(1, open.hangup);
	}

	send(id: string, data: string, last: boolean): void {
		const open = this.open.get(id);
		if (open === undefined) return;
		if (open.streamed) {
			if (last) this.open.delete(id);
			this.at(1, () => open.piece({ data, last }));
			return;
		}
		if (open.held === undefined) return;
		open.held = { ...open.held, body: open.held.body + data };
		if (!last) return;
		const { open: _open, ...response } = open.held;
		this.finish(id, { ok: true, response, address: open.address, port: open.port });
	}

	private finish(id: string, outcome: Outcome): void {
		const open = this.open.get(id);
		if (open === undefined) return;
		this.open.delete(id);
		this.at(1, () => open.settle(outcome));
	}

	respond(id: string, response: Response): void {
		const open = this.open.get(id);
		if (open === undefined) return;
		if (response.protocol === 'http' && response.open === true) {
			open.held = response;
			if (open.streamed) this.at(1, () => open.settle({ ok: true, response, address: open.address, port: open.port }));
		} else this.finish(id, { ok: true, response, address: open.address, port: open.port });
	}

	/** One request from outside, and what came of it. */
	request(host: string, port: number, request: Request, timeoutMs = 60_000): Outcome {
		let outcome: Outcome | undefined;
		this.dial('', { host, port, request, timeoutMs }, (o) => {
			outcome = o;
		});
		this.until(() => outcome !== undefined, timeoutMs + 200_000);
		if (outcome === undefined) throw new Error(`no outcome from ${host}:${port}`);
		return outcome;
	}

	/** An HTTP request: its status and body, or the error's name. */
	http(
		host: string,
		port: number,
		method: string,
		path: string,
		body = '',
		headers: { readonly [name: string]: string } = {},
	): { readonly status: number; readonly body: string; readonly headers: { readonly [name: string]: string } } {
		const o = this.request(host, port, { protocol: 'http', method, path, headers: { host, ...headers }, body });
		if (!o.ok) return { status: 0, body: o.error, headers: {} };
		return o.response.protocol === 'http' ? o.response : { status: -1, body: '', headers: {} };
	}
}
export type { Request };
