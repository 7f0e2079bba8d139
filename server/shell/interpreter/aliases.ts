/** Aliases in command position. */
import { parse, type SimpleCommandNode, type WordNode } from './ast.ts';
import type { ShellState } from './state.ts';

/** A word's text where it is plain and unquoted. */
function literal(word: WordNode): string | undefined {
	let text = '';
	for (const p of word.parts) {
		if (p.type !== 'Literal') return undefined;
		text += p.value;
	}
	return text;
}

/** An alias in command position: the command it stands for, or (where it is more than one command) text to run. */
export function expandAlias(node: SimpleCommandNode, state: ShellState): SimpleCommandNode | string {
	let current = node;
	const seen = new Set<string>();
	for (;;) {
		const word = current.name === null ? undefined : literal(current.name);
		const text = word === undefined || seen.has(word) ? undefined : state.aliases.get(word);
		if (word === undefined || text === undefined) return current;
		seen.add(word);
		const script = parse(text === '' ? ':' : text);
		const only = script.statements.length === 1 && script.statements[0]?.pipelines.length === 1 ? script.statements[0].pipelines[0]?.commands : undefined;
		const first = only?.length === 1 ? only[0] : undefined;
		if (first?.type !== 'SimpleCommand') {
			const args = current.args.map((w) => literal(w) ?? '').join(' ');
			return `${text} ${args}`;
		}
		current = {
			...current,
			name: first.name,
			args: [...first.args, ...current.args],
			assignments: [...first.assignments, ...current.assignments],
			redirections: [...first.redirections, ...current.redirections],
		};
	}
}
