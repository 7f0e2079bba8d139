import {
	type AssignmentNode,
	type CommandNode,
	parse,
	type PipelineNode,
	type ScriptNode,
	ShellSyntaxError,
	type SimpleCommandNode,
	type StatementNode,
} from './ast.ts';
import { expandAlias } from './aliases.ts';
import { assign } from './assigning.ts';
import { BUILTINS } from './builtins.ts';
import { compound } from './compound.ts';
import { JobTable } from './jobs.ts';
import { redirect } from './redirect.ts';
import { BreakLoop, checkSignal, ContinueLoop, type Descriptors, ExitShell, Interrupted, isControl, ReturnFrom, type Run, type ShellHost } from './run.ts';
import { copyState, exportedEnv, messageStart, type ShellState } from './state.ts';
import { collector, noInput, pipe } from './streams.ts';
import { setVariableWhole, ShellError, textOfOr } from './variables.ts';
import { type Expander, expandWords } from './words.ts';

/** Function calls and substitutions inside one another. */
const MAX_DEPTH = 200;

export class Interpreter {
	readonly host: ShellHost;
	readonly jobs = new JobTable();
	private temporary = 0;

	constructor(host: ShellHost) {
		this.host = host;
	}

	expander(run: Run): Expander {
		return {
			state: run.state,
			fs: this.host.fs,
			substitute: (script) => this.capture(script, run),
			processSubstitution: async (script) => {
				const path = `/tmp/.fd-${++this.temporary}`;
				await this.host.fs.writeFile(path, await this.capture(script, run, true));
				return path;
			},
		};
	}

	/** Output of a script run in a subshell. */
	private async capture(script: ScriptNode, run: Run, whole = false): Promise<string> {
		const over = new AbortController();
		const out = collector(this.host.maxCapture, () => over.abort(141));
		const state = copyState(run.state);
		const status = await this.subshell(script.statements, {
			...run,
			state,
			io: { ...run.io, output: out },
			signal: AbortSignal.any([run.signal, over.signal]),
		});
		run.state.status = status;
		run.state.substituted = status;
		checkSignal(run);
		if (over.signal.aborted) throw new ShellError(`command substitution: more than ${this.host.maxCapture} characters`);
		return whole ? out.text() : out.text().replace(/\n+$/, '');
	}

	/** Runs statements as a child process would: what it changes and how it exits stay inside. */
	async subshell(statements: readonly StatementNode[], run: Run): Promise<number> {
		if (run.depth > MAX_DEPTH) throw new ShellError('maximum nesting level exceeded');
		if (this.jobs.processes >= this.host.maxProcesses) throw new ShellError('fork: retry: Resource temporarily unavailable', 254);
		this.jobs.processes++;
		const inner: Run = { ...run, depth: run.depth + 1, loops: 0, subshell: true };
		try {
			await this.statements(statements, inner);
			return await this.leave(inner, inner.state.status);
		} catch (e) {
			return await this.ended(e, inner);
		} finally {
			this.jobs.processes--;
		}
	}

	/** Turns what ended a shell into its status: exit, an error, a signal. */
	private async ended(e: unknown, run: Run): Promise<number> {
		if (e instanceof ExitShell || e instanceof ReturnFrom) {
			return this.leave(run, e.status);
		}
		if (e instanceof Interrupted) return e.status;
		if (e instanceof BreakLoop || e instanceof ContinueLoop) return 0;
		if (e instanceof ShellError || e instanceof ShellSyntaxError) {
			run.io.error.write(`${messageStart(run.state)}${e.message}\n`);
			return e instanceof ShellError ? e.status : 2;
		}
		throw e;
	}

	/** Runs the EXIT trap of a shell that ends with `status`; only an `exit` in the trap changes that. */
	private async leave(run: Run, status: number): Promise<number> {
		run.state.status = status;
		try {
			await this.runTrap('EXIT', run);
		} catch (e) {
			if (e instanceof ExitShell) return e.status;
			throw e;
		}
		return status;
	}

	/** The ERR trap, after a command that failed; functions do not inherit it. Its own failures do not count. */
	private async errorTrap(run: Run): Promise<void> {
		const text = run.state.traps.get('ERR');
		if (text === undefined || text === '') return;
		const { status } = run.state;
		await this.statements(parse(text).statements, { ...run, condition: true });
		run.state.status = status;
	}

	async runTrap(name: string, run: Run): Promise<void> {
		const text = run.state.traps.get(name);
		if (text === undefined || text === '') return;
		run.state.traps.delete(name);
		await this.statements(parse(text).statements, run);
	}

	isBuiltin(name: string): boolean {
		return BUILTINS.has(name);
	}

	/** Runs a text in the present shell. */
	async source(text: string, run: Run): Promise<number> {
		await this.statements(parse(text).statements, run);
		return run.state.status;
	}

	async statements(list: readonly StatementNode[], run: Run): Promise<void> {
		for (const s of list) {
			checkSignal(run);
			await this.host.breathe();
			checkSignal(run);
			await this.statement(s, run);
		}
	}

	private async statement(node: StatementNode, run: Run): Promise<void> {
		if (node.deferredError !== undefined) throw new ShellSyntaxError(node.deferredError.message);
		if (node.background) return this.background(node, run);
		for (let i = 0; i < node.pipelines.length; i++) {
			const op = i === 0 ? ';' : node.operators[i - 1];
			if ((op === '&&' && run.state.status !== 0) || (op === '||' && run.state.status === 0)) continue;
			const pipeline = node.pipelines[i];
			if (pipeline === undefined) continue;
			const guarded = i < node.pipelines.length - 1 && node.operators[i] !== ';';
			await this.pipeline(pipeline, guarded ? { ...run, condition: true } : run);
		}
	}

	private background(node: StatementNode, run: Run): void {
		if (this.jobs.processes >= this.host.maxProcesses) throw new ShellError('fork: retry: Resource temporarily unavailable', 254);
		const controller = new AbortController();
		const pid = this.jobs.newPid();
		const state = { ...copyState(run.state), pid };
		// A subshell's job ends with it; the interactive shell's own jobs outlive the line that started them.
		const signal = run.subshell ? AbortSignal.any([run.signal, controller.signal]) : controller.signal;
		const inner: Run = { ...run, state, signal, io: { ...run.io, input: noTerminal(run.io) } };
		const text = (node.sourceText ?? '').replace(/\s*&\s*$/, '');
		const job = this.jobs.add(text, controller, pid, this.host.now(), () => this.subshell([{ ...node, background: false }], inner).catch(() => 1));
		run.state.lastBackground = String(pid);
		run.state.status = 0;
		if (!run.subshell && run.io.error.terminal) run.io.error.write(`[${job.id}] ${pid}\n`);
		if (run.subshell) {
			job.reported = true;
			void job.done.then((status) => {
				this.jobs.remove(job);
				this.jobs.remember(pid, status);
			});
		}
	}

	private async pipeline(node: PipelineNode, run: Run): Promise<void> {
		const started = this.host.now();
		const guarded: Run = node.negated ? { ...run, condition: true } : run;
		const only = node.commands.length === 1 ? node.commands[0] : undefined;
		if (only !== undefined) {
			run.state.status = await this.command(only, guarded);
			setVariableWhole(run.state, 'PIPESTATUS', [String(run.state.status)]);
		} else run.state.status = await this.piped(node, guarded);
		if (node.timed) {
			const s = (this.host.now() - started) / 1000;
			const t = (v: number): string => `${Math.floor(v / 60)}m${(v % 60).toFixed(3)}s`;
			run.io.error.write(`\nreal\t${t(s)}\nuser\t${t(0)}\nsys\t${t(0)}\n`);
		}
		if (node.negated) {
			run.state.status = run.state.status === 0 ? 1 : 0;
			return;
		}
		if (run.state.status !== 0 && !run.condition && run.locals === undefined) await this.errorTrap(run);
		if (run.state.options.errexit && run.state.status !== 0 && !run.condition) throw new ExitShell(run.state.status);
	}

	/** Runs all commands of a pipe at once, each in a subshell; the last one's status counts (or, with pipefail, the last failure). */
	private async piped(node: PipelineNode, run: Run): Promise<number> {
		const last = node.commands.length - 1;
		let input = run.io.input;
		const statuses = await Promise.all(
			node.commands.map((command, i) => {
				const broken = new AbortController();
				const link = i < last ? pipe(() => broken.abort(141)) : undefined;
				const output = link?.output ?? run.io.output;
				const error = link !== undefined && node.pipeStderr?.[i] ? link.output : run.io.error;
				const own = input;
				if (link !== undefined) input = link.input;
				const inner: Run = {
					...run,
					state: copyState(run.state),
					io: { ...run.io, input: own, output, error },
					signal: AbortSignal.any([run.signal, broken.signal]),
				};
				const statement: StatementNode = {
					type: 'Statement',
					operators: [],
					background: false,
					pipelines: [{ type: 'Pipeline', commands: [command], negated: false }],
				};
				return this.subshell([statement], inner).finally(async () => {
					await link?.output.end();
					if (own !== run.io.input) own.close();
				});
			}),
		);
		checkSignal(run);
		setVariableWhole(run.state, 'PIPESTATUS', statuses.map(String));
		const failed = statuses.filter((s) => s !== 0).at(-1);
		return run.state.options.pipefail ? (failed ?? 0) : (statuses.at(-1) ?? 0);
	}

	/** Runs one command with its redirections; resolves with its status. */
	async command(node: CommandNode, run: Run): Promise<number> {
		if (node.type === 'SimpleCommand') return this.simple(node, run);
		if (node.type === 'FunctionDef') {
			run.state.functions.set(node.name, node);
			return 0;
		}
		if (node.redirections.length === 0) return compound(this, node, run);
		return this.withRedirections(node.redirections, run, (inner) => compound(this, node, inner));
	}

	/** A file that can be written no more ends the command that writes to it, as SIGXFSZ would: `yes >file` must not go on for ever. */
	private async withRedirections(nodes: SimpleCommandNode['redirections'], run: Run, use: (run: Run) => Promise<number>): Promise<number> {
		const broken = new AbortController();
		let made: Awaited<ReturnType<typeof redirect>>;
		try {
			made = await redirect(this.expander(run), run.io, nodes, () => broken.abort(1));
		} catch (e) {
			if (!(e instanceof ShellError)) throw e;
			run.io.error.write(`${messageStart(run.state)}${e.message}\n`);
			return 1;
		}
		const signal = made.opened.length === 0 ? run.signal : AbortSignal.any([run.signal, broken.signal]);
		let status = 1;
		try {
			status = await use({ ...run, io: made.io, signal });
		} catch (e) {
			if (!(e instanceof Interrupted) || !broken.signal.aborted || run.signal.aborted) throw e;
		} finally {
			for (const o of made.opened) await o.end();
		}
		return broken.signal.aborted ? 1 : status;
	}

	/** `exec` without a command: its redirections hold for what follows in the same list. */
	private async keepRedirections(nodes: SimpleCommandNode['redirections'], run: Run): Promise<number> {
		try {
			run.io = (await redirect(this.expander(run), run.io, nodes, () => {})).io;
			return 0;
		} catch (e) {
			if (!(e instanceof ShellError)) throw e;
			run.io.error.write(`${messageStart(run.state)}${e.message}\n`);
			return 1;
		}
	}

	private async simple(node: SimpleCommandNode, run: Run): Promise<number> {
		const expanded = expandAlias(node, run.state);
		if (typeof expanded === 'string') return this.source(expanded, run);
		const x = this.expander(run);
		run.state.substituted = undefined;
		if (node.line !== undefined && node.line > 0 && run.state.line !== undefined) run.state.line = node.line;
		run.state.clock = this.host.now();
		run.state.began ??= run.state.clock;
		const words = expanded.name === null ? [] : await expandWords(x, [expanded.name, ...expanded.args]);
		const [name, ...args] = words;
		if (name === 'exec' && args.length === 0) return this.keepRedirections(expanded.redirections, run);
		return this.withRedirections(expanded.redirections, run, async (inner) => {
			if (name === undefined) {
				for (const a of expanded.assignments) {
					await assign(a, this.expander(run));
					if (run.state.options.xtrace && a.array === null)
						run.io.error.write(`+ ${a.name}${a.append ? '+' : ''}=${quoteForTrace(textOfOr(run.state, a.name))}\n`);
				}
				return run.state.substituted ?? 0;
			}
			if (run.state.options.xtrace) run.io.error.write(`+ ${words.map(quoteForTrace).join(' ')}\n`);
			return this.invoke(name, args, inner, expanded.assignments);
		});
	}

	/** Runs a command by name with variables set for it alone. */
	private async invoke(name: string, args: readonly string[], run: Run, assignments: readonly AssignmentNode[]): Promise<number> {
		const hidden = new Map<string, ReturnType<ShellState['variables']['get']>>();
		for (const a of assignments) {
			hidden.set(a.name, run.state.variables.get(a.name));
			await assign(a, this.expander(run));
			const v = run.state.variables.get(a.name);
			if (v !== undefined) run.state.variables.set(a.name, { ...v, exported: true });
		}
		try {
			return await this.execute(name, args, run);
		} finally {
			for (const [k, v] of hidden) {
				if (v === undefined) run.state.variables.delete(k);
				else run.state.variables.set(k, v);
			}
		}
	}

	/** Function, builtin, program or script: in bash's order. */
	async execute(name: string, args: readonly string[], run: Run, options: { readonly functions?: boolean } = {}): Promise<number> {
		const definition = options.functions === false ? undefined : run.state.functions.get(name);
		if (definition !== undefined) return this.call(name, definition, args, run);
		const builtin = BUILTINS.get(name);
		if (builtin !== undefined) {
			const status = await builtin(this, args, run, name);
			checkSignal(run);
			return status;
		}
		if (!name.includes('/')) {
			for (const other of this.host.before(name, args)) {
				const path = await this.onPath(other.name, run);
				if (path !== undefined) return this.file(path, other.args, run);
			}
			if (this.host.hasProgram(name)) return this.program(name, args, run);
			const script = await this.onPath(name, run);
			if (script !== undefined) return this.file(script, args, run);
			const hint = this.host.suggestion(name);
			run.io.error.write(`${messageStart(run.state)}${name}: command not found\n${hint === undefined || run.state.line !== undefined ? '' : `${hint}\n`}`);
			return 127;
		}
		return this.file(name, args, run);
	}

	/** An executable file of this name in a folder of PATH. */
	private async onPath(name: string, run: Run): Promise<string | undefined> {
		for (const folder of String(run.state.variables.get('PATH')?.value ?? '').split(':')) {
			if (folder === '') continue;
			const path = `${this.host.fs.resolvePath(run.state.cwd, folder).replace(/\/+$/, '')}/${name}`;
			const stat = await this.host.fs.stat(path).catch(() => undefined);
			if (stat !== undefined && !stat.isDirectory && (stat.mode & 0o111) !== 0) return path;
		}
		return undefined;
	}

	private async program(name: string, args: readonly string[], run: Run): Promise<number> {
		try {
			const child: NonNullable<Run['child']> = (text, zero, inner) => this.script(text, zero, [], inner);
			const status = await this.host.runProgram(name, args, { ...run, child }, exportedEnv(run.state));
			checkSignal(run);
			return status;
		} catch (e) {
			checkSignal(run);
			throw e;
		}
	}

	/** A command given by path: a program's own path, or a script. */
	private async file(path: string, args: readonly string[], run: Run): Promise<number> {
		const program = /^\/(?:usr\/)?(?:local\/)?s?bin\/([^/]+)$/.exec(path)?.[1];
		if (program !== undefined && this.host.hasProgram(program)) return this.program(program, args, run);
		const full = this.host.fs.resolvePath(run.state.cwd, path);
		const stat = await this.host.fs.stat(full).catch(() => undefined);
		const fail = (why: string, status: number): number => {
			run.io.error.write(`${messageStart(run.state)}${path}: ${why}\n`);
			return status;
		};
		if (stat === undefined) return fail('No such file or directory', 127);
		if (stat.isDirectory) return fail('Is a directory', 126);
		if ((stat.mode & 0o111) === 0) return fail('Permission denied', 126);
		return this.script(await this.host.fs.readFile(full), path, args, run);
	}

	/** Runs a script's text as a child shell: exported variables only. */
	async script(text: string, name: string, args: readonly string[], run: Run, options: readonly string[] = []): Promise<number> {
		const state = copyState(run.state);
		for (const [k, v] of state.variables) if (!v.exported && k !== 'IFS' && k !== 'PS4') state.variables.delete(k);
		state.functions = new Map();
		state.aliases = new Map();
		const child: ShellState = {
			...state,
			name,
			line: 0,
			positional: args,
			options: { ...state.options, errexit: false, nounset: false, xtrace: false, pipefail: false },
		};
		try {
			const set = BUILTINS.get('set');
			if (options.length > 0 && set !== undefined) await set(this, [...options, '--', ...args], { ...run, state: child }, 'set');
			return await this.subshell(parse(text).statements, { ...run, state: child, condition: false });
		} catch (e) {
			if (isControl(e)) throw e;
			if (!(e instanceof ShellSyntaxError) || e.line === undefined) return this.ended(e, { ...run, state: child });
			child.line = e.line;
			const status = await this.ended(e, { ...run, state: child });
			// Bash shows the line beneath the message.
			if (e.message.startsWith('syntax error near')) run.io.error.write(`${messageStart(child)}\`${text.split('\n')[e.line - 1] ?? ''}'\n`);
			return status;
		}
	}

	private async call(
		name: string,
		node: { readonly body: CommandNode; readonly redirections: SimpleCommandNode['redirections'] },
		args: readonly string[],
		run: Run,
	): Promise<number> {
		if (run.depth > MAX_DEPTH) throw new ShellError('maximum function nesting level exceeded');
		const outer = run.state.positional;
		const locals: NonNullable<Run['locals']> = new Map();
		const { calls } = run.state;
		run.state.calls = [name, ...(calls ?? [])];
		run.state.positional = args;
		try {
			const inner: Run = { ...run, locals, depth: run.depth + 1, loops: 0 };
			return await this.withRedirections(node.redirections, inner, (redirected) => this.command(node.body, redirected));
		} catch (e) {
			if (e instanceof ReturnFrom) return e.status;
			throw e;
		} finally {
			run.state.positional = outer;
			run.state.calls = calls ?? [];
			for (const [k, v] of locals) {
				if (v === undefined) run.state.variables.delete(k);
				else run.state.variables.set(k, v);
			}
		}
	}
}

function noTerminal(io: Descriptors): Descriptors['input'] {
	return io.input.terminal ? noInput : io.input;
}

function quoteForTrace(word: string): string {
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
