/** make: reads the makefile, makes its goals, and says what GNU make 4.3 says. */
import type { Command, CommandContext } from '../../command.ts';
import { patternSource } from '../../../simulator/images/shell/pattern.ts';
import { bounded } from '../../interpreter/bounded.ts';
import { Build, type Machine } from './build.ts';
import { expand, MakeError, type MakeVariable, type Scope } from './expand.ts';
import { emptyMakefile, readMakefile } from './makefile.ts';

const HELP = `Usage: make [options] [target] ...
Options:
  -B, --always-make           Unconditionally make all targets.
  -C DIRECTORY, --directory=DIRECTORY
                              Change to DIRECTORY before doing anything.
  -f FILE, --file=FILE        Read FILE as a makefile.
  -i, --ignore-errors         Ignore errors from recipes.
  -j [N], --jobs[=N]          Taken and not needed: recipes run one after the other.
  -k, --keep-going            Keep going when some targets can't be made.
  -n, --just-print, --dry-run Don't actually run any recipe; just print them.
  -q, --question              Run no recipe; exit status says if up to date.
  -s, --silent, --quiet       Don't echo recipes.
  -t, --touch                 Touch targets instead of remaking them.
  -w, --print-directory       Print the current directory.
  --no-print-directory        Turn off -w, even if it was turned on implicitly.
  -v, --version               Print the version number of make and exit.
`;

interface Asked {
	readonly flags: Set<string>;
	readonly folders: string[];
	readonly files: string[];
	readonly goals: string[];
	readonly settings: { readonly name: string; readonly op: string; readonly value: string }[];
}

const LONG: { readonly [name: string]: string } = {
	'always-make': 'B',
	'ignore-errors': 'i',
	'keep-going': 'k',
	'just-print': 'n',
	'dry-run': 'n',
	recon: 'n',
	question: 'q',
	silent: 's',
	quiet: 's',
	touch: 't',
	'print-directory': 'w',
	'no-print-directory': 'W',
	version: 'v',
	'warn-undefined-variables': 'u',
	'no-builtin-rules': 'r',
	'no-builtin-variables': 'R',
};

/** The command line; a string is what is wrong with it. */
function parse(args: readonly string[]): Asked | string {
	const out: Asked = { flags: new Set(), folders: [], files: [], goals: [], settings: [] };
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		const setting = /^([^\s:#=+?!-][^\s:#=+?!]*)\s*(:::?=|:=|\+=|\?=|=)(.*)$/s.exec(a);
		const long = /^--([a-z-]+)(?:=(.*))?$/.exec(a);
		if (long !== null) {
			const [, name = '', value] = long;
			if (name === 'directory') out.folders.push(value ?? args[++i] ?? '');
			else if (name === 'file' || name === 'makefile') out.files.push(value ?? args[++i] ?? '');
			else if (name === 'jobs' || name === 'output-sync' || name === 'load-average') continue;
			else if (LONG[name] !== undefined) out.flags.add(LONG[name]);
			else return `make: unrecognized option '${a}'\n`;
		} else if (/^-./.test(a)) {
			for (let j = 1; j < a.length; j++) {
				const c = a[j] ?? '';
				if (c === 'j') {
					const rest = a.slice(j + 1);
					if (rest === '' && /^\d+$/.test(args[i + 1] ?? '')) i++;
					if (/^\d*$/.test(rest)) break;
				} else if (c === 'C' || c === 'f' || c === 'I' || c === 'o') {
					const value = j + 1 < a.length ? a.slice(j + 1) : args[++i];
					if (value === undefined) return `make: option requires an argument -- '${c}'\n`;
					if (c === 'C') out.folders.push(value);
					if (c === 'f') out.files.push(value);
					break;
				} else if ('BiknqstwrRvuep'.includes(c)) out.flags.add(c);
				else return `make: invalid option -- '${c}'\n`;
			}
		} else if (setting !== null) out.settings.push({ name: setting[1] ?? '', op: setting[2] ?? '=', value: setting[3] ?? '' });
		else out.goals.push(a);
	}
	return out;
}

function scopeOf(
	c: CommandContext,
	cwd: string,
	environment: () => Promise<{ [name: string]: string }>,
	evaluate: (scope: Scope, text: string) => Promise<void>,
): Scope {
	const at = (p: string): string => c.disk.resolvePath(cwd, p);
	const glob = async (pattern: string): Promise<string[]> => {
		let found = [pattern.startsWith('/') ? '/' : ''];
		for (const part of pattern.split('/').filter((p) => p !== '')) {
			const next: string[] = [];
			for (const base of found) {
				const join = (n: string): string => (base === '' || base.endsWith('/') ? base + n : `${base}/${n}`);
				if (!/[*?[]/.test(part)) {
					if (await c.disk.exists(at(join(part)))) next.push(join(part));
					continue;
				}
				const names = await c.disk.readdir(at(base === '' ? '.' : base)).catch(() => []);
				const re = new RegExp(`^${patternSource(part, { path: true })}$`, 'u');
				next.push(...bounded(re, (r) => names.filter((n) => (part.startsWith('.') || !n.startsWith('.')) && r.test(n))).map(join));
			}
			found = next;
		}
		return found.sort();
	};
	const scope: Scope = {
		variables: new Map(),
		place: 'Makefile',
		shell: async (command) => {
			const done = await c.shell(command, { cwd, capture: true, env: await environment() });
			scope.variables.set('.SHELLSTATUS', { value: String(done.exitCode), simple: true, origin: 'automatic' });
			return done.stdout.replace(/\n+$/, '').replaceAll('\n', ' ');
		},
		glob,
		read: (p) => c.disk.readFile(at(p)).catch(() => undefined),
		say: (text, error) => (error ? c.io.stderr(text) : c.io.stdout(text)),
		evaluate: (text) => evaluate(scope, text),
		absolute: at,
	};
	return scope;
}

/** A plain command line that make runs without a shell: a program that is not there is then make's own complaint. */
const PLAIN = /^[^#;"*?[\]&|<>(){}$`^~!\\'\n=]+$/;

function machineFor(c: CommandContext, cwd: string, name: string, level: number, base: { readonly [name: string]: string }): Machine {
	const at = (p: string): string => c.disk.resolvePath(cwd, p);
	return {
		modified: async (p) => (await c.disk.stat(at(p)).catch(() => undefined))?.mtime.getTime(),
		run: async (command, env) => {
			const all = { ...base, ...env, MAKELEVEL: String(level + 1) };
			const program = command.trim().split(/\s+/)[0] ?? '';
			if (PLAIN.test(command) && (await c.shell(`command -v ${program} > /dev/null`, { cwd, env: all })).exitCode !== 0) {
				c.io.stderr(`${name}: ${program}: No such file or directory\n`);
				return 127;
			}
			return (await c.shell(command, { cwd, env: all, name: '/bin/sh' })).exitCode;
		},
		remove: (p) => c.disk.rm(at(p), { force: true }),
		touch: async (p) => {
			if (!(await c.disk.exists(at(p)))) await c.disk.writeFile(at(p), '');
			else await c.disk.utimes(at(p), new Date(c.clock.now()), new Date(c.clock.now()));
		},
		out: (t) => c.io.stdout(t),
		err: (t) => c.io.stderr(t),
		get aborted() {
			return c.io.signal.aborted;
		},
	};
}

async function make(args: readonly string[], c: CommandContext): Promise<number> {
	const level = Number(c.env['MAKELEVEL'] ?? 0);
	const name = level === 0 ? 'make' : `make[${level}]`;
	const inherited = (c.env['MAKEFLAGS'] ?? '').split(' ').filter((f) => f !== '');
	const asked = parse(
		[
			...(inherited[0] !== undefined && /^[a-zA-Z]+$/.test(inherited[0]) ? [`-${inherited[0].replace(/w/g, '')}`, ...inherited.slice(1)] : inherited),
			...args,
		].filter((f) => f !== '--'),
	);
	if (typeof asked === 'string') {
		c.io.stderr(`${asked}${HELP}`);
		return 2;
	}
	const { flags } = asked;
	if (flags.has('v')) {
		c.io.stdout('GNU Make 4.3\nBuilt for x86_64-pc-linux-gnu\n');
		return 0;
	}
	let { cwd } = c;
	for (const f of asked.folders) {
		cwd = c.disk.resolvePath(cwd, f);
		if (!(await c.disk.stat(cwd).catch(() => undefined))?.isDirectory) {
			c.io.stderr(`${name}: *** ${f}: No such file or directory.  Stop.\n`);
			return 2;
		}
	}
	const shown = (asked.folders.length > 0 || level > 0 || flags.has('w')) && !flags.has('W') && !flags.has('s');
	if (shown) c.io.stdout(`${name}: Entering directory '${cwd}'\n`);
	const status = await inFolder(asked, c, cwd, name, level);
	if (shown) c.io.stdout(`${name}: Leaving directory '${cwd}'\n`);
	return status;
}

async function inFolder(asked: Asked, c: CommandContext, cwd: string, name: string, level: number): Promise<number> {
	const { flags } = asked;
	const makefile = emptyMakefile();
	const letters = [...flags]
		.filter((f) => 'Biknqst'.includes(f))
		.sort()
		.join('');
	const makeflags = [letters, ...(flags.has('W') ? ['--no-print-directory'] : []), ...asked.settings.map((s) => `${s.name}=${s.value}`)]
		.filter((p, i) => i > 0 || p !== '')
		.join(' ');
	const scope = scopeOf(
		c,
		cwd,
		async () => ({}),
		(s, text) => readMakefile(makefile, s, text, s.place.replace(/:\d+$/, '')),
	);
	const set = (n: string, value: string, origin: MakeVariable['origin'], exported = false): void => {
		scope.variables.set(n, { value, simple: origin !== 'command line', origin, ...(exported ? { exported } : {}) });
	};
	for (const [n, v] of Object.entries(c.env)) if (n !== 'SHELL' && n !== 'MAKEFLAGS' && n !== 'MAKELEVEL') set(n, v, 'environment', true);
	for (const [n, v] of Object.entries({
		MAKE: 'make',
		SHELL: '/bin/sh',
		CURDIR: cwd,
		MAKE_VERSION: '4.3',
		MAKELEVEL: String(level),
		MAKEFLAGS: makeflags,
		'.DEFAULT_GOAL': '',
		RM: 'rm -f',
		CC: 'cc',
		AR: 'ar',
		MAKECMDGOALS: asked.goals.join(' '),
	}))
		set(n, v, 'default');
	for (const s of asked.settings)
		scope.variables.set(s.name, {
			value: s.op.startsWith(':') ? await expand(s.value, scope) : s.value,
			simple: s.op.startsWith(':'),
			origin: 'command line',
			exported: true,
		});
	try {
		let files = asked.files;
		if (files.length === 0) {
			const found = [];
			for (const f of ['GNUmakefile', 'makefile', 'Makefile']) if (found.length === 0 && (await c.disk.exists(c.disk.resolvePath(cwd, f)))) found.push(f);
			files = found;
		}
		for (const f of files) {
			const text = f === '-' ? await stdin(c) : await scope.read(f);
			if (text === undefined) {
				c.io.stderr(`${name}: ${f}: No such file or directory\n`);
				throw new MakeError(`No rule to make target '${f}'.`);
			}
			scope.variables.set('MAKEFILE_LIST', { value: `${scope.variables.get('MAKEFILE_LIST')?.value ?? ''} ${f}`, simple: true, origin: 'file' });
			await readMakefile(makefile, scope, text, f);
		}
		const chosen = scope.variables.get('.DEFAULT_GOAL')?.value ?? '';
		const first = chosen === '' ? makefile.goal : chosen;
		if (asked.goals.length === 0 && first === undefined)
			throw new MakeError(files.length === 0 ? 'No targets specified and no makefile found.' : 'No targets.');
		const machine = machineFor(c, cwd, name, level, { MAKEFLAGS: makeflags });
		const build = new Build(makefile, scope, machine, {
			dryRun: flags.has('n'),
			always: flags.has('B'),
			keepGoing: flags.has('k'),
			silent: flags.has('s'),
			ignore: flags.has('i'),
			question: flags.has('q'),
			touch: flags.has('t'),
			name,
		});
		for (const m of makefile.missing) {
			c.io.stderr(`${m.file}:${m.line}: ${m.name}: No such file or directory\n`);
			throw new MakeError(`No rule to make target '${m.name}'.`);
		}
		let good = true;
		for (const goal of asked.goals.length > 0 ? asked.goals : [first ?? '']) {
			good = (await build.goal(goal.replace(/^\.\//, ''))) && good;
			if (!good && !flags.has('k')) break;
		}
		if (c.io.signal.aborted) return 130;
		if (flags.has('q')) return build.outdated ? 1 : 0;
		return good ? 0 : 2;
	} catch (e) {
		if (!(e instanceof MakeError)) throw e;
		c.io.stderr(e.place === undefined ? `${name}: *** ${e.message}  Stop.\n` : `${e.place}: *** ${e.message}.  Stop.\n`);
		return 2;
	}
}

async function stdin(c: CommandContext): Promise<string> {
	let text = c.io.stdin;
	if (text === '') for (let t = await c.io.read(); t !== null; t = await c.io.read()) text += t;
	return text;
}

export const makeCommand: Command = {
	name: 'make',
	summary: 'make what a Makefile describes',
	help: HELP,
	ownH: true,
	run: make,
	async complete(words, context) {
		const scope = scopeOf(
			{ ...context, io: undefined as never },
			context.cwd,
			async () => ({}),
			async () => {},
		);
		const makefile = emptyMakefile();
		for (const f of ['GNUmakefile', 'makefile', 'Makefile']) {
			const text = await scope.read(f);
			if (text !== undefined) await readMakefile(makefile, { ...scope, shell: async () => '', say: () => {} }, text, f).catch(() => {});
		}
		const names = [...new Set(makefile.rules.flatMap((r) => r.targets))].filter((n) => n.startsWith(words.at(-1) ?? ''));
		return names.length === 0 ? undefined : names;
	},
};
