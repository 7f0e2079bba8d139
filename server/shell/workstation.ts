/** The learner's workstation: a Linux-like shell with kubectl, over a sandbox's files, cluster and network. */
import { LIMITS } from '../limits.ts';
import type { MeasuredRun, Sandbox, SandboxNetwork } from '../sandboxes/sandbox.ts';
import { hashText } from '../simulator/kernel/random.ts';
import { Terminal } from '../terminal/terminal.ts';
import type { TerminalDevice, TerminalShell } from '../terminal/terminal.types.ts';
import { setBasePrograms } from './base-files.ts';
import { latin1FromText, shownText } from './bytes.ts';
import { childShell } from './child-shell.ts';
import type { CommandContext, Process, ProgramMemory, ShellIo } from './command.ts';
import { WorkstationFileSystem } from './filesystem.ts';
import { Loopback } from './loopback.ts';
import type { Run, ShellHost } from './interpreter/run.ts';
import { noInput, readAll } from './interpreter/streams.ts';
import { COMMANDS, suggestion, UTILITIES, UTILITY_HELP, utilityBox } from './programs.ts';
import { pluginsFor } from './commands/kubectl.ts';
import { editFile } from './editors.ts';
import { ENVIRONMENT, HOME, kubeconfig } from './login.ts';
import { shellFiles } from './shell-files.ts';
import { readsInput } from './utility-input.ts';
import { type UtilityOutput, utilityOutput } from './utility-output.ts';
import { sleepOn, untilAborted } from './waiting.ts';
import type { CommandOutput, CreateWorkstation, Workstation, WorkstationOptions } from './workstation.types.ts';

/** Real ms that a shell computes before others get the processor. */
const SLICE_MS = 8;

setBasePrograms([...COMMANDS.keys(), ...UTILITIES, 'bash', 'sh', 'env', 'timeout', 'sleep', 'yes', 'watch', 'which', 'test', 'nohup']);

/** A text as input that is read once. */
function once(text: string): () => Promise<string | null> {
	let left: string | null = text === '' ? null : text;
	return async () => {
		const t = left;
		left = null;
		return t;
	};
}

class LearnerWorkstation implements Workstation {
	private readonly sandbox: Sandbox;
	private readonly options: WorkstationOptions;
	private readonly fs: WorkstationFileSystem;
	private readonly loopback = new Loopback();
	private readonly network: SandboxNetwork;
	private readonly terminals = new Map<string, Terminal>();
	private readonly outputs: UtilityOutput;
	private readonly box: ReturnType<typeof utilityBox>;
	/** Measured since the last command line was recorded. */
	private readonly runs: MeasuredRun[] = [];
	private lastBreath = performance.now();
	private breath: Promise<void> | undefined;
	/** Settles when the home folder holds what kubectl needs. */
	private readonly ready: Promise<void>;

	constructor(sandbox: Sandbox, options: WorkstationOptions) {
		this.sandbox = sandbox;
		this.options = options;
		this.fs = new WorkstationFileSystem(sandbox.files, () => sandbox.clock.now());
		this.network = {
			request: async (r) => (await this.loopback.serve(r, () => sandbox.clock.now())) ?? sandbox.network.request(r),
			load: (spec, during) => sandbox.network.load(spec, during),
		};
		this.ready = this.furnish();
		this.ready.catch(() => {});
		this.outputs = utilityOutput(this.fs);
		this.box = utilityBox(this.outputs.fs, (cwd, env, stdin, signal) => this.collectingContext(cwd, env, stdin, signal ?? new AbortController().signal));
	}

	/** Writes the kubeconfig once; a learner's changes to it stay. */
	private async furnish(): Promise<void> {
		const path = `${HOME}/.kube/config`;
		if ((await this.sandbox.files.entry(path)) === undefined)
			await this.sandbox.files.change({ op: 'write', path, content: kubeconfig(this.options.namespace), mode: 0o600 });
	}

	private context(
		io: ShellIo,
		cwd: string,
		env: { readonly [name: string]: string },
		edit: CommandContext['edit'],
		spawn: CommandContext['spawn'],
		shell: CommandContext['shell'],
		memory?: ProgramMemory,
	): CommandContext {
		return {
			io,
			...(memory === undefined ? {} : { memory }),
			cwd,
			env,
			files: shellFiles(this.fs, cwd),
			disk: this.fs,
			cluster: this.sandbox.cluster,
			network: this.network,
			ports: this.loopback,
			clock: this.sandbox.clock,
			sleep: (ms) => sleepOn(this.sandbox, ms, io.signal),
			edit,
			spawn,
			shell,
			measured: (run) => void this.runs.push(run),
			processes: () => this.processes(),
		};
	}

	private collectingContext(
		cwd: string,
		env: { readonly [name: string]: string },
		stdin: string,
		signal: AbortSignal,
	): CommandContext & { collected(): { stdout: string; stderr: string } } {
		let stdout = '';
		let stderr = '';
		const io: ShellIo = {
			stdout: (t) => {
				stdout += t;
			},
			stderr: (t) => {
				stderr += t;
			},
			drain: async () => {},
			stdinIsTerminal: false,
			stdoutIsTerminal: false,
			stdin,
			read: once(stdin),
			columns: 80,
			rows: 24,
			signal,
		};
		return {
			...this.context(
				io,
				cwd,
				env,
				async () => false,
				async () => 127,
				async () => ({ exitCode: 127, stdout: '' }),
			),
			collected: () => ({ stdout, stderr }),
		};
	}

	/** What `ps` lists: every terminal's shell, its line under way and its jobs. */
	private processes(): readonly Process[] {
		return [...this.terminals.values()].flatMap((t, i) => t.processes(`pts/${i}`));
	}

	private breathe(): Promise<void> | undefined {
		// One breath for all: were each of a fork bomb's processes to take its own, they would have a slice each.
		if (this.breath === undefined && performance.now() - this.lastBreath >= SLICE_MS) {
			this.breath = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
				this.lastBreath = performance.now();
				this.breath = undefined;
			});
		}
		return this.breath;
	}

	private async runProgram(
		name: string,
		args: readonly string[],
		run: Run,
		env: { readonly [name: string]: string },
		terminal: TerminalDevice,
	): Promise<number> {
		await this.ready;
		const command = COMMANDS.get(name);
		const wantsInput = !run.io.input.terminal;
		const stdin =
			wantsInput &&
			(command === undefined
				? readsInput(name, args)
				: args.includes('-') || args.includes('-f-') || args.some((a) => a === '@-' || a === '-i' || a === '-it' || a === '--stdin'))
				? await readAll(run.io.input, LIMITS.shellCharacters)
				: '';
		// Nobody waits any more for what would be made of it.
		if (run.signal.aborted) return 130;
		if (stdin === undefined) {
			// xalloc_die of GNU's tools.
			run.io.error.write(`${name}: memory exhausted\n`);
			return 2;
		}
		if (command === undefined) {
			const help = args[0] === '--help' ? UTILITY_HELP[name] : undefined;
			if (help === undefined) return this.runUtility(name, args, stdin, run, env);
			run.io.output.write(help);
			return 0;
		}
		const io: ShellIo = {
			// What has been killed says nothing any more; it may take a moment to notice.
			stdout: (t) => run.signal.aborted || run.io.output.write(t),
			stderr: (t) => run.signal.aborted || run.io.error.write(t),
			drain: () => run.io.output.drain(),
			stdinIsTerminal: run.io.input.terminal,
			stdoutIsTerminal: run.io.output.terminal,
			stdin,
			read: () => run.io.input.read(),
			// What pages a pipe reads its keys from the terminal all the same; a job in the background has neither.
			...(run.io.input.terminal || (run.io.output.terminal && run.io.input !== noInput)
				? { takeKeyboard: (onKeys: (data: string) => void) => terminal.takeKeyboard(onKeys) }
				: {}),
			onResize: (listener) => terminal.onResize(listener),
			get columns() {
				return terminal.columns;
			},
			get rows() {
				return terminal.rows;
			},
			signal: run.signal,
		};
		if (name !== 'kubectl' && (args[0] === '--help' || (args[0] === '-h' && command.ownH !== true && name !== 'curl'))) {
			io.stdout(command.help);
			return 0;
		}
		const spawn = async (other: string, otherArgs: readonly string[]): Promise<number> =>
			COMMANDS.has(other) || UTILITIES.has(other) ? this.runProgram(other, otherArgs, run, env, terminal) : 127;
		// Whatever the command still waits for, Ctrl-C gives the prompt back.
		const ended = (): number => 130;
		return untilAborted(
			run.signal,
			command.run(
				args,
				this.context(
					io,
					run.state.cwd,
					env,
					(path, wait) => editFile(path, wait ?? true, env, spawn, terminal),
					spawn,
					(script, options) => childShell(run, script, options),
					run.io.input.terminal && run.io.output.terminal ? terminal.memory : undefined,
				),
			),
			ended,
		);
	}

	private async runUtility(name: string, args: readonly string[], stdin: string, run: Run, env: { readonly [name: string]: string }): Promise<number> {
		const output = this.outputs.open();
		const running = this.box.exec(`${name} > ${output.path}`, {
			// xargs of the box wants values in words of their own: `-n1` is `-n 1`.
			args:
				name === 'xargs'
					? args.flatMap(
							(a) =>
								/^-([nIPLd])(.+)$/
									.exec(a)
									?.slice(1)
									.map((v, i) => (i === 0 ? `-${v}` : v)) ?? [a],
						)
					: [...args],
			stdin: latin1FromText(stdin),
			stdinKind: 'bytes',
			cwd: run.state.cwd,
			env: { ...env },
			replaceEnv: true,
			signal: run.signal,
			rawScript: true,
		});
		const done = await untilAborted(run.signal, running, () => undefined);
		const text = output.take();
		if (done === undefined) return 130;
		run.io.output.write(text);
		run.io.error.write(done.stderr.replace(/^bash: /gm, ''));
		await run.io.output.drain();
		return done.exitCode;
	}

	openTerminal(id: string, options: Parameters<Workstation['openTerminal']>[1]): Terminal {
		this.terminals.get(id)?.close();
		const host: Omit<ShellHost, 'history' | 'clearHistory' | 'runProgram' | 'screen'> = {
			fs: this.fs,
			programs: () => [...COMMANDS.keys(), ...UTILITIES],
			hasProgram: (n) => COMMANDS.has(n) || UTILITIES.has(n),
			before: (n, args) => (n === 'kubectl' ? pluginsFor(args) : []),
			suggestion: (n) => suggestion(n),
			breathe: async () => this.breathe(),
			sleep: (ms, signal) => sleepOn(this.sandbox, ms, signal),
			now: () => this.sandbox.clock.now(),
			maxProcesses: LIMITS.shellProcesses,
			maxCapture: LIMITS.shellCharacters,
		};
		const shell: TerminalShell = {
			host,
			runProgram: (name, args, run, env, device) => this.runProgram(name, args, run, env, device),
			completeProgram: async (name, words, env, cwd) => {
				const command = COMMANDS.get(name);
				if (command?.complete === undefined) return undefined;
				const { io: _io, ...context } = this.collectingContext(cwd, env, '', new AbortController().signal);
				return command.complete(words, context).catch(() => undefined);
			},
			environment: ENVIRONMENT,
			home: HOME,
			seed: hashText(`${this.sandbox.id}/${id}`),
			greeting: `Your cluster is ready. Try \x1b[1mkubectl get nodes\x1b[0m. Editor and terminal share files.\n`,
			record: (line, exitCode) => this.record(id, line, exitCode),
		};
		const terminal = new Terminal(shell, { ...options, output: (text) => options.output(shownText(text)) });
		this.terminals.set(id, terminal);
		return terminal;
	}

	private record(terminal: string, line: string, exitCode: number): Promise<void> {
		const measured = this.runs.splice(0);
		return this.options.recordCommand({ at: this.sandbox.clock.now(), terminal, line, exitCode, ...(measured.length === 0 ? {} : { measured }) });
	}

	async kubectl(args: readonly string[], signal: AbortSignal): Promise<CommandOutput> {
		await this.ready;
		const context = this.collectingContext(HOME, ENVIRONMENT, '', signal);
		const work = COMMANDS.get('kubectl')?.run(args, context) ?? Promise.resolve(127);
		const exitCode = await untilAborted(signal, work, () => undefined);
		const { stdout, stderr } = context.collected();
		return exitCode === undefined ? { stdout, stderr: `${stderr}error: the cluster did not answer in time\n`, exitCode: 124 } : { stdout, stderr, exitCode };
	}

	dispose(): void {
		for (const t of this.terminals.values()) t.close();
		this.terminals.clear();
	}
}

/** A workstation over a sandbox. kubectl starts in `options.namespace` through the kubeconfig that sessions write. */
export const createWorkstation: CreateWorkstation = (sandbox, options) => new LearnerWorkstation(sandbox, options);
