/** What a program sees of its process, in a test's container. */
import type { VisibleGpu } from '../../gpu/contract.ts';
import type { Dial, Response } from '../../network/types.ts';
import type { FileResult, Process, Program, Signal, SpawnOptions } from '../program.ts';
import type { Container, Running } from './running.ts';

export class Handle implements Process<unknown> {
	readonly c: Container;
	readonly p: Running;
	cwd: string;
	data: unknown;
	exitCode: number | undefined;
	replacement: { readonly program: Program<unknown>; readonly argv: readonly string[]; readonly env: Running['env'] } | undefined;
	readonly fs: Process['fs'];
	readonly podIP: string;

	constructor(c: Container, p: Running) {
		this.c = c;
		this.p = p;
		this.cwd = p.cwd;
		this.data = p.data;
		this.podIP = c.world.network.addressOf(c.name);
		c.files.now = c.world.clock.now;
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
		return this.c.world.clock.now;
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
		const id = this.c.world.clock.at(delayMs, () => {
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
		this.c.world.network.respond(connection, response);
	}
	send(connection: string, data: string, last: boolean | 'broken'): void {
		this.c.world.network.send(connection, data, last !== false);
	}
	dial(dial: Omit<Dial, 'from'>, token: string): string {
		return this.c.world.network.dial(
			this.c.name,
			dial,
			(outcome) => this.c.call(this.p, (program, handle) => program.onReply?.(handle, token, outcome)),
			(piece) => this.c.call(this.p, (program, handle) => program.onPiece?.(handle, token, piece)),
		);
	}
	giveUp(dial: string): void {
		this.c.world.network.giveUp(dial);
	}
	resolve(name: string): ReturnType<Process['resolve']> {
		return this.c.world.network.lookup(name);
	}
	query(name: string, type: string): ReturnType<Process['query']> {
		const found = this.resolve(name.replace(/\.(default\.)?(svc\.)?cluster\.local\.?$/, ''));
		if ('error' in found) return { rcode: 'NXDOMAIN', authoritative: true, records: [] };
		return { rcode: 'NOERROR', authoritative: true, records: type === 'A' ? found.addresses.map((data) => ({ name, type: 'A' as const, data })) : [] };
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
				c.world.clock.at(1, () => c.call(p, (program, handle) => program.onChild?.(handle, options.token, r)));
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
		this.c.world.clock.at(0, () => {
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
