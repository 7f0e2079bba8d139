/** Where a text stands, upper and lower case alike, and what comes of putting another in its place. */
import { lineAt, type Lines, type Place } from '../vi/text.ts';

/** The next place of a text after the cursor, and whether that is beyond the end; undefined where it stands nowhere. */
export function find(lines: Lines, cursor: Place, text: string): { readonly place: Place; readonly wrapped: boolean } | undefined {
	const n = lines.length;
	const wanted = text.toLowerCase();
	for (let i = 0; i <= n; i++) {
		const row = (cursor.row + i) % n;
		const at = lineAt(lines, row)
			.toLowerCase()
			.indexOf(wanted, i === 0 ? cursor.at + 1 : 0);
		if (at >= 0) return { place: { row, at }, wrapped: row < cursor.row || (i === n && at <= cursor.at) };
	}
	return undefined;
}

/** Every occurrence replaced; how many there were. */
export function replaceAll(lines: Lines, what: string, by: string): { readonly lines: Lines; readonly count: number } {
	let count = 0;
	const replaced = lines.map((l) => {
		const parts = l.toLowerCase().split(what.toLowerCase());
		if (what === '' || parts.length === 1) return l;
		count += parts.length - 1;
		let at = 0;
		return parts
			.map((p) => {
				const own = l.slice(at, at + p.length);
				at += p.length + what.length;
				return own;
			})
			.join(by);
	});
	return { lines: replaced, count };
}
