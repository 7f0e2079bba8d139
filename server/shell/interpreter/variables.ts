/** Reading and setting variables, the special ones among them. */
import { LIMITS } from '../../limits.ts';
import { nextRandom } from '../../simulator/kernel/random.ts';
import { isArray, type ShellState, textOf, type Variable } from './state.ts';

/** A failed expansion or assignment: ends the line with this message and status. */
export class ShellError extends Error {
	readonly status: number;
	constructor(message: string, status = 1) {
		super(message);
		this.status = status;
	}
}

/** The variable that a name means: through `declare -n`. References that go in a circle end at themselves. */
function meant(s: ShellState, name: string): string {
	let at = name;
	for (let i = 0; i < 10; i++) {
		const v = s.variables.get(at);
		if (v?.reference !== true || typeof v.value !== 'string' || v.value === '') return at;
		at = v.value;
	}
	return name;
}

/** A parameter's text, or undefined where it is unset. */
export function parameter(s: ShellState, name: string): string | undefined {
	switch (name) {
		case '?':
			return String(s.status);
		case '$':
			return String(s.pid);
		case '!':
			return s.lastBackground;
		case '#':
			return String(s.positional.length);
		case '0':
			return s.name;
		case '-':
			return `${s.options.errexit ? 'e' : ''}h${s.options.nounset ? 'u' : ''}${s.options.xtrace ? 'x' : ''}B${s.line === undefined ? 's' : ''}`;
		case '*':
		case '@':
			return s.positional.length === 0 ? undefined : s.positional.join(' ');
		case 'RANDOM': {
			const step = nextRandom(s.random);
			s.random = step.state;
			return String(Math.floor(step.value * 32768));
		}
		case 'PWD':
			return s.cwd;
		case 'LINENO':
			return String(Math.max(1, s.line ?? 1));
		case 'SECONDS':
			return String(Math.floor(((s.clock ?? 0) - (s.began ?? s.clock ?? 0)) / 1000));
		case 'BASH_VERSION':
			return '5.2.15(1)-release';
		case 'BASH_VERSINFO':
			return '5';
		case 'BASHPID':
			return String(s.pid);
		case 'PPID':
			return String(s.pid - 1);
		case 'UID':
		case 'EUID':
			return '1000';
		case 'FUNCNAME':
			return s.calls?.[0];
		default:
			break;
	}
	if (/^\d+$/.test(name)) return s.positional[Number(name) - 1];
	const v = s.variables.get(meant(s, name));
	return v === undefined ? undefined : textOf(v);
}

/** All elements of an array (or a plain variable as an array of one). */
export function elements(s: ShellState, name: string): readonly string[] {
	if (name === '@' || name === '*') return s.positional;
	if (name === 'FUNCNAME') return s.calls ?? [];
	const v = s.variables.get(meant(s, name));
	if (v === undefined) return [];
	if (typeof v.value === 'string') return [v.value];
	return isArray(v) ? v.value.filter((e) => e !== undefined && e !== null) : Object.values(v.value);
}

export function keys(s: ShellState, name: string): readonly string[] {
	const v = s.variables.get(meant(s, name));
	if (v === undefined) return [];
	if (typeof v.value === 'string') return ['0'];
	return isArray(v) ? v.value.flatMap((e, i) => (e === undefined || e === null ? [] : [String(i)])) : Object.keys(v.value);
}

export function element(s: ShellState, name: string, key: string): string | undefined {
	if (name === 'FUNCNAME') return s.calls?.[Number(key)];
	if (name === 'BASH_VERSINFO') return ['5', '2', '15', '1', 'release', 'x86_64-pc-linux-gnu'][Number(key)];
	const v = s.variables.get(meant(s, name));
	if (v === undefined) return undefined;
	if (typeof v.value === 'string') return key === '0' ? v.value : undefined;
	if (!isArray(v)) return Object.hasOwn(v.value, key) ? (v.value as { readonly [key: string]: string })[key] : undefined;
	const n = Number(key);
	return v.value[n < 0 ? v.value.length + n : n] ?? undefined;
}

export function isAssociative(s: ShellState, name: string): boolean {
	const v = s.variables.get(meant(s, name));
	return v !== undefined && typeof v.value !== 'string' && !isArray(v);
}

function checkWritable(s: ShellState, name: string): Variable | undefined {
	const old = s.variables.get(name);
	if (old?.readonly) throw new ShellError(`${name}: readonly variable`);
	return old;
}

export function setVariable(s: ShellState, given: string, value: string): void {
	const name = meant(s, given);
	if (name === 'RANDOM') {
		s.random = Number(value) >>> 0;
		return;
	}
	const old = checkWritable(s, name);
	if (value.length > LIMITS.shellCharacters)
		throw new ShellError(`xrealloc: cannot allocate ${value.length} bytes (a variable holds ${LIMITS.shellCharacters} at most)`, 2);
	const exported = old?.exported ?? s.options.allexport;
	s.variables.set(name, { ...old, value: old !== undefined && isArray(old) ? [value, ...old.value.slice(1)] : value, exported });
}

export function setVariableWhole(s: ShellState, given: string, value: Variable['value']): void {
	const name = meant(s, given);
	const old = checkWritable(s, name);
	s.variables.set(name, { ...old, value });
}

/** `name[key]=value`. An index may be negative (from the end). */
export function setElement(s: ShellState, given: string, key: string, value: string): void {
	const name = meant(s, given);
	const old = checkWritable(s, name);
	if (old !== undefined && typeof old.value !== 'string' && !isArray(old)) {
		s.variables.set(name, { ...old, value: { ...old.value, [key]: value } });
		return;
	}
	const list = old === undefined ? [] : isArray(old) ? [...old.value] : [textOf(old)];
	const n = Number(key);
	const at = n < 0 ? list.length + n : n;
	if (at < 0 || at > 1_000_000) throw new ShellError(`${name}[${key}]: bad array subscript`);
	list[at] = value;
	s.variables.set(name, { ...old, value: list });
}

export function unsetVariable(s: ShellState, name: string): void {
	const m = /^(\w+)\[(.+)\]$/.exec(name);
	if (m === null) {
		const target = meant(s, name);
		checkWritable(s, target);
		s.variables.delete(target);
		return;
	}
	const v = checkWritable(s, m[1] ?? '');
	if (v === undefined || typeof v.value === 'string') return;
	if (isArray(v)) {
		const list = [...v.value];
		delete list[Number(m[2])];
		s.variables.set(m[1] ?? '', { ...v, value: list });
	} else s.variables.set(m[1] ?? '', { ...v, value: Object.fromEntries(Object.entries(v.value).filter(([k]) => k !== m[2])) });
}

/** A variable's (or element's) text, '' where it is unset: what `+=` adds to. */
export function textOfOr(s: ShellState, name: string, key?: string): string {
	if (key !== undefined) return element(s, name, key) ?? '';
	const v = s.variables.get(meant(s, name));
	return v === undefined ? '' : textOf(v);
}
