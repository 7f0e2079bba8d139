/**
 * A certificate authority of our own and server certificates from it: X.509 v3 with ECDSA P-256, written as DER by hand
 * (RFC 5280 section 4.1). kubectl drops bearer tokens on plain http, so a cluster is served over https, and no public
 * authority signs for 127.0.0.1.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, inside, elements, octets, oid, pem, sequence, set, tagged, time, TRUE, unpem, utf8 } from '../../der.ts';

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
		extension('2.5.29.19', sequence(TRUE), true), // basicConstraints: CA
		extension('2.5.29.15', bitString(Buffer.from([0x06]), 1), true), // keyUsage: keyCertSign, cRLSign
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
		extension('2.5.29.15', bitString(Buffer.from([0x80]), 7), true), // digitalSignature
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
	const der = sequence(body, algorithm, bitString(sign('sha256', body, what.signer)));
	return {
		certificate: pem('CERTIFICATE', der),
		key: what.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
	};
}

/** The subject's DER inside a certificate of ours: the sixth element of its body. */
function subjectOf(certificate: Certificate): Buffer {
	const [whole] = elements(unpem(certificate.certificate, 'CERTIFICATE') ?? Buffer.alloc(0));
	const subject = inside(inside(whole)[0])[5];
	if (subject === undefined) throw new Error('no certificate of ours');
	return subject.whole;
}

const keyId = (key: KeyObject): Buffer =>
	createHash('sha1')
		.update(key.export({ type: 'spki', format: 'der' }))
		.digest();

const commonName = (name: string): Buffer => sequence(set(sequence(oid('2.5.4.3'), utf8(name))));

function extension(id: string, value: Buffer, critical = false): Buffer {
	return sequence(oid(id), ...(critical ? [TRUE] : []), octets(value));
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
