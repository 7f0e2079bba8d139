/** Requests and certificates: made, signed, read and printed as OpenSSL 3 does. */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type Element, elements, inside, integer, oid, oidText, pem, sequence, set, tagged, time, timeOf } from '../../../der.ts';
import { extensionTexts } from './extensions.ts';
import { nameText } from './names.ts';

const ALGORITHMS: { readonly [id: string]: readonly [name: string, hash: string | null] } = {
	'1.2.840.113549.1.1.11': ['sha256WithRSAEncryption', 'sha256'],
	'1.2.840.113549.1.1.12': ['sha384WithRSAEncryption', 'sha384'],
	'1.2.840.113549.1.1.13': ['sha512WithRSAEncryption', 'sha512'],
	'1.2.840.10045.4.3.2': ['ecdsa-with-SHA256', 'sha256'],
	'1.2.840.10045.4.3.3': ['ecdsa-with-SHA384', 'sha384'],
	'1.3.101.112': ['ED25519', null],
};
const NULL = Buffer.from([5, 0]);

function algorithmFor(key: KeyObject): { readonly der: Buffer; readonly hash: string | null } {
	if (key.asymmetricKeyType === 'rsa') return { der: sequence(oid('1.2.840.113549.1.1.11'), NULL), hash: 'sha256' };
	if (key.asymmetricKeyType === 'ed25519') return { der: sequence(oid('1.3.101.112')), hash: null };
	return { der: sequence(oid('1.2.840.10045.4.3.2')), hash: 'sha256' };
}

function signed(body: Buffer, key: KeyObject): Buffer {
	const { der, hash } = algorithmFor(key);
	return sequence(body, der, tagged(0x03, Buffer.from([0]), sign(hash, body, key)));
}

const spki = (key: KeyObject): Buffer => createPublicKey(key).export({ type: 'spki', format: 'der' });

/** A PKCS #10 request (RFC 2986). */
export function makeRequest(subject: Buffer, key: KeyObject, extensions: readonly Buffer[]): string {
	const attributes = extensions.length === 0 ? [] : [sequence(oid('1.2.840.113549.1.9.14'), set(sequence(...extensions)))];
	const body = sequence(integer(Buffer.from([0])), subject, spki(key), tagged(0xa0, ...attributes));
	return pem('CERTIFICATE REQUEST', signed(body, key));
}

export interface Issue {
	readonly subject: Buffer;
	readonly issuer: Buffer;
	/** SubjectPublicKeyInfo in DER. */
	readonly publicKey: Buffer;
	readonly signer: KeyObject;
	readonly serial: Buffer;
	/** ms since the epoch. */
	readonly from: number;
	readonly days: number;
	readonly extensions: readonly Buffer[];
}

export function makeCertificate(i: Issue): string {
	const { der } = algorithmFor(i.signer);
	const version = i.extensions.length === 0 ? [] : [tagged(0xa0, integer(Buffer.from([2])))];
	const extensions = i.extensions.length === 0 ? [] : [tagged(0xa3, sequence(...i.extensions))];
	const body = sequence(
		...version,
		integer(i.serial),
		der,
		i.issuer,
		sequence(time(i.from), time(i.from + i.days * 86_400_000)),
		i.subject,
		i.publicKey,
		...extensions,
	);
	return pem('CERTIFICATE', signed(body, i.signer));
}

export const subjectKeyId = (publicKey: Buffer): Buffer =>
	createHash('sha1')
		.update(inside(elements(publicKey)[0])[1]?.content.subarray(1) ?? publicKey)
		.digest();

export interface Parsed {
	readonly kind: 'request' | 'certificate';
	readonly der: Buffer;
	readonly body: Buffer;
	readonly version: number;
	readonly serial: Buffer;
	readonly issuer: Element | undefined;
	readonly subject: Element | undefined;
	readonly from: number;
	readonly until: number;
	readonly publicKey: Buffer;
	readonly extensions: Element | undefined;
	readonly algorithm: string;
	readonly signature: Buffer;
}

/** Reads one; undefined where it is malformed. */
export function parse(der: Buffer, kind: Parsed['kind']): Parsed | undefined {
	try {
		const [body, algorithm, signature] = inside(elements(der)[0]);
		const parts = [...inside(body)];
		const shared = {
			kind,
			der,
			body: body?.whole ?? Buffer.alloc(0),
			algorithm: oidText(inside(algorithm)[0]?.content ?? Buffer.alloc(0)),
			signature: signature?.content.subarray(1) ?? Buffer.alloc(0),
		};
		if (kind === 'request') {
			const wanted = inside(parts[3]).find((a) => oidText(inside(a)[0]?.content ?? Buffer.alloc(0)) === '1.2.840.113549.1.9.14');
			return {
				...shared,
				version: 1,
				serial: Buffer.alloc(0),
				issuer: undefined,
				subject: parts[1],
				from: 0,
				until: 0,
				publicKey: parts[2]?.whole ?? Buffer.alloc(0),
				extensions: wanted === undefined ? undefined : inside(inside(wanted)[1])[0],
			};
		}
		const version = parts[0]?.tag === 0xa0 ? (inside(parts.shift())[0]?.content[0] ?? 0) + 1 : 1;
		const [from, until] = inside(parts[3]);
		return {
			...shared,
			version,
			serial: parts[0]?.content ?? Buffer.alloc(0),
			issuer: parts[2],
			subject: parts[4],
			from: timeOf(from),
			until: timeOf(until),
			publicKey: parts[5]?.whole ?? Buffer.alloc(0),
			extensions: inside(parts.find((p) => p.tag === 0xa3))[0],
		};
	} catch {
		// Bytes that are no certificate: the caller says so in OpenSSL's words.
		return undefined;
	}
}

/** Whether `by` signed it. */
export function isSignedBy(p: Parsed, publicKey: Buffer): boolean {
	const hash = ALGORITHMS[p.algorithm]?.[1];
	if (hash === undefined) return false;
	const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
	return verify(hash, p.body, key, p.signature);
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `Nov 20 10:00:00 2026 GMT`. */
export function dateText(ms: number): string {
	const d = new Date(ms);
	return `${MONTHS[d.getUTCMonth()]} ${String(d.getUTCDate()).padStart(2)} ${d.toISOString().slice(11, 19)} ${d.getUTCFullYear()} GMT`;
}

const wrapped = (bytes: Buffer, indent: string, perLine: number): string => {
	const pairs = bytes.toString('hex').match(/../g) ?? [];
	const lines: string[] = [];
	for (let i = 0; i < pairs.length; i += perLine) lines.push(indent + pairs.slice(i, i + perLine).join(':') + (i + perLine < pairs.length ? ':' : ''));
	return lines.join('\n');
};

function keyText(publicKey: Buffer): string {
	const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' });
	const pad = ' '.repeat(12);
	if (key.asymmetricKeyType === 'rsa') {
		const jwk = key.export({ format: 'jwk' });
		const n = Buffer.concat([Buffer.from([0]), Buffer.from(String(jwk.n), 'base64url')]);
		const e = Number.parseInt(Buffer.from(String(jwk.e), 'base64url').toString('hex'), 16);
		return `${pad}Public Key Algorithm: rsaEncryption\n${pad}    Public-Key: (${(n.length - 1) * 8} bit)\n${pad}    Modulus:\n${wrapped(n, ' '.repeat(20), 15)}\n${pad}    Exponent: ${e} (0x${e.toString(16)})\n`;
	}
	const point = inside(elements(publicKey)[0])[1]?.content.subarray(1) ?? Buffer.alloc(0);
	if (key.asymmetricKeyType === 'ed25519')
		return `${pad}Public Key Algorithm: ED25519\n${pad}    ED25519 Public-Key:\n${pad}    pub:\n${wrapped(point, ' '.repeat(20), 15)}\n`;
	const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
	const nist = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }[curve];
	const bits = { prime256v1: 256, secp384r1: 384, secp521r1: 521 }[curve] ?? 0;
	return `${pad}Public Key Algorithm: id-ecPublicKey\n${pad}    Public-Key: (${bits} bit)\n${pad}    pub:\n${wrapped(point, ' '.repeat(20), 15)}\n${pad}    ASN1 OID: ${curve}\n${nist === undefined ? '' : `${pad}    NIST CURVE: ${nist}\n`}`;
}

function serialText(serial: Buffer): string {
	if (serial.length > 7) return `Serial Number:\n            ${(serial.toString('hex').match(/../g) ?? []).join(':')}`;
	const n = Number.parseInt(serial.toString('hex') || '0', 16);
	return `Serial Number: ${n} (0x${n.toString(16)})`;
}

/** What `-text` prints. */
export function text(p: Parsed): string {
	const algorithm = ALGORITHMS[p.algorithm]?.[0] ?? p.algorithm;
	const extensions = extensionTexts(p.extensions);
	const isRequest = p.kind === 'request';
	const pad = isRequest ? ' '.repeat(16) : ' '.repeat(12);
	const list = extensions.map((x) => `${pad}${x.title}:${x.critical ? ' critical' : ' '}\n${pad}    ${x.text}\n`).join('');
	const head = isRequest
		? `Certificate Request:\n    Data:\n        Version: 1 (0x0)\n        Subject: ${nameText(p.subject)}\n`
		: `Certificate:\n    Data:\n        Version: ${p.version} (0x${p.version - 1})\n        ${serialText(p.serial)}\n        Signature Algorithm: ${algorithm}\n        Issuer: ${nameText(p.issuer)}\n        Validity\n            Not Before: ${dateText(p.from)}\n            Not After : ${dateText(p.until)}\n        Subject: ${nameText(p.subject)}\n`;
	const title = isRequest
		? extensions.length === 0
			? '        Attributes:\n            (none)\n            Requested Extensions:\n'
			: '        Attributes:\n            Requested Extensions:\n'
		: extensions.length === 0
			? ''
			: '        X509v3 extensions:\n';
	return `${head}        Subject Public Key Info:\n${keyText(p.publicKey)}${title}${list}    Signature Algorithm: ${algorithm}\n    Signature Value:\n${wrapped(p.signature, '        ', 18)}\n`;
}
