/** Differences of two sets of files as git prints them: patches, `--stat`, `--name-status`, summaries; renames by content. */
import { textFromBytes } from '../../bytes.ts';
import { type Change, changesOf, splitLines } from './lines.ts';
import type { Blob, Files } from './files.ts';
import type { Repository } from './repository.ts';
import { readWorking, sameBlob } from './worktree.ts';

/** One file's difference. Without `old` it is new, without `new` it is gone. */
export interface FileChange {
	readonly path: string;
	readonly from: string;
	readonly old?: Blob;
	readonly new?: Blob;
	/** Percent, where it has been renamed. */
	readonly similarity?: number;
	/** In conflict: the index has no one version. */
	readonly unmerged?: true;
}

export type Content = (side: 'old' | 'new', change: FileChange) => Promise<Buffer>;

/** Reads both sides of changes from the repository; the new one from the working tree where that is what was looked at. */
export function contentOf(repo: Repository, working = false): Content {
	return async (side, change) => {
		const blob = change[side];
		if (blob === undefined) return Buffer.alloc(0);
		if (side === 'new' && working) return readWorking(repo, change.path, blob.mode);
		return repo.blob(blob.oid);
	};
}

export function compare(old: Files, now: Files, wanted: (path: string) => boolean = () => true): FileChange[] {
	const out: FileChange[] = [];
	for (const path of [...new Set([...old.keys(), ...now.keys()])].sort(byBytes)) {
		const [a, b] = [old.get(path), now.get(path)];
		if (!wanted(path) || sameBlob(a, b)) continue;
		out.push({ path, from: path, ...(a === undefined ? {} : { old: a }), ...(b === undefined ? {} : { new: b }) });
	}
	return out;
}

export const byBytes = (a: string, b: string): number => (a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** How much of `a` is in `b`, in percent of the larger: pieces are lines, cut at 64 bytes (diffcore-delta.c). */
function similarity(a: Buffer, b: Buffer): number {
	const pieces = (x: Buffer): Map<string, number> => {
		const out = new Map<string, number>();
		for (const line of x.toString('latin1').match(/[^\n]{0,63}\n|[^\n]{1,64}/g) ?? []) out.set(line, (out.get(line) ?? 0) + line.length);
		return out;
	};
	const [p, q] = [pieces(a), pieces(b)];
	let copied = 0;
	for (const [line, n] of p) copied += Math.min(n, q.get(line) ?? 0);
	return Math.floor((copied * 100) / Math.max(a.length, b.length, 1));
}

/** Joins a file gone and one new of much the same content to a rename; half the content must be the same. */
export async function withRenames(changes: readonly FileChange[], content: Content): Promise<FileChange[]> {
	const gone = changes.filter((c) => c.new === undefined && c.old !== undefined);
	const fresh = changes.filter((c) => c.old === undefined && c.new !== undefined);
	if (gone.length === 0 || fresh.length === 0 || gone.length * fresh.length > 10_000) return [...changes];
	const pairs: { readonly a: FileChange; readonly b: FileChange; readonly score: number }[] = [];
	for (const b of fresh)
		for (const a of gone) {
			const size = a.old?.oid === b.new?.oid ? 100 : similarity(await content('old', a), await content('new', b));
			// Of files alike, the one of the same name is meant.
			if (size >= 50 && (await content('new', b)).length > 0)
				pairs.push({ a, b, score: size + (a.path.split('/').at(-1) === b.path.split('/').at(-1) ? 0.5 : 0) });
		}
	pairs.sort((x, y) => y.score - x.score);
	const used = new Set<FileChange>();
	const renamed = new Map<FileChange, FileChange>();
	for (const { a, b, score } of pairs) {
		if (used.has(a) || used.has(b)) continue;
		used.add(a).add(b);
		renamed.set(b, {
			path: b.path,
			from: a.path,
			...(a.old === undefined ? {} : { old: a.old }),
			...(b.new === undefined ? {} : { new: b.new }),
			similarity: Math.floor(score),
		});
	}
	return changes.flatMap((c) => renamed.get(c) ?? (used.has(c) ? [] : [c]));
}

export const shortId = (oid: string): string => oid.slice(0, 7);

/** A path as git shows it: in quotes with octal escapes where it has more than plain characters. */
export function quoted(path: string): string {
	if (/^[ !#-[\]-~]*$/.test(path)) return path;
	const out = [...Buffer.from(path)].map((b) =>
		b === 0x22 || b === 0x5c
			? `\\${String.fromCharCode(b)}`
			: b === 9
				? '\\t'
				: b === 10
					? '\\n'
					: b < 0x20 || b > 0x7e
						? `\\${b.toString(8).padStart(3, '0')}`
						: String.fromCharCode(b),
	);
	return `"${out.join('')}"`;
}

const isBinary = (b: Buffer): boolean => b.subarray(0, 8000).includes(0);

export type Paint = (kind: 'meta' | 'frag' | 'old' | 'new' | 'commit', text: string) => string;
export const plain: Paint = (_kind, text) => text;
const CODES = { meta: '1', frag: '36', old: '31', new: '32', commit: '33' } as const;
export const coloured: Paint = (kind, text) => `\x1b[${CODES[kind]}m${text}\x1b[m`;

/** Changes that lie within twice the context become one hunk. */
function hunks(changes: readonly Change[], context: number): Change[][] {
	const out: Change[][] = [];
	for (const c of changes) {
		const last = out.at(-1);
		const before = last?.at(-1);
		if (last !== undefined && before !== undefined && c.a[0] - before.a[1] <= 2 * context) last.push(c);
		else out.push([c]);
	}
	return out;
}

/** The text lines of a patch's hunks, without the file's header. */
export function hunkText(oldText: string, newText: string, context: number, paint: Paint = plain): string {
	const [a, b] = [splitLines(oldText), splitLines(newText)];
	return hunksOf(a, b, changesOf(a, b), context, paint, true);
}

/** Hunks of changes that are known. `headings`: the function's line that git puts behind the ranges. */
export function hunksOf(a: readonly string[], b: readonly string[], changes: readonly Change[], context: number, paint: Paint, headings: boolean): string {
	let out = '';
	const line = (sign: string, text: string): void => {
		const kind = sign === '-' ? 'old' : sign === '+' ? 'new' : undefined;
		const body = sign + text.replace(/\n$/, '');
		out += `${kind === undefined ? body : paint(kind, body)}\n${text.endsWith('\n') ? '' : '\\ No newline at end of file\n'}`;
	};
	for (const group of hunks(changes, context)) {
		const [first, last] = [group[0], group.at(-1)];
		if (first === undefined || last === undefined) continue;
		const startA = Math.max(0, first.a[0] - context);
		const startB = Math.max(0, first.b[0] - context);
		const endA = Math.min(a.length, last.a[1] + context);
		const endB = Math.min(b.length, last.b[1] + context);
		const range = (from: number, to: number): string => (to - from === 1 ? `${from + 1}` : `${to === from ? from : from + 1},${to - from}`);
		let heading = '';
		for (let i = startA - 1; headings && i >= 0 && heading === ''; i--) if (/^[A-Za-z_$]/.test(a[i] ?? '')) heading = ` ${(a[i] ?? '').trimEnd().slice(0, 80)}`;
		out += `${paint('frag', `@@ -${range(startA, endA)} +${range(startB, endB)} @@`)}${heading}\n`;
		let at = startA;
		for (const c of group) {
			for (; at < c.a[0]; at++) line(' ', a[at] ?? '');
			for (; at < c.a[1]; at++) line('-', a[at] ?? '');
			for (let j = c.b[0]; j < c.b[1]; j++) line('+', b[j] ?? '');
		}
		for (; at < endA; at++) line(' ', a[at] ?? '');
	}
	return out;
}

const octal = (b: Blob | undefined): string => (b?.mode ?? 0).toString(8);

/** One file's patch. */
export async function patchOf(change: FileChange, content: Content, options: { readonly context?: number; readonly paint?: Paint } = {}): Promise<string> {
	const paint = options.paint ?? plain;
	const { path, from, old, new: now } = change;
	if (change.unmerged) return `* Unmerged path ${quoted(path)}\n`;
	const [a, b] = [await content('old', change), await content('new', change)];
	const head = [`diff --git ${quoted(`a/${from}`)} ${quoted(`b/${path}`)}`];
	if (old === undefined) head.push(`new file mode ${octal(now)}`);
	else if (now === undefined) head.push(`deleted file mode ${octal(old)}`);
	else if (old.mode !== now.mode) head.push(`old mode ${octal(old)}`, `new mode ${octal(now)}`);
	if (change.similarity !== undefined) head.push(`similarity index ${change.similarity}%`, `rename from ${quoted(from)}`, `rename to ${quoted(path)}`);
	const zero = '0'.repeat(40);
	let body = '';
	if (!a.equals(b) || old === undefined || now === undefined) {
		head.push(`index ${shortId(old?.oid ?? zero)}..${shortId(now?.oid ?? zero)}${old !== undefined && old.mode === now?.mode ? ` ${octal(old)}` : ''}`);
		const names = [old === undefined ? '/dev/null' : quoted(`a/${from}`), now === undefined ? '/dev/null' : quoted(`b/${path}`)];
		if (isBinary(a) || isBinary(b)) body = `Binary files ${names[0]} and ${names[1]} differ\n`;
		else if (!a.equals(b)) {
			const tail = (name: string | undefined): string => (name?.includes(' ') ? `${name}\t` : (name ?? ''));
			head.push(`--- ${tail(names[0])}`, `+++ ${tail(names[1])}`);
			body = hunkText(textFromBytes(a), textFromBytes(b), options.context ?? 3, paint);
		}
	}
	return `${head.map((l) => paint('meta', l)).join('\n')}\n${body}`;
}

export interface Counted {
	readonly change: FileChange;
	readonly added: number;
	readonly removed: number;
	/** Sizes of a binary file before and after. */
	readonly binary?: readonly [number, number];
}

export async function count(changes: readonly FileChange[], content: Content): Promise<Counted[]> {
	const out: Counted[] = [];
	for (const change of changes) {
		const [a, b] = [await content('old', change), await content('new', change)];
		if (isBinary(a) || isBinary(b)) {
			out.push({ change, added: 0, removed: 0, binary: [a.length, b.length] });
			continue;
		}
		let added = 0;
		let removed = 0;
		for (const c of changesOf(splitLines(textFromBytes(a)), splitLines(textFromBytes(b)))) {
			removed += c.a[1] - c.a[0];
			added += c.b[1] - c.b[0];
		}
		out.push({ change, added, removed });
	}
	return out;
}

/** `a/{b => c}/d` of a rename. */
export function renameText(from: string, to: string): string {
	if (from === to) return quoted(to);
	let head = 0;
	for (let i = 0; i < from.length && i < to.length && from[i] === to[i]; i++) if (from[i] === '/') head = i + 1;
	let tail = 0;
	for (let i = 0; i < from.length - head + (head > 0 ? 1 : 0) && i < to.length - head + (head > 0 ? 1 : 0); i++) {
		if (from[from.length - 1 - i] !== to[to.length - 1 - i]) break;
		if (from[from.length - 1 - i] === '/') tail = i + 1;
	}
	if (head + tail === 0) return `${from} => ${to}`;
	const middle = (p: string): string => p.slice(head, Math.max(head, p.length - tail));
	return `${to.slice(0, head)}{${middle(from)} => ${middle(to)}}${to.slice(to.length - tail)}`;
}

export function shortStat(counted: readonly Counted[]): string {
	const [plus, minus] = [counted.reduce((n, c) => n + c.added, 0), counted.reduce((n, c) => n + c.removed, 0)];
	const s = (n: number): string => (n === 1 ? '' : 's');
	if (counted.length === 0) return '';
	const parts = [` ${counted.length} file${s(counted.length)} changed`];
	if (plus > 0 || minus === 0) parts.push(`${plus} insertion${s(plus)}(+)`);
	if (minus > 0 || plus === 0) parts.push(`${minus} deletion${s(minus)}(-)`);
	return `${parts.join(', ')}\n`;
}

/** `--stat`: a line a file, scaled to a width of 80 columns as show_stats() in diff.c does it. */
export function statText(counted: readonly Counted[], paint: Paint = plain, width = 80): string {
	if (counted.length === 0) return '';
	const names = counted.map((c) => renameText(c.change.from, c.change.path));
	const most = Math.max(...counted.map((c) => c.added + c.removed));
	const binary = counted.some((c) => c.binary !== undefined);
	const numbers = Math.max(String(most).length, binary ? 3 : 0);
	let nameWidth = Math.max(...names.map((n) => n.length));
	const binWidth = Math.max(0, ...counted.map((c) => (c.binary === undefined ? 0 : `${c.binary[0]}${c.binary[1]}`.length + 10)));
	let graph = Math.max(most, 0);
	if (nameWidth + numbers + 6 + Math.max(graph, binWidth - numbers) > width) {
		if (graph > Math.floor((width * 3) / 8) - numbers - 6) graph = Math.max(6, Math.floor((width * 3) / 8) - numbers - 6);
		if (nameWidth > width - numbers - 6 - graph) nameWidth = width - numbers - 6 - graph;
		else graph = Math.min(most, width - numbers - 6 - nameWidth);
	}
	const scale = (n: number): number => (n === 0 ? 0 : 1 + Math.floor((n * (graph - 1)) / most));
	let out = '';
	counted.forEach((c, i) => {
		let name = names[i] ?? '';
		if (name.length > nameWidth) {
			const cut = name.slice(name.length - nameWidth + 3);
			name = `...${cut.includes('/') ? cut.slice(cut.indexOf('/')) : cut}`;
		}
		const start = ` ${name.padEnd(nameWidth)} | `;
		if (c.binary !== undefined) {
			out += `${start}${'Bin'.padStart(numbers)}${c.binary[0] === c.binary[1] && c.binary[0] === 0 ? '' : ` ${c.binary[0]} -> ${c.binary[1]} bytes`}\n`;
			return;
		}
		let [plus, minus] = [c.added, c.removed];
		if (most > graph) {
			const total = scale(plus + minus);
			const both = plus > 0 && minus > 0 && total < 2 ? 2 : total;
			if (plus < minus) {
				plus = scale(plus);
				minus = both - plus;
			} else {
				minus = scale(minus);
				plus = both - minus;
			}
		}
		const bars = (plus > 0 ? paint('new', '+'.repeat(plus)) : '') + (minus > 0 ? paint('old', '-'.repeat(minus)) : '');
		out += `${start}${String(c.added + c.removed).padStart(numbers)}${bars === '' ? '' : ` ${bars}`}\n`;
	});
	return out + shortStat(counted);
}

/** Files that came, went, were renamed or changed mode, as after a commit or merge. */
export function summary(changes: readonly FileChange[]): string {
	return changes
		.map((c) => {
			if (c.similarity !== undefined) return ` rename ${renameText(c.from, c.path)} (${c.similarity}%)\n`;
			if (c.old === undefined) return ` create mode ${octal(c.new)} ${quoted(c.path)}\n`;
			if (c.new === undefined) return ` delete mode ${octal(c.old)} ${quoted(c.path)}\n`;
			return c.old.mode === c.new.mode ? '' : ` mode change ${octal(c.old)} => ${octal(c.new)} ${quoted(c.path)}\n`;
		})
		.join('');
}

export const letterOf = (c: FileChange): string =>
	c.unmerged
		? 'U'
		: c.similarity !== undefined
			? 'R'
			: c.old === undefined
				? 'A'
				: c.new === undefined
					? 'D'
					: (c.old.mode & 0o170000) === (c.new.mode & 0o170000)
						? 'M'
						: 'T';

export function nameStatus(c: FileChange): string {
	return c.similarity !== undefined
		? `R${String(c.similarity).padStart(3, '0')}\t${quoted(c.from)}\t${quoted(c.path)}\n`
		: `${letterOf(c)}\t${quoted(c.path)}\n`;
}
