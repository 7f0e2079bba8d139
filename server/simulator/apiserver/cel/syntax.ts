/** The Common Expression Language as a tree, after its macros are expanded (cel-go's `common/ast`). */
import type { Value } from './values.ts';

interface Node {
	/** Unique within an expression: the checker's results are kept by it. */
	readonly id: number;
	/** Offset into the source, where errors point. */
	readonly pos: number;
}

export interface ListExpr extends Node {
	readonly kind: 'list';
	readonly items: readonly Expr[];
	/** Which items are written `?x`: there only if the optional holds a value. */
	readonly optional: ReadonlySet<number>;
}

interface MapEntry {
	readonly key: Expr;
	readonly value: Expr;
	readonly optional: boolean;
}

export interface StructExpr extends Node {
	readonly kind: 'struct';
	readonly name: string;
	readonly fields: readonly { readonly name: string; readonly value: Expr; readonly optional: boolean; readonly pos: number }[];
}

/** A loop: `all`, `exists`, `map` and the like come down to it. */
export interface Comprehension extends Node {
	readonly kind: 'comprehension';
	readonly range: Expr;
	readonly iterVar: string;
	/** Set in a comprehension of two variables: index or key first, then the value. */
	readonly iterVar2?: string;
	readonly accuVar: string;
	readonly init: Expr;
	readonly condition: Expr;
	readonly step: Expr;
	readonly result: Expr;
}

export interface CallExpr extends Node {
	readonly kind: 'call';
	readonly fn: string;
	readonly target?: Expr;
	readonly args: readonly Expr[];
}

export interface SelectExpr extends Node {
	readonly kind: 'select';
	readonly operand: Expr;
	readonly field: string;
	/** `has(a.b)` asks whether the field is there. */
	readonly test: boolean;
}

export type Expr =
	| (Node & { readonly kind: 'const'; readonly value: Value })
	| (Node & { readonly kind: 'ident'; readonly name: string })
	| SelectExpr
	| CallExpr
	| ListExpr
	| (Node & { readonly kind: 'map'; readonly entries: readonly MapEntry[] })
	| StructExpr
	| Comprehension;

/** One fault of an expression, found before it runs. */
export interface Issue {
	readonly pos: number;
	readonly message: string;
}

/** Ends parsing. Caught where an expression is compiled: callers see issues. */
export class SyntaxFault extends Error {
	readonly issue: Issue;
	constructor(pos: number, message: string) {
		super(message);
		this.issue = { pos, message };
	}
}

/** Issues as cel-go prints them: position, message, the line and a mark under the place. */
export function issueText(source: string, issues: readonly Issue[]): string {
	return [...issues]
		.sort((a, b) => a.pos - b.pos)
		.map(({ pos, message }) => {
			const before = source.slice(0, pos);
			const line = before.split('\n').length;
			const column = [...before.slice(before.lastIndexOf('\n') + 1)].length;
			const text = (source.split('\n')[line - 1] ?? '').replaceAll('\t', ' ');
			return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${text}\n | ${'.'.repeat(column)}^`;
		})
		.join('\n');
}
