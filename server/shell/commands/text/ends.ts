/** `head` and `tail`, as coreutils': counts from either end, in lines or bytes, several files, and `tail -f`. */
import { bytesFromText, textFromBytes } from '../../bytes.ts';
import type { Command, CommandContext } from '../../command.ts';
import { bytesOf } from '../binary.ts';

/** ms between two looks at a file that is followed: tail's own. */
const FOLLOW_MS = 1000;
const NEWLINE = 10;

interface Asked {
	bytes: boolean;
	/** `+` or `-` before the count, or nothing. */
	sign: string;
	count: number;
	follow: boolean;
	headers: 'always' | 'never' | 'several';
	readonly files: string[];
}

const UNITS: { readonly [suffix: string]: number } = { '': 1, b: 512, k: 1024, K: 1024, KiB: 1024, kB: 1000, M: 1048576, MB: 1000000, G: 1073741824 };

/** The options of both, or what is wrong with them. */
function asked(args: readonly string[]): Asked | string {
	const o: Asked = { bytes: false, sign: '', count: 10, follow: false, headers: 'several', files: [] };
	const counted = (bytes: boolean, text: string): string | undefined => {
		const m = /^([-+]?)(\d+)([a-zA-Z]*)$/.exec(text);
		const unit = UNITS[m?.[3] ?? ''];
		if (m === null || unit === undefined) return `invalid number of ${bytes ? 'bytes' : 'lines'}: ‘${text}’`;
		o.bytes = bytes;
		o.sign = m[1] ?? '';
		o.count = Number(m[2]) * unit;
		return undefined;
	};
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		const old = /^-(\d+)$/.exec(a);
		const long = /^--(lines|bytes)(?:=(.*))?$/.exec(a);
		let wrong: string | undefined;
		if (a === '--') {
			o.files.push(...args.slice(i + 1));
			break;
		}
		if (old !== null) wrong = counted(false, old[1] ?? '');
		else if (long !== null) wrong = counted(long[1] === 'bytes', long[2] ?? args[++i] ?? '');
		else if (/^--follow(=.*)?$|^--retry$/.test(a)) o.follow = true;
		else if (a === '--quiet' || a === '--silent') o.headers = 'never';
		else if (a === '--verbose') o.headers = 'always';
		else if (a.startsWith('--')) return `unrecognized option '${a}'`;
		else if (a === '-' || !a.startsWith('-')) o.files.push(a);
		else {
			for (let j = 1; j < a.length; j++) {
				const c = a[j] ?? '';
				if (c === 'n' || c === 'c') {
					wrong = counted(c === 'c', j + 1 < a.length ? a.slice(j + 1) : (args[++i] ?? ''));
					break;
				}
				if (c === 'f' || c === 'F') o.follow = true;
				else if (c === 'q') o.headers = 'never';
				else if (c === 'v') o.headers = 'always';
				else return `invalid option -- '${c}'`;
			}
		}
		if (wrong !== undefined) return wrong;
	}
	return o;
}

/** Where the line begins that stands `n` lines after the start. */
function afterLines(b: Buffer, n: number): number {
	let at = 0;
	for (let left = n; left > 0 && at < b.length; left--) {
		const end = b.indexOf(NEWLINE, at);
		at = end < 0 ? b.length : end + 1;
	}
	return at;
}

/** Where the last `n` lines begin. */
function lastLines(b: Buffer, n: number): number {
	let at = b.length;
	for (let left = n; left > 0 && at > 0; left--) at = at < 2 ? 0 : b.lastIndexOf(NEWLINE, at - 2) + 1;
	return at;
}

function partOf(name: string, o: Asked, b: Buffer): Buffer {
	if (name === 'head') {
		if (o.sign !== '-') return b.subarray(0, o.bytes ? o.count : afterLines(b, o.count));
		return b.subarray(0, o.bytes ? Math.max(0, b.length - o.count) : lastLines(b, o.count));
	}
	if (o.sign === '+') return b.subarray(o.bytes ? Math.max(0, o.count - 1) : afterLines(b, o.count - 1));
	return b.subarray(o.bytes ? Math.max(0, b.length - o.count) : lastLines(b, o.count));
}

/** Writes what is added to files, until Ctrl-C. A file that has become shorter was cut: it is shown from its start. */
async function follow(c: CommandContext, files: readonly { readonly file: string; size: number }[], headers: boolean): Promise<void> {
	let last = files.at(-1)?.file;
	while (!c.io.signal.aborted) {
		await c.sleep(FOLLOW_MS);
		for (const f of files) {
			const text = await c.files.read(f.file).catch(() => undefined);
			if (text === undefined) continue;
			const bytes = bytesFromText(text);
			if (bytes.length < f.size) {
				c.io.stderr(`tail: ${f.file}: file truncated\n`);
				f.size = 0;
			}
			if (bytes.length === f.size) continue;
			if (headers && last !== f.file) c.io.stdout(`\n==> ${f.file} <==\n`);
			last = f.file;
			c.io.stdout(textFromBytes(bytes.subarray(f.size)));
			f.size = bytes.length;
		}
	}
}

async function ends(name: 'head' | 'tail', args: readonly string[], c: CommandContext): Promise<number> {
	const o = asked(args);
	if (typeof o === 'string') {
		c.io.stderr(`${name}: ${o}\n${o.includes('option') ? `Try '${name} --help' for more information.\n` : ''}`);
		return 1;
	}
	const files = o.files.length === 0 ? ['-'] : o.files;
	const headers = o.headers === 'always' || (o.headers === 'several' && files.length > 1);
	const followed: { file: string; size: number }[] = [];
	let status = 0;
	let first = true;
	for (const file of files) {
		const bytes = await bytesOf(c, file, (why) =>
			why === 'Is a directory' ? `${name}: error reading '${file}': ${why}\n` : `${name}: cannot open '${file}' for reading: ${why}\n`,
		);
		if (bytes === undefined) {
			status = 1;
			continue;
		}
		if (headers) c.io.stdout(`${first ? '' : '\n'}==> ${file === '-' ? 'standard input' : file} <==\n`);
		first = false;
		c.io.stdout(textFromBytes(partOf(name, o, bytes)));
		await c.io.drain();
		if (file !== '-') followed.push({ file, size: bytes.length });
	}
	if (o.follow && name === 'tail' && followed.length > 0) await follow(c, followed, headers);
	return status;
}

export const endCommands: readonly Command[] = [
	{
		name: 'head',
		summary: 'show the first part of files',
		help: 'Usage: head [-n [-]LINES] [-c [-]BYTES] [-q] [-v] [FILE]...\nPrint the first 10 lines of each FILE to standard output. With a - before the number, all but the last.\n',
		run: (args, c) => ends('head', args, c),
	},
	{
		name: 'tail',
		summary: 'show the last part of files',
		help: 'Usage: tail [-n [+]LINES] [-c [+]BYTES] [-f] [-q] [-v] [FILE]...\nPrint the last 10 lines of each FILE to standard output. With a + before the number, from that line on; -f: as the file grows.\n',
		run: (args, c) => ends('tail', args, c),
	},
];
