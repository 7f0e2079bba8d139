/**
 * Exact output of just-bash's utilities. What its `exec` gives out is text already, with bytes that are no UTF-8 guessed at; what it
 * redirects to a file arrives as the bytes they are. So a utility's output goes to a name under `/dev/.output/`, which these files
 * keep aside and never write.
 */
import type { FsStat, IFileSystem } from 'just-bash';
import { bytesFromText, textFromLatin1 } from './bytes.ts';

const FOLDER = '/dev/.output';

export interface UtilityOutput {
	/** The learner's files, and the names under `/dev/.output/`. */
	readonly fs: IFileSystem;
	/** A new name; `take` gives what was written to it, as text, and forgets it. */
	open(): { readonly path: string; take(): string };
}

/** Files through which utilities write what is not meant for a file. */
export function utilityOutput(files: IFileSystem): UtilityOutput {
	const held = new Map<string, string[]>();
	let next = 0;
	const latin1 = (content: string | Uint8Array, encoding: unknown): string => {
		if (typeof content !== 'string') return Buffer.from(content).toString('latin1');
		const name = typeof encoding === 'object' && encoding !== null ? (encoding as { encoding?: string }).encoding : encoding;
		return name === 'binary' || name === 'latin1' ? content : bytesFromText(content).toString('latin1');
	};
	const stat: FsStat = { isFile: true, isDirectory: false, isSymbolicLink: false, mode: 0o666, size: 0, mtime: new Date(0) };
	const overrides: Partial<IFileSystem> = {
		writeFile: async (path, content, options) => {
			if (!held.has(path)) return files.writeFile(path, content, options);
			held.set(path, [latin1(content, options)]);
		},
		appendFile: async (path, content, options) => {
			const parts = held.get(path);
			if (parts === undefined) return files.appendFile(path, content, options);
			parts.push(latin1(content, options));
		},
		exists: async (path) => held.has(path) || files.exists(path),
		stat: async (path) => (held.has(path) ? stat : files.stat(path)),
		lstat: async (path) => (held.has(path) ? stat : files.lstat(path)),
		realpath: async (path) => (held.has(path) ? path : files.realpath(path)),
	};
	const fs = new Proxy(files, {
		get(target, key) {
			const own = Reflect.get(overrides, key);
			if (own !== undefined) return own;
			const value: unknown = Reflect.get(target, key);
			return typeof value === 'function' ? value.bind(target) : value;
		},
	});
	return {
		fs,
		open: () => {
			const path = `${FOLDER}/${++next}`;
			held.set(path, []);
			return {
				path,
				take: () => {
					const text = textFromLatin1((held.get(path) ?? []).join(''));
					held.delete(path);
					return text;
				},
			};
		},
	};
}
