/** sh, ash, dash and bash as a program: starting, what it waits for, signals. */
import type { Program } from '../program.ts';
import { forkedState } from './background.ts';
import { waitOver } from './builtin-jobs.ts';
import { resumeRead } from './builtin-variables.ts';
import { FORK_VARIABLE, Machine, type ShellProcess, type ShellSpec } from './machine.ts';
import { run, SIGNAL_CODES } from './run.ts';
import { type ShellData, START } from './state.ts';
import { parseScript } from './syntax.ts';

/** Virtual ms between two slices of a busy script: doubles while it stays busy, so that an endless loop costs little. */
const SLICE_MS = 10;
const SLICE_MS_MAX = 5_000;
const MEMORY_BYTES = 1_500_000;

interface Invocation {
	readonly options: string;
	readonly command?: string;
	readonly file?: string;
	readonly rest: readonly string[];
	readonly login: boolean;
}

function invocation(argv: readonly string[]): Invocation {
	let options = '';
	let i = 1;
	let command = false;
	for (; i < argv.length; i++) {
		const arg = argv[i] ?? '';
		if (arg === '--') {
			i++;
			break;
		}
		if (!/^[-+]./.test(arg)) break;
		if (arg.startsWith('--')) continue;
		for (const letter of arg.slice(1)) {
			if (letter === 'c') command = true;
			else if (letter === 'o') {
				const name = argv[++i];
				options += name === 'pipefail' ? 'p' : name === 'errexit' ? 'e' : name === 'nounset' ? 'u' : name === 'xtrace' ? 'x' : '';
			} else options += letter;
		}
	}
	const rest = argv.slice(i);
	const login = options.includes('l');
	options = options.replace(/[lis]/g, '');
	if (command) return { options, command: rest[0] ?? '', rest: rest.slice(1), login };
	return rest[0] === undefined ? { options, rest: [], login } : { options, file: rest[0], rest: rest.slice(1), login };
}

function begin(process: ShellProcess, spec: ShellSpec): void {
	const fork = process.env[FORK_VARIABLE];
	if (fork !== undefined) {
		process.data = forkedState(fork);
		proceed(process, spec);
		return;
	}
	const call = invocation(process.argv);
	const base = { ...START, options: call.options };
	process.usage({ cpuMilli: 0, memoryBytes: MEMORY_BYTES });
	if (call.command !== undefined) {
		process.data = { ...base, mode: 'command', name: call.rest[0] ?? process.argv[0] ?? 'sh', args: call.rest.slice(1) };
		loadAndRun(process, spec, call.command, true);
	} else if (call.file !== undefined) {
		const path = call.file.startsWith('/') ? call.file : `${process.cwd === '/' ? '' : process.cwd}/${call.file}`;
		const content = process.fs.read(path);
		process.data = { ...base, mode: 'script', name: call.file, args: call.rest };
		if (content.ok) loadAndRun(process, spec, content.value, false);
		else {
			const self = process.argv[0] ?? 'sh';
			const missing = content.error === 'ENOENT';
			process.stderr(
				spec.flavour === 'bash'
					? `${self}: ${call.file}: ${missing ? 'No such file or directory' : 'Permission denied'}\n`
					: spec.flavour === 'dash'
						? `${self}: 0: cannot open ${call.file}: ${missing ? 'No such file' : 'Permission denied'}\n`
						: `${self}: can't open '${call.file}': ${missing ? 'No such file or directory' : 'Permission denied'}\n`,
			);
			process.exit(spec.flavour === 'ash' ? 2 : missing ? 127 : 126);
		}
	} else {
		process.data = { ...base, mode: process.tty ? 'interactive' : 'stdin', name: process.argv[0] ?? 'sh', args: [] };
		if (process.tty) prompt(process, spec);
		process.readStdin();
	}
}

function loadAndRun(process: ShellProcess, spec: ShellSpec, text: string, last: boolean): void {
	const m = new Machine(process, spec);
	if (!m.load(text, last)) m.d.exiting = 2;
	m.save();
	proceed(process, spec);
}

function prompt(process: ShellProcess, spec: ShellSpec): void {
	const root = process.uid === 0;
	const home = process.env['HOME'] ?? '';
	const where = process.cwd === home && home !== '/' ? '~' : process.cwd;
	if (process.data.typed !== '') process.stderr('> ');
	else if (spec.flavour === 'bash') process.stderr(`${root ? 'root' : 'I have no name!'}@${process.hostname}:${where}${root ? '#' : '$'} `);
	else if (spec.flavour === 'dash') process.stderr(root ? '# ' : '$ ');
	else process.stderr(`${where} ${root ? '#' : '$'} `);
}

/** Runs on, and arranges for what comes next. */
function proceed(process: ShellProcess, spec: ShellSpec): void {
	const m = new Machine(process, spec);
	const result = run(m);
	if (typeof result === 'number') {
		m.save();
		process.exit(result);
		return;
	}
	if (result === 'busy') {
		const delay = Math.min(SLICE_MS_MAX, SLICE_MS * 2 ** Math.min(m.d.busy, 12));
		m.d.busy += 1;
		if (m.d.busy === 1) process.usage({ cpuMilli: 1000 });
		m.save();
		process.timer(delay, 'slice');
		return;
	}
	if (m.d.busy > 0) process.usage({ cpuMilli: 0 });
	m.d.busy = 0;
	m.save();
	if (m.d.mode === 'interactive' && m.depth === 0 && m.d.wait === undefined) {
		prompt(process, spec);
		if (m.d.input.text.includes('\n')) typed(process, spec, '');
		else process.readStdin();
	}
}

/** A line at the prompt. */
function typed(process: ShellProcess, spec: ShellSpec, data: string | null): void {
	const d = process.data;
	if (data === null) {
		if (spec.flavour === 'bash') process.stderr('exit\n');
		process.exit(d.status);
		return;
	}
	const all = d.input.text + data;
	const at = all.indexOf('\n');
	if (at === -1) {
		process.data = { ...d, input: { text: all, ended: false } };
		process.readStdin();
		return;
	}
	const text = `${d.typed}${all.slice(0, at + 1)}`;
	const input = { text: all.slice(at + 1), ended: false };
	const parsed = parseScript(text);
	const incomplete = ('fault' in parsed && (parsed.fault.token === undefined || parsed.fault.unterminated)) || /\\\n$/.test(text) || openHereDocument(text);
	if (incomplete) {
		process.data = { ...d, input, typed: text };
		prompt(process, spec);
		if (input.text.includes('\n')) typed(process, spec, '');
		else process.readStdin();
		return;
	}
	process.data = { ...d, input, typed: '', sources: compact(d), busy: 0 };
	const m = new Machine(process, spec);
	m.load(text, false);
	m.save();
	proceed(process, spec);
}

/** A here-document whose end has not been typed yet. */
function openHereDocument(text: string): boolean {
	for (const m of text.matchAll(/<<-?\s*(['"]?)(\w+)\1/g)) if (!new RegExp(`^\\t*${m[2]}$`, 'm').test(text.slice((m.index ?? 0) + m[0].length))) return true;
	return false;
}

/** Lines typed earlier are dropped unless a function lives in them. */
function compact(d: ShellData): readonly string[] {
	const used = new Set(Object.values(d.functions).map(([source]) => source));
	return d.sources.map((s, i) => (used.has(i) ? s : '')).slice(0, Math.max(-1, ...used) + 1);
}

function input(process: ShellProcess, spec: ShellSpec, data: string | null): void {
	const d = process.data;
	if (d.mode === 'stdin' && d.wait === undefined && d.sources.length === 0) {
		if (data !== null) {
			process.data = { ...d, input: { text: d.input.text + data, ended: false } };
			process.readStdin();
			return;
		}
		process.data = { ...d, input: { text: '', ended: true } };
		loadAndRun(process, spec, d.input.text, false);
		return;
	}
	if (d.wait?.t !== 'input') {
		if (d.mode === 'interactive' && d.frames.length === 0 && d.wait === undefined) typed(process, spec, data);
		else if (data !== null) process.data = { ...d, input: { ...d.input, text: d.input.text + data } };
		return;
	}
	process.data = { ...d, input: data === null ? { ...d.input, ended: true } : { ...d.input, text: d.input.text + data } };
	if (d.wait.for === 'all' && data !== null) {
		process.readStdin();
		return;
	}
	const m = new Machine(process, spec);
	m.d.wait = undefined;
	if (d.wait.for === 'read') resumeRead(m);
	m.save();
	proceed(process, spec);
}

function childEnded(
	process: ShellProcess,
	spec: ShellSpec,
	token: string,
	result: { readonly pid: number; readonly exitCode: number; readonly stdout: string; readonly stderr: string },
): void {
	const m = new Machine(process, spec);
	const { wait } = m.d;
	if (token === 'job') {
		m.d.jobs = { ...m.d.jobs, [result.pid]: result.exitCode };
		if (wait?.t === 'jobs') {
			const status = waitOver(m, wait.pids, wait.any === true);
			if (status !== undefined) {
				m.d.wait = undefined;
				m.d.status = status;
			}
		}
	} else if (wait?.t === 'child' && wait.pid === result.pid) {
		m.emit(wait.out, result.stdout);
		m.emit(wait.err, result.stderr);
		m.d.wait = undefined;
		m.d.status = result.exitCode;
		if (result.exitCode === 143 && m.d.mode === 'interactive') m.write(2, 'Terminated\n');
	}
	m.save();
	proceed(process, spec);
}

function signalled(process: ShellProcess, spec: ShellSpec, signal: string): void {
	const name = signal.slice(3);
	const d = process.data;
	const action = d?.traps[name];
	if (action === '') return;
	if (action !== undefined) {
		const m = new Machine(process, spec);
		m.d.pending = [...m.d.pending, name];
		// `wait` and `read` come back at once; a command in the foreground ends first.
		if (m.d.wait?.t === 'jobs' || (m.d.wait?.t === 'input' && m.d.wait.for === 'read')) {
			m.d.wait = undefined;
			m.d.status = 128 + (SIGNAL_CODES[name] ?? 0);
		}
		m.save();
		proceed(process, spec);
		return;
	}
	if (name === 'WINCH' && d.mode === 'interactive' && d.wait === undefined) {
		process.stderr('\r');
		prompt(process, spec);
	}
	if (name === 'CHLD' || name === 'CONT' || name === 'WINCH') return;
	if (d?.mode === 'interactive') {
		if (name === 'INT') interrupt(process, spec);
		else if (name === 'HUP') process.exit(129);
		return;
	}
	// The kernel drops a signal without a handler for the first process of a container.
	if (process.pid !== 1) process.exit(128 + (SIGNAL_CODES[name] ?? 0));
}

/** Ctrl-C at a terminal: whatever runs in the foreground ends, and the prompt comes back. */
function interrupt(process: ShellProcess, spec: ShellSpec): void {
	const m = new Machine(process, spec);
	if (m.d.wait?.t === 'child') process.kill(m.d.wait.pid, 'SIGINT');
	process.clearTimer('sleep');
	process.clearTimer('slice');
	m.unwind(() => false);
	m.d.wait = undefined;
	m.d.typed = '';
	m.d.status = 130;
	m.save();
	proceed(process, spec);
}

/** Tab: a command where the word is the first and has no slash, else a file. */
function completeWord(process: ShellProcess, text: string): { readonly word: string; readonly choices: readonly string[] } {
	const word = /[^\s;|&<>('"]*$/.exec(text)?.[0] ?? '';
	const first = /(^|[;|&(])\s*$/.test(text.slice(0, text.length - word.length));
	const names = (folder: string, start: string): readonly string[] => {
		const listed = process.fs.list(folder === '' ? '/' : folder);
		return listed.ok ? listed.value.filter((n) => n.startsWith(start) && (start.startsWith('.') || !n.startsWith('.'))) : [];
	};
	if (first && !word.includes('/')) {
		const folders = (process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin').split(':');
		return { word, choices: [...new Set(folders.flatMap((f) => names(f, word)))].sort() };
	}
	const slash = word.lastIndexOf('/') + 1;
	const base = word.startsWith('/') ? '' : `${process.cwd === '/' ? '' : process.cwd}/`;
	const folder = `${base}${word.slice(0, slash)}`;
	const choices = names(folder, word.slice(slash)).map((n) => {
		const stat = process.fs.stat(`${folder === '' ? '/' : folder}${n}`);
		return `${word.slice(0, slash)}${n}${stat.ok && stat.value.kind === 'directory' ? '/' : ''}`;
	});
	return { word, choices: [...choices].sort() };
}

/** A shell of a flavour, with the commands that run inside it. */
export function shellProgram(spec: ShellSpec): Program<ShellData> {
	return {
		name: 'sh',
		start: (process) => begin(process, spec),
		onTimer(process, token) {
			if (token === 'sleep' && process.data.wait?.t === 'timer') process.data = { ...process.data, wait: undefined };
			proceed(process, spec);
		},
		onChild: (process, token, result) => childEnded(process, spec, token, result),
		onStdin: (process, data) => input(process, spec, data),
		// dash has no line editing: the arrow keys show as ^[[A.
		editsLines: (data) => spec.flavour !== 'dash' && data?.mode === 'interactive' && data.wait === undefined,
		complete: completeWord,
		onSignal: (process, signal) => signalled(process, spec, signal),
	};
}
