/**
 * The text that SPDY/3 header blocks are compressed against (SPDY protocol draft 3, section 2.6.10.1): common names and
 * methods, each with its length before it as in a header block, then statuses, dates, types and values run together.
 */
const WORDS = `options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow
authorization cache-control connection content-base content-encoding content-language content-length content-location
content-md5 content-range content-type date etag expect expires from host if-match if-modified-since if-none-match if-range
if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization range referer
retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get status`.split(/\s+/);

/** The last words have a value each: "200 OK" to status, "HTTP/1.1" to version. */
const PAIRS = ['200 OK', 'version', 'HTTP/1.1', 'url', 'public', 'set-cookie', 'keep-alive', 'origin'];

const STATUSES = [100, 101, 201, 202, 205, 206, 300, 302, 303, 304, 305, 306, 307, 402, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417];
const LATER_STATUSES = [502, 504, 505];
const NAMED = [
	'203 Non-Authoritative Information',
	'204 No Content',
	'301 Moved Permanently',
	'400 Bad Request',
	'401 Unauthorized',
	'403 Forbidden',
	'404 Not Found',
	'500 Internal Server Error',
	'501 Not Implemented',
	'503 Service Unavailable',
];
const DATES = ['Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec', ' 00:00:00', ' Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT'];
const VALUES =
	'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,public' +
	'privatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.';

function counted(word: string): Buffer {
	const length = Buffer.alloc(4);
	length.writeUInt32BE(word.length);
	return Buffer.concat([length, Buffer.from(word, 'latin1')]);
}

const RUN_TOGETHER = [...STATUSES, ...LATER_STATUSES].join('') + NAMED.join('') + DATES.join('') + VALUES;

export const HEADER_DICTIONARY: Buffer = Buffer.concat([...[...WORDS, ...PAIRS].map(counted), Buffer.from(RUN_TOGETHER, 'latin1')]);

/** What zlib writes into a stream's head to name the dictionary (RFC 1950 section 8.2). */
export function adler32(bytes: Uint8Array): number {
	let a = 1;
	let b = 0;
	for (const byte of bytes) {
		a = (a + byte) % 65_521;
		b = (b + a) % 65_521;
	}
	return ((b << 16) | a) >>> 0;
}
