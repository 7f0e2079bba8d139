/** Filters that pass lines on as they come, where just-bash's own would wait for the end of their input. With files, those serve. */
import type { Builtin } from './builtin.ts';
import { bytesFromText, textFromBytes } from '../bytes.ts';
import { reason } from './redirect.ts';
import { readLine } from './streams.ts';

/** `head` of a stream: ends its writer once it has enough. */
export const head: Builtin = async (sh, args, run) => {
	const bytes = /^(?:-c ?|--bytes=)(\d+)( \S+)?$/.exec(args.join(' '));
	if (bytes !== null) return headBytes(sh, Number(bytes[1]), bytes[2]?.slice(1), run);
	const m = /^(?:-n ?|-)?(\d+)$/.exec(args.join(' '));
	if (args.length > 0 && (m === null || !args[0]?.startsWith('-'))) return sh.host.runProgram('head', args, run, {});
	const lines = m === null ? 10 : Number(m[1]);
	for (let i = 0; i < lines; i++) {
		const got = await readLine(run.io.input);
		if (got === null) break;
		run.io.output.write(got.ended ? got.line : `${got.line}\n`);
	}
	return 0;
};

/** `head -c`: as many bytes as are wanted, of a pipe that may have no end, or of a file. */
async function headBytes(sh: Parameters<Builtin>[0], wanted: number, file: string | undefined, run: Parameters<Builtin>[2]): Promise<number> {
	if (file !== undefined && file !== '-') {
		try {
			const path = sh.host.fs.resolvePath(run.state.cwd, file);
			// A device has no end: each reading gives another piece of it.
			const endless = /^\/dev\/(zero|u?random)$/.test(path);
			let left = wanted;
			do {
				const piece = (await sh.host.fs.readFileBuffer(path)).subarray(0, left);
				run.io.output.write(textFromBytes(piece));
				await run.io.output.drain();
				left -= piece.length;
			} while (endless && left > 0 && !run.signal.aborted);
			return 0;
		} catch (e) {
			run.io.error.write(`head: cannot open '${file}' for reading: ${reason(e)}\n`);
			return 1;
		}
	}
	let left = wanted;
	for (let c = left > 0 ? await run.io.input.read() : null; c !== null; c = left > 0 ? await run.io.input.read() : null) {
		const piece = bytesFromText(c).subarray(0, left);
		left -= piece.length;
		run.io.output.write(textFromBytes(piece));
	}
	return 0;
}

const STREAMED_FLAGS = /^(-[ivEFwxoP]+|--color(=.*)?|--line-buffered|--ignore-case|--invert-match)$/;

/** `grep` of a stream: every piece of whole lines goes through just-bash's grep by itself. */
export const grep: Builtin = async (sh, args, run, name) => {
	const operands = args.filter((a) => !a.startsWith('-'));
	if (operands.length !== 1 || !args.every((a) => !a.startsWith('-') || STREAMED_FLAGS.test(a)) || run.io.input.terminal)
		return sh.host.runProgram(name, args, run, {});
	const own = args.filter((a) => !a.startsWith('--color') && a !== '--line-buffered');
	let status = 1;
	for (let got = await readLine(run.io.input); got !== null && !run.signal.aborted; got = await readLine(run.io.input)) {
		// One line begins the piece; what else is there already comes along.
		const rest = got.ended ? null : await run.io.input.readNow();
		let text = got.ended ? got.line : `${got.line}\n`;
		if (rest !== null) {
			const at = rest.lastIndexOf('\n') + 1;
			text += rest.slice(0, at);
			if (at < rest.length) run.io.input.unread(rest.slice(at));
		}
		const piece = { ...run, io: { ...run.io, input: { ...run.io.input, terminal: false, read: once(text) } } };
		const s = await sh.host.runProgram(name, own, piece, {});
		if (s === 0) status = 0;
		else if (s > 1) return s;
	}
	return status;
};

function once(text: string): () => Promise<string | null> {
	let left: string | null = text;
	return async () => {
		const t = left;
		left = null;
		return t;
	};
}
