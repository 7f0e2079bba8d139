/** Reads certificate requests (PKCS #10, RFC 2986) and checks that they are signed by the key they carry. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { base64Bytes } from '../base64.ts';
import { type Bytes, type Element, elements, inside, oidText, readPem } from './der.ts';
import { type AlternativeNames, readAlternativeNames, readSubject, type Subject } from './names.ts';

export interface CertificateRequest {
	/** The Name element as it came, to go into the certificate. */
	readonly name: Bytes;
	readonly subject: Subject;
	/** SubjectPublicKeyInfo as it came. */
	readonly publicKey: Bytes;
	readonly alternative: AlternativeNames;
	/** The subjectAltName extension's value, where there is one. */
	readonly alternativeValue?: Bytes;
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const SUBJECT_ALT_NAME = '2.5.29.17';

/** A request out of PEM text, or what is wrong with it in Go's words (`certificates.ParseCSR`, `CheckSignature`). */
export function readRequest(text: string): CertificateRequest | string {
	const block = readPem(text);
	if (block === undefined || block.label !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST';
	const bytes = base64Bytes(block.base64);
	const [outer] = bytes === undefined ? [] : (elements(bytes) ?? []);
	const [info, algorithm, signature] = inside(outer);
	const [version, name, key, attributes] = inside(info);
	if (info === undefined || algorithm === undefined || signature === undefined) return "asn1: structure error: tags don't match";
	if (version === undefined || name === undefined || key === undefined) return 'asn1: syntax error: sequence truncated';
	const why = signatureError(info.whole, oidText(inside(algorithm)[0]?.content ?? []), signature.content.slice(1), key);
	if (why !== undefined) return why;
	const alternative = extension(attributes, SUBJECT_ALT_NAME);
	return {
		name: name.whole,
		subject: readSubject(name),
		publicKey: key.whole,
		alternative: readAlternativeNames(alternative),
		...(alternative === undefined ? {} : { alternativeValue: alternative.whole }),
	};
}

/** The value of an extension that the request's attributes ask for. */
function extension(attributes: Element | undefined, id: string): Element | undefined {
	for (const attribute of inside(attributes)) {
		const [type, values] = inside(attribute);
		if (oidText(type?.content ?? []) !== EXTENSION_REQUEST) continue;
		for (const e of inside(inside(values)[0])) {
			const parts = inside(e);
			const value = parts.at(-1);
			if (value !== undefined && oidText(parts[0]?.content ?? []) === id) return elements(value.content)?.[0];
		}
	}
	return undefined;
}

const RSA = '1.2.840.113549.1.1.1';
const CURVES: { readonly [oid: string]: typeof p256 } = { '1.2.840.10045.3.1.7': p256, '1.3.132.0.34': p384, '1.3.132.0.35': p521 };
type Hash = (message: Uint8Array) => Uint8Array;
const ECDSA: { readonly [oid: string]: Hash } = { '1.2.840.10045.4.3.2': sha256, '1.2.840.10045.4.3.3': sha384, '1.2.840.10045.4.3.4': sha512 };
/** With the DigestInfo prefix of RFC 8017 section 9.2. */
const RSA_HASHES: { readonly [oid: string]: { readonly hash: Hash; readonly id: number } } = {
	'1.2.840.113549.1.1.11': { hash: sha256, id: 1 },
	'1.2.840.113549.1.1.12': { hash: sha384, id: 2 },
	'1.2.840.113549.1.1.13': { hash: sha512, id: 3 },
};
const ED25519 = '1.3.101.112';

/** Go's words where `signature` over `signed` does not fit the key; undefined where it does. */
function signatureError(signed: Bytes, algorithm: string, signature: Bytes, key: Element): string | undefined {
	const [kind, material] = inside(key);
	const [type, parameters] = inside(kind).map((e) => oidText(e.content));
	const point = Uint8Array.from(material?.content.slice(1) ?? []);
	const message = Uint8Array.from(signed);
	const ecdsa = ECDSA[algorithm];
	const rsa = RSA_HASHES[algorithm];
	try {
		if (algorithm === ED25519) return ed25519.verify(Uint8Array.from(signature), message, point) ? undefined : 'x509: Ed25519 verification failure';
		if (ecdsa !== undefined) {
			const curve = CURVES[parameters ?? ''];
			if (curve === undefined) return 'x509: unsupported elliptic curve';
			const good = curve.verify(Uint8Array.from(signature), ecdsa(message), point, { prehash: false, format: 'der', lowS: false });
			return good ? undefined : 'x509: ECDSA verification failure';
		}
	} catch {
		// noble throws for bytes that are no signature or no point: Go only says that it does not verify.
		return algorithm === ED25519 ? 'x509: Ed25519 verification failure' : 'x509: ECDSA verification failure';
	}
	if (rsa === undefined || type !== RSA) return 'x509: cannot verify signature: algorithm unimplemented';
	return rsaVerifies(rsa.hash(message), rsa.id, signature, [...point]) ? undefined : 'crypto/rsa: verification error';
}

/** The largest RSA key read, bits: what a modular power costs grows with its cube. */
const LARGEST_RSA_BITS = 8192;

/** RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2). */
function rsaVerifies(digest: Uint8Array, hashId: number, signature: Bytes, key: Bytes): boolean {
	const [modulus, exponent] = inside(elements(key)?.[0]);
	if (modulus === undefined || exponent === undefined || modulus.content.length * 8 > LARGEST_RSA_BITS + 8 || exponent.content.length > 4) return false;
	const n = integer(modulus.content);
	if (n < 2n) return false;
	const size = hex(modulus.content).replace(/^(?:00)+/, '').length / 2;
	const opened = power(integer(signature), integer(exponent.content), n)
		.toString(16)
		.padStart(size * 2, '0');
	const info = `30${byte(digest.length + 17)}300d060960864801650304 02${byte(hashId)}0500 04${byte(digest.length)}`.replaceAll(' ', '') + hex([...digest]);
	return opened === `0001${'ff'.repeat(Math.max(8, size - 3 - info.length / 2))}00${info}`;
}

const byte = (n: number): string => n.toString(16).padStart(2, '0');
const hex = (bytes: Bytes): string => bytes.map(byte).join('');
const integer = (bytes: Bytes): bigint => BigInt(`0x0${hex(bytes)}`);

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
	let out = 1n;
	let b = base % modulus;
	for (let e = exponent; e > 0n; e >>= 1n) {
		if ((e & 1n) === 1n) out = (out * b) % modulus;
		b = (b * b) % modulus;
	}
	return out;
}
