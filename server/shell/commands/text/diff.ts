/** GNU `diff`: two files, or folders with `-r`. */
import { textFromBytes } from '../../bytes.ts';
import type { Command, CommandContext } from '../../command.ts';
import { reason } from '../../interpreter/redirect.ts';
import { resolvePath } from '../../filesystem.ts';
import { bytesOf } from '../binary.ts';
import { changesOf, splitLines } from '../git/lines.ts';
import { coloured, hunksOf, type Paint, plain } from '../git/patch.ts';
import { normal, sideBySide } from './diff-output.ts';

interface Options {
	form: 'normal' | 'unified' | 'columns' | 'brief';
	context: number;
	width: number;
	common: boolean;
	recursive: boolean;
	absent: boolean;
	same: boolean;
	text: boolean;
	colour: boolean;
	/** Makes lines comparable: blanks and case that do not count. */
	key: ((line: string) => string) | undefined;
	blankLines: boolean;
	readonly labels: string[];
	readonly operands: string[];
	/** The options as they were given, for the line above a folder's files. */
	readonly given: string[];
}

const VALUED = 'UWLIxF';
const LONG: { readonly [name: string]: string } = {
	unified: 'u',
	'side-by-side': 'y',
	brief: 'q',
	recursive: 'r',
	'new-file': 'N',
	'report-identical-files': 's',
	'ignore-case': 'i',
	'ignore-all-space': 'w',
	'ignore-space-change': 'b',
	'ignore-trailing-space': 'Z',
	'ignore-blank-lines': 'B',
	text: 'a',
	normal: 'n',
	width: 'W',
	label: 'L',
	minimal: 'd',
	'show-c-function': 'p',
};

/** Chains another way of making lines comparable. */
function also(o: Options, f: (line: string) => string): void {
	const { key } = o;
	o.key = key === undefined ? f : (line) => f(key(line));
}

/** One option's letter; false where it is none. */
function letter(o: Options, c: string, value: string): boolean {
	if (c === 'u' || c === 'U') {
		o.form = 'unified';
		if (value !== '') o.context = Number(value);
	} else if (c === 'y') o.form = 'columns';
	else if (c === 'q') o.form = 'brief';
	else if (c === 'W') o.width = Number(value);
	else if (c === 'L') o.labels.push(value);
	else if (c === 'r') o.recursive = true;
	else if (c === 'N') o.absent = true;
	else if (c === 's') o.same = true;
	else if (c === 'a') o.text = true;
	else if (c === 'i') also(o, (l) => l.toLowerCase());
	else if (c === 'w') also(o, (l) => l.replace(/\s+/g, ''));
	else if (c === 'b') also(o, (l) => l.replace(/\s+$/, '').replace(/\s+/g, ' '));
	else if (c === 'Z') also(o, (l) => l.replace(/\s+$/, ''));
	else if (c === 'B') o.blankLines = false;
	else return 'dpntTxIF'.includes(c);
	return true;
}

/** diff's options, or what is wrong with them. */
function options(args: readonly string[], terminal: boolean): Options | string {
	const o: Options = {
		form: 'normal',
		context: 3,
		width: 130,
		common: true,
		recursive: false,
		absent: false,
		same: false,
		text: false,
		colour: false,
		key: undefined,
		blankLines: true,
		labels: [],
		operands: [],
		given: [],
	};
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		if (a === '-' || !a.startsWith('-')) {
			o.operands.push(a);
			continue;
		}
		o.given.push(a);
		const long = /^--([a-z-]+)(?:=(.*))?$/s.exec(a);
		if (long?.[1] === 'color') o.colour = long[2] === 'always' || ((long[2] === undefined || long[2] === 'auto') && terminal);
		else if (long?.[1] === 'suppress-common-lines') o.common = false;
		else if (long !== null) {
			const c = LONG[long[1] ?? ''];
			const value = c !== undefined && VALUED.includes(c) ? (long[2] ?? args[++i] ?? '') : (long[2] ?? '');
			if (c === undefined || !letter(o, c, value)) return `unrecognized option '${a}'`;
		} else {
			for (let j = 1; j < a.length; j++) {
				const c = a[j] ?? '';
				const rest = a.slice(j + 1);
				const value = VALUED.includes(c) ? (rest !== '' ? rest : (args[++i] ?? '')) : c === 'u' && /^\d+$/.test(rest) ? rest : '';
				if (!letter(o, c, value)) return `invalid option -- '${c}'`;
				if (value !== '' && rest !== '') break;
			}
		}
	}
	const [, , third] = o.operands;
	if (third !== undefined) return `extra operand '${third}'`;
	if (o.operands.length < 2) return o.operands.length === 0 ? "missing operand after 'diff'" : `missing operand after '${o.operands[0]}'`;
	if (!Number.isInteger(o.context)) return `invalid context length '${o.context}'`;
	return o;
}

interface Side {
	/** As it is named in messages. */
	readonly name: string;
	readonly kind: 'file' | 'directory' | 'absent';
	readonly mtime: number;
}

const zeros = (n: number, width: number): string => String(n).padStart(width, '0');

/** `2026-11-21 01:53:09.921000000 +0000`, the time in a unified header. */
function stamp(ms: number): string {
	const d = new Date(ms);
	const [day, time] = d.toISOString().split('T');
	return `${day} ${time?.slice(0, 8)}.${zeros(d.getUTCMilliseconds(), 3)}000000 +0000`;
}

class Diff {
	private readonly c: CommandContext;
	private readonly o: Options;
	private readonly paint: Paint;

	constructor(c: CommandContext, o: Options) {
		this.c = c;
		this.o = o;
		// diff ends colours with a zero that git leaves out.
		this.paint = o.colour ? (kind, text) => coloured(kind, text).replace(/m$/, '0m') : plain;
	}

	private async side(name: string): Promise<Side> {
		if (name === '-' || name === '/dev/null') return { name, kind: 'file', mtime: name === '-' ? this.c.clock.now() : 0 };
		const stat = await this.c.files.stat(name);
		return { name, kind: stat?.kind ?? 'absent', mtime: stat?.mtime ?? 0 };
	}

	/** Two operands: where one is a folder, the file in it of the other's name is meant. */
	async run(first: string, second: string): Promise<number> {
		let [a, b] = [await this.side(first), await this.side(second)];
		const base = (path: string): string => path.replace(/\/+$/, '').replace(/.*\//, '');
		const within = (folder: Side, file: Side): Promise<Side> => this.side(`${folder.name.replace(/\/+$/, '')}/${base(file.name)}`);
		if (a.kind === 'directory' && b.kind === 'directory') return this.folders(a, b, true);
		if (a.kind === 'directory') a = await within(a, b);
		else if (b.kind === 'directory') b = await within(b, a);
		const missing = [a, b].filter((s) => s.kind === 'absent');
		if (missing.length > 0 && !(this.o.absent && missing.length === 1)) {
			for (const s of missing) this.c.io.stderr(`diff: ${s.name}: No such file or directory\n`);
			return 2;
		}
		return this.files(a, b, '');
	}

	/** Entries of two folders beside one another, in the order of their names. */
	private async folders(a: Side, b: Side, top: boolean): Promise<number> {
		const { o, c } = this;
		if (!top && !o.recursive) {
			c.io.stdout(`Common subdirectories: ${a.name} and ${b.name}\n`);
			return 0;
		}
		const names = async (s: Side): Promise<readonly string[]> => (s.kind === 'absent' ? [] : c.disk.readdir(resolvePath(c.cwd, s.name)));
		const [left, right] = [new Set(await names(a)), new Set(await names(b))];
		let status = 0;
		for (const name of [...new Set([...left, ...right])].sort()) {
			const entry = (s: Side): Promise<Side> => this.side(`${s.name.replace(/\/+$/, '')}/${name}`);
			const [x, y] = [await entry(a), await entry(b)];
			const [only, other] = x.kind === 'absent' ? [b, y] : [a, x];
			let s = 0;
			if (x.kind === 'directory' && y.kind === 'directory') s = await this.folders(x, y, false);
			else if ((x.kind === 'absent' || y.kind === 'absent') && (!o.absent || (other.kind === 'directory' && !o.recursive))) {
				c.io.stdout(`Only in ${only.name.replace(/(.)\/+$/, '$1')}: ${name}\n`);
				s = 1;
			} else if (x.kind === 'directory' || y.kind === 'directory') {
				if (x.kind === 'absent' || y.kind === 'absent') s = await this.folders(x, y, false);
				else {
					const kind = (e: Side): string => (e.kind === 'directory' ? 'directory' : 'regular file');
					c.io.stdout(`File ${x.name} is a ${kind(x)} while file ${y.name} is a ${kind(y)}\n`);
					s = 1;
				}
			} else s = await this.files(x, y, `diff ${[...o.given, x.name, y.name].join(' ')}\n`);
			status = Math.max(status, s);
		}
		return status;
	}

	/** What one file holds; undefined where it can't be read, which has been said. */
	private async bytes(s: Side): Promise<Buffer | undefined> {
		return s.kind === 'absent' || s.name === '/dev/null' ? Buffer.alloc(0) : bytesOf(this.c, s.name, (why) => `diff: ${s.name}: ${why}\n`);
	}

	/** `title` stands above the differences of a folder's file. */
	private async files(x: Side, y: Side, title: string): Promise<number> {
		const { o, c } = this;
		const before = await this.bytes(x);
		// Both names may be standard input, which is read once.
		const after = x.name === '-' && y.name === '-' ? before : await this.bytes(y);
		if (before === undefined || after === undefined) return 2;
		const identical = (): number => {
			if (o.form === 'columns' && !title) c.io.stdout(this.shown(before, after, x, y));
			if (o.same) c.io.stdout(`Files ${x.name} and ${y.name} are identical\n`);
			return 0;
		};
		if (before.equals(after)) return identical();
		if (o.form !== 'brief' && !o.text && (before.includes(0) || after.includes(0))) {
			c.io.stdout(`Binary files ${x.name} and ${y.name} differ\n`);
			return 1;
		}
		if (this.changes(before, after).length === 0) return identical();
		if (o.form === 'brief') c.io.stdout(`Files ${x.name} and ${y.name} differ\n`);
		else c.io.stdout((title === '' ? '' : `${this.paint('meta', title.trimEnd())}\n`) + this.shown(before, after, x, y));
		await c.io.drain();
		return 1;
	}

	private changes(before: Buffer, after: Buffer): ReturnType<typeof changesOf> {
		const { key, blankLines } = this.o;
		const [a, b] = [before, after].map((bytes) => splitLines(textFromBytes(bytes)));
		if (a === undefined || b === undefined) return [];
		const found = key === undefined ? changesOf(a, b) : changesOf(a.map(key), b.map(key));
		return blankLines ? found : found.filter((f) => [...a.slice(...f.a), ...b.slice(...f.b)].some((l) => l.trim() !== ''));
	}

	private shown(before: Buffer, after: Buffer, x: Side, y: Side): string {
		const { o, paint } = this;
		const [a, b] = [splitLines(textFromBytes(before)), splitLines(textFromBytes(after))];
		const changes = this.changes(before, after);
		if (o.form === 'columns') return sideBySide(a, b, changes, o.width, o.common);
		if (o.form === 'normal') return normal(a, b, changes, paint);
		const head = (sign: string, s: Side, label: string | undefined): string => `${paint('meta', `${sign} ${label ?? `${s.name}\t${stamp(s.mtime)}`}`)}\n`;
		return head('---', x, o.labels[0]) + head('+++', y, o.labels[1]) + hunksOf(a, b, changes, o.context, paint, false);
	}
}

export const diffCommand: Command = {
	name: 'diff',
	summary: 'compare files line by line',
	help: 'Usage: diff [OPTION]... FILES\nCompare FILES line by line.\n  -u, -U NUM  unified, with 3 or NUM lines around\n  -y          in two columns; -W NUM wide; --suppress-common-lines\n  -q          say only whether files differ\n  -r          folders and what is below them; -N: absent files as empty\n  -s          say when files are the same\n  -i -w -b -B case, all blanks, changes of blanks, blank lines don’t count\n  --color     in colours\nExit status is 0 if inputs are the same, 1 if different, 2 if trouble.\n',
	run: async (args, c) => {
		const o = options(args, c.io.stdoutIsTerminal);
		if (typeof o === 'string') {
			c.io.stderr(`diff: ${o}\ndiff: Try 'diff --help' for more information.\n`);
			return 2;
		}
		const [first = '', second = ''] = o.operands;
		try {
			return await new Diff(c, o).run(first, second);
		} catch (e) {
			c.io.stderr(`diff: ${reason(e)}\n`);
			return 2;
		}
	},
};
