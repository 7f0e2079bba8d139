/** gzip, gunzip and zcat. */
import { gunzipSync, gzipSync } from 'fflate';
import { decodeBytes, encodeText } from '../../storage-volumes/bytes.ts';
import { badOption, errorWords, options, readArgument, resolvePath, type Utility, type UtilityContext } from './utility.ts';

/** Bytes that one archive may unpack to. */
export const UNPACKED_BYTES = 16 * 1024 * 1024;
const TRAILER = 4;

/** A text packed; the time in the header is none, so that the same text gives the same bytes. */
export const gzipped = (text: string, level = 6): string => decodeBytes(gzipSync(encodeText(text), { mtime: 0, level: Math.min(9, Math.max(1, level)) as 6 }));

/** Whether a text begins as a packed one does: bytes 1f 8b. */
export const isGzip = (text: string): boolean => text.startsWith('\x1f\udc8b');

/** The text that was packed; undefined where it is damaged, or larger than is unpacked here. */
export function gunzipped(text: string): string | undefined {
	if (!isGzip(text)) return undefined;
	const bytes = encodeText(text);
	// The trailer says how much comes out (ISIZE): room is made for that at once.
	const size = new DataView(bytes.buffer, bytes.byteOffset).getUint32(Math.max(0, bytes.length - TRAILER), true);
	if (bytes.length < 18 || size > UNPACKED_BYTES) return undefined;
	try {
		const out = gunzipSync(bytes);
		return out.length === size ? decodeBytes(out) : undefined;
	} catch {
		return undefined; // fflate says by throwing that the data is none
	}
}

/** Packs or unpacks one file in place; gives the exit code. */
function inPlace(c: UtilityContext, path: string, unpack: boolean, keep: boolean, force: boolean): number {
	const say = (text: string): number => {
		c.err(`${c.name}: ${text}\n`);
		return 1;
	};
	const { fs } = c.process;
	const from = resolvePath(c.cwd, path);
	const read = fs.read(from);
	if (!read.ok)
		return say(
			c.busybox && read.error !== 'EISDIR'
				? `${path}: ${errorWords(read.error)}`
				: read.error === 'EISDIR'
					? `${path} is a directory -- ignored`
					: `${path}: ${errorWords(read.error)}`,
		);
	if (!unpack && path.endsWith('.gz'))
		return say(c.busybox ? `${path}: already has .gz suffix -- unchanged`.replace(' -- unchanged', '') : `${path} already has .gz suffix -- unchanged`);
	if (unpack && !path.endsWith('.gz')) return say(`${path}: unknown suffix${c.busybox ? '' : ' -- ignored'}`);
	const text = unpack ? gunzipped(read.value) : gzipped(read.value);
	if (text === undefined)
		return say(
			c.busybox
				? isGzip(read.value)
					? 'corrupted data'
					: 'invalid magic'
				: `${path}: ${isGzip(read.value) ? 'invalid compressed data--crc error' : 'not in gzip format'}`,
		);
	const to = unpack ? from.slice(0, -3) : `${from}.gz`;
	if (!force && fs.stat(to).ok) return say(c.busybox ? `can't open '${to}': File exists` : `${to} already exists; not overwritten`);
	const stat = fs.stat(from);
	const written = fs.write(to, text, { mode: stat.ok ? stat.value.mode : 0o644 });
	if (!written.ok) return say(`${to}: ${errorWords(written.error)}`);
	if (!keep) fs.remove(from);
	return 0;
}

const gzip: Utility = (c) => {
	const o = options(c.args, 'cdfknqtv123456789', '', {
		stdout: 'c',
		'to-stdout': 'c',
		decompress: 'd',
		uncompress: 'd',
		force: 'f',
		keep: 'k',
		best: '9',
		fast: '1',
		quiet: 'q',
		test: 't',
		verbose: 'v',
	});
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const unpack = c.name !== 'gzip' || o.given['d'] !== undefined;
	const level = Number(Object.keys(o.given).find((k) => /^[1-9]$/.test(k)) ?? 6);
	const out = c.name === 'zcat' || o.given['c'] !== undefined;
	if (o.rest.length > 0 && !out) return Math.max(...o.rest.map((path) => inPlace(c, path, unpack, o.given['k'] !== undefined, o.given['f'] !== undefined)));
	let code = 0;
	for (const path of o.rest.length === 0 ? ['-'] : o.rest) {
		const text = readArgument(c, path);
		const result = text === undefined ? undefined : unpack ? gunzipped(text) : gzipped(text, level);
		if (text !== undefined && result === undefined)
			c.err(
				c.busybox
					? `${c.name}: ${isGzip(text) ? 'corrupted data' : 'invalid magic'}\n`
					: `\n${c.name}: ${path === '-' ? 'stdin' : path}: ${isGzip(text) ? 'unexpected end of file' : 'not in gzip format'}\n`,
			);
		if (result === undefined) code = 1;
		else c.out(result);
	}
	return code;
};

export const GZIP: { readonly [name: string]: Utility } = { gzip, gunzip: gzip, zcat: gzip };
