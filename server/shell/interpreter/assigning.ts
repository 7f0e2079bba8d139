/** Assignments: variables, elements, arrays and their literals. */
import { evaluate, exact, parseArithmetic } from './arith.ts';
import type { AssignmentNode, WordNode } from './ast.ts';
import type { ShellState } from './state.ts';
import { isAssociative, setElement, setVariable, setVariableWhole, textOfOr } from './variables.ts';
import { type Expander, expandText, expandWords, wordOf } from './words.ts';

/** A word as it was written, where it has only plain, quoted and simply expanded parts. */
function sourceOf(word: WordNode): string {
	return word.parts
		.map((p) => {
			if (p.type === 'Literal') return p.value;
			if (p.type === 'Glob') return p.pattern;
			if (p.type === 'SingleQuoted') return `'${p.value}'`;
			if (p.type === 'Escaped') return `\\${p.value}`;
			if (p.type === 'DoubleQuoted') return `"${sourceOf({ type: 'Word', parts: p.parts })}"`;
			if (p.type === 'ParameterExpansion' && p.operation === null) return `\${${p.parameter}}`;
			return '';
		})
		.join('');
}

/** Elements of an array's literal: words, and `[key]=value` with their keys; a key with blanks comes as several words. */
function arrayEntries(words: readonly WordNode[]): { readonly word: WordNode; readonly key?: string; readonly value: string }[] {
	const out: { word: WordNode; key?: string; value: string }[] = [];
	for (let i = 0; i < words.length; i++) {
		const word = words[i];
		if (word === undefined) continue;
		const first = word.parts[0];
		let source = (first?.type === 'Literal' || first?.type === 'Glob') && sourceOf({ type: 'Word', parts: [first] }).startsWith('[') ? sourceOf(word) : '';
		if (source !== '' && !source.includes(']=')) {
			const end = words.findIndex((w, n) => n > i && sourceOf(w).includes(']='));
			if (end > 0) {
				source = words
					.slice(i, end + 1)
					.map(sourceOf)
					.join(' ');
				i = end;
			}
		}
		const m = /^\[(.+?)\]=(.*)$/s.exec(source);
		out.push(m === null ? { word, value: '' } : { word, key: m[1] ?? '', value: m[2] ?? '' });
	}
	return out;
}

/** Gives a variable, an element or a whole array its value. Throws `ShellError` where it is read-only. */
export async function assign(node: AssignmentNode, x: Expander): Promise<void> {
	const { state } = x;
	const indexed = /^(\w+)\[(.*)\]$/s.exec(node.name);
	const name = indexed?.[1] ?? node.name;
	if (node.array !== null) {
		const old = state.variables.get(name);
		const associative = isAssociative(state, name);
		const items: string[] = node.append && Array.isArray(old?.value) ? [...(old.value as readonly string[])] : [];
		const map: { [key: string]: string } = {};
		for (const { word, key, value } of arrayEntries(node.array)) {
			if (key === undefined) {
				if (!associative) items.push(...(await expandWords(x, [word])));
				continue;
			}
			const text = await expandText(x, wordOf(value));
			const at = await expandText(x, wordOf(`"${key.replace(/^["'](.*)["']$/s, '$1')}"`));
			if (associative) map[at] = text;
			else items[number(state, at)] = text;
		}
		setVariableWhole(state, name, associative ? { ...(node.append ? (old?.value as object) : {}), ...map } : items);
		return;
	}
	let text = node.value === null ? '' : await expandText(x, node.value);
	const integer = state.variables.get(name)?.integer === true;
	if (indexed !== null) {
		const raw = indexed[2] ?? '';
		const key = isAssociative(state, name) ? raw.replace(/^["']|["']$/g, '') : String(number(state, raw));
		setElement(state, name, key, node.append ? textOfOr(state, name, key) + text : text);
		return;
	}
	if (integer) text = String(exact(state, parseArithmetic(text === '' ? '0' : text)));
	if (node.append) text = integer ? String(exact(state, parseArithmetic(`(${textOfOr(state, name) || '0'})+(${text})`))) : textOfOr(state, name) + text;
	setVariable(state, name, text);
}

function number(state: ShellState, text: string): number {
	return evaluate(state, parseArithmetic(text === '' ? '0' : text));
}
