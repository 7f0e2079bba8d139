/** Tab: commands, files, variables, and what a program knows of its own arguments. */
import { resolvePath } from '../shell/filesystem.ts';
import { BUILTINS } from '../shell/interpreter/builtins.ts';
import { exportedEnv, type ShellState } from '../shell/interpreter/state.ts';
import type { TerminalShell } from './terminal.types.ts';

export interface CompletionContext {
	readonly state: ShellState;
	readonly shell: TerminalShell;
}

/** The words of the command that the cursor stands in; the last may be ''. Quotes are taken off roughly: enough for completing. */
export function currentWords(line: string): readonly string[] {
	const last = line.split(/\|\||&&|[|;&(]|\$\(/).at(-1) ?? '';
	const words = [...last.trimStart().matchAll(/"[^"]*"?|'[^']*'?|\S+/g)].map((m) => m[0].replace(/^["']|["']$/g, ''));
	if (last === '' || /\s$/.test(last)) words.push('');
	while (words.length > 1 && /^\w+=/.test(words[0] ?? '')) words.shift();
	return words;
}

async function files(word: string, { state, shell }: CompletionContext): Promise<string[]> {
	const at = word.lastIndexOf('/');
	const folder = at < 0 ? '' : word.slice(0, at + 1);
	const start = word.slice(at + 1);
	const real = folder.startsWith('~/') ? resolvePath(shell.home, folder.slice(2)) : resolvePath(state.cwd, folder === '' ? '.' : folder);
	const names = await shell.host.fs.readdir(real).catch(() => []);
	const out: string[] = [];
	for (const n of names) {
		if (!n.startsWith(start) || (n.startsWith('.') && !start.startsWith('.'))) continue;
		const stat = await shell.host.fs.stat(`${real}/${n}`).catch(() => undefined);
		out.push(`${folder}${n}${stat?.isDirectory ? '/' : ' '}`);
	}
	return out;
}

/** What fits at the end of `line`, and the part of it that a choice replaces. */
export async function complete(line: string, context: CompletionContext): Promise<readonly [readonly string[], string]> {
	const { state, shell } = context;
	const words = currentWords(line);
	const word = words.at(-1) ?? '';
	if (word.startsWith('$')) {
		const names = [...state.variables.keys()].map((n) => `$${n}`);
		return [names.filter((n) => n.startsWith(word)).sort(), word];
	}
	if (words.length <= 1 && !word.includes('/')) {
		const names = new Set([...BUILTINS.keys(), ...shell.host.programs(), ...state.functions.keys(), ...state.aliases.keys()]);
		return [
			[...names]
				.filter((n) => n.startsWith(word) && /^\w/.test(n))
				.sort()
				.map((n) => `${n} `),
			word,
		];
	}
	const [first = '', ...rest] = words;
	const expanded = [...(state.aliases.get(first)?.split(/\s+/) ?? [first]), ...rest];
	const own = await shell.completeProgram(expanded[0] ?? '', expanded.slice(1), exportedEnv(state), state.cwd);
	if (own !== undefined) return [own.map((o) => (/[=/:]$/.test(o) ? o : `${o} `)), word];
	return [await files(word, context), word];
}
