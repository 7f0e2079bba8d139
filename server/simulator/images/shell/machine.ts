/** The shell's state while it runs: what its parts read and change. Everything comes from, and goes back to, plain data. */
import type { Process } from '../program.ts';
import { errorWords, resolvePath, type Utility } from '../utilities/utility.ts';
import type { Fds, Flavour, Frame, ShellData, Sink, Surroundings, Wait } from './state.ts';
import { type NodeRef, type Parsed, parseScript, type SyntaxFault } from './syntax.ts';

export interface ShellSpec {
	readonly flavour: Flavour;
	/** Where the shell's own binary is: what a fork runs. */
	readonly path: string;
	/** Commands that run inside the shell, as busybox's applets or for speed; they are binaries as well. */
	readonly utilities: { readonly [name: string]: Utility };
	/** Steps before a busy script gives way to the rest of the world. */
	readonly slice: number;
}

export type ShellProcess = Process<ShellData>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A buffer holds at most this many characters; a pipe's writer would block. */
const BUFFER_MAX = 1 << 20;
export const FORK_VARIABLE = '\u0001fork';

export class Machine {
	readonly d: Mutable<ShellData>;
	readonly process: ShellProcess;
	readonly spec: ShellSpec;
	private frames: Frame[];

	constructor(process: ShellProcess, spec: ShellSpec) {
		this.process = process;
		this.spec = spec;
		this.d = { ...process.data };
		this.frames = [...process.data.frames];
	}

	/** Puts everything back where it lasts. */
	save(): void {
		this.process.data = { ...this.d, frames: this.frames };
	}

	// Frames

	get depth(): number {
		return this.frames.length;
	}
	top(): Frame | undefined {
		return this.frames.at(-1);
	}
	push(frame: Frame): void {
		if (this.frames.length > 1000) {
			this.complain('maximum recursion depth exceeded');
			this.unwind(() => false);
			this.d.exiting = 2;
			return;
		}
		this.frames.push(frame);
	}
	replace(frame: Frame): void {
		this.frames[this.frames.length - 1] = frame;
	}
	/** Takes the top frame off, putting back what it kept. */
	pop(): Frame | undefined {
		const frame = this.frames.pop();
		if (frame === undefined) return undefined;
		switch (frame.k) {
			case 'fds':
				this.d.fds = frame.fds;
				break;
			case 'sub':
				this.restore(frame.saved);
				break;
			case 'vars':
				this.d.vars = frame.vars;
				this.d.exported = frame.exported;
				break;
			case 'call':
				this.d.args = frame.args;
				for (const [name, value] of Object.entries(frame.locals)) {
					const { [name]: _gone, ...rest } = this.d.vars;
					this.d.vars = value === undefined ? rest : { ...this.d.vars, [name]: value };
				}
				break;
			case 'source':
				if (frame.args !== undefined) this.d.args = frame.args;
				break;
			case 'trap':
				this.d.status = frame.status;
				break;
		}
		return frame;
	}
	/** Takes frames off until one is found that `stop` knows (it stays) or none is left. False where none was found. */
	unwind(stop: (frame: Frame) => boolean): boolean {
		for (;;) {
			const top = this.top();
			if (top === undefined) return false;
			if (stop(top)) return true;
			this.pop();
		}
	}
	some(test: (frame: Frame) => boolean): boolean {
		return this.frames.some(test);
	}
	/** The nearest frame that `test` knows is changed. */
	update(test: (frame: Frame) => boolean, change: (frame: Frame) => Frame): void {
		const at = this.frames.findLastIndex(test);
		const frame = this.frames[at];
		if (frame !== undefined) this.frames[at] = change(frame);
	}

	surroundings(): Surroundings {
		const { vars, exported, functions, args, options, traps, fds } = this.d;
		return { vars, exported, functions, args, options, traps, fds, cwd: this.process.cwd };
	}
	private restore(s: Surroundings): void {
		const { cwd, ...rest } = s;
		Object.assign(this.d, rest);
		this.process.cwd = cwd;
	}

	/** Ends the shell or the subshell it is in. */
	exit(code: number): void {
		this.d.status = code & 255;
		if (this.unwind((f) => f.k === 'sub')) this.pop();
		else this.d.exiting = code & 255;
	}

	// Nodes

	private parsed(source: number): Parsed | { readonly fault: SyntaxFault } {
		return parseScript(this.d.sources[source] ?? '');
	}
	/** The node a reference stands for. The caller knows its type. */
	node<T>(ref: NodeRef): T {
		const p = this.parsed(ref[0]);
		return ('fault' in p ? undefined : p.nodes[ref[1]]) as T;
	}
	ref(source: number, node: object): NodeRef {
		const p = this.parsed(source);
		return [source, ('fault' in p ? undefined : p.ids.get(node)) ?? 0];
	}
	/** Adds a source, or finds it where it is there already. */
	source(text: string): number {
		const known = this.d.sources.indexOf(text);
		if (known !== -1) return known;
		this.d.sources = [...this.d.sources, text];
		return this.d.sources.length - 1;
	}
	/** Parses a text and puts its statements on the stack. False after a syntax error, which is printed. */
	load(text: string, last: boolean): boolean {
		const parsed = parseScript(text);
		if ('fault' in parsed) {
			this.syntaxError(parsed.fault);
			return false;
		}
		const source = this.source(text);
		this.push({ k: 'list', n: this.ref(source, parsed.script.statements), i: 0, ...(last ? { last: true as const } : {}) });
		return true;
	}
	private syntaxError(fault: SyntaxFault): void {
		const { flavour } = this.spec;
		this.d.status = 2;
		if (flavour === 'bash') {
			const where = this.d.mode === 'command' ? 'bash: -c: ' : this.d.mode === 'interactive' ? 'bash: ' : `${this.d.name}: `;
			this.write(
				2,
				`${where}line ${fault.line}: ${fault.token === undefined ? 'syntax error: unexpected end of file' : `syntax error near unexpected token \`${fault.token}'`}\n`,
			);
			return;
		}
		if (fault.unterminated) this.complain(flavour === 'dash' ? 'Syntax error: Unterminated quoted string' : 'syntax error: unterminated quoted string');
		else if (fault.token === undefined)
			this.complain(
				`${flavour === 'dash' ? 'S' : 's'}yntax error: ${flavour === 'dash' ? 'end of file unexpected' : 'unexpected end of file'}${fault.expecting === undefined ? '' : ` (expecting "${fault.expecting}")`}`,
			);
		else this.complain(flavour === 'dash' ? `Syntax error: "${fault.token}" unexpected` : `syntax error: unexpected "${fault.token}"`);
	}

	// Variables

	get(name: string): string | undefined {
		const own = this.d.vars[name];
		if (own !== undefined) return own ?? undefined;
		if (name === 'PWD') return this.process.cwd;
		if (name === 'RANDOM') return String(Math.floor(this.process.random() * 32_768));
		if (name === 'HOSTNAME') return this.process.env['HOSTNAME'] ?? this.process.hostname;
		if (name === 'PPID') return '0';
		return name === FORK_VARIABLE ? undefined : this.process.env[name];
	}
	set(name: string, value: string): void {
		this.d.vars = { ...this.d.vars, [name]: value };
		if (this.has('a')) this.export(name);
	}
	unset(name: string): void {
		this.d.vars = { ...this.d.vars, [name]: null };
		this.d.exported = this.d.exported.filter((n) => n !== name);
	}
	export(name: string): void {
		if (!this.d.exported.includes(name)) this.d.exported = [...this.d.exported, name];
	}
	/** The environment of a child. */
	environment(extra: { readonly [name: string]: string } = {}): { readonly [name: string]: string } {
		const env: { [name: string]: string } = { ...this.process.env };
		delete env[FORK_VARIABLE];
		for (const [name, value] of Object.entries(this.d.vars)) {
			if (value === null) delete env[name];
			else if (name in env || this.d.exported.includes(name)) env[name] = value;
		}
		return { ...env, ...extra };
	}
	special(name: string): string | undefined {
		if (/^\d+$/.test(name)) return name === '0' ? this.d.name : this.d.args[Number(name) - 1];
		switch (name) {
			case '#':
				return String(this.d.args.length);
			case '?':
				return String(this.d.status);
			case '$':
				return String(this.process.pid);
			case '!':
				return this.d.background === undefined ? undefined : String(this.d.background);
			case '-':
				return this.d.options;
			default:
				return undefined;
		}
	}
	/** An option of `set`, by letter. */
	has(option: string): boolean {
		return this.d.options.includes(option);
	}

	// Input and output

	write(fd: number, text: string): void {
		if (text === '') return;
		this.emit(this.d.fds[fd] ?? 'null', text);
	}
	emit(sink: Sink, text: string): void {
		if (text === '') return;
		if (sink === 'out') this.process.stdout(text);
		else if (sink === 'err') this.process.stderr(text);
		else if (sink.startsWith('b:')) {
			const id = sink.slice(2);
			const held = this.d.buffers[id] ?? '';
			if (held.length < BUFFER_MAX) this.d.buffers = { ...this.d.buffers, [id]: held + text };
		} else if (sink.startsWith('f:')) this.process.fs.write(sink.slice(2), text, { append: true });
	}
	newBuffer(text: string): Sink {
		const id = String(this.d.next);
		this.d.next += 1;
		this.d.buffers = { ...this.d.buffers, [id]: text };
		return `b:${id}`;
	}
	dropBuffer(sink: Sink): string {
		const { [sink.slice(2)]: text, ...rest } = this.d.buffers;
		this.d.buffers = rest;
		return text ?? '';
	}
	path(name: string): string {
		return resolvePath(this.process.cwd, name);
	}

	/** A message of the shell itself, worded as its flavour words it. */
	complain(text: string): void {
		const { flavour } = this.spec;
		const { name, mode } = this.d;
		const prefix =
			mode === 'interactive'
				? `${flavour === 'bash' ? 'bash' : 'sh'}: `
				: flavour === 'ash'
					? mode === 'script'
						? `${name}: line 1: `
						: `${name}: `
					: flavour === 'dash'
						? `${name}: 1: `
						: `${name}: line 1: `;
		this.write(2, `${prefix}${text}\n`);
	}
	notFound(command: string): void {
		this.complain(`${command}: ${this.spec.flavour === 'bash' ? 'command not found' : 'not found'}`);
		this.d.status = 127;
	}

	wait(wait: Wait): void {
		this.d.wait = wait;
	}

	/** Finds an executable in $PATH, as `command -v` prints it. */
	which(name: string): string | undefined {
		const candidates = name.includes('/') ? [this.path(name)] : (this.get('PATH') ?? '/usr/bin:/bin').split(':').map((d) => `${d}/${name}`);
		return candidates.find((p) => {
			const stat = this.process.fs.stat(p);
			return stat.ok && stat.value.kind === 'file' && (stat.value.mode & 0o111) !== 0;
		});
	}

	/** Opens a file for output; says why not, else. */
	openOutput(path: string, append: boolean): Sink | undefined {
		const full = this.path(path);
		if (full === '/dev/null') return 'null';
		if (full === '/dev/stdout' || full === '/dev/fd/1' || full === '/proc/self/fd/1') return this.d.fds['1'] ?? 'null';
		if (full === '/dev/stderr' || full === '/dev/fd/2' || full === '/proc/self/fd/2') return this.d.fds['2'] ?? 'null';
		const opened = this.process.fs.write(full, '', { append });
		if (opened.ok) return `f:${full}`;
		const words = opened.error === 'ENOENT' ? 'nonexistent directory' : errorWords(opened.error);
		const { flavour } = this.spec;
		this.complain(
			flavour === 'bash'
				? `${path}: ${errorWords(opened.error)}`
				: flavour === 'dash'
					? `cannot create ${path}: ${opened.error === 'ENOENT' ? 'Directory nonexistent' : words}`
					: `can't create ${path}: ${words}`,
		);
		return undefined;
	}
	openInput(path: string): Sink | undefined {
		const full = this.path(path);
		if (full === '/dev/null') return 'null';
		if (full === '/dev/stdin') return this.d.fds['0'] ?? 'in';
		const read = this.process.fs.read(full);
		if (read.ok) return this.newBuffer(read.value);
		const { flavour } = this.spec;
		this.complain(
			flavour === 'bash'
				? `${path}: ${errorWords(read.error)}`
				: flavour === 'dash'
					? `cannot open ${path}: ${read.error === 'ENOENT' ? 'No such file' : errorWords(read.error)}`
					: `can't open ${path}: ${read.error === 'ENOENT' ? 'no such file' : errorWords(read.error)}`,
		);
		return undefined;
	}
	setFds(fds: Fds): void {
		this.d.fds = fds;
	}
}
