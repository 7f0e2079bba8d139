/** Vim's picture: the text, the status line, the line of messages and commands. */
import type { Frame } from '../../screen/full-screen.ts';
import { clip, columnOf, shown, textWidth } from '../../screen/width.ts';
import { colour } from './highlight.ts';
import { compile } from './pattern.ts';
import { matchesIn } from './searching.ts';
import { before, lineAt } from './text.ts';
import type { Vi } from './vi.ts';
import { selection } from './visual.ts';

const MODES: { readonly [mode: string]: string } = {
	insert: '-- INSERT --',
	replace: '-- REPLACE --',
	visual: '-- VISUAL --',
	'visual-line': '-- VISUAL LINE --',
};

/** Screen rows that a line takes. */
const rowsOf = (vi: Vi, row: number, width: number): number =>
	vi.options.wrap ? Math.max(1, Math.ceil(columnOf(lineAt(vi.lines, row), Number.POSITIVE_INFINITY, vi.options.tabstop) / width)) : 1;

/** Moves the window so that the cursor's line is in it. */
function follow(vi: Vi, width: number): void {
	const { row } = vi.cursor;
	const margin = Math.min(vi.options.scrolloff, Math.floor((vi.height - 1) / 2));
	if (row - margin < vi.top) vi.top = Math.max(0, row - margin - (vi.top - row > vi.height ? Math.floor(vi.height / 2) : 0));
	let used = 0;
	const bottom = Math.min(vi.lines.length - 1, row + margin);
	if (bottom - vi.top > vi.height * 2) vi.top = Math.max(0, row - Math.floor(vi.height / 2));
	for (let r = bottom; r >= vi.top; r--) {
		used += rowsOf(vi, r, width);
		if (used > vi.height && r < bottom) {
			vi.top = r + 1;
			break;
		}
	}
}

/** Style of every UTF-16 unit of a line: SGR parameters, '' for none. */
function styles(vi: Vi, row: number): string[] {
	const line = lineAt(vi.lines, row);
	const out = vi.options.syntax ? colour(line, vi.path ?? '') : Array<string>(line.length).fill('');
	const lit = vi.options.hlsearch && vi.highlight && vi.search !== undefined ? compile(vi.search.pattern, vi.options) : undefined;
	if (lit !== undefined && line.length < 5000) for (const m of matchesIn(line, lit)) out.fill('30;43', m.at, m.at + m.length);
	if (vi.mode === 'visual' || vi.mode === 'visual-line') {
		const x = selection(vi);
		const p = { row, at: 0 };
		if (!before(p, { row: x.from.row, at: 0 }) && row <= x.to.row) out.fill('7', row === x.from.row ? x.from.at : 0, row === x.to.row ? x.to.at : line.length);
	}
	return out;
}

/** A line as rows of the screen. */
function rowsShown(vi: Vi, row: number, width: number): string[] {
	const line = lineAt(vi.lines, row);
	const style = styles(vi, row);
	const rows: string[] = [''];
	let used = 0;
	let last = '';
	for (const s of shown(line.length > 20_000 ? line.slice(0, 20_000) : line, vi.options.tabstop)) {
		if (used + s.width > width) {
			if (!vi.options.wrap) break;
			if (rows.length > vi.height) break;
			rows.push('');
			used = 0;
			last = '';
		}
		const now = style[s.at] ?? '';
		const text = vi.options.list && line[s.at] === '\t' ? '^I'.padEnd(s.width) : s.text;
		rows[rows.length - 1] += (now === last ? '' : `\x1b[0${now === '' ? '' : `;${now}`}m`) + text;
		last = now;
		used += s.width;
	}
	if (last !== '') rows[rows.length - 1] += '\x1b[0m';
	if (vi.options.list) rows[rows.length - 1] += '\x1b[34m$\x1b[0m';
	else if (line === '' && styles(vi, row).length === 0 && (vi.mode === 'visual-line' || vi.mode === 'visual')) {
		const x = selection(vi);
		if (row >= x.from.row && row <= x.to.row) rows[0] = '\x1b[7m \x1b[0m';
	}
	return rows;
}

/** `12,3-9   45%`. */
function ruler(vi: Vi): string {
	const line = lineAt(vi.lines, vi.cursor.row);
	const at = line === '' ? '0' : String(Buffer.byteLength(line.slice(0, vi.cursor.at)) + 1);
	const column = columnOf(line, vi.cursor.at, vi.options.tabstop) + 1;
	const place = `${vi.cursor.row + 1},${at === '0' ? '0-1' : Number(at) === column ? at : `${at}-${column}`}`;
	const above = vi.top;
	const below = vi.lines.length - vi.top - vi.height;
	const share = above <= 0 ? (below <= 0 ? 'All' : 'Top') : below <= 0 ? 'Bot' : `${Math.floor((above * 100) / (above + below))}%`;
	return `${place.padEnd(14)} ${share}`;
}

function gutter(vi: Vi, row: number, width: number): string {
	if (width === 0) return '';
	const relative = Math.abs(row - vi.cursor.row);
	const n = vi.options.relativenumber && relative > 0 ? relative : vi.options.relativenumber && !vi.options.number ? 0 : row + 1;
	return `\x1b[33m${String(n).padStart(width - 1)} \x1b[0m`;
}

/** The line at the bottom. */
function bottom(vi: Vi, columns: number): { readonly text: string; readonly cursor?: number } {
	if (vi.commandLine !== undefined) {
		const { prefix, text, at } = vi.commandLine;
		const over = Math.max(0, textWidth(text.slice(0, at)) + 2 - columns);
		return { text: clip(prefix + text.slice(over), columns - 1), cursor: Math.min(columns - 1, 1 + textWidth(text.slice(0, at)) - over) };
	}
	const message = clip(vi.message, columns - 1);
	const base =
		vi.message !== ''
			? vi.isError
				? `\x1b[97;41m${message}\x1b[0m`
				: message
			: vi.options.showmode && MODES[vi.mode] !== undefined
				? `\x1b[1m${MODES[vi.mode]}\x1b[0m`
				: '';
	const plain = vi.message !== '' ? message : (MODES[vi.mode] ?? '');
	const recording = vi.recording === undefined ? '' : `recording @${vi.recording.name}`;
	const paste = vi.mode === 'insert' && vi.options.paste && vi.message === '' ? ' (paste)' : '';
	const left = base + (vi.message === '' ? paste + recording : '');
	const gap = columns - 11 - textWidth(plain) - textWidth(vi.message === '' ? paste + recording : '');
	return { text: vi.showcmd === '' || gap < 1 ? left : `${left}${' '.repeat(gap)}${vi.showcmd}` };
}

function statusLine(vi: Vi, columns: number): string {
	const name = `${vi.path ?? '[No Name]'}${vi.isNew && !vi.modified ? ' [New]' : ''}${vi.readonly ? ' [RO]' : ''}${vi.modified ? ' [+]' : ''}`;
	const right = vi.options.ruler ? ruler(vi) : '';
	const left = clip(name, Math.max(0, columns - 20));
	return `\x1b[1;7m${left}${' '.repeat(Math.max(1, columns - textWidth(left) - 18))}${right.padEnd(18).slice(0, 18)}\x1b[0m`;
}

function listing(vi: Vi, columns: number, rows: number): Frame {
	const lines = (vi.listing ?? []).slice(0, rows - 1).map((l) => clip(l, columns));
	return {
		lines: [...lines, '\x1b[32mPress ENTER or type command to continue\x1b[0m'],
		cursor: { row: Math.min(lines.length, rows - 1), column: Math.min(columns - 1, 39) },
	};
}

export function frame(vi: Vi, columns: number, rows: number): Frame {
	if (vi.listing !== undefined) return listing(vi, columns, rows);
	const status = vi.options.laststatus === 2 && rows > 3;
	vi.height = Math.max(1, rows - (status ? 2 : 1));
	const margin = vi.options.number || vi.options.relativenumber ? Math.max(4, String(vi.lines.length).length + 1) : 0;
	const width = Math.max(1, columns - margin);
	follow(vi, width);
	const lines: string[] = [];
	let place = { row: 0, column: 0 };
	// Without wrapping the window moves sideways with the cursor as a whole: only the cursor's own line is cut then.
	for (let row = vi.top; row < vi.lines.length && lines.length < vi.height; row++) {
		const parts = rowsShown(vi, row, width);
		if (lines.length + parts.length > vi.height && lines.length > 0 && row !== vi.cursor.row) {
			while (lines.length < vi.height) lines.push('\x1b[34m@\x1b[0m');
			break;
		}
		if (row === vi.cursor.row) {
			const column = columnOf(lineAt(vi.lines, row), vi.cursor.at, vi.options.tabstop);
			place = {
				row: Math.min(vi.height - 1, lines.length + (vi.options.wrap ? Math.floor(column / width) : 0)),
				column: margin + (vi.options.wrap ? column % width : Math.min(column, width - 1)),
			};
			if (place.row - lines.length >= parts.length) parts.push('');
		}
		lines.push(...parts.map((p, i) => (i === 0 ? gutter(vi, row, margin) : ' '.repeat(margin)) + p));
	}
	lines.length = Math.min(lines.length, vi.height);
	while (lines.length < vi.height) lines.push('\x1b[34m~\x1b[0m');
	if (status) lines.push(statusLine(vi, columns));
	const foot = bottom(vi, columns);
	lines.push(status || foot.cursor !== undefined ? foot.text : foot.text.padEnd(columns - 18) + (vi.options.ruler ? ruler(vi) : ''));
	return { lines, cursor: foot.cursor === undefined ? place : { row: rows - 1, column: foot.cursor } };
}
