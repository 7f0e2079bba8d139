/** busybox's hexdump: bytes as words, or with -C beside their characters. */
import { encodeText } from '../../storage-volumes/bytes.ts';
import { errorWords, resolvePath, type Utility } from './utility.ts';

const LINE = 16;
const hex = (n: number, width: number): string => n.toString(16).padStart(width, '0');

/** `00000000  de ca fe ba d0 fe ff                              |.......|` */
function canonical(bytes: Uint8Array): string {
	const cells = Array.from({ length: LINE }, (_, i) => (i < bytes.length ? hex(bytes[i] ?? 0, 2) : '  '));
	const text = Array.from(bytes, (b) => (b >= 32 && b < 127 ? String.fromCharCode(b) : '.')).join('');
	return `${cells.slice(0, 8).join(' ')}  ${cells.slice(8).join(' ')}  |${text}|`;
}

/** Pairs as the processor's words: the second byte first. */
const words = (bytes: Uint8Array): string =>
	Array.from({ length: Math.ceil(bytes.length / 2) }, (_, i) => hex((bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8), 4)).join(' ');

export const hexdump: Utility = (c) => {
	const files = c.args.filter((a) => !a.startsWith('-'));
	const plain = !c.args.includes('-C');
	let text = files.length === 0 ? c.stdin() : '';
	for (const name of files) {
		const file = c.process.fs.read(resolvePath(c.cwd, name));
		if (!file.ok) {
			c.err(`hexdump: ${name}: ${errorWords(file.error)}\n`);
			return 1;
		}
		text += file.value;
	}
	const bytes = encodeText(text);
	const width = plain ? 7 : 8;
	for (let at = 0; at < bytes.length; at += LINE) {
		const line = bytes.slice(at, at + LINE);
		c.out(`${hex(at, width)}${plain ? ' ' : '  '}${plain ? words(line) : canonical(line)}\n`);
	}
	if (bytes.length > 0) c.out(`${hex(bytes.length, width)}\n`);
	return 0;
};
