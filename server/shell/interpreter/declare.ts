/** export, readonly, declare, local, unset. */
import { exact, parseArithmetic } from './arith.ts';
import { type Builtin, complain } from './builtin.ts';
import { type ShellState, textOf, type Variable } from './state.ts';
import { setElement, setVariable, ShellError, unsetVariable } from './variables.ts';

/** Text inside double quotes. */
const quoted = (text: string): string => `"${text.replace(/[\\"$`]/g, '\\$&')}"`;

function show(name: string, v: Variable): string {
	const array = Array.isArray(v.value);
	const flags = `${array ? 'a' : typeof v.value === 'string' ? '' : 'A'}${v.integer ? 'i' : ''}${v.reference ? 'n' : ''}${v.readonly ? 'r' : ''}${v.exported ? 'x' : ''}`;
	const value =
		typeof v.value === 'string'
			? quoted(v.value)
			: array
				? `(${(v.value as readonly string[]).flatMap((e, i) => (e === undefined || e === null ? [] : [`[${i}]=${quoted(e)}`])).join(' ')})`
				: `(${Object.entries(v.value)
						.map(([k, e]) => `[${k}]=${quoted(e)}`)
						.join(' ')} )`;
	return `declare -${flags === '' ? '-' : flags} ${name}=${value}\n`;
}

function flagsOf(args: readonly string[]): { readonly on: string; readonly off: string; readonly operands: readonly string[] } {
	let on = '';
	let off = '';
	let i = 0;
	for (; i < args.length; i++) {
		const a = args[i] ?? '';
		if (a === '--') {
			i++;
			break;
		}
		if (/^-[a-zA-Z]+$/.test(a)) on += a.slice(1);
		else if (/^\+[a-zA-Z]+$/.test(a)) off += a.slice(1);
		else break;
	}
	return { on, off, operands: args.slice(i) };
}

/** `(a b "c d")` as given to a declaration after expansion: words kept apart by blanks and quotes. */
function arrayWords(text: string): string[] {
	return [...text.matchAll(/(\[[^\]]*\]=)(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S*))|"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
		(m) => (m[1] ?? '') + (m[2] ?? m[3] ?? m[4] ?? m[5] ?? m[6] ?? m[7] ?? ''),
	);
}

function assign(s: ShellState, name: string, value: string, on: string): void {
	if (on.includes('a') || on.includes('A') || /^\(.*\)$/s.test(value)) {
		const inner = /^\((.*)\)$/s.exec(value);
		const old = s.variables.get(name);
		s.variables.set(name, { ...old, value: on.includes('A') ? {} : [] });
		if (inner === null) {
			if (value !== '') setElement(s, name, '0', value);
			return;
		}
		arrayWords(inner[1] ?? '').forEach((w, i) => {
			const entry = /^\[(.+?)\]=(.*)$/s.exec(w);
			setElement(s, name, entry?.[1] ?? String(i), entry?.[2] ?? w);
		});
		return;
	}
	setVariable(s, name, on.includes('i') ? String(exact(s, parseArithmetic(value === '' ? '0' : value))) : value);
}

export const declareBuiltin: Builtin = async (_sh, args, run, name) => {
	const s = run.state;
	const { on, off, operands } = flagsOf(args);
	const unknown = [...on].find((f) => !'aAfFgiIlnrtuxp'.includes(f));
	if (unknown !== undefined)
		return complain(
			run,
			`${name}: -${unknown}: invalid option\n${name}: usage: ${name} [-aAfFgiIlnrtux] [name[=value] ...] or ${name} -p [-aAfFilnrtux] [name ...]`,
			2,
		);
	const implied = name === 'export' ? `${on}x` : name === 'readonly' ? `${on}r` : on;
	if (on.includes('f') || on.includes('F')) {
		for (const n of s.functions.keys())
			if (operands.length === 0 || operands.includes(n))
				run.io.output.write(on.includes('F') ? `${operands.length === 0 ? 'declare -f ' : ''}${n}\n` : `${n} () { … }\n`);
		return operands.every((o) => s.functions.has(o)) ? 0 : 1;
	}
	if (operands.length === 0) {
		const wanted = (v: Variable): boolean => (name === 'export' ? v.exported === true : name === 'readonly' ? v.readonly === true : true);
		for (const [n, v] of [...s.variables].sort(([a], [b]) => (a < b ? -1 : 1))) if (wanted(v)) run.io.output.write(show(n, v));
		return 0;
	}
	if (name === 'local' && run.locals === undefined) return complain(run, 'local: can only be used in a function');
	let status = 0;
	for (const operand of operands) {
		const m = /^([A-Za-z_]\w*)(\+?=)?(.*)$/s.exec(operand);
		const variable = m?.[1] ?? '';
		if (m === null || (m[2] === undefined && m[3] !== '')) {
			status = complain(run, `${name}: \`${operand}': not a valid identifier`);
			continue;
		}
		const old = s.variables.get(variable);
		if (on.includes('p') && name !== 'export' && name !== 'readonly') {
			if (old === undefined) status = complain(run, `declare: ${variable}: not found`);
			else run.io.output.write(show(variable, old));
			continue;
		}
		const makesLocal = name === 'local' || ((name === 'declare' || name === 'typeset') && run.locals !== undefined && !on.includes('g'));
		if (makesLocal && run.locals !== undefined && !run.locals.has(variable)) {
			run.locals.set(variable, old);
			s.variables.delete(variable);
		}
		if (on.includes('n') && name !== 'export') {
			s.variables.set(variable, { value: m[3] ?? '', reference: true });
			continue;
		}
		try {
			if (m[2] !== undefined) assign(s, variable, m[2] === '+=' && old !== undefined ? textOf(old) + (m[3] ?? '') : (m[3] ?? ''), implied);
			else if (!s.variables.has(variable) && (name !== 'export' || off === ''))
				s.variables.set(variable, { value: implied.includes('A') ? {} : implied.includes('a') ? [] : '' });
		} catch (e) {
			if (!(e instanceof ShellError)) throw e;
			status = complain(run, e.message);
			continue;
		}
		const v = s.variables.get(variable);
		if (v === undefined) continue;
		const exported = implied.includes('x') ? !on.includes('n') : off.includes('x') ? false : v.exported;
		s.variables.set(variable, {
			...v,
			exported: exported === true,
			...(implied.includes('r') ? { readonly: true } : {}),
			...(implied.includes('i') ? { integer: true } : {}),
		});
	}
	return status;
};

export const unset: Builtin = async (_sh, args, run) => {
	const functions = args.includes('-f');
	let status = 0;
	for (const a of args) {
		if (a === '-f' || a === '-v') continue;
		try {
			if (functions) run.state.functions.delete(a);
			else if (run.state.variables.has(a.replace(/\[.*$/, ''))) unsetVariable(run.state, a);
			else run.state.functions.delete(a);
		} catch (e) {
			if (!(e instanceof ShellError)) throw e;
			status = complain(run, `unset: ${a}: cannot unset: readonly variable`);
		}
	}
	return status;
};
