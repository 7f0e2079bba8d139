/** The part of JSONPath that definitions may use: fields, indices, `[*]`, and filters (`[?(@.field=="value")]`, `[?(@=="value")]`, `[?(@.field)]`). */
import { isRecord } from '../equal.ts';

type Step =
	| { readonly field: string }
	| { readonly index: number }
	| { readonly all: true }
	| { readonly where: readonly string[]; readonly op: string | undefined; readonly value: string };

const STEP =
	/\.((?:\\.|[^.[\\])+)|\[(?:(-?\d+)|(\*)|'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|\?\(\s*@((?:\.[^=!<>\s)]+)*)\s*(?:(==|!=|<=?|>=?)\s*(?:"([^"]*)"|'([^']*)'|([^)\s]+))\s*)?\))\]/gy;

const unescaped = (text: string): string => text.replaceAll(/\\(.)/g, '$1');

/** Undefined where the path can't be read. */
export function parsePath(path: string): readonly Step[] | undefined {
	const out: Step[] = [];
	const steps = new RegExp(STEP);
	let at = 0;
	while (at < path.length) {
		steps.lastIndex = at;
		const m = steps.exec(path);
		if (m === null) return undefined;
		at = steps.lastIndex;
		const [, dotted, index, star, single, double, where, op, a, b, c] = m;
		const field = dotted ?? single ?? double;
		if (field === '*' || star !== undefined) out.push({ all: true });
		else if (field !== undefined) out.push({ field: unescaped(field) });
		else if (index !== undefined) out.push({ index: Number(index) });
		else out.push({ where: (where ?? '').split('.').slice(1), op, value: a ?? b ?? c ?? '' });
	}
	return out;
}

const childOf = (value: unknown, field: string): readonly unknown[] => (isRecord(value) && Object.hasOwn(value, field) ? [value[field]] : []);

function holds(held: unknown, op: string, value: string): boolean {
	if (op === '==' || op === '!=') return (String(held) === value) === (op === '==');
	const [a, b] = typeof held === 'number' ? [held, Number(value)] : [String(held), value];
	if (op === '<') return a < b;
	if (op === '>') return a > b;
	return op === '<=' ? a <= b : a >= b;
}

function take(value: unknown, step: Step): readonly unknown[] {
	if ('field' in step) return childOf(value, step.field);
	if ('index' in step) return Array.isArray(value) && value.at(step.index) !== undefined ? [value.at(step.index)] : [];
	const items: readonly unknown[] = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
	if ('all' in step) return items;
	return items.filter((item) => {
		const held = step.where.reduce<readonly unknown[]>((found, f) => found.flatMap((v) => childOf(v, f)), [item])[0];
		return held !== undefined && (step.op === undefined || holds(held, step.op, step.value));
	});
}

/** The values that a parsed path leads to. */
export function find(root: unknown, path: readonly Step[]): readonly unknown[] {
	return path.reduce<readonly unknown[]>((found, step) => found.flatMap((v) => take(v, step)), [root]);
}

/** `.spec.a.b`: fields alone, as subresources and selectable fields need them. */
export const isSimplePath = (path: string): boolean => parsePath(path)?.every((s) => 'field' in s) ?? false;
