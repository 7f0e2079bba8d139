/**
 * `npm run cluster` consists of some seven hundred files; finding, reading and linking them one by one takes longer than booting
 * the cluster. A start that runs from the sources leaves a pack behind (pack.ts): the same code in one file, which later starts
 * take for as long as no source has changed.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** Where packs lie. Anything in it can be removed at any time. */
export const PACKS = join(ROOT, '.cache', 'packed');

/** A pack's first line, as a comment. */
export interface PackHead {
	/** Path from the root, when it was last changed (ms since 1970) and its size in bytes, of every file that the pack was made from. */
	readonly inputs: readonly (readonly [path: string, mtimeMs: number, bytes: number])[];
}

export const HEAD_MARK = '//pack ';

/** Longer than the head of a pack of some thousand files. */
const HEAD_BYTES = 512 * 1024;

/** The file of the pack `name` in `folder` if it was made from what lies in `root` now; undefined where it is missing, old or cut off. */
export function freshPack(name: string, folder = PACKS, root = ROOT): string | undefined {
	const path = join(folder, `${name}.mjs`);
	const head = readHead(path);
	if (head === undefined) return undefined;
	for (const [input, mtimeMs, bytes] of head.inputs) {
		const now = statSync(join(root, input), { throwIfNoEntry: false });
		if (now === undefined || now.mtimeMs !== mtimeMs || now.size !== bytes) return undefined;
	}
	return path;
}

function readHead(path: string): PackHead | undefined {
	if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
	const buffer = Buffer.alloc(HEAD_BYTES);
	const file = openSync(path, 'r');
	const read = (() => {
		try {
			return readSync(file, buffer, 0, HEAD_BYTES, 0);
		} finally {
			closeSync(file);
		}
	})();
	const end = buffer.subarray(0, read).indexOf('\n');
	const line = end < 0 ? '' : buffer.toString('utf8', 0, end);
	return line.startsWith(HEAD_MARK) ? (JSON.parse(line.slice(HEAD_MARK.length)) as PackHead) : undefined;
}

/** Makes the pack `name` in a process of its own, which outlives this one: whoever ends a cluster at once has it next time. */
export function packInBackground(name: string): void {
	spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, 'pack.ts'), name], { detached: true, stdio: 'ignore' }).unref();
}
