/** Estimated costs of rules: a definition whose rules could cost too much is refused (`cel_validation.go`). */
import { estimateCost, type SizeNode } from '../cel/estimate.ts';
import { LIMITS } from '../cel/limits.ts';
import { type Declared, MAX_REQUEST } from '../cel/schema.ts';
import type { FieldError } from '../types.ts';
import { forbiddenValue } from '../validation.ts';
import type { RuleNode } from './rules.ts';

interface Observed {
	readonly path: string;
	readonly cost: number;
}

/** How many of the dearest rules are named where all together cost too much. */
const NAMED = 4;

export function estimates(tree: RuleNode, path: string): readonly FieldError[] {
	const out: FieldError[] = [];
	const seen: Observed[] = [];
	walk(tree, path, 1, out, seen);
	const total = seen.reduce((n, o) => n + o.cost, 0);
	if (total <= LIMITS.staticSchema) return out;
	const dearest = [...seen].sort((a, b) => b.cost - a.cost).slice(0, NAMED);
	for (const { path: at } of dearest) out.push(forbiddenValue(at, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'));
	out.push(forbiddenValue(path, tooDear('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', total, LIMITS.staticSchema)));
	return out;
}

/** @param times how often this place can occur in one object; undefined for as often as a request has room. */
function walk(node: RuleNode, path: string, times: number | undefined, out: FieldError[], seen: Observed[]): void {
	const count = times ?? Math.floor(MAX_REQUEST / (node.declared.minSize + 1));
	for (const [i, { program, message }] of node.rules.entries()) {
		const at = `${path}.x-kubernetes-validations[${i}]`;
		for (const [field, name, compiled] of [
			['rule', 'estimated rule cost', program],
			['messageExpression', 'estimated messageExpression cost', message],
		] as const) {
			if (compiled === undefined || 'error' in compiled) continue;
			const cost = estimateCost(compiled.expr, compiled.checked, sizes(node.declared)) * (field === 'rule' ? count : 1);
			seen.push({ path: `${at}.${field}`, cost });
			if (cost > LIMITS.staticRule) out.push(forbiddenValue(`${at}.${field}`, tooDear(name, cost, LIMITS.staticRule)));
		}
	}
	const many = (max: number | undefined): number | undefined => (max === undefined || times === undefined ? undefined : times * max);
	for (const [name, child] of node.properties) walk(child, `${path}.properties[${name}]`, times, out, seen);
	if (node.items !== undefined) walk(node.items, `${path}.items`, many(node.schema.maxItems), out, seen);
	if (node.values !== undefined) walk(node.values, `${path}.additionalProperties`, many(node.schema.maxProperties), out, seen);
	for (const [i, child] of node.allOf.entries()) walk(child, `${path}.allOf[${i}]`, times, out, seen);
}

function sizes(declared: Declared): (name: string) => SizeNode | undefined {
	return (name) => (name === 'self' || name === 'oldSelf' ? declared : undefined);
}

function tooDear(what: string, cost: number, limit: number): string {
	const factor = cost / limit;
	const text = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
	return `${what} exceeds budget by factor of ${text} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
