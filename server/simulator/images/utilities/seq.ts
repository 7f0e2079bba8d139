/** seq and yes: lines out of nothing. */
import { options, type Utility } from './utility.ts';

/** What a pipe's reader may take before `yes` and `seq` would block. */
const PIPE = 65_536;

export const seq: Utility = (c) => {
	const o = options(
		c.args.map((a) => (/^-\d/.test(a) ? `\u0000${a}` : a)),
		'w',
		's',
		{ separator: 's' },
	);
	const numbers = o.rest.map((a) => Number(a.replace('\u0000', '')));
	if (numbers.some((n) => Number.isNaN(n)) || numbers.length === 0) {
		const bad = o.rest.find((a) => Number.isNaN(Number(a.replace('\u0000', ''))));
		c.err(
			bad === undefined
				? `seq: missing operand\n`
				: c.busybox
					? `seq: invalid number '${bad}'\n`
					: `seq: invalid floating point argument: ‘${bad}’\nTry 'seq --help' for more information.\n`,
		);
		return 1;
	}
	const [from, step, to] =
		numbers.length === 1
			? [1, 1, numbers[0] ?? 0]
			: numbers.length === 2
				? [numbers[0] ?? 0, 1, numbers[1] ?? 0]
				: [numbers[0] ?? 0, numbers[1] ?? 1, numbers[2] ?? 0];
	if (step === 0) return 1;
	const out: string[] = [];
	for (let i = 0; step > 0 ? from + i * step <= to : from + i * step >= to; i++) {
		out.push(String(Number((from + i * step).toFixed(6))));
		if (out.length > 1_000_000) break;
	}
	const width = o.given['w'] === undefined ? 0 : Math.max(...out.map((n) => n.length));
	if (out.length > 0) c.out(`${out.map((n) => n.padStart(width, '0')).join(o.given['s'] ?? '\n')}\n`);
	return 0;
};

export const yes: Utility = (c) => {
	const line = `${c.args.length === 0 ? 'y' : c.args.join(' ')}\n`;
	c.out(line.repeat(Math.ceil(PIPE / line.length)));
	return 0;
};
