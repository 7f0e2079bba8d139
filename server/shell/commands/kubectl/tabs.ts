/** Text in columns, as Go's text/tabwriter sets it (kubectl's tables: minimum 6, padding 3; describe: minimum 0, padding 2). */

/** Display width; Go's tabwriter counts characters. */
const width = (text: string): number => [...text].length;

function writeLine(cells: readonly string[], widths: readonly number[]): string {
	let out = '';
	cells.forEach((cell, i) => {
		out += cell;
		const w = widths[i];
		if (w !== undefined && i < cells.length - 1) out += ' '.repeat(Math.max(0, w - width(cell)));
		else if (w !== undefined) out += '';
	});
	return out;
}

/** Formats `text`, whose cells end in tabs, line by line. A column lasts as long as consecutive lines have a cell in it. */
export function tabulate(text: string, options: { readonly min: number; readonly padding: number }): string {
	const lines = text.split('\n').map((l) => l.split('\t'));
	const out: string[] = new Array(lines.length);
	const format = (from: number, to: number, widths: readonly number[]): void => {
		const column = widths.length;
		let at = from;
		while (at < to) {
			const line = lines[at] as string[];
			if (column >= line.length - 1) {
				out[at] = writeLine(line, widths);
				at++;
				continue;
			}
			let end = at;
			let w = options.min;
			for (; end < to; end++) {
				const cells = lines[end] as string[];
				if (column >= cells.length - 1) break;
				w = Math.max(w, width(cells[column] as string) + options.padding);
			}
			format(at, end, [...widths, w]);
			at = end;
		}
	};
	format(0, lines.length, []);
	return out.join('\n');
}

/** A table of kubectl: every row ends where its last cell does, cells padded to the widest of their column. */
export class TableText {
	#widths: number[] = [];

	/** Widths are kept between calls, so that rows of a watch stand under their headers (RememberWidths). */
	rows(rows: readonly (readonly string[])[]): string {
		for (const row of rows) {
			row.forEach((cell, i) => {
				if (i === row.length - 1) return;
				this.#widths[i] = Math.max(this.#widths[i] ?? 6, width(cell) + 3);
			});
		}
		return rows
			.map((row) => `${row.map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat(Math.max(0, (this.#widths[i] ?? 0) - width(cell))))).join('')}\n`)
			.join('');
	}
}
