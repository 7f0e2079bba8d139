/** sort and uniq: lines in order, and repeated ones as one. */
import { inputs } from './inputs.ts';
import { badOption, lines, options, resolvePath, type Utility } from './utility.ts';

export const sort: Utility = (c) => {
	const o = options(c.args, 'nruhfbVsM', 'ktoS', { numeric: 'n', reverse: 'r', unique: 'u', key: 'k' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const { texts, failed } = inputs(c, o.rest);
	const all = texts.flatMap((t) => lines(t.text));
	const key = /^(\d+)(?:\.\d+)?([nrhf]*)(?:,(\d+))?([nrhf]*)/.exec(o.given['k'] ?? '');
	const flags = `${Object.keys(o.given).join('')}${key?.[2] ?? ''}${key?.[4] ?? ''}`;
	const part = (l: string): string => {
		if (key === null) return l;
		const separator = o.given['t'];
		const fields = separator === undefined ? l.trim().split(/\s+/) : l.split(separator);
		return fields.slice(Number(key[1]) - 1, key[3] === undefined ? undefined : Number(key[3])).join(separator ?? ' ');
	};
	const human = (s: string): number => Number.parseFloat(s) * ({ K: 1e3, M: 1e6, G: 1e9, T: 1e12 }[/[KMGT]/i.exec(s)?.[0]?.toUpperCase() ?? ''] ?? 1);
	const order = (a: string, b: string): number => {
		const [x, y] = [part(a), part(b)];
		if (flags.includes('n')) return (Number.parseFloat(x) || 0) - (Number.parseFloat(y) || 0);
		if (flags.includes('h')) return (human(x) || 0) - (human(y) || 0);
		const [p, q] = flags.includes('f') ? [x.toUpperCase(), y.toUpperCase()] : [x, y];
		return p < q ? -1 : p > q ? 1 : 0;
	};
	let sorted = [...all].sort((a, b) => order(a, b) || (a < b ? -1 : a > b ? 1 : 0));
	if (flags.includes('r')) sorted.reverse();
	if (o.given['u'] !== undefined) sorted = sorted.filter((l, i) => i === 0 || order(l, sorted[i - 1] ?? '') !== 0);
	const text = sorted.map((l) => `${l}\n`).join('');
	if (o.given['o'] === undefined) c.out(text);
	else c.process.fs.write(resolvePath(c.cwd, o.given['o']), text);
	return failed > 0 ? 1 : 0;
};

export const uniq: Utility = (c) => {
	const o = options(c.args, 'cdui', '', { count: 'c', repeated: 'd', unique: 'u' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const { texts, failed } = inputs(c, o.rest.slice(0, 1));
	const groups: { line: string; count: number }[] = [];
	for (const l of texts.flatMap((t) => lines(t.text))) {
		const last = groups.at(-1);
		if (last !== undefined && (o.given['i'] === undefined ? last.line === l : last.line.toLowerCase() === l.toLowerCase())) last.count++;
		else groups.push({ line: l, count: 1 });
	}
	for (const g of groups) {
		if ((o.given['d'] !== undefined && g.count < 2) || (o.given['u'] !== undefined && g.count > 1)) continue;
		c.out(`${o.given['c'] === undefined ? '' : `${String(g.count).padStart(7)} `}${g.line}\n`);
	}
	return failed > 0 ? 1 : 0;
};
