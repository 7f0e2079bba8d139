/** cut and paste: columns of lines, taken out and put side by side. */
import { inputs } from './inputs.ts';
import { badOption, lines, options, type Utility } from './utility.ts';

/** `1,3-5,7-` → a test on 1-based positions. */
function ranges(list: string): (n: number) => boolean {
	const parts = list.split(',').map((p) => {
		const [a = '', b] = p.split('-', 2);
		return [a === '' ? 1 : Number(a), b === undefined ? Number(a) : b === '' ? Number.POSITIVE_INFINITY : Number(b)] as const;
	});
	return (n) => parts.some(([a, b]) => n >= a && n <= b);
}

export const cut: Utility = (c) => {
	const o = options(c.args, 's', 'dfcb', { delimiter: 'd', fields: 'f', characters: 'c' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const fieldList = o.given['f'];
	const list = fieldList ?? o.given['c'] ?? o.given['b'];
	if (list === undefined) {
		c.err(
			c.busybox
				? 'cut: expected a list of bytes, characters, or fields\n'
				: "cut: you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.\n",
		);
		return 1;
	}
	const wanted = ranges(list);
	const delimiter = o.given['d'] ?? '\t';
	const { texts, failed } = inputs(c, o.rest);
	for (const { text } of texts) {
		for (const l of lines(text)) {
			if (fieldList === undefined) c.out(`${[...l].filter((_ch, i) => wanted(i + 1)).join('')}\n`);
			else if (l.includes(delimiter))
				c.out(
					`${l
						.split(delimiter)
						.filter((_f, i) => wanted(i + 1))
						.join(delimiter)}\n`,
				);
			else if (o.given['s'] === undefined) c.out(`${l}\n`);
		}
	}
	return failed > 0 ? 1 : 0;
};

export const paste: Utility = (c) => {
	const o = options(c.args, 's', 'd');
	const { texts } = inputs(c, o.rest);
	const by = o.given['d'] ?? '\t';
	if (o.given['s'] !== undefined) for (const t of texts) c.out(`${lines(t.text).join(by)}\n`);
	else {
		const columns = texts.map((t) => lines(t.text));
		for (let i = 0; i < Math.max(0, ...columns.map((l) => l.length)); i++) c.out(`${columns.map((l) => l[i] ?? '').join(by)}\n`);
	}
	return 0;
};
