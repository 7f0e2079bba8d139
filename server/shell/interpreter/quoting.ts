/** Texts with backslash escapes, and texts quoted so that the shell reads them back. */
import { joinedText, textFromBytes } from '../bytes.ts';

const ESCAPES: { readonly [c: string]: string } = {
	n: '\n',
	t: '\t',
	r: '\r',
	a: '\x07',
	b: '\b',
	f: '\f',
	v: '\v',
	e: '\x1b',
	E: '\x1b',
	'\\': '\\',
	'"': '"',
	"'": "'",
};

/** Backslash escapes as `echo -e` and printf know them. `stop`: `\c` was met, nothing after it counts. */
export function unescapeText(text: string): { readonly text: string; readonly stop: boolean } {
	let stop = false;
	const out = text.replace(/\\(c|x[\da-fA-F]{1,2}|u[\da-fA-F]{1,4}|U[\da-fA-F]{1,8}|0[0-7]{1,3}|[0-7]{1,3}|.)|[\s\S]/gsu, (whole, e: string | undefined) => {
		if (stop) return '';
		if (e === undefined) return whole;
		if (e === 'c') {
			stop = true;
			return '';
		}
		if (/^[uU]./.test(e)) return String.fromCodePoint(Number.parseInt(e.slice(1), 16));
		if (/^x./.test(e)) return textFromBytes(Uint8Array.of(Number.parseInt(e.slice(1), 16)));
		if (/^[0-7]/.test(e)) return textFromBytes(Uint8Array.of(Number.parseInt(e, 8) & 255));
		return ESCAPES[e] ?? whole;
	});
	return { text: joinedText(out), stop };
}

const CONTROL: { readonly [c: string]: string } = {
	'\n': '\\n',
	'\t': '\\t',
	'\r': '\\r',
	'\x07': '\\a',
	'\b': '\\b',
	'\f': '\\f',
	'\v': '\\v',
	'\x1b': '\\E',
	'\\': '\\\\',
	"'": "\\'",
};

/** In single quotes; where there are control characters, in `$'…'`, as bash's `@Q`. */
export function quoted(text: string): string {
	if (!/[\x00-\x1f\x7f]/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
	return `$'${text.replace(/[\x00-\x1f\x7f'\\]/g, (c) => CONTROL[c] ?? `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)}'`;
}
