/** The table of builtins, with those of control flow and output; others stand in files by what they are about. */
import { errorWords } from '../utilities/utility.ts';
import { JOB_BUILTINS } from './builtin-jobs.ts';
import { VARIABLE_BUILTINS } from './builtin-variables.ts';
import { TestError, testArguments } from './condition.ts';
import { printfText } from './printf.ts';
import type { Builtin } from './builtin.ts';

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

export const BUILTINS: { readonly [name: string]: Builtin } = {
	...VARIABLE_BUILTINS,
	...JOB_BUILTINS,
	':': () => 0,
	true: () => 0,
	false: () => 1,
	test,
	'[': test,
	break: leaveLoop,
	continue: leaveLoop,
	echo,
	cd,
	eval: evaluate,
	'.': source,
	source,
	return: returns,
	command: commandBuiltin,
	type: commandBuiltin,
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
