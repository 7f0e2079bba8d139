/** wc: lines, words, bytes and characters of texts. */
import { utf8Length } from '../../storage-volumes/bytes.ts';
import { inputs } from './inputs.ts';
import { badOption, options, type Utility } from './utility.ts';

export const wc: Utility = (c) => {
	const o = options(c.args, 'lwcmL', '', { lines: 'l', words: 'w', bytes: 'c', chars: 'm' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const { texts, failed } = inputs(c, o.rest);
	const columns = (['l', 'w', 'c', 'm'] as const).filter((k) => o.given[k] !== undefined);
	const shown = columns.length === 0 ? (['l', 'w', 'c'] as const) : columns;
	const count = (text: string): { readonly [k: string]: number } => ({
		l: text.split('\n').length - 1,
		w: text.split(/\s+/).filter((w) => w !== '').length,
		c: utf8Length(text),
		m: [...text].length,
	});
	const total: { [k: string]: number } = { l: 0, w: 0, c: 0, m: 0 };
	const width = shown.length === 1 && (texts.length === 1 || c.busybox) ? 0 : c.busybox ? 9 : 7;
	const print = (counts: { readonly [k: string]: number }, name: string): void =>
		c.out(
			`${shown
				.map((k) => String(counts[k] ?? 0).padStart(width))
				.join(c.busybox ? ' ' : ' ')
				.replace(c.busybox && width > 0 ? /^ / : /^$/, '')}${name === '-' ? '' : ` ${name}`}\n`,
		);
	for (const { file, text } of texts) {
		const counts = count(text);
		for (const k of Object.keys(total)) total[k] = (total[k] ?? 0) + (counts[k] ?? 0);
		print(counts, file);
	}
	if (texts.length > 1) print(total, 'total');
	return failed > 0 ? 1 : 0;
};
