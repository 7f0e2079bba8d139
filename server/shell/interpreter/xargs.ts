/** `xargs`, as findutils': runs what the shell runs, builtins and scripts on the PATH included. */
import type { Builtin } from './builtin.ts';
import type { Interpreter } from './interpreter.ts';
import { reason } from './redirect.ts';
import { checkSignal, ExitShell, type Run } from './run.ts';
import { copyState } from './state.ts';
import { noInput, readAll } from './streams.ts';

interface Options {
	delimiter: string | undefined;
	replace: string | undefined;
	perCall: number;
	lines: number;
	parallel: number;
	skipEmpty: boolean;
	trace: boolean;
	file: string | undefined;
	readonly command: readonly string[];
}

/** Arguments of one call, as many as Linux' limit of 128 KiB would about let through. */
const MOST_PER_CALL = 5000;
const LONG: { readonly [name: string]: string } = {
	null: '0',
	delimiter: 'd',
	replace: 'I',
	'max-args': 'n',
	'max-lines': 'L',
	'max-procs': 'P',
	'no-run-if-empty': 'r',
	verbose: 't',
	'arg-file': 'a',
	'max-chars': 's',
};

/** xargs' options, or the message of what is wrong with them. */
function options(args: readonly string[]): Options | string {
	const o = { delimiter: undefined, replace: undefined, perCall: MOST_PER_CALL, lines: 0, parallel: 1, skipEmpty: false, trace: false, file: undefined } as {
		-readonly [K in keyof Omit<Options, 'command'>]: Options[K];
	};
	const set = (letter: string, value: string): string | undefined => {
		const n = Number(value);
		if ('nLP'.includes(letter) && !/^\d+$/.test(value)) return `xargs: invalid number "${value}" for -${letter} option`;
		if ('nL'.includes(letter) && n < 1) return `xargs: value ${value} for -${letter} option should be >= 1`;
		if (letter === 'n') o.perCall = n;
		else if (letter === 'L') o.lines = n;
		else if (letter === 'P') o.parallel = n === 0 ? Number.POSITIVE_INFINITY : n;
		else if (letter === 'I') o.replace = value === '' ? '{}' : value;
		else if (letter === 'd') o.delimiter = value.replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\0/g, '\0');
		else if (letter === 'a') o.file = value;
		return undefined;
	};
	const flag = (letter: string): void => {
		if (letter === '0') o.delimiter = '\0';
		else if (letter === 'r') o.skipEmpty = true;
		else o.trace = true;
	};
	let i = 0;
	for (; i < args.length; i++) {
		const a = args[i] ?? '';
		if (a === '--') {
			i++;
			break;
		}
		if (!/^-./.test(a)) break;
		const long = /^--([a-z-]+)(?:=(.*))?$/s.exec(a);
		const letters = long === null ? a.slice(1) : (LONG[long[1] ?? ''] ?? '?');
		for (let j = 0; j < letters.length; j++) {
			const c = letters[j] ?? '';
			if ('0rt'.includes(c)) flag(c);
			else if ('nLPIdas'.includes(c)) {
				const attached = long === null ? letters.slice(j + 1) : long[2];
				const wrong = set(c, attached !== undefined && attached !== '' ? attached : (args[++i] ?? ''));
				if (wrong !== undefined) return wrong;
				break;
			} else if (c === 'i') {
				o.replace = letters.slice(j + 1) || '{}';
				break;
			} else if (c !== 'x')
				return `xargs: ${long === null ? `invalid option -- '${c}'` : `unrecognized option '${a}'`}\nTry 'xargs --help' for more information.`;
		}
	}
	const command = args.slice(i);
	return { ...o, command: command.length === 0 ? ['echo'] : command };
}

/** Words of a line, quotes and backslashes taken off as xargs does it (they cannot span lines); a message where a quote is open. */
function words(line: string, whole: boolean): string[] | string {
	const out: string[] = [];
	let word: string | undefined;
	const text = whole ? line.replace(/^[ \t]+/, '') : line;
	for (let i = 0; i < text.length; i++) {
		const c = text[i] ?? '';
		if (c === "'" || c === '"') {
			const end = text.indexOf(c, i + 1);
			if (end < 0) return `xargs: unmatched ${c === '"' ? 'double' : 'single'} quote; by default quotes are special to xargs unless you use the -0 option`;
			word = (word ?? '') + text.slice(i + 1, end);
			i = end;
		} else if (c === '\\' && i + 1 < text.length) word = (word ?? '') + (text[++i] ?? '');
		else if (!whole && /\s/.test(c)) {
			if (word !== undefined) out.push(word);
			word = undefined;
		} else word = (word ?? '') + c;
	}
	if (word !== undefined) out.push(word);
	return out;
}

/** The argument lists of the calls to make; a message where the input is no good. */
function calls(o: Options, text: string): (readonly string[])[] | string {
	const items: string[][] = [];
	if (o.delimiter !== undefined) {
		const parts = text.split(o.delimiter);
		if (parts.at(-1) === '') parts.pop();
		items.push(...parts.map((p) => [p]));
	} else {
		for (const line of text.split('\n')) {
			const w = words(line, o.replace !== undefined);
			if (typeof w === 'string') return w;
			if (w.length > 0) items.push(w);
		}
	}
	const { replace } = o;
	if (replace !== undefined) return items.map(([item = '']) => o.command.map((w, i) => (i === 0 ? w : w.replaceAll(replace, () => item))));
	const groups: string[][] = [];
	if (o.lines > 0) for (let i = 0; i < items.length; i += o.lines) groups.push(items.slice(i, i + o.lines).flat());
	else {
		const all = items.flat();
		for (let i = 0; i < all.length; i += o.perCall) groups.push(all.slice(i, i + o.perCall));
	}
	if (groups.length === 0 && !o.skipEmpty) groups.push([]);
	return groups.map((g) => [...o.command, ...g]);
}

/** One call, as a child process: what it changes of the shell stays inside. */
async function call(sh: Interpreter, [name = '', ...args]: readonly string[], run: Run): Promise<number> {
	try {
		return await sh.execute(name, args, { ...run, state: copyState(run.state), subshell: true, io: { ...run.io, input: noInput } }, { functions: false });
	} catch (e) {
		if (e instanceof ExitShell) return e.status;
		throw e;
	}
}

export const xargs: Builtin = async (sh, args, run) => {
	if (args[0] === '--help') return sh.host.runProgram('xargs', args, run, {});
	const fail = (message: string): number => {
		run.io.error.write(`${message}\n`);
		return 1;
	};
	const o = options(args);
	if (typeof o === 'string') return fail(o);
	let text: string | undefined;
	try {
		text = o.file === undefined ? await readAll(run.io.input, sh.host.maxCapture) : await sh.host.fs.readFile(sh.host.fs.resolvePath(run.state.cwd, o.file));
	} catch (e) {
		return fail(`xargs: Cannot open input file '${o.file}': ${reason(e)}`);
	}
	if (text === undefined) return fail('xargs: memory exhausted');
	const list = calls(o, text);
	if (typeof list === 'string') return fail(list);
	let next = 0;
	let status = 0;
	let over = false;
	const worker = async (): Promise<void> => {
		while (!over && next < list.length) {
			checkSignal(run);
			await sh.host.breathe();
			const command = list[next++] ?? [];
			if (o.trace) run.io.error.write(`${command.join(' ')}\n`);
			const s = await call(sh, command, run);
			if (s === 0) continue;
			// A command that isn't there, can't be run, or asks for the end with 255 ends all.
			over = s === 255 || s === 126 || s === 127;
			if (s === 255) run.io.error.write(`xargs: ${command[0]}: exited with status 255; aborting\n`);
			status = s === 255 ? 124 : over ? s : 123;
		}
	};
	await Promise.all(Array.from({ length: Math.min(o.parallel, list.length, sh.host.maxProcesses) }, worker));
	return status;
};
