/** The tar format (POSIX ustar, GNU's long names, pax's path and linkpath): members to text and back. Sizes count UTF-8 bytes. */
import { encodeText, utf8Length } from '../../storage-volumes/bytes.ts';

export interface Member {
	/** Without a slash at the end, even for a directory. */
	readonly name: string;
	readonly kind: 'file' | 'directory' | 'symlink';
	/** Permission bits. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	/** Seconds since the epoch. */
	readonly mtime: number;
	readonly content: string;
	readonly target?: string;
	readonly user?: string;
	readonly group?: string;
}

const BLOCK = 512;
const MAX_NAME = 100;

const padded = (text: string, bytes: number): string => text + '\0'.repeat(Math.max(0, bytes - utf8Length(text)));
const octal = (value: number, digits: number): string => `${Math.max(0, Math.floor(value)).toString(8).padStart(digits, '0')}\0`;

function header(m: Member, name: string, type: string, size: number): string {
	const before = `${padded(name, 100)}${octal(m.mode, 7)}${octal(m.uid, 7)}${octal(m.gid, 7)}${octal(size, 11)}${octal(m.mtime, 11)}`;
	const after = `${type}${padded(m.target ?? '', 100)}ustar  \0${padded(m.user ?? '', 32)}${padded(m.group ?? '', 32)}${'\0'.repeat(8)}${'\0'.repeat(8)}${'\0'.repeat(167)}`;
	let sum = 0;
	for (const byte of encodeText(`${before}        ${after}`)) sum += byte;
	return `${before}${sum.toString(8).padStart(6, '0')}\0 ${after}`;
}

const filled = (content: string): string => content + '\0'.repeat((BLOCK - (utf8Length(content) % BLOCK)) % BLOCK);

/** One member, its long name before it where it has one. */
function written(m: Member): string {
	const name = m.kind === 'directory' ? `${m.name}/` : m.name;
	const long = utf8Length(name) > MAX_NAME ? header({ ...m, mode: 0, mtime: 0 }, '././@LongLink', 'L', utf8Length(name) + 1) + filled(`${name}\0`) : '';
	const type = { file: '0', directory: '5', symlink: '2' }[m.kind];
	const content = m.kind === 'file' ? m.content : '';
	// Cut at a character: a name half of one would be none.
	let short = name;
	while (utf8Length(short) > MAX_NAME) short = short.slice(0, -1);
	return long + header(m, short, type, utf8Length(content)) + filled(content);
}

/** An archive, with the two empty blocks at its end. */
export const writeTar = (members: readonly Member[]): string => `${members.map(written).join('')}${'\0'.repeat(2 * BLOCK)}`;

/** A text by UTF-8 byte offsets. */
class Cursor {
	readonly #text: string;
	/** Every character is one byte: offsets are indexes. */
	readonly #plain: boolean;
	#at = 0;

	constructor(text: string) {
		this.#text = text;
		this.#plain = /^[\0-\x7f]*$/.test(text);
	}

	/** The next so many bytes; undefined where fewer are left. */
	take(bytes: number): string | undefined {
		const from = this.#at;
		if (this.#plain) this.#at += bytes;
		else
			for (let left = bytes; left > 0; ) {
				const code = this.#text.codePointAt(this.#at);
				if (code === undefined) return undefined;
				left -= code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? (code >= 0xdc80 && code <= 0xdcff ? 1 : 3) : 4;
				this.#at += code < 0x10000 ? 1 : 2;
			}
		return this.#at > this.#text.length ? undefined : this.#text.slice(from, this.#at);
	}
}

const untilNul = (field: string): string => field.split('\0', 1)[0] ?? '';

/** Fields of a header at their byte places; names outside ASCII shift what follows, so they are cut one after the other. */
function fields(block: string): readonly string[] {
	const cursor = new Cursor(block);
	return [100, 8, 8, 8, 12, 12, 8, 1, 100, 8, 32, 32, 8, 8, 155].map((n) => cursor.take(n) ?? '');
}

/** What a pax header says of the member after it. */
function paxOf(content: string): { readonly [key: string]: string } {
	const out: { [key: string]: string } = {};
	for (const line of content.split('\n')) {
		const [, key, value] = /^\d+ ([^=]+)=(.*)$/.exec(line) ?? [];
		if (key !== undefined) out[key] = value ?? '';
	}
	return out;
}

/** Reads an archive; `fault` is set where it is none, or ends too early. */
export function readTar(text: string): { readonly members: readonly Member[]; readonly fault?: 'magic' | 'short' } {
	const cursor = new Cursor(text);
	const members: Member[] = [];
	let long: { readonly [key: string]: string } = {};
	for (;;) {
		const block = cursor.take(BLOCK);
		if (block === undefined) return members.length === 0 && text !== '' ? { members, fault: 'short' } : { members };
		if (/^\0*$/.test(block)) return { members };
		const [name = '', mode = '', uid = '', gid = '', size = '', mtime = '', , type = '', target = '', magic = '', user = '', group = '', , , prefix = ''] =
			fields(block);
		if (!magic.startsWith('ustar')) return { members, fault: 'magic' };
		const number = (field: string): number => Number.parseInt(untilNul(field).trim() || '0', 8);
		const length = number(size);
		const content = cursor.take(length);
		if (content === undefined || cursor.take((BLOCK - (length % BLOCK)) % BLOCK) === undefined) return { members, fault: 'short' };
		if (type === 'L') long = { path: untilNul(content) };
		else if (type === 'x') long = paxOf(content);
		else if (type !== 'g') {
			const whole = long['path'] ?? (untilNul(prefix) === '' || magic.startsWith('ustar ') ? untilNul(name) : `${untilNul(prefix)}/${untilNul(name)}`);
			const kind = type === '5' || whole.endsWith('/') ? 'directory' : type === '2' ? 'symlink' : 'file';
			members.push({
				name: whole.replace(/\/+$/, ''),
				kind,
				mode: number(mode) & 0o7777,
				uid: number(uid),
				gid: number(gid),
				mtime: number(mtime),
				content: kind === 'file' ? content : '',
				user: untilNul(user),
				group: untilNul(group),
				...(kind === 'symlink' ? { target: long['linkpath'] ?? untilNul(target) } : {}),
			});
			long = {};
		}
	}
}
