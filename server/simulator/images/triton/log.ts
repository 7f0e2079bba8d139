/** Triton's log: `I1120 18:00:00.123456 1 server.cc:674] "text"`, and its tables. */
import { formatMicroTime } from '../../kernel/time.ts';
import type { Triton } from './state.ts';

export function logLine(now: number, level: 'I' | 'W' | 'E', place: string, text: string): string {
	const iso = formatMicroTime(now);
	const stamp = `${level}${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 26)}`;
	// Tables begin on a line of their own and are not quoted.
	return `${stamp} 1 ${place}] ${text.startsWith('\n') ? text : `"${text}"`}\n`;
}

export const log = (process: Triton, level: 'I' | 'W' | 'E', place: string, text: string): void => process.stderr(logLine(process.now, level, place, text));

/** A table as `TablePrinter` draws it; lines within a cell are kept. */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
	const lines = (cell: string): readonly string[] => cell.split('\n');
	const widths = headers.map((h, i) => Math.max(...[h, ...rows.map((r) => r[i] ?? '')].flatMap((c) => lines(c).map((l) => l.length))));
	const rule = `+${widths.map((w) => '-'.repeat(w + 2)).join('+')}+\n`;
	const row = (cells: readonly string[]): string => {
		const height = Math.max(...cells.map((c) => lines(c).length));
		let out = '';
		for (let l = 0; l < height; l++) out += `|${widths.map((w, i) => ` ${(lines(cells[i] ?? '')[l] ?? '').padEnd(w)} `).join('|')}|\n`;
		return out;
	};
	return `\n${rule}${row(headers)}${rule}${rows.map(row).join('')}${rows.length > 0 ? rule : ''}`;
}
