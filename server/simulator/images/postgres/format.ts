/** Results as psql prints them. */
import type { PostgresResponse } from '../../network/types.ts';
import { isNumeric, textOf } from './sql/types.ts';

export interface Style {
	readonly aligned: boolean;
	readonly tuplesOnly: boolean;
	readonly separator: string;
	readonly expanded: boolean;
	readonly title?: string;
}

type Value = string | number | boolean | null;

export function formatResult(response: PostgresResponse, style: Style): string {
	const fields = response.fields ?? [];
	const rows = (response.rows ?? []).map((r) => r.map((v: Value) => textOf(v)));
	const count = `(${rows.length} row${rows.length === 1 ? '' : 's'})\n`;
	if (style.expanded)
		return expanded(
			fields.map((f) => f.name),
			rows,
		);
	if (!style.aligned) {
		const body = rows.map((r) => `${r.join(style.separator)}\n`).join('');
		return style.tuplesOnly ? body : `${fields.map((f) => f.name).join(style.separator)}\n${body}${count}`;
	}
	const widths = fields.map((f, i) => Math.max(style.tuplesOnly ? 0 : f.name.length, ...rows.flatMap((r) => (r[i] ?? '').split('\n').map((l) => l.length)), 0));
	const last = fields.length - 1;
	// psql pads every cell but the last one of a row where that is text.
	const cell = (c: string, i: number): string =>
		isNumeric(fields[i]?.type ?? '') ? ` ${c.padStart(widths[i] ?? 0)}` : i === last ? ` ${c}` : ` ${c.padEnd(widths[i] ?? 0)}`;
	const line = (cells: readonly string[]): string => `${cells.map(cell).join(' |')}\n`;
	const body = rows.map(line).join('');
	if (style.tuplesOnly) return `${body}\n`;
	const head = fields.map((f, i) => {
		const space = (widths[i] ?? 0) - f.name.length;
		const left = Math.floor(space / 2);
		return ` ${' '.repeat(left)}${f.name}${' '.repeat(space - left)} `;
	});
	const total = widths.reduce((sum, w) => sum + w + 3, -1);
	const title = style.title === undefined ? '' : `${' '.repeat(Math.max(0, Math.floor((total - style.title.length) / 2)))}${style.title}\n`;
	return `${title}${head.join('|')}\n${widths.map((w) => '-'.repeat(w + 2)).join('+')}\n${body}${style.title === undefined ? `${count}\n` : ''}`;
}

function expanded(names: readonly string[], rows: readonly (readonly string[])[]): string {
	const width = Math.max(0, ...names.map((n) => n.length));
	return `${rows.map((r, i) => `-[ RECORD ${i + 1} ]${'-'.repeat(Math.max(0, width + 5 - 12))}\n${names.map((n, k) => `${n.padEnd(width)} | ${r[k] ?? ''}\n`).join('')}`).join('')}\n`;
}
