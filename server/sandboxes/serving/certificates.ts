/**
 * A certificate authority of our own and server certificates from it: X.509 v3 with ECDSA P-256, written as DER by hand
 * (RFC 5280 section 4.1). kubectl drops bearer tokens on plain http, so a cluster is served over https, and no public
 * authority signs for 127.0.0.1.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

export interface Certificate {
	/** PEM. */
	readonly certificate: string;
	/** PEM (PKCS #8). */
	readonly key: string;
}

const DAY_MS = 86_400_000;

export function createAuthority(name: string, now = Date.now(), days = 3650): Certificate {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const extensions = [
		extension('2.5.29.19', sequence(boolean(true)), true), // basicConstraints: CA
		extension('2.5.29.15', bits(0x06, 1), true), // keyUsage: keyCertSign, cRLSign
		extension('2.5.29.14', octets(keyId(publicKey))), // subjectKeyIdentifier
	];
	return issue({ subject: name, issuer: name, publicKey, signer: privateKey, key: privateKey, extensions, now, days });
}

/** A server certificate for these names and addresses, signed by `authority`. */
export function createServerCertificate(authority: Certificate, names: readonly string[], now = Date.now(), days = 397): Certificate {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const signer = createPrivateKey(authority.key);
	const extensions = [
		extension('2.5.29.19', sequence(), true),
		extension('2.5.29.15', bits(0x80, 7), true), // digitalSignature
		extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))), // extKeyUsage: serverAuth
		extension('2.5.29.35', sequence(tagged(0x80, keyId(createPublicKey(signer))))), // authorityKeyIdentifier
		extension('2.5.29.17', sequence(...names.map(generalName))), // subjectAltName
	];
	return issue({ subject: names[0] ?? 'localhost', issuer: subjectOf(authority), publicKey, signer, key: privateKey, extensions, now, days });
}

interface Issue {
	readonly subject: string;
	readonly issuer: string | Buffer;
	readonly publicKey: KeyObject;
	readonly signer: KeyObject;
	readonly key: KeyObject;
	readonly extensions: readonly Buffer[];
	readonly now: number;
	readonly days: number;
}

function issue(what: Issue): Certificate {
	const algorithm = sequence(oid('1.2.840.10045.4.3.2')); // ecdsa-with-SHA256
	const serial = randomBytes(16);
	serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, of full length
	const body = sequence(
		tagged(0xa0, tagged(0x02, Buffer.from([2]))), // version 3
		tagged(0x02, serial),
		algorithm,
		typeof what.issuer === 'string' ? commonName(what.issuer) : what.issuer,
		// An hour back: clocks differ.
		sequence(time(what.now - 3_600_000), time(what.now + what.days * DAY_MS)),
		commonName(what.subject),
		what.publicKey.export({ type: 'spki', format: 'der' }),
		tagged(0xa3, sequence(...what.extensions)),
	);
	const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, what.signer)])));
	const base64 = der.toString('base64').replace(/(.{64})(?!$)/g, '$1\n');
	return {
		certificate: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
		key: what.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
	};
}

/** The subject's DER inside a certificate of ours: the sixth element of its body. */
function subjectOf(certificate: Certificate): Buffer {
	const der = Buffer.from(certificate.certificate.replace(/-----[^-]+-----|\s/g, ''), 'base64');
	let at = contents(der, contents(der, 0).start).start;
	for (let i = 0; i < 5; i++) at = contents(der, at).end;
	return der.subarray(at, contents(der, at).end);
}

function contents(der: Buffer, at: number): { readonly start: number; readonly end: number } {
	const first = der[at + 1] ?? 0;
	if (first < 0x80) return { start: at + 2, end: at + 2 + first };
	const bytes = first & 0x7f;
	const length = der.readUIntBE(at + 2, bytes);
	return { start: at + 2 + bytes, end: at + 2 + bytes + length };
}

const keyId = (key: KeyObject): Buffer =>
	createHash('sha1')
		.update(key.export({ type: 'spki', format: 'der' }))
		.digest();

function tagged(tag: number, content: Buffer): Buffer {
	const n = content.length;
	const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 0xff];
	return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const octets = (content: Buffer): Buffer => tagged(0x04, content);
const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 0xff : 0]));
const bits = (byte: number, unused: number): Buffer => tagged(0x03, Buffer.from([unused, byte]));
const time = (ms: number): Buffer =>
	tagged(
		0x18,
		Buffer.from(
			new Date(ms)
				.toISOString()
				.replace(/[-:T]/g, '')
				.replace(/\.\d+Z$/, 'Z'),
		),
	);
const commonName = (name: string): Buffer => sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(name)))));

function extension(id: string, value: Buffer, critical = false): Buffer {
	return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

function generalName(name: string): Buffer {
	const version = isIP(name);
	if (version === 4) return tagged(0x87, Buffer.from(name.split('.').map(Number)));
	if (version === 6) return tagged(0x87, ipv6(name));
	return tagged(0x82, Buffer.from(name));
}

function ipv6(address: string): Buffer {
	const [head = '', tail] = address.split('::');
	const words = (text: string): number[] => (text === '' ? [] : text.split(':').map((w) => Number.parseInt(w, 16)));
	const left = words(head);
	const right = words(tail ?? '');
	const all = tail === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
	return Buffer.from(all.flatMap((w) => [w >> 8, w & 0xff]));
}

function oid(dotted: string): Buffer {
	const [a = 0, b = 0, ...rest] = dotted.split('.').map(Number);
	const bytes = [a * 40 + b];
	for (const n of rest) {
		const part = [n & 0x7f];
		for (let v = n >>> 7; v > 0; v >>>= 7) part.unshift((v & 0x7f) | 0x80);
		bytes.push(...part);
	}
	return tagged(0x06, Buffer.from(bytes));
}
