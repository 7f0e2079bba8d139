/**
 * The cluster's certificate authority, and what it signs for clients: `pkg/controller/certificates/authority`. The same one
 * stands in every `kube-root-ca.crt`. ECDSA over P-256, which every TLS library takes.
 */
import { p256 } from '@noble/curves/nist.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { defineSlice } from '../../kernel/state.ts';
import { formatTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import type { BootOptions } from '../../services.ts';
import { isFull } from '../profile.ts';
import { toBase64Bytes } from '../base64.ts';
import { type Authority, DEFAULT_AUTHORITIES } from './default-authority.ts';
import { bitString, type Bytes, octets, oid, pem, sequence, tagged, TRUE } from './der.ts';
import type { CertificateRequest } from './request.ts';

/** The authority that a cluster was booted with; null for the default one. */
const authoritySlice = defineSlice<Authority | null>('certificate-authority', null);

export const setAuthority = (world: World, authority: Authority): void => world.write(authoritySlice, authority);

const authorityOf = (world: World): Authority => world.read(authoritySlice) ?? DEFAULT_AUTHORITIES[isFull(world) ? 'full' : 'apiserver'];

/** The authority's own certificate, as PEM text. */
export const authorityCertificate = (world: World): string => authorityOf(world).certificate;

/** What serial numbers are made with, 64 hexadecimal digits; '' until the first certificate. */
const secretSlice = defineSlice<string>('certificate-serial-secret', '');

/** Undefined where the cluster has issued no certificate. */
export function serialSecret(world: World): string | undefined {
	const held = world.read(secretSlice);
	return held === '' ? undefined : held;
}

function drawnSecret(world: World): string {
	const held = serialSecret(world);
	if (held !== undefined) return held;
	let secret = '';
	for (let i = 0; i < 8; i++) secret += world.randomInt(0x1_0000_0000).toString(16).padStart(8, '0');
	world.write(secretSlice, secret);
	return secret;
}

/**
 * The serial number of a certificate that says `rest` after it. Clusters that share an authority tell by it what is their own:
 * a learner's certificate must not open another's cluster.
 */
export function serialNumber(secret: string, rest: Bytes): Bytes {
	const hash = sha256(Uint8Array.from([...bytesOf(secret), ...rest]));
	return [0x40 | ((hash[0] ?? 0) & 0x3f), ...hash.slice(1, 16)];
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));

const publicKeys = new Map<string, Uint8Array>();

/** A key's public point; derived from it alone, so it may be kept for all worlds. */
function publicPoint(key: string): Uint8Array {
	let point = publicKeys.get(key);
	if (point === undefined) {
		if (publicKeys.size > 100) publicKeys.clear();
		point = p256.getPublicKey(bytesOf(key), false);
		publicKeys.set(key, point);
	}
	return point;
}

/** SubjectPublicKeyInfo: authorities are named by its hash (`sandboxes/serving/certificates.ts`). */
const publicKeyInfo = (point: Uint8Array): Bytes => sequence(sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')), bitString([...point]));

/** The point that the cluster's certificates verify by. */
export const authorityPoint = (world: World): Uint8Array => publicPoint(authorityOf(world).key);

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
/** kubeadm's authority; the one of test/cmd (`--cluster-signing-cert-file`) is named after its address. */
export const authorityName = (profile: BootOptions['profile']): string => (profile === 'full' ? 'kubernetes' : '127.0.0.1');
const utf8 = (text: string): Bytes => Array.from(text, (c) => c.charCodeAt(0));
const issuerName = (world: World): Bytes =>
	sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, utf8(authorityName(isFull(world) ? 'full' : 'apiserver'))))));

/** GeneralizedTime after 2049, UTCTime before (RFC 5280 section 4.1.2.5). */
function time(ms: number): Bytes {
	const text = formatTime(ms).replaceAll(/[-:T]/g, '');
	return text >= '2050' ? tagged(0x18, utf8(text)) : tagged(0x17, utf8(text.slice(2)));
}

const extension = (id: string, value: Bytes, critical = false): Bytes => sequence(oid(id), ...(critical ? [TRUE] : []), octets(value));

/** Bits of keyUsage, counted from the highest (RFC 5280 section 4.2.1.3). */
const KEY_USAGES: { readonly [usage: string]: number } = {
	signing: 0,
	'digital signature': 0,
	'content commitment': 1,
	'key encipherment': 2,
	'data encipherment': 3,
	'key agreement': 4,
	'cert sign': 5,
	'crl sign': 6,
	'encipher only': 7,
};
const EXTENDED_USAGES: { readonly [usage: string]: string } = {
	any: '2.5.29.37.0',
	'server auth': '1.3.6.1.5.5.7.3.1',
	'client auth': '1.3.6.1.5.5.7.3.2',
	'code signing': '1.3.6.1.5.5.7.3.3',
	'email protection': '1.3.6.1.5.5.7.3.4',
	's/mime': '1.3.6.1.5.5.7.3.4',
	timestamping: '1.3.6.1.5.5.7.3.8',
	'ocsp signing': '1.3.6.1.5.5.7.3.9',
};

function usageExtensions(usages: readonly string[]): readonly Bytes[] {
	const bits = usages.flatMap((u) => (KEY_USAGES[u] === undefined ? [] : [KEY_USAGES[u]]));
	const extended = usages.flatMap((u) => (EXTENDED_USAGES[u] === undefined ? [] : [EXTENDED_USAGES[u]])).sort();
	const byte = bits.reduce((b, n) => b | (0x80 >> n), 0);
	return [
		...(bits.length === 0 ? [] : [extension('2.5.29.15', bitString([byte], 7 - Math.max(...bits)), true)]),
		...(extended.length === 0 ? [] : [extension('2.5.29.37', sequence(...extended.map(oid)))]),
	];
}

export interface Issue {
	readonly request: Pick<CertificateRequest, 'name' | 'publicKey' | 'alternativeValue'>;
	readonly usages: readonly string[];
	/** How long it is good, ms. */
	readonly lifetimeMs: number;
}

/** A certificate may begin this long before it is signed: clocks differ (`--cluster-signing` backdate). */
const BACKDATE_MS = 5 * 60_000;

/** A certificate for a request, as PEM text. */
export function issueCertificate(world: World, { request, usages, lifetimeMs }: Issue): string {
	const { key } = authorityOf(world);
	const alternative = request.alternativeValue === undefined ? [] : [extension('2.5.29.17', request.alternativeValue)];
	const keyId = [...sha1(Uint8Array.from(publicKeyInfo(publicPoint(key))))];
	const rest = [
		ECDSA_SHA256,
		issuerName(world),
		sequence(time(world.now - BACKDATE_MS), time(world.now - BACKDATE_MS + lifetimeMs)),
		request.name,
		request.publicKey,
		tagged(
			0xa3,
			sequence(...usageExtensions(usages), extension('2.5.29.19', sequence(), true), extension('2.5.29.35', sequence(tagged(0x80, keyId))), ...alternative),
		),
	];
	const serial = serialNumber(drawnSecret(world), rest.flat());
	const body = sequence(tagged(0xa0, tagged(0x02, [2])), tagged(0x02, serial), ...rest);
	const signature = p256.sign(sha256(Uint8Array.from(body)), bytesOf(key), { prehash: false, format: 'der' });
	const der = sequence(body, ECDSA_SHA256, bitString([...signature]));
	return pem('CERTIFICATE', toBase64Bytes(der));
}
