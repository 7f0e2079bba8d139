/** Builtins about what a name stands for, and about what runs when: type, command, trap, and child shells. */
import { type Builtin, complain } from './builtin.ts';
import { parse } from './ast.ts';
import { reason } from './redirect.ts';
import type { Run } from './run.ts';

const KEYWORDS = new Set('if then else elif fi case esac for while until do done in function time { } ! [['.split(' '));

export const typeOf: Builtin = async (sh, args, run, name) => {
	const short = args.includes('-t');
	const operands = args.filter((a) => !a.startsWith('-'));
	let status = 0;
	for (const n of operands) {
		const s = run.state;
		const kind = s.aliases.has(n)
			? 'alias'
			: KEYWORDS.has(n)
				? 'keyword'
				: s.functions.has(n)
					? 'function'
					: sh.isBuiltin(n)
						? 'builtin'
						: sh.host.hasProgram(n)
							? 'file'
							: undefined;
		if (kind === undefined) status = name === 'type' ? (short ? 1 : complain(run, `type: ${n}: not found`)) : 1;
		else if (name === 'command' || short)
			run.io.output.write(short ? `${kind}\n` : kind === 'file' ? `/usr/bin/${n}\n` : kind === 'alias' ? `alias ${n}='${s.aliases.get(n) ?? ''}'\n` : `${n}\n`);
		else if (kind === 'alias') run.io.output.write(`${n} is aliased to \`${s.aliases.get(n) ?? ''}'\n`);
		else
			run.io.output.write(
				kind === 'keyword'
					? `${n} is a shell keyword\n`
					: kind === 'builtin'
						? `${n} is a shell builtin\n`
						: kind === 'function'
							? `${n} is a function\n`
							: `${n} is /usr/bin/${n}\n`,
			);
	}
	return status;
};

export const command: Builtin = async (sh, args, run) => {
	if (args[0] === '-v' || args[0] === '-V') return typeOf(sh, args, run, args[0] === '-v' ? 'command' : 'type');
	const [name, ...rest] = args[0] === '-p' ? args.slice(1) : args;
	return name === undefined ? 0 : sh.execute(name, rest, run, { functions: false });
};

export const trap: Builtin = async (_sh, args, run) => {
	const s = run.state;
	const clean = (n: string): string => (n === '0' ? 'EXIT' : n === '2' ? 'INT' : n === '15' ? 'TERM' : n.toUpperCase().replace(/^SIG/, ''));
	if (args.length === 0 || args[0] === '-p') {
		for (const [n, text] of s.traps) run.io.output.write(`trap -- '${text.replaceAll("'", "'\\''")}' ${n === 'EXIT' || n === 'ERR' ? n : `SIG${n}`}\n`);
		return 0;
	}
	const [action = '', ...names] = args[0] === '--' ? args.slice(1) : args;
	if (names.length === 0) {
		s.traps.delete(clean(action));
		return 0;
	}
	for (const n of names) {
		if (!/^(EXIT|INT|TERM|HUP|QUIT|USR1|USR2|ERR|DEBUG|PIPE|CHLD|WINCH|RETURN|TSTP|\d+)$/.test(clean(n)))
			return complain(run, `trap: ${n}: invalid signal specification`);
		if (action === '-') s.traps.delete(clean(n));
		else s.traps.set(clean(n), action);
	}
	return 0;
};

/** `bash`, `sh`: a child shell over a script, a text (-c), or standard input. */
export const shell: Builtin = async (sh, args, run, name) => {
	const options: string[] = [];
	const rest = [...args];
	let command = false;
	let fromInput = false;
	let check = false;
	for (let o = rest[0]; o !== undefined && /^[-+]./.test(o) && o !== '--'; o = rest[0]) {
		rest.shift();
		if (o.startsWith('--')) continue;
		for (const letter of o.slice(1)) {
			if (letter === 'c') command = true;
			else if (letter === 's') fromInput = true;
			else if (letter === 'n') check = true;
			else if (letter === 'o') options.push(`${o[0]}o`, rest.shift() ?? '');
			else if (!'il'.includes(letter)) options.push(`${o[0]}${letter}`);
		}
		if (command) break;
	}
	const run1 = (text: string, zero: string, positional: readonly string[]): Promise<number> =>
		check ? syntaxOnly(text, zero, run) : sh.script(text, zero, positional, run, options);
	if (command) {
		const [text, zero, ...positional] = rest;
		if (text === undefined) return complain(run, `${name}: -c: option requires an argument`, 2);
		return run1(text, zero ?? name, positional);
	}
	const file = rest[0];
	if (file !== undefined && !fromInput) {
		let text: string;
		try {
			text = await sh.host.fs.readFile(sh.host.fs.resolvePath(run.state.cwd, file));
		} catch (e) {
			run.io.error.write(`${name}: ${file}: ${reason(e)}\n`);
			return 127;
		}
		return run1(text, file, rest.slice(1));
	}
	if (run.io.input.terminal) return complain(run, `${name}: a shell inside this shell would be the same one; type 'exec bash' or open another terminal`, 0);
	const parts: string[] = [];
	for (let c = await run.io.input.read(); c !== null; c = await run.io.input.read()) parts.push(c);
	return run1(parts.join(''), name, rest);
};

/** `bash -n`: says what is wrong with a script, runs nothing. */
async function syntaxOnly(text: string, name: string, run: Run): Promise<number> {
	try {
		parse(text);
		return 0;
	} catch (e) {
		run.io.error.write(`${name}: ${e instanceof Error ? e.message : String(e)}\n`);
		return 2;
	}
}

export const env: Builtin = async (sh, args, run) => {
	const clear = args[0] === '-i' || args[0] === '-';
	let rest = clear ? args.slice(1) : [...args];
	const state = { ...run.state, variables: new Map(run.state.variables) };
	if (clear) for (const [k, v] of state.variables) if (v.exported && k !== 'PATH') state.variables.delete(k);
	while (rest[0] === '-u' && rest[1] !== undefined) {
		state.variables.delete(rest[1]);
		rest = rest.slice(2);
	}
	while (rest[0] !== undefined && /^\w+=/.test(rest[0])) {
		const at = rest[0].indexOf('=');
		state.variables.set(rest[0].slice(0, at), { value: rest[0].slice(at + 1), exported: true });
		rest = rest.slice(1);
	}
	const [name, ...others] = rest;
	if (name !== undefined) return sh.execute(name, others, { ...run, state }, { functions: false });
	for (const [k, v] of state.variables) if (v.exported && typeof v.value === 'string') run.io.output.write(`${k}=${v.value}\n`);
	return 0;
};
