/** What a PromQL expression is made of, and what it comes to. A useful part of the language: no subqueries, no `@`, no native histograms. */
import type { MetricLabels } from '../series.ts';

export type MatchOp = '=' | '!=' | '=~' | '!~';

export interface Matcher {
	readonly label: string;
	readonly op: MatchOp;
	readonly value: string;
}

/** How the samples of two sides find each other. */
export interface Matching {
	readonly by: 'on' | 'ignoring';
	readonly labels: readonly string[];
	/** The side that may have several for one of the other. */
	readonly many?: 'left' | 'right';
	/** Labels of the one side that the result takes over. */
	readonly include: readonly string[];
}

export type Expr =
	| { readonly kind: 'number'; readonly value: number }
	| { readonly kind: 'string'; readonly value: string }
	/** With `rangeMs` a range vector. */
	| { readonly kind: 'selector'; readonly matchers: readonly Matcher[]; readonly rangeMs?: number; readonly offsetMs: number }
	| { readonly kind: 'call'; readonly name: string; readonly args: readonly Expr[] }
	| {
			readonly kind: 'aggregate';
			readonly op: string;
			readonly expr: Expr;
			readonly param?: Expr;
			readonly grouping?: { readonly without: boolean; readonly labels: readonly string[] };
	  }
	| { readonly kind: 'binary'; readonly op: string; readonly left: Expr; readonly right: Expr; readonly bool: boolean; readonly matching?: Matching }
	| { readonly kind: 'negate'; readonly expr: Expr };

export interface Sample {
	readonly labels: MetricLabels;
	readonly value: number;
}

export type Value = { readonly type: 'scalar'; readonly value: number } | { readonly type: 'vector'; readonly samples: readonly Sample[] };

/** Why an expression can't be read or worked out, in a sentence. */
export class PromqlError extends Error {}
