/** The tables of a document as lists of rows: each row's fields, and buttons to move and remove it; Alt with ↑ or ↓ moves the row one is in. */
import { ACTION_TYPES, TIMELINE_TYPES } from '../../../server/protocol/document-kinds.ts';
import type { DocumentContent } from '../../../server/protocol/documents.ts';
import { h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { wordsOf } from '../i18n/words-of.ts';

const t = wordsOf('writing');

export type Table = 'timeline' | 'actions' | 'options';
type Row = Readonly<Record<string, string>>;

interface Column {
	readonly key: string;
	readonly title: string;
	readonly type: 'text' | 'datetime-local' | 'date' | readonly string[];
	readonly wide?: boolean;
	readonly most: number;
}

const text = (key: string, title: string, most: number, wide = false): Column => ({ key, title, type: 'text', most, wide });

const TABLES: Readonly<Record<Table, { readonly row: string; readonly columns: readonly Column[]; readonly blank: Row }>> = {
	timeline: {
		row: t.entry,
		columns: [
			{ key: 'at', title: t.columnAt, type: 'datetime-local', most: 30 },
			{ key: 'type', title: t.columnType, type: TIMELINE_TYPES, most: 20 },
			text('what', t.columnHappened, 600, true),
			text('source', t.columnSource, 200, true),
		],
		blank: { at: '', what: '', type: 'action', source: '' },
	},
	actions: {
		row: t.item,
		columns: [
			text('what', t.columnAction, 600, true),
			{ key: 'type', title: t.columnType, type: ACTION_TYPES, most: 20 },
			text('owner', t.columnOwner, 100),
			{ key: 'due', title: t.columnDue, type: 'date', most: 20 },
			text('verify', t.columnVerify, 600, true),
		],
		blank: { what: '', owner: '', due: '', type: 'prevent', verify: '' },
	},
	options: {
		row: t.option,
		columns: [
			text('name', t.columnName, 120, true),
			text('cost', t.columnCost, 80),
			text('latency', t.columnLatency, 80),
			text('risk', t.columnRisk, 600, true),
			text('source', t.columnFigures, 200, true),
		],
		blank: { name: '', cost: '', latency: '', risk: '', source: '' },
	},
};

export interface RowsOptions {
	readonly table: Table;
	readonly rows: DocumentContent[Table];
	/** Typing in a field: the rows as they are now; nothing has to be drawn. */
	readonly onType: (rows: Row[]) => void;
	/** Rows came, went or moved: draw them again, then focus what `focus` selects. */
	readonly onShape: (rows: Row[], focus: string, said: string) => void;
}

export function rowsView({ table, rows, onType, onShape }: RowsOptions): HTMLElement {
	const { row: name, columns, blank } = TABLES[table];
	const row = name.toLowerCase();
	const now: Row[] = rows.map((row) => ({ ...row }));
	const place = (i: number, what: string): string => `[data-table="${table}"] [data-row="${i}"] [data-do="${what}"]`;
	const move = (i: number, by: number): void => {
		const [row, other] = [now[i], now[i + by]];
		if (row === undefined || other === undefined) return;
		now[i] = other;
		now[i + by] = row;
		onShape(now, place(i + by, by < 0 ? 'up' : 'down'), fillIn(t.rowMoved, { row: name, from: i + 1, to: i + 1 + by }));
	};
	const remove = (i: number): void => {
		now.splice(i, 1);
		const focus = now.length === 0 ? `[data-table="${table}"] [data-do="add"]` : place(Math.min(i, now.length - 1), 'remove');
		onShape(now, focus, fillIn(t.rowRemoved, { row: name, n: i + 1 }));
	};
	const field = (i: number, column: Column): HTMLElement => {
		const value = now[i]?.[column.key] ?? '';
		const typed = (to: string): void => {
			now[i] = { ...now[i], [column.key]: to };
			onType(now);
		};
		const label = fillIn(t.fieldLabel, { column: column.title, row, n: i + 1 });
		if (typeof column.type !== 'string') {
			const select = h(
				'select',
				{ class: 'field', 'aria-label': label },
				...column.type.map((one) => h('option', { value: one, selected: one === value }, one)),
			);
			select.addEventListener('change', () => typed(select.value));
			return select;
		}
		const kind = column.type === 'text' || value === '' || fits(column.type, value) ? column.type : 'text';
		const input = h('input', {
			class: 'field',
			type: kind,
			'aria-label': label,
			maxlength: String(column.most),
			step: kind === 'datetime-local' ? '1' : undefined,
		});
		input.value = kind === 'datetime-local' ? value.slice(0, 19) : value;
		input.addEventListener('input', () => typed(input.value));
		return input;
	};
	const button = (what: string, mark: string, label: string, act: () => void, off = false): HTMLElement => {
		const made = h(
			'button',
			{ class: 'button plain tiny', type: 'button', 'data-do': what, 'aria-label': label, title: label, 'aria-disabled': off ? 'true' : undefined },
			mark,
		);
		if (!off) made.addEventListener('click', act);
		return made;
	};
	const items = now.map((_, i) => {
		const item = h(
			'li',
			{ class: 'row', 'data-row': String(i) },
			h(
				'div',
				{ class: `row-fields ${table}` },
				...columns.map((column) =>
					h('div', { class: column.wide ? 'cell wide' : 'cell' }, h('span', { class: 'small quiet', 'aria-hidden': 'true' }, column.title), field(i, column)),
				),
			),
			h(
				'div',
				{ class: 'row-tools', role: 'group', 'aria-label': `${name} ${i + 1}` },
				button('up', '↑', fillIn(t.moveUp, { row, n: i + 1 }), () => move(i, -1), i === 0),
				button('down', '↓', fillIn(t.moveDown, { row, n: i + 1 }), () => move(i, 1), i === now.length - 1),
				button('remove', '✕', fillIn(t.removeRow, { row, n: i + 1 }), () => remove(i)),
			),
		);
		item.addEventListener('keydown', (event) => {
			if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
			event.preventDefault();
			move(i, event.key === 'ArrowUp' ? -1 : 1);
		});
		return item;
	});
	const add = h('button', { class: 'button plain tiny', type: 'button', 'data-do': 'add' }, fillIn(t.addRow, { row }));
	add.addEventListener('click', () => {
		now.push({ ...blank });
		onShape(now, `[data-table="${table}"] [data-row="${now.length - 1}"] .field`, fillIn(t.rowAdded, { row: name, n: now.length }));
	});
	return h('div', { class: 'rows', 'data-table': table }, h('ol', {}, ...items), add);
}

/** Whether a field for times or days can show what is there; what was imported otherwise stays as text. */
const fits = (type: string, value: string): boolean => (type === 'date' ? /^\d{4}-\d\d-\d\d$/ : /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z?$/).test(value);
