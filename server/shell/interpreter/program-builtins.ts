/** Programs that have to live in the shell, because they wait on its clock, run its commands, or stream: timeout, sleep, watch, yes, cat, test. */
import { textFromBytes } from '../bytes.ts';
import { parse } from './ast.ts';
import { type Builtin, complain } from './builtin.ts';
import { type Run, terminalsOf } from './run.ts';
import { collector, noInput } from './streams.ts';
import { test } from './test.ts';
import { ShellError } from './variables.ts';

export const timeout: Builtin = async (sh, args, run) => {
	const rest = [...args];
	while (rest[0]?.startsWith('-')) {
		const o = rest.shift();
		if (o === '-s' || o === '-k') rest.shift();
	}
	const [spec = '', name, ...others] = rest;
	const m = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(spec);
	if (m === null || name === undefined)
		return complain(
			run,
			name === undefined ? "timeout: missing operand\nTry 'timeout --help' for more information." : `timeout: invalid time interval '${spec}'`,
			125,
		);
	const ms = Number(m[1]) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[m[2] === '' ? 's' : (m[2] as 's' | 'm' | 'h' | 'd')] ?? 1) * 1000;
	const over = new AbortController();
	const waiting = new AbortController();
	void sh.host.sleep(ms, AbortSignal.any([run.signal, waiting.signal])).then(
		() => over.abort(124),
		() => {},
	);
	try {
		return await sh.execute(name, others, { ...run, signal: AbortSignal.any([run.signal, over.signal]) }, { functions: false });
	} catch (e) {
		if (over.signal.aborted && !run.signal.aborted) return 124;
		throw e;
	} finally {
		waiting.abort();
	}
};

export const history: Builtin = async (sh, args, run) => {
	if (args[0] === '-c') {
		sh.host.clearHistory();
		return 0;
	}
	const all = sh.host.history();
	const from = args[0] !== undefined && /^\d+$/.test(args[0]) ? Math.max(0, all.length - Number(args[0])) : 0;
	all.slice(from).forEach((line, i) => {
		run.io.output.write(`${String(from + i + 1).padStart(5)}  ${line}\n`);
	});
	return 0;
};

export const bracket: Builtin = async (sh, args, run, name) => {
	if (name === '[' && args.at(-1) !== ']') return complain(run, "[: missing `]'", 2);
	try {
		return (await test(sh.expander(run), name, name === '[' ? args.slice(0, -1) : args, terminalsOf(run.io))) ? 0 : 1;
	} catch (e) {
		if (e instanceof ShellError) return complain(run, e.message, 2);
		throw e;
	}
};

export const sleep: Builtin = async (sh, args, run) => {
	let ms = 0;
	for (const a of args) {
		const m = /^(\d*\.?\d+)([smhd]?)$/.exec(a);
		if (m === null) {
			run.io.error.write(`sleep: invalid time interval '${a}'\nTry 'sleep --help' for more information.\n`);
			return 1;
		}
		ms += Number(m[1]) * 1000 * ({ '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[m[2] ?? ''] ?? 1);
	}
	if (args.length === 0) {
		run.io.error.write("sleep: missing operand\nTry 'sleep --help' for more information.\n");
		return 1;
	}
	await sh.host.sleep(ms, run.signal).catch(() => {});
	return 0;
};

export const yes: Builtin = async (sh, args, run) => {
	const chunk = `${args.length === 0 ? 'y' : args.join(' ')}\n`.repeat(512);
	while (!run.signal.aborted) {
		run.io.output.write(chunk);
		await run.io.output.drain();
		await sh.host.breathe();
	}
	return 141;
};

/** Runs a command line every few seconds and shows the top of its output, as procps' watch. */
export const watch: Builtin = async (sh, args, run) => {
	let seconds = 2;
	let title = true;
	const rest = [...args];
	while (rest[0]?.startsWith('-')) {
		const o = rest.shift() ?? '';
		const inline = /^-n(.+)$/.exec(o)?.[1] ?? /^--interval=(.+)$/.exec(o)?.[1];
		if (inline !== undefined) seconds = Number(inline);
		else if (o === '-n' || o === '--interval') seconds = Number(rest.shift());
		else if (o === '-t' || o === '--no-title') title = false;
		else if (o === '--') break;
	}
	if (rest.length === 0 || Number.isNaN(seconds)) {
		run.io.error.write(
			'Usage:\n watch [options] command\n\nOptions:\n  -n, --interval <secs>  seconds to wait between updates\n  -t, --no-title         turn off header\n',
		);
		return 1;
	}
	const text = rest.join(' ');
	// The screen as it was comes back at the end, as with curses.
	run.io.output.write('\x1b[?1049h');
	try {
		await watchLoop(sh, text, Math.max(0.1, seconds), title, run);
	} finally {
		run.io.output.write('\x1b[?1049l');
	}
	return 130;
};

/** The date as ctime(3) writes it, in UTC. */
function ctime(ms: number): string {
	const [, day, date, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(new Date(ms).toUTCString()) ?? [];
	return `${day} ${month} ${String(Number(date)).padStart(2)} ${time} ${year}`;
}

async function watchLoop(sh: Parameters<Builtin>[0], text: string, every: number, title: boolean, run: Parameters<Builtin>[2]): Promise<void> {
	while (!run.signal.aborted) {
		const { columns, rows } = sh.host.screen();
		const out = collector(sh.host.maxCapture, () => {});
		await sh.subshell(parse(text).statements, { ...run, io: { ...run.io, output: out, error: out, input: noInput } });
		if (run.signal.aborted) break;
		const head = `Every ${every.toFixed(1)}s: ${text}`;
		const when = `workstation: ${ctime(sh.host.now())}`;
		const lines = out
			.text()
			.split('\n')
			.slice(0, rows - (title ? 3 : 1))
			.map((l) => l.slice(0, columns));
		run.io.output.write(
			`\x1b[H\x1b[2J${title ? `${head}${' '.repeat(Math.max(1, columns - head.length - when.length - 1))}${when}\n\n` : ''}${lines.join('\n')}\n`,
		);
		await run.io.output.drain();
		await sh.host.sleep(every * 1000, run.signal).catch(() => {});
	}
}

/** Writes a text piece by piece, characters whole. */
async function writePieces(text: string, run: Run): Promise<void> {
	for (let at = 0; at < text.length && !run.signal.aborted; ) {
		const end = at + CAT_PIECE;
		// A pair of surrogates stays together.
		const cut = end < text.length && /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end + 1 : end;
		run.io.output.write(text.slice(at, cut));
		await run.io.output.drain();
		at = cut;
	}
}

/** Characters that `cat` writes before others get their turn. */
const CAT_PIECE = 65_536;

/**
 * `cat` streams: `cmd | cat` and `cat > file` behave as they should, and a large file holds nobody up. With options, devices, or a file
 * that can't be read: just-bash's, which has the words for it.
 */
export const cat: Builtin = async (sh, args, run) => {
	if (args.some((a) => a !== '-') || args.length > 1) {
		const { fs } = sh.host;
		const paths = args.map((a) => fs.resolvePath(run.state.cwd, a));
		const stats = await Promise.all(paths.map((path) => fs.stat(path).catch(() => undefined)));
		const plain = stats.every((stat, i) => stat?.isFile === true && stat.size > 0 && !/^\/(?:dev|proc)\//.test(paths[i] ?? ''));
		if (!plain || args.some((a) => a.startsWith('-'))) return sh.host.runProgram('cat', args, run, {});
		for (const path of paths) await writePieces(textFromBytes(await fs.readFileBuffer(path)), run);
		return run.signal.aborted ? 130 : 0;
	}
	for (let c = await run.io.input.read(); c !== null && !run.signal.aborted; c = await run.io.input.read()) {
		run.io.output.write(c);
		await run.io.output.drain();
	}
	return 0;
};
