/** A command that needs nothing but its arguments, its input and the files: runs at once, alone or inside a shell. */
import type { FileError, Process, Program } from '../program.ts';

export interface UtilityContext {
	readonly name: string;
	/** Without the name. */
	readonly args: readonly string[];
	readonly process: Process<unknown>;
	readonly cwd: string;
	readonly env: { readonly [name: string]: string };
	/** busybox words its messages differently from GNU. */
	readonly busybox: boolean;
	/** All of standard input. */
	stdin(): string;
	out(text: string): void;
	err(text: string): void;
}

/** Gives the exit code. */
export type Utility = (c: UtilityContext) => number;

/** Thrown by `stdin()` where the input is not all there yet; whoever runs the utility runs it again later. */
export class NeedsInput extends Error {}

export const resolvePath = (cwd: string, path: string): string => (path.startsWith('/') ? path : `${cwd === '/' ? '' : cwd}/${path}`);

const WORDS: { readonly [error in FileError]: string } = {
	ENOENT: 'No such file or directory',
	EEXIST: 'File exists',
	ENOTDIR: 'Not a directory',
	EISDIR: 'Is a directory',
	EACCES: 'Permission denied',
	EROFS: 'Read-only file system',
	ENOTEMPTY: 'Directory not empty',
	ENOSPC: 'No space left on device',
	EINVAL: 'Invalid argument',
	ELOOP: 'Symbolic link loop',
};
export const errorWords = (error: FileError): string => WORDS[error];

export interface Options {
	/** Letter or long name → value; '' for flags. */
	readonly given: { readonly [name: string]: string };
	readonly rest: readonly string[];
	readonly unknown?: string;
}

/** Parses POSIX options. `withValue`: letters that take a value; `known` flags; `--` ends options. Long options map to letters by `long`. */
export function options(args: readonly string[], known: string, withValue = '', long: { readonly [name: string]: string } = {}): Options {
	const given: { [name: string]: string } = {};
	const rest: string[] = [];
	for (let i = 0; i < args.length; i++) {
		const arg = args[i] ?? '';
		if (arg === '--') {
			rest.push(...args.slice(i + 1));
			break;
		}
		if (arg === '-' || !arg.startsWith('-')) {
			rest.push(arg);
			continue;
		}
		if (arg.startsWith('--')) {
			const [name = '', value] = arg.slice(2).split(/=(.*)/s, 2);
			const letter = long[name];
			if (letter === undefined) return { given, rest, unknown: arg };
			given[letter] = withValue.includes(letter) ? (value ?? args[++i] ?? '') : '';
			continue;
		}
		for (let j = 1; j < arg.length; j++) {
			const letter = arg[j] ?? '';
			if (withValue.includes(letter)) {
				given[letter] = arg.slice(j + 1) !== '' ? arg.slice(j + 1) : (args[++i] ?? '');
				break;
			}
			if (!known.includes(letter)) return { given, rest, unknown: letter };
			given[letter] = '';
		}
	}
	return { given, rest };
}

/** What is said about an unknown option, with the code to exit with. */
export function badOption(c: UtilityContext, option: string): number {
	const text = option.startsWith('--') ? `unrecognized option '${option}'` : `invalid option -- '${option}'`;
	c.err(
		c.busybox
			? `${c.name}: ${option.startsWith('--') ? `unrecognized option: ${option.slice(2)}` : `unrecognized option: ${option}`}\n`
			: `${c.name}: ${text}\nTry '${c.name} --help' for more information.\n`,
	);
	return c.name === 'ls' || c.name === 'grep' ? 2 : 1;
}

/** Reads a file named in arguments; `-` is standard input. Says what is wrong, else. */
export function readArgument(c: UtilityContext, path: string): string | undefined {
	if (path === '-') return c.stdin();
	const read = c.process.fs.read(resolvePath(c.cwd, path));
	if (read.ok) return read.value;
	const opening = c.busybox && read.error !== 'EISDIR' ? `can't open '${path}'` : c.busybox ? 'read error' : path;
	c.err(`${c.name}: ${opening}: ${errorWords(read.error)}\n`);
	return undefined;
}

/** Lines without their ends; a last line without one counts. */
export function lines(text: string): readonly string[] {
	if (text === '') return [];
	return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** Commands that never end by themselves and are run for the CPU they burn: `yes`, `sha256sum /dev/zero`, `dd` without a count. */
export function isEndless(name: string, args: readonly string[]): boolean {
	if (name === 'yes') return true;
	if (name === 'dd') return args.some((a) => /^if=\/dev\/(zero|urandom)$/.test(a)) && !args.some((a) => a.startsWith('count='));
	return /^(cat|md5sum|sha\d+sum|gzip|wc)$/.test(name) && args.some((a) => a === '/dev/zero' || a === '/dev/urandom');
}

interface UtilityData {
	readonly input: string;
}

/** A utility as a program of its own. */
export function utilityProgram(name: string, run: Utility, busybox: boolean): Program<UtilityData> {
	const attempt = (process: Process<UtilityData>, input: string | undefined): void => {
		const c: UtilityContext = {
			name,
			args: process.argv.slice(1),
			process,
			cwd: process.cwd,
			env: process.env,
			busybox,
			stdin: () => {
				if (input === undefined) throw new NeedsInput();
				return input;
			},
			out: (t) => process.stdout(t),
			err: (t) => process.stderr(t),
		};
		try {
			process.exit(run(c));
		} catch (error) {
			if (!(error instanceof NeedsInput)) throw error;
			process.readStdin();
		}
	};
	return {
		name,
		start(process) {
			process.data = { input: '' };
			if (isEndless(name, process.argv.slice(1))) process.usage({ cpuMilli: 1000 });
			else attempt(process, undefined);
		},
		onStdin(process, data) {
			if (data === null) attempt(process, process.data.input);
			else {
				process.data = { input: process.data.input + data };
				process.readStdin();
			}
		},
	};
}
