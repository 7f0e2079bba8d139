/** Simple commands: assignments, redirections, then a function, a builtin, a command inside the shell or a process of its own. */
import { isEndless, NeedsInput, type Utility } from '../utilities/utility.ts';
import { BUILTINS } from './builtins.ts';
import { type ExpansionContext, expandText, expandWords } from './expand.ts';
import type { Machine } from './machine.ts';
import { redirect } from './redirect.ts';
import type { Fds, Frame, Sink } from './state.ts';
import type { NodeOf } from './syntax.ts';

type CommandFrame = Extract<Frame, { readonly k: 'cmd' }>;

/** Builtins whose failure ends a script, and before which assignments last. */
const SPECIAL = new Set(['.', ':', 'break', 'continue', 'eval', 'exec', 'exit', 'export', 'return', 'set', 'shift', 'trap', 'unset']);

function trace(m: Machine, assignments: readonly (readonly [string, string])[], fields: readonly string[]): void {
	if (!m.has('x')) return;
	const quote = (s: string): string => (/^[\w@%+=:,./-]+$/.test(s) ? s : `'${s.replaceAll("'", "'\\''")}'`);
	m.write(2, `${m.get('PS4') ?? '+ '}${[...assignments.map(([n, v]) => `${n}=${quote(v)}`), ...fields.map(quote)].join(' ')}\n`);
}

/** @param callFunction runs the body of a function by its name. */
export function simpleCommand(m: Machine, f: CommandFrame, node: NodeOf<'SimpleCommand'>, c: ExpansionContext, callFunction: (name: string) => void): void {
	const fields = expandWords(node.name === null ? node.args : [node.name, ...node.args], c);
	const assignments = node.assignments.map((a) => {
		const value = a.value === null ? (a.array ?? []).map((w) => expandText(w, c)).join(' ') : expandText(a.value, c);
		return [a.name, a.append ? `${m.get(a.name) ?? ''}${value}` : value] as const;
	});
	const fds = redirect(m, node.redirections, c);
	trace(m, assignments, fields);
	m.pop();
	const name = fields[0];
	if (fds === undefined) {
		m.d.status = 1;
		if (name !== undefined && SPECIAL.has(name) && m.d.mode !== 'interactive' && m.spec.flavour !== 'bash') m.exit(2);
		return;
	}
	if (name === undefined) {
		for (const [n, v] of assignments) m.set(n, v);
		m.d.status = f.memo.status ?? 0;
		return;
	}
	const args = fields.slice(1);
	if (name === 'exec') {
		execute(m, args, fds, assignments);
		return;
	}
	const inside = m.d.functions[name] !== undefined || BUILTINS[name] !== undefined || m.spec.utilities[name] !== undefined;
	if (inside && assignments.length > 0) {
		if (!SPECIAL.has(name)) m.push({ k: 'vars', vars: m.d.vars, exported: m.d.exported });
		for (const [n, v] of assignments) {
			m.set(n, v);
			m.export(n);
		}
	}
	if (inside && fds !== m.d.fds) {
		m.push({ k: 'fds', fds: m.d.fds });
		m.setFds(fds);
	}
	const builtin = BUILTINS[name];
	if (m.d.functions[name] !== undefined) {
		m.push({ k: 'call', args: m.d.args, locals: {} });
		m.d.args = args;
		callFunction(name);
	} else if (builtin !== undefined) {
		const status = builtin(m, args, name);
		if (status !== undefined) m.d.status = status;
	} else runOther(m, f, name, args, fds, assignments);
}

function runOther(m: Machine, f: CommandFrame, name: string, args: readonly string[], fds: Fds, assignments: readonly (readonly [string, string])[]): void {
	const utility = m.spec.utilities[name];
	// What never ends is a process of its own, unless a pipe's reader takes as much as it wants.
	const endless = isEndless(name, args) && !(name === 'yes' && (m.d.fds['1'] ?? '').startsWith('b:'));
	if (utility === undefined || endless) {
		spawn(m, [name, ...args], fds, Object.fromEntries(assignments));
		return;
	}
	const depth = m.depth;
	try {
		m.d.status = runUtility(m, name, utility, args);
	} catch (error) {
		if (!(error instanceof NeedsInput)) throw error;
		// Its input is not all there yet: the command is run again from its start once it is.
		void depth;
		while (m.top()?.k === 'fds' || m.top()?.k === 'vars') m.pop();
		m.push(f);
		m.wait({ t: 'input', for: 'all' });
		m.process.readStdin();
	}
}

function runUtility(m: Machine, name: string, utility: Utility, args: readonly string[]): number {
	let input: string | undefined;
	return utility({
		name,
		args,
		process: m.process,
		cwd: m.process.cwd,
		env: m.environment(),
		busybox: m.spec.flavour === 'ash',
		stdin: () => {
			input ??= takeInput(m);
			return input;
		},
		out: (text) => m.write(1, text),
		err: (text) => m.write(2, text),
	});
}

/** All of standard input as it is redirected now. */
function takeInput(m: Machine): string {
	const sink = m.d.fds['0'] ?? 'null';
	if (sink.startsWith('b:')) {
		const text = m.d.buffers[sink.slice(2)] ?? '';
		m.d.buffers = { ...m.d.buffers, [sink.slice(2)]: '' };
		return text;
	}
	if (sink !== 'in') return '';
	if (!m.d.input.ended) throw new NeedsInput();
	const { text } = m.d.input;
	m.d.input = { text: '', ended: !m.process.tty };
	return text;
}

type Target = NonNullable<Parameters<Machine['process']['spawn']>[1]['stdout']>;

function target(sink: Sink | undefined, own: 'out' | 'err'): Target {
	if (sink === own) return 'inherit';
	if (sink === undefined || sink === 'null') return 'discard';
	return sink.startsWith('f:') ? { file: sink.slice(2), append: true } : 'collect';
}

/** Starts a process in the foreground. False where it cannot be started (printed, status set). */
export function spawn(m: Machine, argv: readonly string[], fds: Fds, env: { readonly [name: string]: string }): boolean {
	if (replaces(m, fds) && m.process.exec(argv, m.environment(env)).ok) {
		m.wait({ t: 'jobs', pids: [] });
		return true;
	}
	const out = fds['1'];
	const err = fds['2'];
	const stdin = fds['0'] ?? 'null';
	const options = {
		env: m.environment(env),
		cwd: m.process.cwd,
		stdout: target(out, 'out'),
		stderr: err !== undefined && err === out && out !== 'out' ? ('stdout' as const) : err === 'out' && out === 'out' ? ('stdout' as const) : target(err, 'err'),
		token: 'fg',
		...(stdin === 'in'
			? m.d.input.text === ''
				? {}
				: { stdin: m.d.input.text }
			: { stdin: stdin.startsWith('b:') ? (m.d.buffers[stdin.slice(2)] ?? '') : '' }),
	};
	let started = m.process.spawn(argv, options);
	if (!started.ok && started.error === 'EINVAL') {
		// A file without a first line that names an interpreter is a script of this shell.
		const path = m.which(argv[0] ?? '');
		if (path !== undefined) started = m.process.spawn([m.spec.path, path, ...argv.slice(1)], options);
	}
	if (started.ok) {
		m.wait({
			t: 'child',
			pid: started.value,
			out: options.stdout === 'collect' ? (out ?? 'null') : 'null',
			err: options.stderr === 'collect' ? (err ?? 'null') : 'null',
		});
		return true;
	}
	cannotStart(m, argv[0] ?? '', started.error);
	return false;
}

function cannotStart(m: Machine, name: string, error: string): void {
	const stat = name.includes('/') ? m.process.fs.stat(m.path(name)) : undefined;
	if (error === 'EACCES' || stat?.ok === true) {
		m.complain(`${name}: ${stat?.ok === true && stat.value.kind === 'directory' && m.spec.flavour === 'bash' ? 'Is a directory' : 'Permission denied'}`);
		m.d.status = 126;
	} else if (name.includes('/') && m.spec.flavour === 'bash') {
		m.complain(`${name}: No such file or directory`);
		m.d.status = 127;
	} else m.notFound(name);
}

/** The last command of `sh -c` takes the shell's place, as busybox, dash and bash do it. */
function replaces(m: Machine, fds: Fds): boolean {
	const top = m.top();
	if (m.d.mode !== 'command' || m.depth !== 1 || top?.k !== 'list' || top.last !== true) return false;
	const statements = m.node<readonly unknown[]>(top.n);
	return (
		top.i === statements.length &&
		Object.keys(m.d.traps).length === 0 &&
		Object.keys(m.d.jobs).length === 0 &&
		fds['0'] === 'in' &&
		fds['1'] === 'out' &&
		fds['2'] === 'err'
	);
}

/** `exec`: with a command it takes the shell's place, without one the redirections stay. */
function execute(m: Machine, argv: readonly string[], fds: Fds, assignments: readonly (readonly [string, string])[]): void {
	if (argv.length === 0) {
		m.setFds(fds);
		m.d.status = 0;
		return;
	}
	const env = Object.fromEntries(assignments);
	const plain = fds['0'] === 'in' && fds['1'] === 'out' && fds['2'] === 'err';
	if (plain && m.depth > 0 && !m.some((f) => f.k === 'sub')) {
		const replaced = m.process.exec(argv, m.environment(env));
		if (replaced.ok) {
			// Nothing more of this shell runs: it waits for what never comes.
			m.unwind(() => false);
			m.wait({ t: 'jobs', pids: [] });
			return;
		}
		if (m.which(argv[0] ?? '') === undefined || replaced.error !== 'EINVAL') {
			const name = argv[0] ?? '';
			m.complain(
				m.spec.flavour === 'bash'
					? `exec: ${name}: not found`
					: `exec: ${m.spec.flavour === 'dash' ? `${name}: ` : `line 0: ${name}: `}${replaced.error === 'EACCES' ? 'Permission denied' : 'not found'}`.replace(
							'line 0: ',
							'',
						),
			);
			m.exit(replaced.error === 'EACCES' ? 126 : 127);
			return;
		}
	}
	// With redirections (or in a subshell) the command runs as a child, and the shell ends with it.
	m.unwind((f) => f.k === 'sub');
	if (!m.some((f) => f.k === 'sub')) m.d.traps = {};
	spawn(m, argv, fds, env);
}
