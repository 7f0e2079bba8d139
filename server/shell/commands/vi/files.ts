/** Reading, writing and leaving: `:w`, `:e`, `:r`, `:q`, with Vim's own messages. */
import { LIMITS } from '../../../limits.ts';
import { filetype } from './options.ts';
import { linesOf, spliceLines } from './text.ts';
import type { Steps, Vi } from './vi.ts';

const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');
const codeOf = (e: unknown): string => (typeof e === 'object' && e !== null && 'code' in e ? String(e.code) : '');
const quoted = (path: string, vi: Vi): string => `"${path}"${vi.noeol ? ' [noeol]' : ''}`;

/** Loads a file; says what it found. A file that is too long is refused, and nothing changes. */
export async function open(vi: Vi, path: string): Promise<boolean> {
	const stat = await vi.host.stat(path).catch(() => undefined);
	if (stat?.kind === 'directory') {
		vi.fail(`"${path}" is a directory`);
		return false;
	}
	if (stat !== undefined && stat.size > LIMITS.editorBytes) {
		vi.fail(
			`"${path}" has ${stat.size} bytes: more than the ${LIMITS.editorBytes} that fit an editor here. Look at it with less, or cut it with head and split`,
		);
		return false;
	}
	try {
		const content = stat === undefined ? '' : await vi.host.read(path);
		vi.isNew = stat === undefined;
		vi.load(path, content);
		filetype(vi.options, path);
		vi.say(stat === undefined ? `"${path}" [New]` : `${quoted(path, vi)} ${content === '' ? 0 : vi.lines.length}L, ${bytes(content)}B`);
		return true;
	} catch (e) {
		vi.fail(codeOf(e) === 'EACCES' ? `"${path}" [Permission Denied]` : `"${path}" E484: Can't open file ${path}`);
		return false;
	}
}

export interface WriteOptions {
	readonly path?: string;
	readonly force?: boolean;
	readonly append?: boolean;
	/** Rows from and up to, both included. */
	readonly range?: readonly [number, number];
}

/** Writes the text, or a range of it; true where that went well. */
export async function write(vi: Vi, options: WriteOptions = {}): Promise<boolean> {
	const path = options.path ?? vi.path;
	if (path === undefined) {
		vi.fail('E32: No file name');
		return false;
	}
	const own = path === vi.path;
	if (own && vi.readonly && !options.force) {
		vi.fail("E45: 'readonly' option is set (add ! to override)");
		return false;
	}
	const there = await vi.host.stat(path).catch(() => undefined);
	if (there?.kind === 'directory') {
		vi.fail(`"${path}" is a directory`);
		return false;
	}
	if (!own && there !== undefined && !options.force && !options.append) {
		vi.fail('E13: File exists (add ! to override)');
		return false;
	}
	const { lines } = vi;
	const part = options.range === undefined ? lines : lines.slice(options.range[0], options.range[1] + 1);
	const text = vi.content(part);
	try {
		const old = options.append && there !== undefined ? await vi.host.read(path) : '';
		await vi.host.write(path, old + text);
	} catch (e) {
		vi.fail(codeOf(e) === 'EACCES' ? `"${path}" E212: Can't open file for writing` : `E514: Write error: ${e instanceof Error ? e.message : String(e)}`);
		return false;
	}
	if (options.range === undefined && !options.append) {
		if (vi.path === undefined) {
			vi.path = path;
			filetype(vi.options, path);
		}
		if (path === vi.path) {
			vi.saved = lines;
			vi.isNew = false;
		}
	}
	vi.say(`"${path}" ${there === undefined ? '[New] ' : ''}${text === '' ? 0 : part.length}L, ${bytes(text)}B ${options.append ? 'appended' : 'written'}`);
	return true;
}

export function quit(vi: Vi, force: boolean, code = 0): void {
	if (!force && vi.modified) {
		vi.fail('E37: No write since last change (add ! to override)');
		return;
	}
	const left = vi.argumentFiles.length - 1 - vi.argument;
	if (!force && left > 0) {
		// Asked a second time it goes.
		vi.argument = vi.argumentFiles.length;
		vi.fail(`E173: ${left} more file${left === 1 ? '' : 's'} to edit`);
		return;
	}
	vi.ended = code;
}

/** `:x` and `ZZ`: writes only what has changed. */
export function* writeAndQuit(vi: Vi, options: WriteOptions = {}, always = false): Steps<void> {
	if (!always && !vi.modified && options.path === undefined) return quit(vi, options.force ?? false);
	const ok = (yield write(vi, options)) as boolean;
	if (ok) quit(vi, options.force ?? false);
}

/** `:e`. */
export function* edit(vi: Vi, path: string | undefined, force: boolean): Steps<void> {
	if (vi.modified && !force) return vi.fail('E37: No write since last change (add ! to override)');
	const target = path ?? vi.path;
	if (target === undefined) return vi.fail('E32: No file name');
	const { row } = vi.cursor;
	if (((yield open(vi, target)) as boolean) && path === undefined) vi.moveTo({ row: Math.min(row, vi.lines.length - 1), at: 0 });
}

/** `:r`: a file's lines below a row. */
export function* readBelow(vi: Vi, path: string | undefined, row: number): Steps<void> {
	const target = path ?? vi.path;
	if (target === undefined) return vi.fail('E32: No file name');
	const stat = (yield vi.host.stat(target).catch(() => undefined)) as { size: number } | undefined;
	if (stat === undefined) return vi.fail(`E484: Can't open file ${target}`);
	if (stat.size + bytes(vi.content()) > LIMITS.editorBytes)
		return vi.fail(`"${target}" has ${stat.size} bytes: together more than the ${LIMITS.editorBytes} that fit an editor here`);
	const content = (yield vi.host.read(target)) as string;
	const { lines } = linesOf(content);
	if (content !== '') vi.lines = spliceLines(vi.lines, row + 1, 0, lines);
	vi.moveTo({ row: Math.min(row + 1, vi.lines.length - 1), at: 0 });
	vi.say(`"${target}" ${content === '' ? 0 : lines.length}L, ${bytes(content)}B`);
}

/** `:n` and `:N`: another file of the command line. */
export function* nextFile(vi: Vi, step: number, force: boolean): Steps<void> {
	const path = vi.argumentFiles[vi.argument + step];
	if (path === undefined)
		return vi.fail(
			vi.argumentFiles.length < 2
				? 'E163: There is only one file to edit'
				: step > 0
					? 'E165: Cannot go beyond last file'
					: 'E164: Cannot go before first file',
		);
	if (vi.modified && !force) return vi.fail('E37: No write since last change (add ! to override)');
	vi.argument += step;
	yield open(vi, path);
}
