/**
 * Where the cursor is in a YAML text: path, siblings and what is being typed. Read from lines and their indentation rather than from a
 * parser, since a text that somebody is typing in the middle of seldom is sound YAML.
 */

export type Step = string | number;

export interface CursorPlace {
	/** Steps to the mapping (for a key) or to the value that is being typed. */
	readonly path: readonly Step[];
	readonly role: 'key' | 'value';
	/** Start of the word under the cursor, an offset into the whole text. */
	readonly from: number;
	readonly word: string;
	/** Keys that stand beside the one being typed. */
	readonly siblings: ReadonlySet<string>;
	/** Column at which the keys beside it start. */
	readonly column: number;
	/** The item of a list may be a value of its own here (`- |`), as well as the first key of a mapping. */
	readonly item: boolean;
	/** Of the document around the cursor; '' where they are not written. */
	readonly apiVersion: string;
	readonly kind: string;
	readonly namespace: string;
}

interface Entry {
	readonly kind: 'key' | 'item';
	readonly column: number;
	readonly key: string;
	readonly value: string;
	/** Column where the value starts. */
	readonly at: number;
}

interface Open extends Entry {
	index: number;
}

const SEPARATOR = /^---(\s|$)/;
const KEY = /^("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#'"[\]{},&*!|>%@`-][^:#]*?|-[^\s:#][^:#]*?)\s*:(?=\s|$)/;

const unquoted = (key: string): string => (/^(".*"|'.*')$/.test(key) ? key.slice(1, -1) : key);

/** The entries that one line holds: `- name: web` is an item and a key. */
function entriesOf(line: string): Entry[] {
	const out: Entry[] = [];
	let at = line.length - line.trimStart().length;
	while (/^-(\s|$)/.test(line.slice(at))) {
		const column = at;
		at += 1 + (/^\s*/.exec(line.slice(at + 1))?.[0].length ?? 0);
		out.push({ kind: 'item', column, key: '', value: line.slice(at), at });
	}
	const key = KEY.exec(line.slice(at));
	if (key) {
		const after = line.slice(at + key[0].length);
		const gap = after.length - after.trimStart().length;
		out.push({ kind: 'key', column: at, key: unquoted(key[1] ?? ''), value: after.trim(), at: at + key[0].length + gap });
	}
	return out;
}

const blank = (line: string): boolean => /^\s*(#.*)?$/.test(line);
const opensText = (value: string): boolean => /^(?:[&!]\S+\s+)*[|>][-+\d]*\s*(#.*)?$/.test(value);

/** Puts an entry where it belongs below those that are open; a list may stand at the column of the key that it belongs to. */
function push(stack: Open[], entry: Entry): void {
	let index = 0;
	for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
		const inside = top.column < entry.column || (entry.kind === 'item' && top.kind === 'key' && top.column === entry.column);
		if (inside) break;
		if (top.kind === 'item' && entry.kind === 'item' && top.column === entry.column) index = top.index + 1;
		stack.pop();
	}
	stack.push({ ...entry, index });
}

const steps = (stack: readonly Open[]): Step[] => stack.map((open) => (open.kind === 'key' ? open.key : open.index));

/** Lines of the document around an offset, and where they begin. */
function documentAround(text: string, offset: number): { readonly lines: readonly string[]; readonly start: number; readonly row: number } {
	const lines = text.split('\n');
	let position = 0;
	let row = 0;
	while (row < lines.length - 1 && position + (lines[row]?.length ?? 0) < offset) {
		position += (lines[row]?.length ?? 0) + 1;
		row++;
	}
	let first = row;
	while (first > 0 && !SEPARATOR.test(lines[first] ?? '')) first--;
	if (SEPARATOR.test(lines[first] ?? '') && first < row) first++;
	let end = row + 1;
	while (end < lines.length && !SEPARATOR.test(lines[end] ?? '')) end++;
	const start = lines.slice(0, first).reduce((sum, line) => sum + line.length + 1, 0);
	return { lines: lines.slice(first, end), start, row: row - first };
}

/** The value of a key at the top of a document (or of `metadata`). */
function topValue(lines: readonly string[], key: RegExp): string {
	for (const line of lines) {
		const found = key.exec(line)?.[1];
		if (found !== undefined) return unquoted(found.replace(/\s+#.*$/, '').trim());
	}
	return '';
}

function namespaceOf(lines: readonly string[]): string {
	const from = lines.findIndex((line) => /^metadata:\s*$/.test(line));
	if (from < 0) return '';
	const rest = lines.slice(from + 1);
	const end = rest.findIndex((line) => /^\S/.test(line) && !line.startsWith('#'));
	return topValue(end < 0 ? rest : rest.slice(0, end), /^\s+namespace:\s*(\S.*)$/);
}

/** Keys of the same mapping on the lines after the cursor's. */
function keysBelow(lines: readonly string[], column: number): string[] {
	const out: string[] = [];
	for (const line of lines) {
		if (blank(line)) continue;
		const entries = entriesOf(line);
		const first = entries[0];
		const indent = line.length - line.trimStart().length;
		if (indent < column || (first?.kind === 'item' && first.column <= column)) break;
		if (first?.kind === 'key' && first.column === column) out.push(first.key);
	}
	return out;
}

/** Where the cursor is; undefined inside a comment, a block of text or a flow collection, where nothing can be said. */
export function cursorPlace(text: string, offset: number): CursorPlace | undefined {
	const { lines, start, row } = documentAround(text, offset);
	const lineStart = start + lines.slice(0, row).reduce((sum, line) => sum + line.length + 1, 0);
	const before = (lines[row] ?? '').slice(0, offset - lineStart);
	if (/(^|\s)#/.test(before) || SEPARATOR.test(before)) return undefined;

	const stack: Open[] = [];
	const siblings = new Map<string, Set<string>>();
	let textBelow = -1;
	for (const line of lines.slice(0, row)) {
		if (blank(line)) continue;
		const indent = line.length - line.trimStart().length;
		if (textBelow >= 0 && indent > textBelow) continue;
		textBelow = -1;
		for (const entry of entriesOf(line)) {
			push(stack, entry);
			if (entry.kind !== 'key') continue;
			const parent = JSON.stringify(steps(stack.slice(0, -1)));
			const known = siblings.get(parent) ?? new Set();
			siblings.set(parent, known.add(entry.key));
			if (opensText(entry.value)) textBelow = entry.column;
		}
	}
	const indent = before.length - before.trimStart().length;
	if (textBelow >= 0 && indent > textBelow) return undefined;

	const about = {
		apiVersion: topValue(lines, /^apiVersion:\s*(\S.*)$/),
		kind: topValue(lines, /^kind:\s*(\S.*)$/),
		namespace: namespaceOf(lines),
	};
	const entries = entriesOf(before);
	const key = entries.at(-1)?.kind === 'key' ? entries.at(-1) : undefined;
	const items = entries.filter((entry) => entry.kind === 'item');
	for (const entry of items) push(stack, entry);
	const column = items.at(-1)?.at ?? indent;
	if (key) {
		push(stack, key);
		const word = before.slice(key.at);
		if (/^[|>&*!]/.test(word) || (/^[[{]/.test(word) && !/^\[\s*[\w-]*$/.test(word)) || /\s/.test(word.replace(/^\[\s*/, ''))) return undefined;
		const path = word.startsWith('[') ? [...steps(stack), 0] : steps(stack);
		const typed = word.replace(/^\[\s*/, '').replace(/^["']/, '');
		return { ...about, path, role: 'value', from: offset - typed.length, word: typed, siblings: new Set(), column, item: false };
	}
	const word = before.slice(column);
	if (/[\s[{]/.test(word)) return undefined;
	// What is open at the cursor's column or beyond is over.
	while (stack.length > 0 && items.length === 0 && (stack.at(-1)?.column ?? 0) >= column) stack.pop();
	const path = steps(stack);
	const beside = new Set([...(siblings.get(JSON.stringify(path)) ?? []), ...keysBelow(lines.slice(row + 1), column)]);
	return { ...about, path, role: 'key', from: offset - word.length, word, siblings: beside, column, item: items.length > 0 };
}
