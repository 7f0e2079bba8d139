/** The tables that guidellm prints; models its benchmark/output.py. */

/** A group of columns under one heading. */
export interface Section {
	readonly name: string;
	readonly columns: number;
}

/** A table in its style: columns flush right, parted by `|`, groups headed above. */
export function table(title: string, sections: readonly Section[], headers: readonly string[], rows: readonly (readonly string[])[]): string {
	const widths = headers.map((h, i) => Math.max(h.length, ...rows.map((r) => (r[i] ?? '').length)));
	let first = 0;
	for (const s of sections) {
		const own = widths.slice(first, first + s.columns).reduce((a, b) => a + b, 0) + 2 * (s.columns - 1);
		const more = Math.ceil((s.name.length + s.columns - 1 - own) / s.columns);
		if (more > 0) for (let i = first; i < first + s.columns; i++) widths[i] = (widths[i] ?? 0) + more;
		first += s.columns;
	}
	const heavy = '='.repeat(widths.reduce((a, w) => a + w + 2, -2));
	const light = widths.map((w) => '-'.repeat(w)).join('|-');
	const row = (cells: readonly string[]): string => cells.map((c, i) => c.padStart(widths[i] ?? 0)).join('| ');
	let at = 0;
	const heads = sections.map((s) => {
		const length = widths.slice(at, at + s.columns).reduce((a, w) => a + w + 2, 0);
		at += s.columns;
		return `${s.name.padEnd(length - (s.columns - 1) - 2)}${'|'.repeat(s.columns - 1)}`;
	});
	return `\n\n${title}:\n${[heavy, heads.join('| '), row(headers), light, ...rows.map(row), heavy].join('\n')}\n`;
}
