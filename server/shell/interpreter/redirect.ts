/** Redirections: opening files and moving descriptors before a command runs. */
import type { IFileSystem } from 'just-bash';
import type { HereDocNode, RedirectionNode } from './ast.ts';
import type { Descriptors } from './run.ts';
import { type Input, nullOutput, type Output, noInput, textInput } from './streams.ts';
import { ShellError } from './variables.ts';
import { type Expander, expandText, expandWords } from './words.ts';

/** Characters of a file that are written at once; from there on they are gathered, as each write costs as much as the file is long. */
const PROMPT_CHARACTERS = 16_384;
const GATHER_CHARACTERS = 262_144;
const GATHER_MS = 50;

/** Writes to a file as it goes: often enough to be read meanwhile, seldom enough to be cheap. */
function fileOutput(fs: IFileSystem, path: string, shown: string, fail: (message: string) => void): Output {
	let held = '';
	let writing: Promise<void> = Promise.resolve();
	let failed = false;
	let written = 0;
	let timer: ReturnType<typeof setTimeout> | undefined;
	const flush = (): Promise<void> => {
		const text = held;
		held = '';
		clearTimeout(timer);
		timer = undefined;
		written += text.length;
		if (text === '' || failed) return writing;
		writing = writing
			.then(() => (failed ? undefined : fs.appendFile(path, text)))
			.catch((e: unknown) => {
				failed = true;
				fail(`${shown}: ${reason(e)}`);
			});
		return writing;
	};
	return {
		terminal: false,
		write: (t) => {
			held += t;
			if (held.length > GATHER_CHARACTERS) void flush();
		},
		drain: () => {
			if (written < PROMPT_CHARACTERS) return flush();
			if (held !== '') timer ??= setTimeout(() => void flush(), GATHER_MS);
			return writing;
		},
		end: flush,
	};
}

/** An error of the file system in errno's words. */
export function reason(e: unknown): string {
	const m = e instanceof Error ? e.message : String(e);
	const code = e instanceof Error && 'code' in e ? e.code : undefined;
	if (code === 'file-too-large') return `File too large: ${m}`;
	if (code === 'workstation-full' || code === 'disk-full') return `No space left on device: ${m}`;
	if (/ENOENT/.test(m)) return 'No such file or directory';
	if (/EISDIR/.test(m)) return 'Is a directory';
	if (/ENOTDIR/.test(m)) return 'Not a directory';
	if (/EACCES|EPERM/.test(m)) return 'Permission denied';
	if (/ENOSPC/.test(m)) return 'No space left on device';
	if (/EFBIG/.test(m)) return 'File too large';
	if (/EROFS/.test(m)) return 'Read-only file system';
	return m;
}

async function hereText(x: Expander, doc: HereDocNode): Promise<string> {
	if (!doc.stripTabs) return expandText(x, doc.content);
	// Only tabs of the text itself go, not those that an expansion brings.
	const parts = doc.content.parts.map((p, i, all) =>
		p.type === 'Literal' ? { ...p, value: p.value.replace(i === 0 || (all[i - 1]?.type === 'Literal' && p.value !== '') ? /^\t+/gm : /(?<=\n)\t+/g, '') } : p,
	);
	return expandText(x, { ...doc.content, parts });
}

async function openForWriting(x: Expander, target: string, append: boolean, clobber: boolean, fail: (m: string) => void): Promise<Output> {
	if (target === '/dev/null') return nullOutput;
	const path = x.fs.resolvePath(x.state.cwd, target);
	const stat = await x.fs.stat(path).catch(() => undefined);
	if (stat?.isDirectory) throw new ShellError(`${target}: Is a directory`);
	if (stat !== undefined && !clobber && !append) throw new ShellError(`${target}: cannot overwrite existing file`);
	try {
		if (!append || stat === undefined) await x.fs.writeFile(path, '');
	} catch (e) {
		throw new ShellError(`${target}: ${reason(e)}`);
	}
	return fileOutput(x.fs, path, target, fail);
}

async function openForReading(x: Expander, target: string): Promise<Input> {
	if (target === '/dev/null') return noInput;
	try {
		return textInput(await x.fs.readFile(x.fs.resolvePath(x.state.cwd, target)));
	} catch (e) {
		throw new ShellError(`${target}: ${reason(e)}`);
	}
}

const isOutput = (s: Input | Output | undefined): s is Output => s !== undefined && 'write' in s;

function descriptor(io: Descriptors, fd: number): Input | Output | undefined {
	return fd === 0 ? io.input : fd === 1 ? io.output : fd === 2 ? io.error : io.extra.get(fd);
}

function withDescriptor(io: Descriptors, fd: number, stream: Input | Output): Descriptors {
	if (fd === 0 && !isOutput(stream)) return { ...io, input: stream };
	if (fd === 1 && isOutput(stream)) return { ...io, output: stream };
	if (fd === 2 && isOutput(stream)) return { ...io, error: stream };
	return { ...io, extra: new Map([...io.extra, [fd, stream]]) };
}

/** Applies redirections from left to right. `opened` must be ended when the command is over. `broken` is called when one of them can be written no more. */
export async function redirect(
	x: Expander,
	io: Descriptors,
	nodes: readonly RedirectionNode[],
	broken: () => void,
): Promise<{ readonly io: Descriptors; readonly opened: readonly Output[] }> {
	const opened: Output[] = [];
	let now = io;
	const fail = (m: string): void => {
		io.error.write(`bash: ${m}\n`);
		broken();
	};
	const open = async (target: string, append: boolean, clobber: boolean): Promise<Output> => {
		if (target === '/dev/stdout') return now.output;
		// Whichever still leads there: after `exec > file` that is another.
		if (target === '/dev/tty') return [now.output, now.error, ...now.extra.values()].filter(isOutput).find((o) => o.terminal) ?? now.output;
		if (target === '/dev/stderr') return now.error;
		const o = await openForWriting(x, target, append, clobber, fail);
		opened.push(o);
		return o;
	};
	for (const node of nodes) {
		if (node.target.type === 'HereDoc') {
			now = withDescriptor(now, node.fd ?? 0, textInput(await hereText(x, node.target)));
			continue;
		}
		if (node.operator === '<<<') {
			now = withDescriptor(now, node.fd ?? 0, textInput(`${await expandText(x, node.target)}\n`));
			continue;
		}
		const words = await expandWords(x, [node.target]);
		const target = words[0];
		if (target === undefined || words.length > 1) throw new ShellError(`${words.join(' ')}: ambiguous redirect`);
		const clobber = !x.state.options.noclobber;
		switch (node.operator) {
			case '<':
			case '<>':
				now = withDescriptor(now, node.fd ?? 0, await openForReading(x, target));
				break;
			case '>':
			case '>|':
			case '>>':
				now = withDescriptor(now, node.fd ?? 1, await open(target, node.operator === '>>', clobber || node.operator === '>|'));
				break;
			case '&>':
			case '&>>': {
				const o = await open(target, node.operator === '&>>', clobber);
				now = { ...now, output: o, error: o };
				break;
			}
			case '>&':
			case '<&': {
				const fd = node.fd ?? (node.operator === '>&' ? 1 : 0);
				if (target === '-') {
					now = withDescriptor(now, fd, fd === 0 ? noInput : nullOutput);
				} else if (/^\d+$/.test(target)) {
					const from = descriptor(now, Number(target));
					if (from === undefined) throw new ShellError(`${target}: Bad file descriptor`);
					now = withDescriptor(now, fd, from);
				} else {
					const o = await open(target, false, clobber);
					now = { ...now, output: o, error: o };
				}
				break;
			}
			default:
				break;
		}
	}
	return { io: now, opened };
}
