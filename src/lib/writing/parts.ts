/** One part of a document as a labelled field with its hint. */
import { MECHANISMS, type Part } from '../../../server/protocol/document-kinds.ts';
import type { DocumentContent } from '../../../server/protocol/documents.ts';
import { type Child, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { wordsOf } from '../i18n/words-of.ts';
import { type RowsOptions, rowsView } from './rows.ts';

const t = wordsOf('writing');

export interface PartOptions {
	readonly content: DocumentContent;
	readonly onText: (part: string, text: string, typing: boolean) => void;
	readonly onRows: (table: RowsOptions['table'], rows: Parameters<RowsOptions['onType']>[0]) => void;
	readonly onShape: (table: RowsOptions['table'], ...rest: Parameters<RowsOptions['onShape']>) => void;
}

export function partView(part: Part, options: PartOptions): HTMLElement {
	const { content } = options;
	const id = `field-${part.id}`;
	const hint = h(
		'p',
		{ class: 'small quiet hint', id: `hint-${part.id}` },
		part.hint,
		part.words !== undefined && part.words > 3 && ` ${fillIn(t.atLeast, { n: part.words })}`,
	);
	if (part.form === 'timeline' || part.form === 'actions' || part.form === 'options') {
		const table = part.form;
		const rows = rowsView({
			table,
			rows: content[table],
			onType: (now) => options.onRows(table, now),
			onShape: (...shape) => options.onShape(table, ...shape),
		});
		return h(
			'section',
			{ class: 'part', id: `part-${part.id}`, 'aria-labelledby': `title-${part.id}` },
			h('h2', { id: `title-${part.id}` }, part.title),
			hint,
			rows,
		);
	}
	const value = content.texts[part.id] ?? '';
	return h('div', { class: 'part', id: `part-${part.id}` }, h('label', { for: id }, part.title), hint, field(part, id, value, options));
}

function field(part: Part, id: string, value: string, { content, onText }: PartOptions): HTMLElement {
	const shared = { class: 'field', id, 'aria-describedby': `hint-${part.id}` };
	if (part.form === 'mechanism' || part.form === 'option') {
		const known: readonly (readonly [string, string])[] =
			part.form === 'mechanism' ? MECHANISMS.map((m) => [m.id, m.title] as const) : content.options.map((o) => [o.name, o.name] as const);
		const listed = known.filter(([key]) => key.trim() !== '');
		const other: Child[] =
			value !== '' && !listed.some(([key]) => key === value) ? [h('option', { value, selected: true }, fillIn(t.notInTable, { value }))] : [];
		const select = h(
			'select',
			shared,
			h('option', { value: '' }, t.choose),
			...other,
			...listed.map(([key, title]) => h('option', { value: key, selected: key === value }, title)),
		);
		select.addEventListener('change', () => onText(part.id, select.value, false));
		return select;
	}
	if (part.form === 'text') {
		const area = h('textarea', { ...shared, rows: '4', spellcheck: 'true', maxlength: '12000' });
		area.value = value;
		area.addEventListener('input', () => onText(part.id, area.value, true));
		return area;
	}
	const input = h('input', { ...shared, type: part.form === 'date' && (value === '' || /^\d{4}-\d\d-\d\d$/.test(value)) ? 'date' : 'text', maxlength: '200' });
	input.value = value;
	input.addEventListener('input', () => onText(part.id, input.value, true));
	return input;
}
