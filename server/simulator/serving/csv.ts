/** Comma-separated values (RFC 4180): quoted fields, doubled quotes, commas and line ends inside quotes, CRLF, a byte order mark. */

export function parseCsv(text: string): readonly (readonly string[])[] {
	const rows: string[][] = [];
	let row: string[] = [];
	let field = '';
	let quoted = false;
	const body = text.startsWith('\ufeff') ? text.slice(1) : text;
	const endRow = (): void => {
		row.push(field);
		field = '';
		if (row.length > 1 || row[0] !== '') rows.push(row);
		row = [];
	};
	for (let i = 0; i < body.length; i++) {
		const c = body[i] ?? '';
		if (quoted) {
			if (c !== '"') field += c;
			else if (body[i + 1] === '"') {
				field += '"';
				i++;
			} else quoted = false;
		} else if (c === '"' && field === '') quoted = true;
		else if (c === ',') {
			row.push(field);
			field = '';
		} else if (c === '\n') endRow();
		else if (c !== '\r' || body[i + 1] !== '\n') field += c;
	}
	if (field !== '' || row.length > 0) endRow();
	return rows;
}

/** Rows as records by the header's names; missing cells are ''. */
export function parseRecords(text: string): { readonly columns: readonly string[]; readonly rows: readonly { readonly [column: string]: string }[] } {
	const [header = [], ...body] = parseCsv(text);
	const columns = header.map((h) => h.trim());
	return { columns, rows: body.map((cells) => Object.fromEntries(columns.map((c, i) => [c, cells[i] ?? '']))) };
}

export const csvLine = (cells: readonly string[]): string => cells.map((c) => (/[",\r\n]/.test(c) ? `"${c.replaceAll('"', '""')}"` : c)).join(',');
