/** What the shell itself does. A builtin gives its status, or undefined where the status comes later (a wait, a frame it has pushed). */
import type { Signal } from '../program.ts';
import { errorWords } from '../utilities/utility.ts';
import { seconds } from '../utilities/duration.ts';
import { TestError, testArguments } from './condition.ts';
import { printfText } from './printf.ts';
import type { Machine } from './machine.ts';

export type Builtin = (m: Machine, args: readonly string[], name: string) => number | undefined;

const SIGNALS: { readonly [name: string]: number } = { EXIT: 0, HUP: 1, INT: 2, QUIT: 3, KILL: 9, USR1: 10, USR2: 12, TERM: 15, CHLD: 17, CONT: 18, STOP: 19 };

function signalName(text: string): string | undefined {
	if (/^\d+$/.test(text)) return Object.entries(SIGNALS).find(([, n]) => n === Number(text))?.[0];
	const name = text.toUpperCase().replace(/^SIG/, '');
	return SIGNALS[name] === undefined ? undefined : name;
}

const test: Builtin = (m, given, name) => {
	let args = given;
	if (name === '[') {
		if (args.at(-1) !== ']') {
			m.complain(m.spec.flavour === 'ash' ? 'missing ]' : `[: missing ${m.spec.flavour === 'bash' ? "`]'" : ']'}`);
			return 2;
		}
		args = args.slice(0, -1);
	}
	try {
		return testArguments(m, args) ? 0 : 1;
	} catch (error) {
		if (!(error instanceof TestError)) throw error;
		const number = /^(.*): bad number$/.exec(error.message)?.[1];
		m.complain(
			number === undefined || m.spec.flavour === 'ash'
				? m.spec.flavour === 'ash'
					? error.message
					: `${name}: ${error.message}`
				: m.spec.flavour === 'dash'
					? `${name}: Illegal number: ${number}`
					: `${name}: ${number}: integer expression expected`,
		);
		return 2;
	}
};

/** break and continue: to the n-th loop outwards. */
const leaveLoop: Builtin = (m, args, name) => {
	let left = Math.max(1, Number(args[0] ?? 1));
	if (!m.some((f) => f.k === 'loop' || f.k === 'for' || f.k === 'cfor')) return 0;
	m.unwind((f) => {
		if (f.k !== 'loop' && f.k !== 'for' && f.k !== 'cfor') return f.k === 'sub' || f.k === 'call';
		left--;
		return left === 0;
	});
	const top = m.top();
	if (name === 'break' && (top?.k === 'loop' || top?.k === 'for' || top?.k === 'cfor')) m.pop();
	else if (top?.k === 'loop') m.replace({ ...top, asked: false, ran: true });
	return 0;
};

const exporter: Builtin = (m, args, name) => {
	const names = args.filter((a) => !a.startsWith('-'));
	if (names.length === 0) {
		for (const [n, v] of Object.entries(m.environment()).sort(([a], [b]) => (a < b ? -1 : 1)))
			m.write(1, `${m.spec.flavour === 'bash' ? 'declare -x' : name} ${n}='${v}'\n`);
		return 0;
	}
	for (const a of names) {
		const [n = '', value] = a.split(/=(.*)/s, 2);
		if (!/^[A-Za-z_]\w*$/.test(n)) {
			m.complain(`${name}: ${n}: bad variable name`);
			return m.spec.flavour === 'bash' ? 1 : 2;
		}
		if (value !== undefined) m.set(n, value);
		if (name === 'export') m.export(n);
	}
	return 0;
};

const local: Builtin = (m, args) => {
	if (!m.some((f) => f.k === 'call')) {
		m.complain('local: not in a function');
		return 1;
	}
	for (const a of args) {
		const [n = '', value] = a.split(/=(.*)/s, 2);
		const old = m.d.vars[n];
		m.update(
			(f) => f.k === 'call',
			(f) => (f.k !== 'call' || n in f.locals ? f : { ...f, locals: { ...f.locals, [n]: old } }),
		);
		m.set(n, value ?? '');
	}
	return 0;
};

const set: Builtin = (m, args) => {
	const long: { readonly [name: string]: string } = {
		errexit: 'e',
		nounset: 'u',
		xtrace: 'x',
		noglob: 'f',
		pipefail: 'p',
		allexport: 'a',
		noexec: 'n',
		verbose: 'v',
	};
	const turn = (letter: string, on: boolean): void => {
		m.d.options = on ? (m.has(letter) ? m.d.options : m.d.options + letter) : m.d.options.replaceAll(letter, '');
	};
	for (let i = 0; i < args.length; i++) {
		const arg = args[i] ?? '';
		if (arg === '--' || arg === '-') {
			m.d.args = args.slice(i + 1);
			return 0;
		}
		if (!/^[-+]./.test(arg)) {
			m.d.args = args.slice(i);
			return 0;
		}
		const on = arg.startsWith('-');
		for (const letter of arg.slice(1)) {
			if (letter !== 'o') {
				if (!'euxfnvabhmCBEHPT'.includes(letter)) {
					m.complain(m.spec.flavour === 'dash' ? `set: Illegal option -${letter}` : `set: illegal option -${letter}`);
					return 2;
				}
				turn(letter, on);
				continue;
			}
			const name = args[++i] ?? '';
			const known = long[name];
			if (known === undefined || (known === 'p' && m.spec.flavour === 'dash')) {
				m.complain(m.spec.flavour === 'dash' ? `set: Illegal option -o ${name}` : `set: illegal option -o ${name}`);
				m.exit(2);
				return undefined;
			}
			turn(known, on);
		}
	}
	if (args.length === 0)
		for (const [n, v] of Object.entries({ ...m.process.env, ...m.d.vars }).sort()) if (v !== null && /^\w+$/.test(n)) m.write(1, `${n}='${v}'\n`);
	return 0;
};

const trap: Builtin = (m, args) => {
	if (args.length === 0) {
		for (const [s, action] of Object.entries(m.d.traps)) m.write(1, `trap -- '${action}' ${s}\n`);
		return 0;
	}
	const [action = '', ...signals] = args[0] === '--' ? args.slice(1) : args;
	const reset = action === '-' || (signals.length === 0 && signalName(action) !== undefined);
	for (const s of signals.length === 0 ? [action] : signals) {
		const name = signalName(s);
		if (name === undefined) {
			m.complain(`trap: ${s}: ${m.spec.flavour === 'ash' ? 'invalid signal specification' : 'bad trap'}`);
			return 1;
		}
		const { [name]: _old, ...rest } = m.d.traps;
		m.d.traps = reset ? rest : { ...rest, [name]: action };
	}
	return 0;
};

const kill: Builtin = (m, args) => {
	let signal = 'TERM';
	let rest = args;
	if (rest[0] === '-l') {
		m.write(
			1,
			`${Object.keys(SIGNALS)
				.filter((s) => s !== 'EXIT')
				.join(' ')}\n`,
		);
		return 0;
	}
	if (rest[0] === '-s') {
		signal = signalName(rest[1] ?? '') ?? '';
		rest = rest.slice(2);
	} else if (rest[0]?.startsWith('-') === true && rest[0] !== '--') {
		signal = rest[0] === '-0' ? '0' : (signalName(rest[0].slice(1)) ?? '');
		rest = rest.slice(1);
	}
	if (signal === '') {
		m.complain(`kill: bad signal name '${args[0]?.slice(1) ?? ''}'`);
		return 1;
	}
	let status = 0;
	// -1: everybody but pid 1 and the caller (kill(2)).
	const targets = rest.flatMap((t) =>
		t === '-1' ? m.process.processes().flatMap((p) => (p.pid === 1 || p.pid === m.process.pid ? [] : [String(p.pid)])) : [t],
	);
	for (const target of targets) {
		const pid = target.startsWith('%') ? (m.d.background ?? 0) : Number(target);
		const there = m.process.processes().some((p) => p.pid === pid);
		if (!there || (signal !== '0' && !m.process.kill(pid, `SIG${signal}` as Signal))) {
			m.complain(
				m.spec.flavour === 'ash'
					? `can't kill pid ${target}: No such process`
					: m.spec.flavour === 'bash'
						? `kill: (${target}) - No such process`
						: 'kill: No such process\n'.trim(),
			);
			status = 1;
		}
	}
	return status;
};

const wait: Builtin = (m, args) => {
	const any = args.includes('-n');
	const named = args.filter((a) => a !== '-n').map((a) => (a.startsWith('%') ? (m.d.background ?? 0) : Number(a)));
	const pids = named.length > 0 ? named : Object.entries(m.d.jobs).flatMap(([pid, code]) => (code === null ? [Number(pid)] : []));
	const unknown = named.find((p) => m.d.jobs[p] === undefined);
	if (unknown !== undefined) return 127;
	if (pids.length === 0) return 0;
	const over = waitOver(m, pids, any);
	if (over !== undefined) return over;
	m.wait({ t: 'jobs', pids, ...(any ? { any: true as const } : {}) });
	return undefined;
};

/** Has a finished `wait` come back: the status, or undefined where it goes on. */
export function waitOver(m: Machine, pids: readonly number[], any: boolean): number | undefined {
	const codes = pids.map((p) => m.d.jobs[p]);
	const done = any ? codes.some((c) => c !== null && c !== undefined) : codes.every((c) => c !== null);
	if (!done) return undefined;
	const code = any ? codes.find((c) => c !== null && c !== undefined) : codes.at(-1);
	m.d.jobs = Object.fromEntries(Object.entries(m.d.jobs).filter(([p, c]) => !(pids.includes(Number(p)) && c !== null)));
	return code ?? 0;
}

const read: Builtin = (m, args) => {
	const names = readNames(args).names;
	const sink = m.d.fds['0'] ?? 'null';
	if (sink === 'in') {
		const at = m.d.input.text.indexOf('\n');
		if (at === -1 && !m.d.input.ended) {
			const prompt = readNames(args).prompt;
			if (prompt !== undefined && m.process.tty) m.write(2, prompt);
			// Comes back here through the machine's `pendingRead` once a line has come.
			m.d.buffers = { ...m.d.buffers, read: JSON.stringify(args) };
			m.wait({ t: 'input', for: 'read' });
			m.process.readStdin();
			return undefined;
		}
		const line = at === -1 ? m.d.input.text : m.d.input.text.slice(0, at);
		const ended = at === -1;
		m.d.input = { ...m.d.input, text: ended ? '' : m.d.input.text.slice(at + 1) };
		assign(
			m,
			names,
			line,
			args.some((a) => /^-\w*r/.test(a)),
		);
		return ended ? 1 : 0;
	}
	if (!sink.startsWith('b:')) {
		assign(m, names, '', true);
		return 1;
	}
	const text = m.d.buffers[sink.slice(2)] ?? '';
	const at = text.indexOf('\n');
	m.d.buffers = { ...m.d.buffers, [sink.slice(2)]: at === -1 ? '' : text.slice(at + 1) };
	assign(
		m,
		names,
		at === -1 ? text : text.slice(0, at),
		args.some((a) => /^-\w*r/.test(a)),
	);
	return at === -1 ? 1 : 0;
};

/** `read` again, now that input has come. */
export function resumeRead(m: Machine): void {
	const { read: args, ...buffers } = m.d.buffers;
	m.d.buffers = buffers;
	const status = read(m, args === undefined ? [] : (JSON.parse(args) as readonly string[]), 'read');
	if (status !== undefined) m.d.status = status;
}

function readNames(args: readonly string[]): { readonly names: readonly string[]; readonly prompt?: string } {
	const names: string[] = [];
	let prompt: string | undefined;
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (a === '-p') prompt = args[++i] ?? '';
		else if (/^-[tndu]$/.test(a)) i++;
		else if (!a.startsWith('-')) names.push(a);
	}
	return { names, ...(prompt === undefined ? {} : { prompt }) };
}

function assign(m: Machine, names: readonly string[], given: string, raw: boolean): void {
	const line = raw ? given : given.replace(/\\(.)/g, '$1');
	const ifs = m.get('IFS') ?? ' \t\n';
	if (names.length === 0) {
		m.set('REPLY', line);
		return;
	}
	const isWhite = /^\s*$/.test(ifs);
	const white = ifs === '' ? undefined : new RegExp(isWhite ? '[ \\t\\n]+' : `[${ifs.replace(/[\\\]^-]/g, '\\$&')}]`);
	let rest = isWhite && ifs !== '' ? line.trim() : line;
	names.forEach((name, i) => {
		if (i === names.length - 1 || white === undefined) {
			m.set(name, rest);
			rest = '';
			return;
		}
		const hit = white.exec(rest);
		m.set(name, hit === null ? rest : rest.slice(0, hit.index));
		rest = hit === null ? '' : rest.slice(hit.index + hit[0].length);
	});
}

const echo: Builtin = (m, args) => {
	let rest = args;
	let newline = true;
	let escapes = m.spec.flavour === 'dash';
	while (rest[0] !== undefined && /^-[neE]+$/.test(rest[0]) && (m.spec.flavour !== 'dash' || rest[0] === '-n')) {
		if (rest[0].includes('n')) newline = false;
		if (rest[0].includes('e')) escapes = true;
		rest = rest.slice(1);
	}
	const text = rest.join(' ');
	m.write(1, `${escapes ? printfText('%b', [text]).text : text}${newline ? '\n' : ''}`);
	return 0;
};

const cd: Builtin = (m, args) => {
	const to = args[0] === '-' ? (m.get('OLDPWD') ?? m.process.cwd) : (args[0] ?? m.get('HOME') ?? '/root');
	const parts: string[] = [];
	for (const p of m.path(to).split('/')) {
		if (p === '..') parts.pop();
		else if (p !== '' && p !== '.') parts.push(p);
	}
	const full = `/${parts.join('/')}`;
	const stat = m.process.fs.stat(full);
	if (!stat.ok || stat.value.kind !== 'directory') {
		const why = stat.ok ? 'Not a directory' : errorWords(stat.error);
		m.complain(m.spec.flavour === 'bash' ? `cd: ${to}: ${why}` : m.spec.flavour === 'dash' ? `cd: can't cd to ${to}` : `cd: can't cd to ${to}: ${why}`);
		return m.spec.flavour === 'dash' ? 2 : 1;
	}
	m.set('OLDPWD', m.process.cwd);
	m.process.cwd = full;
	if (args[0] === '-') m.write(1, `${full}\n`);
	return 0;
};

const evaluate: Builtin = (m, args) => {
	const text = args.join(' ');
	m.d.status = 0;
	if (text.trim() === '') return 0;
	return m.load(text, false) ? undefined : 2;
};

const source: Builtin = (m, args, name) => {
	const path = args[0] ?? '';
	const full = path.includes('/') ? m.path(path) : (m.which(path) ?? m.path(path));
	const content = m.process.fs.read(full);
	if (!content.ok) {
		m.complain(
			m.spec.flavour === 'bash'
				? `${path}: ${errorWords(content.error)}`
				: m.spec.flavour === 'dash'
					? `${name}: cannot open ${path}: No such file`
					: `${name}: can't open '${path}': ${errorWords(content.error)}`,
		);
		if (m.spec.flavour !== 'bash' && m.d.mode !== 'interactive') m.exit(2);
		return m.spec.flavour === 'bash' ? 1 : 2;
	}
	m.push({ k: 'source', args: args.length > 1 ? m.d.args : undefined });
	if (args.length > 1) m.d.args = args.slice(1);
	m.d.status = 0;
	return m.load(content.value, false) ? undefined : 2;
};

const returns: Builtin = (m, args) => {
	const status = args[0] === undefined ? m.d.status : Number(args[0]) & 255;
	if (m.some((f) => f.k === 'call' || f.k === 'source')) {
		m.unwind((f) => f.k === 'call' || f.k === 'source' || f.k === 'sub');
		if (m.top()?.k !== 'sub') m.pop();
	} else m.exit(status);
	return status;
};

const commandBuiltin: Builtin = (m, args, name) => {
	if (name === 'type' || args[0] === '-v' || args[0] === '-V') {
		let status = 0;
		for (const n of name === 'type' ? args : args.slice(1)) {
			const builtin = BUILTINS[n] !== undefined;
			const path = m.which(n);
			const verbose = name === 'type' || args[0] === '-V';
			if (m.d.functions[n] !== undefined) m.write(1, verbose ? `${n} is a function\n` : `${n}\n`);
			else if (builtin) m.write(1, verbose ? `${n} is a shell builtin\n` : `${n}\n`);
			else if (path !== undefined) m.write(1, verbose ? `${n} is ${path}\n` : `${path}\n`);
			else {
				if (verbose) m.write(1, `${n}: not found\n`);
				status = m.spec.flavour === 'bash' ? 1 : 127;
			}
		}
		return status;
	}
	if (args.length === 0) return 0;
	const builtin = BUILTINS[args[0] ?? ''];
	if (builtin !== undefined) return builtin(m, args.slice(1), args[0] ?? '');
	// Anything else runs as it would without `command`: quoted, so that nothing is expanded twice.
	return evaluate(
		m,
		args.map((a) => `'${a.replaceAll("'", "'\\''")}'`),
		'eval',
	);
};

const sleep: Builtin = (m, args) => {
	let total = 0;
	for (const a of args) {
		const value = seconds(a);
		if (value === undefined) {
			m.write(
				2,
				m.spec.flavour === 'ash' ? `sleep: invalid number '${a}'\n` : `sleep: invalid time interval '${a}'\nTry 'sleep --help' for more information.\n`,
			);
			return 1;
		}
		total += value;
	}
	if (args.length === 0) {
		m.write(
			2,
			m.spec.flavour === 'ash'
				? 'BusyBox v1.37.0 multi-call binary.\n\nUsage: sleep [N]...\n'
				: "sleep: missing operand\nTry 'sleep --help' for more information.\n",
		);
		return 1;
	}
	m.d.status = 0;
	if (total === Number.POSITIVE_INFINITY) {
		m.wait({ t: 'timer', token: 'sleep' });
		return undefined;
	}
	m.wait({ t: 'timer', token: 'sleep' });
	m.process.timer(total * 1000, 'sleep');
	return undefined;
};

const getopts: Builtin = (m, args) => {
	const [spec = '', name = ''] = args;
	const list = args.length > 2 ? args.slice(2) : m.d.args;
	const index = Number(m.get('OPTIND') ?? 1);
	const at = Number(m.get('\u0001optpos') ?? 1);
	const current = list[index - 1];
	if (current === undefined || !/^-./.test(current) || current === '--') {
		m.set(name, '?');
		return 1;
	}
	const letter = current[at] ?? '';
	const known = spec.indexOf(letter);
	const takes = known !== -1 && spec[known + 1] === ':';
	const more = at + 1 < current.length;
	m.set('OPTIND', String(takes ? index + (more ? 1 : 2) : more ? index : index + 1));
	m.set('\u0001optpos', String(!takes && more ? at + 1 : 1));
	m.set(name, known === -1 ? '?' : letter);
	if (takes) m.set('OPTARG', more ? current.slice(at + 1) : (list[index] ?? ''));
	if (known === -1) m.complain(`illegal option -${letter}`.replace('illegal', 'Illegal'));
	return 0;
};

export const BUILTINS: { readonly [name: string]: Builtin } = {
	':': () => 0,
	true: () => 0,
	false: () => 1,
	test,
	'[': test,
	break: leaveLoop,
	continue: leaveLoop,
	export: exporter,
	readonly: exporter,
	declare: exporter,
	local,
	set,
	trap,
	kill,
	wait,
	read,
	echo,
	cd,
	eval: evaluate,
	'.': source,
	source,
	return: returns,
	command: commandBuiltin,
	type: commandBuiltin,
	sleep,
	getopts,
	printf: (m, args) => {
		const [format, ...rest] = args[0] === '--' ? args.slice(1) : args;
		if (format === undefined) {
			m.write(2, 'printf: usage: printf format [arguments]\n');
			return 2;
		}
		const result = printfText(format, rest);
		m.write(1, result.text);
		for (const e of result.errors) m.complain(`printf: ${e}`);
		return result.errors.length > 0 ? 1 : 0;
	},
	exit: (m, args) => {
		const code = args[0] === undefined ? m.d.status : Number(args[0]);
		m.exit(Number.isNaN(code) ? 2 : code);
		// bash says so where somebody sits at it; a subshell that ends leaves it running.
		if (m.d.exiting !== undefined && m.d.mode === 'interactive' && m.spec.flavour === 'bash') m.write(2, 'exit\n');
		return undefined;
	},
	pwd: (m) => {
		m.write(1, `${m.process.cwd}\n`);
		return 0;
	},
	shift: (m, args) => {
		const n = Number(args[0] ?? 1);
		if (n > m.d.args.length) return 1;
		m.d.args = m.d.args.slice(n);
		return 0;
	},
	unset: (m, args) => {
		for (const a of args.filter((x) => !x.startsWith('-'))) {
			if (args.includes('-f')) {
				const { [a]: _gone, ...rest } = m.d.functions;
				m.d.functions = rest;
			} else m.unset(a);
		}
		return 0;
	},
	let: () => 0,
	umask: (m, args) => {
		if (args.length === 0) m.write(1, '0022\n');
		return 0;
	},
	ulimit: (m) => {
		m.write(1, 'unlimited\n');
		return 0;
	},
	jobs: (m) => {
		for (const [pid, code] of Object.entries(m.d.jobs)) if (code === null) m.write(1, `[1]+  Running                    ${pid}\n`);
		return 0;
	},
	hash: () => 0,
	alias: () => 0,
	times: (m) => {
		m.write(1, '0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n');
		return 0;
	},
};
