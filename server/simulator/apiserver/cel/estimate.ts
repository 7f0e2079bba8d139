/** The most that an expression can cost, from the sizes its inputs may have (`cel-go/checker/cost.go`). */
import type { Checked } from './checker.ts';
import type { CallExpr, Comprehension, Expr } from './syntax.ts';
import { isMap, type Value } from './values.ts';

/** Sizes of a place in the input. */
export interface SizeNode {
	readonly maxElements: number;
	readonly element?: SizeNode;
	/** A map's keys. */
	readonly key?: SizeNode;
	field?(name: string): SizeNode | undefined;
}

interface Estimate {
	readonly cost: number;
	/** Most characters or items of the result; undefined where nothing is known. */
	readonly size: number;
	readonly node?: SizeNode | undefined;
}

/** cel-go takes what it knows nothing of for endless; a request has room for this much. */
const UNKNOWN = Number.MAX_SAFE_INTEGER;
const SCALAR: Estimate = { cost: 0, size: 1 };

type Scope = { readonly [name: string]: Estimate };

/** @param root sizes of the variables. */
export function estimateCost(expr: Expr, checked: Checked, root: (name: string) => SizeNode | undefined): number {
	return new Estimator(checked, root).of(expr, {}).cost;
}

const tenth = (size: number): number => Math.ceil(size * 0.1);
const sizeOfValue = (v: Value): number => (typeof v === 'string' ? v.length : v instanceof Uint8Array ? v.length : isMap(v) ? v.size : 1);

class Estimator {
	readonly #checked: Checked;
	readonly #root: (name: string) => SizeNode | undefined;
	constructor(checked: Checked, root: (name: string) => SizeNode | undefined) {
		this.#checked = checked;
		this.#root = root;
	}

	of(expr: Expr, scope: Scope): Estimate {
		switch (expr.kind) {
			case 'const':
				return { cost: 0, size: sizeOfValue(expr.value) };
			case 'ident':
				return this.#name(expr.name, scope);
			case 'select': {
				const operand = this.of(expr.operand, scope);
				if (expr.test) return { cost: operand.cost, size: 1 };
				const node = operand.node?.field?.(expr.field) ?? operand.node?.element;
				return { cost: operand.cost + 1, ...(node === undefined ? { size: this.#unknown(expr) } : { size: node.maxElements, node }) };
			}
			case 'call':
				return this.#call(expr, scope);
			case 'list':
				return { cost: 10 + this.#sum(expr.items, scope), size: expr.items.length };
			case 'map':
				return {
					cost:
						30 +
						this.#sum(
							expr.entries.flatMap((e) => [e.key, e.value]),
							scope,
						),
					size: expr.entries.length,
				};
			case 'struct':
				return {
					cost:
						40 +
						this.#sum(
							expr.fields.map((f) => f.value),
							scope,
						),
					size: 1,
				};
			case 'comprehension':
				return this.#loop(expr, scope);
		}
	}

	#name(name: string, scope: Scope): Estimate {
		const bound = Object.hasOwn(scope, name) ? scope[name] : undefined;
		if (bound !== undefined) return { ...bound, cost: 1 };
		const node = this.#root(name);
		return node === undefined ? { cost: 1, size: 1 } : { cost: 1, size: node.maxElements, node };
	}

	/** Numbers and booleans are one unit, whatever they come from. */
	#unknown(expr: Expr): number {
		const type = this.#checked.types.get(expr.id);
		if (type === undefined) return UNKNOWN;
		const sized = type.kind === 'list' || type.kind === 'map' || (type.kind === 'plain' && ['string', 'bytes', 'dyn'].includes(type.name));
		return sized ? UNKNOWN : 1;
	}

	#sum(parts: readonly Expr[], scope: Scope): number {
		return parts.reduce((n, part) => n + this.of(part, scope).cost, 0);
	}

	#loop(expr: Comprehension, scope: Scope): Estimate {
		const range = this.of(expr.range, scope);
		const init = this.of(expr.init, scope);
		if (isBind(expr)) {
			const bound = this.of(expr.result, { ...scope, [expr.accuVar]: { ...init, cost: 1 } });
			return { ...bound, cost: range.cost + init.cost + bound.cost };
		}
		const item = this.#within(range, 'element', () => this.#itemSize(expr));
		const grows = expr.init.kind === 'list' || expr.init.kind === 'map';
		const accu: Estimate = { cost: 1, size: grows ? range.size : init.size, ...(init.node === undefined ? {} : { node: init.node }) };
		const overKeys = this.#checked.types.get(expr.range.id)?.kind === 'map';
		const key: Estimate = overKeys ? this.#within(range, 'key', () => UNKNOWN) : { cost: 1, size: 1 };
		const inner: Scope =
			expr.iterVar2 === undefined
				? { ...scope, [expr.accuVar]: accu, [expr.iterVar]: overKeys ? key : item }
				: { ...scope, [expr.accuVar]: accu, [expr.iterVar]: key, [expr.iterVar2]: item };
		const each = this.of(expr.condition, inner).cost + this.of(expr.step, inner).cost;
		const result = this.of(expr.result, { ...scope, [expr.accuVar]: accu });
		return { cost: range.cost + init.cost + range.size * each + result.cost, size: result.size, ...(result.node === undefined ? {} : { node: result.node }) };
	}

	/**
	 * What a list or map holds. Where it is no place of the input but the result of a call (`split`, `filter`), cel-go looks up
	 * a path with nothing before `@items`, which the API server takes for the root (`sizeEstimator.EstimateSize`).
	 */
	#within(range: Estimate, part: 'element' | 'key', unknown: () => number): Estimate {
		const node = range.node === undefined ? this.#root('self') : range.node[part];
		return node === undefined ? { cost: 1, size: unknown() } : { cost: 1, size: node.maxElements, node };
	}

	#itemSize(expr: Comprehension): number {
		const type = this.#checked.types.get(expr.range.id);
		const of = type?.kind === 'list' || type?.kind === 'map' ? type.of : undefined;
		return of !== undefined && of.kind === 'plain' && !['string', 'bytes', 'dyn'].includes(of.name) ? 1 : UNKNOWN;
	}

	#call(expr: CallExpr, scope: Scope): Estimate {
		const parts = expr.target === undefined || this.#checked.names.has(expr.id) ? expr.args : [expr.target, ...expr.args];
		const args = parts.map((p) => this.of(p, scope));
		const cost = args.reduce((n, a) => n + a.cost, 0);
		const [a = SCALAR, b = SCALAR, c = SCALAR] = args;
		switch (expr.fn) {
			case '_&&_':
			case '_||_':
			case '@not_strictly_false':
				return { cost, size: 1 };
			case '_?_:_': {
				const larger = b.size >= c.size ? b : c;
				return { cost: a.cost + Math.max(b.cost, c.cost), size: larger.size, ...(larger.node === undefined ? {} : { node: larger.node }) };
			}
			case '_[_]':
			case '_[?_]':
			case '_?._': {
				const field = parts[1];
				const named = expr.fn === '_?._' && field?.kind === 'const' && typeof field.value === 'string' ? a.node?.field?.(field.value) : undefined;
				const node = named ?? a.node?.element;
				return { cost: cost + 1, ...(node === undefined ? { size: this.#unknown(expr) } : { size: node.maxElements, node }) };
			}
			case 'value':
			case 'orValue':
				return { cost: cost + 1, size: a.size, ...(a.node === undefined ? {} : { node: a.node }) };
			default: {
				const inMap = expr.fn === '@in' && this.#checked.types.get(parts[1]?.id ?? -1)?.kind === 'map';
				const [own, size] = inMap ? [1, 1] : callCost(expr.fn, a, b, c, () => this.#unknown(expr));
				return { cost: cost + own, size };
			}
		}
	}
}

/** `cel.bind`, as its macro writes it: a loop over nothing. */
const isBind = ({ range, condition }: Comprehension): boolean =>
	range.kind === 'list' && range.items.length === 0 && condition.kind === 'const' && condition.value === false;

/** A call's own cost, and its result's size. */
function callCost(fn: string, a: Estimate, b: Estimate, c: Estimate, unknown: () => number): readonly [number, number] {
	switch (fn) {
		case 'startsWith':
		case 'endsWith':
			return [tenth(b.size), 1];
		case 'contains':
			return [tenth(a.size) * tenth(b.size), 1];
		case 'matches':
		case 'find':
		case 'findAll':
			return [Math.ceil((1 + a.size) * 0.1) * Math.ceil(b.size * 0.25), a.size];
		case '_==_':
		case '_!=_':
		case '_<_':
		case '_<=_':
		case '_>_':
		case '_>=_':
			return [tenth(Math.min(a.size, b.size)), 1];
		case '_+_':
			return unknown() === 1 ? [1, 1] : [tenth(a.size + b.size), a.size + b.size];
		case '@in':
			return [b.size, 1];
		case 'lowerAscii':
		case 'upperAscii':
		case 'substring':
		case 'trim':
			return [tenth(a.size), a.size];
		case 'replace':
			return [tenth(2 * a.size), a.size * Math.max(1, c.size)];
		case 'split':
		case 'join':
			return [tenth(2 * a.size), a.size];
		case 'isSorted':
		case 'sum':
		case 'min':
		case 'max':
		case 'indexOf':
		case 'lastIndexOf':
			return [a.size, 1];
		case 'sets.contains':
		case 'sets.intersects':
		case 'sets.equivalent':
			return [Math.max(1, a.size * b.size), 1];
		case 'url':
		case 'isURL':
		case 'ip':
		case 'isIP':
		case 'cidr':
		case 'isCIDR':
		case 'quantity':
		case 'isQuantity':
		case 'semver':
		case 'isSemver':
			return [tenth(a.size), a.size];
		default:
			return [1, unknown()];
	}
}
