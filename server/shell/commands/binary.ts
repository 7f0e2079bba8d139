/** Looking at bytes: xxd, hexdump, cmp. */
import { bytesFromText, textFromBytes } from '../bytes.ts';
import type { Command, CommandContext } from '../command.ts';
import { reason } from '../interpreter/redirect.ts';

/** All bytes of a file, or of standard input for `-` and undefined. Undefined where it can't be read, which is said as `complaint` has it. */
export async function bytesOf(c: CommandContext, file: string | undefined, complaint: (why: string) => string): Promise<Buffer | undefined> {
	if (file !== undefined && file !== '-') {
		try {
			return bytesFromText(await c.files.read(file));
		} catch (e) {
			c.io.stderr(complaint(reason(e)));
			return undefined;
		}
	}
	const parts: Buffer[] = [];
	if (c.io.stdin !== '') parts.push(bytesFromText(c.io.stdin));
	else for (let t = await c.io.read(); t !== null; t = await c.io.read()) parts.push(bytesFromText(t));
	return Buffer.concat(parts);
}

const visible = (b: number): string => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.');
const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0');

/** Options with a value (`-c 8`, `-c8`) taken out of the arguments; what is left are flags and operands. */
function options(args: readonly string[], valued: string): { readonly values: Map<string, string>; readonly flags: string; readonly operands: string[] } {
	const values = new Map<string, string>();
	let flags = '';
	const operands: string[] = [];
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (!/^-./.test(a)) operands.push(a);
		else if (valued.includes(a[1] ?? ' ')) values.set(a[1] ?? '', a.length > 2 ? a.slice(2) : (args[++i] ?? ''));
		else flags += a.slice(1);
	}
	return { values, flags, operands };
}

/** `xxd -r`: a dump turned back to bytes (`-p`: plain hex digits). */
function reverse(dump: string, plain: boolean): Buffer {
	if (plain) return Buffer.from(dump.replace(/\s+/g, ''), 'hex');
	const lines = dump.split('\n').map((l) => /^[\da-fA-F]+: ((?:[\da-fA-F]+ ?)+)/.exec(l)?.[1] ?? '');
	return Buffer.from(lines.join('').replace(/\s+/g, ''), 'hex');
}

async function xxd(args: readonly string[], c: CommandContext): Promise<number> {
	const { values, flags, operands } = options(args, 'clsg');
	const all = await bytesOf(c, operands[0], (why) => `xxd: ${operands[0]}: ${why}\n`);
	if (all === undefined) return 2;
	const plain = flags.includes('p');
	if (flags.includes('r')) {
		c.io.stdout(textFromBytes(reverse(textFromBytes(all), plain)));
		return 0;
	}
	const start = Number(values.get('s') ?? 0);
	const bytes = all.subarray(start, values.has('l') ? start + Number(values.get('l')) : undefined);
	const columns = Number(values.get('c') ?? (plain ? 30 : 16));
	if (plain) {
		for (let i = 0; i < bytes.length; i += columns) c.io.stdout(`${bytes.subarray(i, i + columns).toString('hex')}\n`);
		return 0;
	}
	const group = Number(values.get('g') ?? 2) || columns;
	const dumped = (row: Uint8Array): string => [...row].map((b, i) => (i > 0 && i % group === 0 ? ' ' : '') + hex(b, 2)).join('');
	const width = columns * 2 + Math.ceil(columns / group) - 1;
	for (let i = 0; i < bytes.length; i += columns) {
		const row = bytes.subarray(i, i + columns);
		const digits = flags.includes('u') ? dumped(row).toUpperCase() : dumped(row);
		c.io.stdout(`${hex(start + i, 8)}: ${digits.padEnd(width)}  ${[...row].map(visible).join('')}\n`);
	}
	return 0;
}

/** hexdump's two forms that people use: canonical (`-C`, hd), and words of two bytes, little-endian. Equal rows fold into `*`. */
async function hexdump(args: readonly string[], c: CommandContext): Promise<number> {
	const { values, flags, operands } = options(args, 'ns');
	const all = await bytesOf(c, operands[0], (why) => `hexdump: ${operands[0]}: ${why}\n`);
	if (all === undefined) return 1;
	const start = Number(values.get('s') ?? 0);
	const bytes = all.subarray(start, values.has('n') ? start + Number(values.get('n')) : undefined);
	const canonical = flags.includes('C');
	const width = canonical ? 8 : 7;
	let before = '';
	let folded = false;
	for (let i = 0; i < bytes.length; i += 16) {
		const row = bytes.subarray(i, i + 16);
		const key = row.toString('latin1');
		if (key === before && row.length === 16) {
			if (!folded && !flags.includes('v')) c.io.stdout('*\n');
			folded = true;
			if (!flags.includes('v')) continue;
		} else folded = false;
		before = key;
		const cells = [...row].map((b, k) => (k === 8 ? ' ' : '') + hex(b, 2)).join(' ');
		const words = Array.from({ length: Math.ceil(row.length / 2) }, (_, k) => hex((row[2 * k] ?? 0) | ((row[2 * k + 1] ?? 0) << 8), 4)).join(' ');
		c.io.stdout(`${hex(start + i, width)} ${canonical ? ` ${cells.padEnd(50)}|${[...row].map(visible).join('')}|` : words.padEnd(39)}\n`);
	}
	if (bytes.length > 0) c.io.stdout(`${hex(start + bytes.length, width)}\n`);
	return 0;
}

async function cmp(args: readonly string[], c: CommandContext): Promise<number> {
	const { values, flags, operands } = options(args, 'n');
	const [first, second = '-'] = operands;
	if (first === undefined) {
		c.io.stderr("cmp: missing operand after 'cmp'\ncmp: Try 'cmp --help' for more information.\n");
		return 2;
	}
	const limit = values.has('n') ? Number(values.get('n')) : undefined;
	const a = (await bytesOf(c, first, (why) => `cmp: ${first}: ${why}\n`))?.subarray(0, limit);
	const b = a === undefined ? undefined : (await bytesOf(c, second, (why) => `cmp: ${second}: ${why}\n`))?.subarray(0, limit);
	if (a === undefined || b === undefined) return 2;
	if (a.equals(b)) return 0;
	if (flags.includes('s')) return 1;
	const shorter = Math.min(a.length, b.length);
	let line = 1;
	let last = 0;
	for (let i = 0; i < shorter; i++) {
		if (a[i] !== b[i]) {
			if (!flags.includes('l')) {
				c.io.stdout(`${first} ${second} differ: byte ${i + 1}, line ${line}\n`);
				return 1;
			}
			const octal = (n: number | undefined): string => (n ?? 0).toString(8).padStart(3);
			c.io.stdout(`${String(i + 1).padStart(String(shorter).length)} ${octal(a[i])} ${octal(b[i])}\n`);
		}
		if (a[i] === 10) line++;
		last = a[i] ?? 0;
	}
	if (a.length === b.length) return 1;
	const where = shorter === 0 ? 'which is empty' : `after byte ${shorter}, ${last === 10 ? `line ${line - 1}` : `in line ${line}`}`;
	c.io.stderr(`cmp: EOF on ${a.length < b.length ? first : second} ${where}\n`);
	return 1;
}

export const binaryCommands: readonly Command[] = [
	{
		name: 'xxd',
		summary: 'make a hex dump, or the reverse',
		help: 'Usage: xxd [-c COLUMNS] [-g BYTES] [-l LENGTH] [-s OFFSET] [-p] [-u] [-r] [FILE]\nDumps FILE (or standard input) in hex. -p: digits alone; -r: turns a dump back to bytes.\n',
		run: xxd,
	},
	{
		name: 'hexdump',
		summary: 'show a file in hex',
		help: 'Usage: hexdump [-C] [-v] [-n LENGTH] [-s OFFSET] [FILE]\n-C: bytes in hex and as characters; else words of two bytes.\n',
		run: hexdump,
	},
	{
		name: 'cmp',
		summary: 'compare two files byte by byte',
		help: 'Usage: cmp [-l] [-s] [-n BYTES] FILE1 [FILE2]\nExit status: 0 the same, 1 different, 2 trouble.\n',
		run: cmp,
	},
];
