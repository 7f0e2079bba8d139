/** A text with line numbers, on whose lines one can comment: by a click on the number, or by typing it. */
import type { DiffLine } from '../../../server/protocol/reviews.ts';
import { h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { t } from './words.ts';

/** Only so much is drawn at once; the rest on demand. */
const AT_ONCE = 2000;

export interface Numbered {
	readonly element: HTMLElement;
	/** The line's row, drawn where it was not yet. */
	row(line: number): HTMLElement | undefined;
}

export function numbered(name: string, text: string, onLine: ((line: number) => void) | undefined): Numbered {
	const lines = text.replace(/\n$/, '').split('\n');
	const rows: HTMLElement[] = [];
	const list = h('div', { class: 'code-lines', role: 'group', tabindex: '0', 'aria-label': fillIn(t.textOf, { name }) });
	const more = h('button', { class: 'button plain tiny', type: 'button' }, t.showMore);
	const draw = (upTo: number): void => {
		for (let i = rows.length; i < Math.min(upTo, lines.length); i++) {
			const n = i + 1;
			const label = fillIn(t.commentLine, { n });
			const number = onLine
				? h('button', { class: 'line-number', type: 'button', tabindex: '-1', 'aria-label': label, title: label }, String(n))
				: h('span', { class: 'line-number' }, String(n));
			if (onLine) number.addEventListener('click', () => onLine(n));
			const row = h('div', { class: 'code-line', 'data-line': String(n) }, number, h('code', {}, lines[i] || ' '));
			rows.push(row);
			list.append(row);
		}
		more.hidden = rows.length >= lines.length;
	};
	more.addEventListener('click', () => draw(rows.length + AT_ONCE));
	draw(AT_ONCE);
	const row = (line: number): HTMLElement | undefined => {
		draw(Math.max(rows.length, line));
		return rows[line - 1];
	};
	return { element: h('div', { class: 'numbered' }, onLine && byNumber(name, lines.length, onLine), list, more), row };
}

/** The way for a keyboard: no reader wants a stop at every line. */
function byNumber(name: string, lines: number, onLine: (line: number) => void): HTMLElement {
	const input = h('input', {
		class: 'field tiny-field',
		type: 'number',
		min: '1',
		max: String(lines),
		value: '1',
		'aria-label': fillIn(t.lineNumberOf, { name }),
	});
	const form = h(
		'form',
		{ class: 'by-number no-print' },
		h('span', { class: 'small' }, t.line),
		input,
		h('button', { class: 'button plain tiny', type: 'submit' }, t.comment),
	);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		const line = input.valueAsNumber;
		if (line >= 1 && line <= lines) onLine(Math.floor(line));
	});
	return form;
}

/** Lines kept, taken away and put in; every mark is a sign and a word, not a colour alone. */
export function diffView(name: string, lines: readonly DiffLine[]): HTMLElement {
	const rows = lines.map(({ change, text }) =>
		h(
			'div',
			{ class: `code-line ${change === '+' ? 'added' : change === '-' ? 'removed' : ''}` },
			h('span', { class: 'line-number', 'aria-hidden': 'true' }, change),
			h('code', {}, change !== ' ' && h('span', { class: 'visually-hidden' }, change === '+' ? t.added : t.removed), text || ' '),
		),
	);
	return h('div', { class: 'code-lines', role: 'group', tabindex: '0', 'aria-label': fillIn(t.diffOf, { name }) }, ...rows);
}
