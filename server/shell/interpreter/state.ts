/** What a shell remembers from line to line. Plain data, so that it is saved with the sandbox and found again. */
import type { FunctionDefNode } from './ast.ts';

export interface Variable {
	readonly value: string | readonly string[] | { readonly [key: string]: string };
	readonly exported?: boolean;
	readonly readonly?: boolean;
	readonly integer?: boolean;
	/** `declare -n`: the value is the name of the variable meant. */
	readonly reference?: boolean;
}

export interface ShellOptions {
	readonly errexit: boolean;
	readonly nounset: boolean;
	readonly xtrace: boolean;
	readonly pipefail: boolean;
	readonly noglob: boolean;
	readonly noclobber: boolean;
	readonly verbose: boolean;
	readonly allexport: boolean;
}

/** A shell's memory. Maps are copied for subshells; entries are replaced, never changed. */
export interface ShellState {
	cwd: string;
	variables: Map<string, Variable>;
	functions: Map<string, FunctionDefNode>;
	aliases: Map<string, string>;
	traps: Map<string, string>;
	options: ShellOptions;
	shopt: Map<string, boolean>;
	/** $0 and $1…. */
	name: string;
	positional: readonly string[];
	status: number;
	lastBackground: string;
	pid: number;
	/** $RANDOM's own state. */
	random: number;
	/** Line of the script that runs; undefined in the interactive shell, whose messages name none. */
	line?: number;
	/** ms of the sandbox's clock: now, and when the shell began ($SECONDS). */
	clock?: number;
	began?: number;
	/** Status of the last command substitution of the command under way: an assignment's status. */
	substituted?: number | undefined;
	/** Folders of pushd below the current one. */
	folders?: readonly string[];
	/** Names of the functions that run, the innermost first. */
	calls?: readonly string[];
}

/** What a message begins with: `bash: `, in a script `name: line 3: `. */
export const messageStart = (s: ShellState): string => (s.line === undefined ? `${s.name}: ` : `${s.name}: line ${Math.max(1, s.line)}: `);

export const NO_OPTIONS: ShellOptions = {
	errexit: false,
	nounset: false,
	xtrace: false,
	pipefail: false,
	noglob: false,
	noclobber: false,
	verbose: false,
	allexport: false,
};

export function newShellState(cwd: string, environment: { readonly [name: string]: string }, seed: number): ShellState {
	const variables = new Map<string, Variable>();
	for (const [k, value] of Object.entries(environment)) variables.set(k, { value, exported: true });
	variables.set('IFS', { value: ' \t\n' });
	variables.set('PS4', { value: '+ ' });
	variables.set('OPTIND', { value: '1' });
	return {
		cwd,
		variables,
		functions: new Map(),
		aliases: new Map(),
		traps: new Map(),
		options: NO_OPTIONS,
		shopt: new Map(),
		name: 'bash',
		positional: [],
		status: 0,
		lastBackground: '',
		pid: 4242,
		random: seed >>> 0,
	};
}

/** A subshell's copy: it sees everything and changes nothing of its parent. */
export function copyState(s: ShellState): ShellState {
	return { ...s, variables: new Map(s.variables), functions: new Map(s.functions), aliases: new Map(s.aliases), traps: new Map(), shopt: new Map(s.shopt) };
}

export interface SavedShell {
	readonly cwd: string;
	readonly variables: readonly (readonly [string, Variable])[];
	readonly functions: readonly (readonly [string, FunctionDefNode])[];
	readonly aliases: readonly (readonly [string, string])[];
	readonly traps: readonly (readonly [string, string])[];
	readonly shopt: readonly (readonly [string, boolean])[];
	readonly options: ShellOptions;
	readonly positional: readonly string[];
	readonly status: number;
	readonly random: number;
}

export function saveState(s: ShellState): SavedShell {
	return {
		cwd: s.cwd,
		variables: [...s.variables],
		functions: [...s.functions],
		aliases: [...s.aliases],
		traps: [...s.traps],
		shopt: [...s.shopt],
		options: s.options,
		positional: s.positional,
		status: s.status,
		random: s.random,
	};
}

export function loadState(base: ShellState, saved: SavedShell): ShellState {
	return {
		...base,
		cwd: saved.cwd,
		variables: new Map(saved.variables),
		functions: new Map(saved.functions),
		aliases: new Map(saved.aliases),
		traps: new Map(saved.traps),
		shopt: new Map(saved.shopt),
		options: saved.options,
		positional: saved.positional,
		status: saved.status,
		random: saved.random,
	};
}

/** A variable's text: an array's first element, as bash gives it without a subscript. */
export function textOf(v: Variable): string {
	if (typeof v.value === 'string') return v.value;
	if (Array.isArray(v.value)) return v.value[0] ?? '';
	return (v.value as { readonly [key: string]: string })['0'] ?? '';
}

export function isArray(v: Variable): v is Variable & { readonly value: readonly string[] } {
	return Array.isArray(v.value);
}

export function exportedEnv(s: ShellState): { [name: string]: string } {
	const env: { [name: string]: string } = {};
	for (const [k, v] of s.variables) if (v.exported && typeof v.value === 'string') env[k] = v.value;
	return env;
}
