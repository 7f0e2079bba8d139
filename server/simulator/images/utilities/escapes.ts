/** Backslash escapes of echo -e, printf and tr. */
import { joined } from '../../storage-volumes/bytes.ts';

const ESCAPES: { readonly [letter: string]: string } = {
	n: '\n',
	t: '\t',
	r: '\r',
	a: '\u0007',
	b: '\b',
	f: '\f',
	v: '\v',
	'\\': '\\',
	'"': '"',
	"'": "'",
	e: '\u001b',
};

/** A byte in a text: from 0x80 on it is no character by itself. */
const byte = (value: number): string => String.fromCharCode(value < 0x80 ? value : 0xdc00 + value);

/** Backslash escapes as echo -e and printf know them. `stop`: \c was met. */
export function escapes(text: string): { readonly text: string; readonly stop: boolean } {
	let out = '';
	for (let i = 0; i < text.length; i++) {
		const c = text[i] ?? '';
		if (c !== '\\') {
			out += c;
			continue;
		}
		const rest = text.slice(i + 1);
		const octal = /^0?([0-7]{1,3})/.exec(rest);
		const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest);
		const next = rest[0] ?? '';
		if (next === 'c') return { text: joined(out), stop: true };
		if (hex !== null) {
			out += byte(Number.parseInt(hex[1] ?? '0', 16));
			i += hex[0].length;
		} else if (octal !== null) {
			out += byte(Number.parseInt(octal[1] ?? '0', 8) & 0xff);
			i += octal[0].length;
		} else if (ESCAPES[next] !== undefined) {
			out += ESCAPES[next];
			i++;
		} else out += '\\';
	}
	return { text: joined(out), stop: false };
}
