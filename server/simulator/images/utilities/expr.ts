/** expr: arithmetic, comparison and matching of its arguments. */
import type { Utility } from './utility.ts';

export const expr: Utility = (c) => {
	const args = [...c.args];
	let at = 0;
	const primary = (): string => {
		const t = args[at++] ?? '';
		if (t !== '(') return t;
		const v = compare();
		at++;
		return v;
	};
	const binary =
		(next: () => string, ops: readonly string[], apply: (op: string, a: string, b: string) => string): (() => string) =>
		() => {
			let left = next();
			while (ops.includes(args[at] ?? '')) left = apply(args[at++] ?? '', left, next());
			return left;
		};
	const match = binary(primary, [':'], (_op, a, b) => {
		const m = new RegExp(`^(?:${b.replace(/\\\(/g, '(').replace(/\\\)/g, ')')})`).exec(a);
		return m === null ? '0' : (m[1] ?? String(m[0].length));
	});
	const multiply = binary(match, ['*', '/', '%'], (op, a, b) =>
		String(op === '*' ? Number(a) * Number(b) : op === '/' ? Math.trunc(Number(a) / Number(b)) : Number(a) % Number(b)),
	);
	const add = binary(multiply, ['+', '-'], (op, a, b) => String(op === '+' ? Number(a) + Number(b) : Number(a) - Number(b)));
	const compare = binary(add, ['=', '==', '!=', '<', '>', '<=', '>='], (op, a, b) => {
		const numbers = /^-?\d+$/.test(a) && /^-?\d+$/.test(b);
		const [x, y] = numbers ? [Number(a), Number(b)] : [a, b];
		return { '=': x === y, '==': x === y, '!=': x !== y, '<': x < y, '>': x > y, '<=': x <= y, '>=': x >= y }[op] === true ? '1' : '0';
	});
	const value = compare();
	if (value === 'NaN') {
		c.err('expr: non-integer argument\n');
		return 2;
	}
	c.out(`${value}\n`);
	return value === '' || value === '0' ? 1 : 0;
};
