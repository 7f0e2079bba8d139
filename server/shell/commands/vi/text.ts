/** Places in a text of lines, and the changes that can be made to one. Lines are never changed in place: an old text stays good for undo. */

export interface Place {
	readonly row: number;
	/** Index into the line, in UTF-16 units. */
	readonly at: number;
}

export type Lines = readonly string[];

export const lineAt = (lines: Lines, row: number): string => lines[row] ?? '';

export const before = (a: Place, b: Place): boolean => a.row < b.row || (a.row === b.row && a.at < b.at);

/** The index after the character at `at`. */
export const next = (line: string, at: number): number => at + ((line.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);

/** The index of the character before `at`. */
export function previous(line: string, at: number): number {
	const low = line.charCodeAt(at - 1);
	return Math.max(0, at - (low >= 0xdc00 && low <= 0xdfff ? 2 : 1));
}

/** The index of a line's last character, 0 where it is empty. */
export const lastOf = (line: string): number => (line === '' ? 0 : previous(line, line.length));

/** The text from one place up to another. */
export function slice(lines: Lines, from: Place, to: Place): string {
	if (from.row === to.row) return lineAt(lines, from.row).slice(from.at, to.at);
	return [lineAt(lines, from.row).slice(from.at), ...lines.slice(from.row + 1, to.row), lineAt(lines, to.row).slice(0, to.at)].join('\n');
}

/** The lines with what stands between two places replaced. */
export function splice(lines: Lines, from: Place, to: Place, text: string): string[] {
	const changed = (lineAt(lines, from.row).slice(0, from.at) + text + lineAt(lines, to.row).slice(to.at)).split('\n');
	return [...lines.slice(0, from.row), ...changed, ...lines.slice(to.row + 1)];
}

/** A text without a line: shown as an empty one, written as nothing. */
export const NO_LINES: Lines = [''];

/** The lines with `count` of them from `row` on replaced by others. */
export function spliceLines(lines: Lines, row: number, count: number, put: Lines): Lines {
	const out = [...lines.slice(0, row), ...put, ...lines.slice(row + count)];
	return out.length === 0 ? NO_LINES : out;
}

/** The place behind a text that has been put in at `from`. */
export function behind(from: Place, text: string): Place {
	const last = text.lastIndexOf('\n');
	return last < 0 ? { row: from.row, at: from.at + text.length } : { row: from.row + text.split('\n').length - 1, at: text.length - last - 1 };
}

export const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? '';

/** Where a file's text becomes lines, and back. `noeol`: the last line had no newline. */
export function linesOf(content: string): { readonly lines: Lines; readonly noeol: boolean } {
	if (content === '') return { lines: NO_LINES, noeol: false };
	const lines = content.split('\n');
	const noeol = lines.at(-1) !== '';
	if (!noeol) lines.pop();
	return { lines, noeol };
}
