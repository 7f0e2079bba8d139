/** One container of a test's world: its files, its processes, and what they wrote. */
import type { VisibleGpu } from '../../gpu/contract.ts';
import type { FileResult, Image, Program, Signal } from '../program.ts';
import { TestFiles } from './files.ts';
import { Handle } from './handle.ts';
import type { Host, Listener } from './network.ts';
import type { Container, Found, Run, Running, StartOptions, Surroundings } from './running.ts';

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

export class TestContainer implements Container, Host {
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
	readonly world: Surroundings;
	readonly name: string;
	readonly image: Image;
	readonly uid: number;
	readonly env: { readonly [name: string]: string };
	readonly gpus: readonly VisibleGpu[];

	constructor(world: Surroundings, name: string, image: Image, options: ContainerOptions) {
		this.world = world;
		this.name = name;
		this.image = image;
		this.gpus = options.gpus ?? [];
		this.uid = options.uid ?? (image.user === '' ? 0 : Number(image.user.split(':')[0]));
		this.files = options.disk ?? new TestFiles(image);
		this.files.now = world.clock.now;
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

	find(argv: readonly string[], env: Running['env'], cwd: string): Found | undefined {
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

	start(argv: readonly string[], o: StartOptions): FileResult<number> {
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
			startedAt: this.world.clock.now,
		};
		this.processes.set(pid, p);
		this.world.clock.at(pid === 1 ? 0 : 1, () => this.call(p, (program, handle) => program.start(handle)));
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
		this.world.clock.until(() => code !== undefined, options.maxMs ?? 600_000);
		return { stdout: out, stderr: err, code: code ?? -1 };
	}

	listener(port: number): Listener | undefined {
		const pid = this.listeners.get(port);
		const server = pid === undefined ? undefined : this.processes.get(pid);
		if (server === undefined) return undefined;
		return {
			request: (connection, request) => this.call(server, (program, handle) => program.onRequest?.(handle, connection, request)),
			hangup: (connection) => this.call(server, (program, handle) => program.onHangup?.(handle, connection)),
		};
	}

	signal(signal: Signal, pid = 1, inside = false): boolean {
		const p = this.processes.get(pid);
		if (p === undefined || p.ended) return false;
		this.world.clock.at(0, () => {
			if (signal === 'SIGKILL') {
				if (!(pid === 1 && inside)) this.end(p, 137);
			} else if (p.program.onSignal !== undefined) this.call(p, (program, handle) => program.onSignal?.(handle, signal));
			else if (pid !== 1) this.end(p, signal === 'SIGTERM' ? 143 : 130);
		});
		return true;
	}

	call(p: Running, run: Run): void {
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
			this.world.clock.at(0, () => this.call(p, (program, next) => program.start(next)));
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
