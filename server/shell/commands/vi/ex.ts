/** Ex commands: ranges, `:s`, `:g`, `:set` and those that read and write. Upstream: `:help cmdline.txt`, `change.txt`. */
import type { Ex } from './ex.types.ts';
import { edit, nextFile, quit, readBelow, write, type WriteOptions, writeAndQuit } from './files.ts';
import { firstNonBlank } from './motions.ts';
import { join, putRegister, remove, shiftLines, yank } from './operators.ts';
import { type Options, setOption, showOption } from './options.ts';
import { parseRange } from './range.ts';
import { substitute, withPattern } from './substitute.ts';
import { lineAt, NO_LINES, spliceLines } from './text.ts';
import type { Steps, Vi } from './vi.ts';

type Handler = (vi: Vi, ex: Ex) => Steps<void> | void;

const extent = (vi: Vi, ex: Ex) => ({ from: { row: ex.from, at: 0 }, to: { row: ex.to, at: lineAt(vi.lines, ex.to).length }, linewise: true }) as const;

/** A file's name: `%` is the present one. */
function fileName(vi: Vi, argument: string): string | undefined {
	const name = argument
		.trim()
		.replace(/(?<!\\)%/g, vi.path ?? '')
		.replaceAll('\\ ', ' ');
	return name === '' ? undefined : name;
}

function writing(vi: Vi, ex: Ex): WriteOptions {
	const append = ex.argument.startsWith('>>');
	const path = fileName(vi, append ? ex.argument.slice(2) : ex.argument);
	return { force: ex.bang, append, ...(path === undefined ? {} : { path }), ...(ex.addresses === 0 ? {} : { range: [ex.from, ex.to] as const }) };
}

function* set(vi: Vi, ex: Ex): Steps<void> {
	const words = ex.argument.split(/\s+/).filter((w) => w !== '');
	if (words.length === 0 || words[0] === 'all') {
		vi.listing = ['--- Options ---', ...(Object.keys(vi.options) as (keyof Options)[]).map((n) => showOption(vi.options, n))];
		return;
	}
	for (const word of words) {
		if (word === 'ro' || word === 'readonly' || word === 'noro' || word === 'noreadonly') vi.readonly = !word.startsWith('no');
		else {
			const result = setOption(vi.options, word);
			if (result.fail !== undefined) return vi.fail(result.fail);
			if (result.say !== undefined) vi.say(result.say);
			if (word.startsWith('hls') || word.startsWith('hlsearch')) vi.highlight = true;
		}
	}
}

/** `:m` and `:t`: lines moved or copied behind another. */
function transfer(vi: Vi, ex: Ex, copy: boolean): void {
	const target = parseRange(vi, ex.argument);
	if (target === undefined || target.addresses === 0) {
		vi.fail('E14: Invalid address');
		return;
	}
	const lines = vi.lines.slice(ex.from, ex.to + 1);
	const after = ex.argument.trim() === '0' ? -1 : target.to;
	if (!copy && after >= ex.from && after < ex.to) {
		vi.fail('E134: Cannot move a range of lines into itself');
		return;
	}
	if (copy) vi.lines = spliceLines(vi.lines, after + 1, 0, lines);
	else if (after > ex.to) vi.lines = spliceLines(spliceLines(vi.lines, after + 1, 0, lines), ex.from, lines.length, []);
	else vi.lines = spliceLines(spliceLines(vi.lines, ex.from, lines.length, []), after + 1, 0, lines);
	const row = !copy && after > ex.to ? after : after + lines.length;
	vi.moveTo({ row, at: firstNonBlank(lineAt(vi.lines, row)) });
}

/** `:g/pattern/command`. */
function* global(vi: Vi, ex: Ex, inverse: boolean): Steps<void> {
	const mark = ex.argument[0] ?? '';
	const parts = ex.argument.slice(1).split(new RegExp(`(?<!\\\\)\\${mark}`));
	const pattern = parts[0] ?? '';
	const command = parts.slice(1).join(mark) || 'p';
	if (mark === '' || /[\w\s]/.test(mark)) return vi.fail('E146: Regular expressions cannot be delimited by letters');
	const expression = withPattern(vi, pattern);
	if (expression === undefined) return;
	const whole = ex.addresses === 0;
	const was = vi.lines;
	// Lines are told apart by an object each: what a command does moves them.
	const rows = was.map((_l, i) => i).filter((i) => (whole || (i >= ex.from && i <= ex.to)) && expression.test(was[i] ?? '') !== inverse);
	if (rows.length === 0) return vi.fail(`E486: Pattern not found: ${pattern}`);
	if (/^d(elete)?\s*$/.test(command)) {
		const gone = new Set(rows);
		const kept = was.filter((_l, i) => !gone.has(i));
		vi.lines = kept.length === 0 ? NO_LINES : kept;
		vi.moveTo({ row: Math.min(vi.lines.length - 1, (rows.at(-1) ?? 0) - rows.length + 1), at: 0 });
		if (rows.length > 2) vi.say(`${rows.length} fewer lines`);
		return;
	}
	if (/^(p|print|#|nu)\s*$/.test(command)) {
		vi.listing = rows.map((i) => was[i] ?? '');
		return;
	}
	let moved = 0;
	for (const row of rows.slice(0, 10_000)) {
		const size = vi.lines.length;
		vi.moveTo({ row: Math.max(0, Math.min(vi.lines.length - 1, row + moved)), at: 0 });
		yield* exCommand(vi, command);
		moved += vi.lines.length - size;
	}
}

function normal(vi: Vi, ex: Ex): void {
	const keys = [...ex.argument];
	const ends = ex.addresses === 0 ? vi.cursor.row : ex.to;
	if (ends - ex.from > 2000) {
		vi.fail('E16: Invalid range: :normal takes 2000 lines at most here');
		return;
	}
	const feed: string[] = [];
	for (let row = ex.from; row <= ends; row++) feed.push(...(ex.addresses === 0 ? [] : [...`${row + 1}G0`]), ...keys, '<Esc>');
	vi.feed.unshift(...feed);
}

const registers = (vi: Vi): void => {
	vi.listing = [
		'Type Name Content',
		...[...vi.registers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([n, r]) => `  ${r.linewise ? 'l' : 'c'}  "${n}   ${r.text.replaceAll('\n', '^J')}`),
	];
};

const COMMANDS: readonly (readonly [name: string, least: number, run: Handler])[] = [
	['substitute', 1, (vi, ex) => substitute(vi, ex)],
	['&&', 1, (vi, ex) => substitute(vi, { ...ex, argument: '' })],
	[
		'write',
		1,
		function* (vi, ex) {
			yield write(vi, writing(vi, ex));
		},
	],
	['wq', 2, (vi, ex) => writeAndQuit(vi, writing(vi, ex), true)],
	['xit', 1, (vi, ex) => writeAndQuit(vi, writing(vi, ex))],
	['exit', 3, (vi, ex) => writeAndQuit(vi, writing(vi, ex))],
	['wqall', 3, (vi, ex) => writeAndQuit(vi, writing(vi, ex), true)],
	['xall', 2, (vi, ex) => writeAndQuit(vi, writing(vi, ex))],
	[
		'wall',
		2,
		function* (vi) {
			yield write(vi);
		},
	],
	[
		'update',
		2,
		function* (vi, ex) {
			if (vi.modified) yield write(vi, writing(vi, ex));
		},
	],
	['quit', 1, (vi, ex) => quit(vi, ex.bang)],
	['qall', 2, (vi, ex) => quit(vi, ex.bang)],
	['quitall', 5, (vi, ex) => quit(vi, ex.bang)],
	['cquit', 2, (vi) => quit(vi, true, 1)],
	['edit', 1, (vi, ex) => edit(vi, fileName(vi, ex.argument), ex.bang)],
	[
		'enew',
		3,
		(vi, ex) => {
			if (vi.modified && !ex.bang) vi.fail('E37: No write since last change (add ! to override)');
			else vi.load(undefined, '');
		},
	],
	['read', 1, (vi, ex) => readBelow(vi, fileName(vi, ex.argument), ex.addresses > 0 ? ex.to : vi.cursor.row)],
	['next', 1, (vi, ex) => nextFile(vi, 1, ex.bang)],
	['previous', 4, (vi, ex) => nextFile(vi, -1, ex.bang)],
	['Next', 1, (vi, ex) => nextFile(vi, -1, ex.bang)],
	['delete', 1, (vi, ex) => remove(vi, extent(vi, ex), ex.argument[0])],
	['yank', 1, (vi, ex) => yank(vi, extent(vi, ex), ex.argument[0])],
	[
		'put',
		2,
		(vi, ex) => {
			const held = vi.register(ex.argument[0]);
			if (held !== undefined) vi.registers.set(ex.argument[0] ?? '"', { ...held, linewise: true });
			vi.moveTo({ row: ex.to, at: 0 });
			putRegister(vi, ex.argument[0], 1, !ex.bang);
		},
	],
	['move', 1, (vi, ex) => transfer(vi, ex, false)],
	['copy', 2, (vi, ex) => transfer(vi, ex, true)],
	['t', 1, (vi, ex) => transfer(vi, ex, true)],
	['join', 1, (vi, ex) => void join(vi, ex.from, Math.max(2, ex.to - ex.from + 1), !ex.bang)],
	['>', 1, (vi, ex) => shiftLines(vi, ex.from, ex.to, 1 + (/^>*/.exec(ex.argument)?.[0].length ?? 0))],
	['<', 1, (vi, ex) => shiftLines(vi, ex.from, ex.to, -1 - (/^<*/.exec(ex.argument)?.[0].length ?? 0))],
	['global', 1, (vi, ex) => global(vi, ex, ex.bang)],
	['vglobal', 1, (vi, ex) => global(vi, ex, true)],
	['normal', 4, (vi, ex) => normal(vi, ex)],
	['set', 2, (vi, ex) => set(vi, ex)],
	['setlocal', 4, (vi, ex) => set(vi, ex)],
	['nohlsearch', 3, (vi) => void (vi.highlight = false)],
	['undo', 1, (vi) => vi.undo()],
	['redo', 3, (vi) => vi.redo()],
	['registers', 3, registers],
	['display', 2, registers],
	['mark', 2, (vi, ex) => void vi.marks.set(ex.argument[0] ?? "'", { row: ex.to, at: 0 })],
	['k', 1, (vi, ex) => void vi.marks.set(ex.argument[0] ?? "'", { row: ex.to, at: 0 })],
	['syntax', 2, (vi, ex) => void (vi.options.syntax = ex.argument.trim() !== 'off')],
	['retab', 3, (vi) => void (vi.lines = vi.lines.map((l) => (vi.options.expandtab ? l.replaceAll('\t', ' '.repeat(vi.options.tabstop)) : l)))],
	[
		'file',
		1,
		(vi) => {
			const n = vi.lines.length;
			vi.say(
				`"${vi.path ?? '[No Name]'}"${vi.modified ? ' [Modified]' : ''}${vi.isNew ? ' [New file]' : ''}${vi.readonly ? ' [readonly]' : ''} ${n} line${n === 1 ? '' : 's'} --${Math.floor(((vi.cursor.row + 1) * 100) / n)}%--`,
			);
		},
	],
	['help', 1, (vi) => void (vi.listing = HELP)],
	// What a .vimrc may hold and changes nothing here.
	...[
		'filetype',
		'colorscheme',
		'autocmd',
		'augroup',
		'map',
		'nmap',
		'imap',
		'vmap',
		'nnoremap',
		'inoremap',
		'vnoremap',
		'noremap',
		'let',
		'highlight',
		'packadd',
		'runtime',
		'echo',
		'silent',
	].map((n) => [n, Math.min(n.length, 3), (): void => {}] as const),
];

const HELP = [
	'Vim, the part of it that lives here. Press Enter to go back.',
	'',
	'  move      h j k l   w b e   0 ^ $   gg G 12G   f t ; ,   % { }   H M L   Ctrl-F Ctrl-B Ctrl-D Ctrl-U',
	'  insert    i a I A o O  (Esc ends it)      change   x r R J ~ D C S s  cw  ci"',
	'  operate   d c y > <  with a motion or iw aw i" i( ip;  dd cc yy >> <<;  p P;  u Ctrl-R;  .',
	'  mark      v V  then d y c > <             search   /text ?text n N * #',
	'  write     :w  :wq  :x  ZZ                 leave    :q  :q!',
	'  replace   :%s/old/new/g   :s/a/b/         options  :set nu paste et sw=2 ts=2   ~/.vimrc is read',
];

/** Runs a line of Ex commands. */
export function* exCommand(vi: Vi, line: string): Steps<void> {
	const text = line.replace(/^[\s:]+/, '');
	if (text === '' || text.startsWith('"')) return;
	const range = parseRange(vi, text);
	if (range === undefined) return vi.isError ? undefined : vi.fail('E16: Invalid range');
	const rest = text.slice(range.length).trimStart();
	if (rest === '') {
		if (range.addresses > 0) vi.moveTo({ row: range.to, at: firstNonBlank(lineAt(vi.lines, range.to)) });
		return;
	}
	if (rest.startsWith('!')) return vi.fail('Run commands in a second terminal beside this one: open it with +');
	const name = /^(&&|[<>&=]|s(?=[^A-Za-z0-9\s]|$)|[dkmty](?=\s|\d|$|[a-z]$)|[gv](?=[^A-Za-z0-9\s])|[A-Za-z]+)/.exec(rest)?.[0] ?? '';
	if (name === '=') return vi.say(String(range.addresses > 0 ? range.to + 1 : vi.lines.length));
	const found = COMMANDS.find(([n, least]) => (name === '&' ? n === '&&' : n.startsWith(name) && name.length >= Math.min(least, n.length)));
	if (name === '' || found === undefined) return vi.fail(`E492: Not an editor command: ${line.replace(/^:/, '')}`);
	const after = rest.slice(name.length);
	const bang = after.startsWith('!');
	const argument = (bang ? after.slice(1) : after).trimStart();
	yield* (found[2](vi, { from: range.from, to: range.to, addresses: range.addresses, bang, argument }) ?? []) as Steps<void>;
	vi.clamp();
}
