/** Variables and options: export, local, set, read, getopts. */
import type { Machine } from './machine.ts';
import type { Builtin } from './builtin.ts';

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

export const VARIABLE_BUILTINS: { readonly [name: string]: Builtin } = { export: exporter, readonly: exporter, declare: exporter, local, set, read, getopts };
