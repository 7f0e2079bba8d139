/** tr: characters turned into others, taken out or squeezed. */
import { escapes } from './escapes.ts';
import { badOption, options, type Utility } from './utility.ts';

const CLASSES: { readonly [name: string]: string } = {
	lower: 'abcdefghijklmnopqrstuvwxyz',
	upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
	digit: '0123456789',
	space: ' \t\n\r\f\v',
	punct: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
};

function trSet(text: string): readonly string[] {
	const expanded = text.replace(/\[:(\w+):\]/g, (_a, n: string) =>
		n === 'alpha' ? `${CLASSES['upper']}${CLASSES['lower']}` : n === 'alnum' ? `${CLASSES['digit']}${CLASSES['upper']}${CLASSES['lower']}` : (CLASSES[n] ?? ''),
	);
	const chars = [...escapes(expanded).text];
	const out: string[] = [];
	for (let i = 0; i < chars.length; i++) {
		const [a = '', dash, b] = chars.slice(i, i + 3);
		if (dash === '-' && b !== undefined && b >= a) {
			for (let k = a.charCodeAt(0); k <= b.charCodeAt(0); k++) out.push(String.fromCharCode(k));
			i += 2;
		} else out.push(a);
	}
	return out;
}

export const tr: Utility = (c) => {
	const o = options(c.args, 'dscC', '', { delete: 'd', 'squeeze-repeats': 's', complement: 'c' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const [from = '', to] = o.rest;
	const set = trSet(from);
	const complement = o.given['c'] !== undefined || o.given['C'] !== undefined;
	const inSet = (ch: string): boolean => set.includes(ch) !== complement;
	const target = to === undefined ? [] : trSet(to);
	let out = '';
	for (const ch of c.stdin()) {
		let next = ch;
		if (inSet(ch)) {
			if (o.given['d'] !== undefined) continue;
			if (target.length > 0) next = complement ? (target.at(-1) ?? ch) : (target[Math.min(set.indexOf(ch), target.length - 1)] ?? ch);
		}
		const squeezed = o.given['s'] !== undefined && out.endsWith(next) && (target.length > 0 ? target.includes(next) : inSet(next));
		if (!squeezed) out += next;
	}
	c.out(out);
	return 0;
};
