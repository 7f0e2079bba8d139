/**
 * Service account tokens: JSON Web Tokens signed with Ed25519 under a key of the cluster's own, drawn from its seed.
 * Models `pkg/serviceaccount` (claims.go, jwt.go); a real control plane signs with RSA, which nothing that reads a token minds.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { defineSlice } from '../../kernel/state.ts';
import type { World } from '../../kernel/world.ts';
import { base64Bytes, fromBase64, toBase64 } from '../base64.ts';
import { isRecord, rec, str, strs } from '../registry/fields.ts';

export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** 64 hexadecimal digits; '' until the first use. */
const keySlice = defineSlice<string>('service-account-key', '');

const hex32 = (n: number): string => n.toString(16).padStart(8, '0');

/** The cluster's signing key. Drawn at boot, so that all forks of a template agree on the tokens they hold. */
export function signingKey(world: World): string {
	const held = world.read(keySlice);
	if (held !== '') return held;
	let key = '';
	for (let i = 0; i < 8; i++) key += hex32(world.randomInt(0x1_0000_0000));
	world.write(keySlice, key);
	return key;
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));

/** Text of which every character is one byte. */
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function bytesToUrl(bytes: Uint8Array): string {
	let out = '';
	for (let i = 0; i < bytes.length; i += 3) {
		const n = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
		const used = Math.min(bytes.length - i, 3) + 1;
		for (let d = 0; d < used; d++) out += DIGITS.charAt((n >> (18 - 6 * d)) & 63);
	}
	return out;
}

const textToUrl = (text: string): string => toBase64(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const urlToPlain = (text: string): string => text.replaceAll('-', '+').replaceAll('_', '/');

export interface Claims {
	readonly [claim: string]: unknown;
}

export function signToken(world: World, claims: Claims): string {
	const key = bytesOf(signingKey(world));
	const head = textToUrl(JSON.stringify({ alg: 'EdDSA', kid: keyId(key) }));
	const body = `${head}.${textToUrl(JSON.stringify(claims))}`;
	return `${body}.${bytesToUrl(ed25519.sign(ascii(body), key))}`;
}

const keyIds = new Map<string, string>();

/** The public key itself names the key: whoever wants to check a token finds it in the header. */
function keyId(key: Uint8Array): string {
	const name = String(key);
	let id = keyIds.get(name);
	if (id === undefined) {
		id = bytesToUrl(ed25519.getPublicKey(key));
		if (keyIds.size > 100) keyIds.clear();
		keyIds.set(name, id);
	}
	return id;
}

/** The key that tokens verify with, base64url, and the name by which their headers call it. */
export function publicKey(world: World): { readonly id: string; readonly x: string } {
	const id = keyId(bytesOf(signingKey(world)));
	return { id, x: id };
}

/** Tokens whose signature was good, by key: checking one costs a millisecond, and clients send the same one again and again. */
const verified = new Map<string, Claims>();
const VERIFIED_KEPT = 1000;

/** The claims of a token that this cluster signed; undefined for any other text. Neither its time nor its subject is checked. */
export function readToken(world: World, token: string): Claims | undefined {
	const secret = signingKey(world);
	const name = `${secret}${token}`;
	const known = verified.get(name);
	if (known !== undefined) return known;
	const [head = '', body = '', signature = '', ...more] = token.split('.');
	const bytes = base64Bytes(urlToPlain(signature));
	if (more.length > 0 || body === '' || bytes?.length !== 64) return undefined;
	const text = `${head}.${body}`;
	if (!verifies(bytes, text, bytesOf(secret))) return undefined;
	const claims = parse(fromBase64(urlToPlain(body)));
	if (claims === undefined) return undefined;
	if (verified.size >= VERIFIED_KEPT) verified.clear();
	verified.set(name, claims);
	return claims;
}

function verifies(signature: readonly number[], text: string, key: Uint8Array): boolean {
	try {
		return ed25519.verify(Uint8Array.from(signature), ascii(text), ed25519.getPublicKey(key));
	} catch {
		// noble throws for a signature that is no curve point: a forged token like any other.
		return false;
	}
}

function parse(text: string | undefined): Claims | undefined {
	if (text === undefined) return undefined;
	try {
		const value: unknown = JSON.parse(text);
		return isRecord(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

/** What a service account's token says of it. */
/** Of the tokens that lie in secrets (`pkg/serviceaccount/legacy.go`): they name their secret, and never expire. */
export const LEGACY_ISSUER = 'kubernetes/serviceaccount';
const LEGACY = 'kubernetes.io/serviceaccount';

export function legacyClaims(namespace: string, secret: string, account: { readonly name: string; readonly uid: string }): Claims {
	return {
		iss: LEGACY_ISSUER,
		[`${LEGACY}/namespace`]: namespace,
		[`${LEGACY}/secret.name`]: secret,
		[`${LEGACY}/service-account.name`]: account.name,
		[`${LEGACY}/service-account.uid`]: account.uid,
		sub: `system:serviceaccount:${namespace}:${account.name}`,
	};
}

export function legacySubject(claims: Claims): { readonly namespace: string; readonly secret: string; readonly name: string; readonly uid: string } {
	const of = (field: string): string => str(claims[`${LEGACY}/${field}`]);
	return { namespace: of('namespace'), secret: of('secret.name'), name: of('service-account.name'), uid: of('service-account.uid') };
}

export interface TokenSubject {
	readonly namespace: string;
	readonly name: string;
	readonly uid: string;
	readonly pod?: { readonly name: string; readonly uid: string };
	readonly node?: { readonly name: string; readonly uid: string };
	readonly secret?: { readonly name: string; readonly uid: string };
	readonly audiences: readonly string[];
	/** Seconds since the epoch. */
	readonly expires: number;
	readonly id: string;
}

/** A random UUID for `jti`. */
export function credentialId(world: World): string {
	const h =
		hex32(world.randomInt(0x1_0000_0000)) +
		hex32(world.randomInt(0x1_0000_0000)) +
		hex32(world.randomInt(0x1_0000_0000)) +
		hex32(world.randomInt(0x1_0000_0000));
	return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`;
}

export function claimsFor(world: World, subject: TokenSubject): Claims {
	const now = Math.floor(world.now / 1000);
	return {
		aud: subject.audiences,
		exp: subject.expires,
		iat: now,
		iss: ISSUER,
		jti: subject.id,
		'kubernetes.io': {
			namespace: subject.namespace,
			...(subject.node === undefined ? {} : { node: subject.node }),
			...(subject.pod === undefined ? {} : { pod: subject.pod }),
			...(subject.secret === undefined ? {} : { secret: subject.secret }),
			serviceaccount: { name: subject.name, uid: subject.uid },
		},
		nbf: now,
		sub: `system:serviceaccount:${subject.namespace}:${subject.name}`,
	};
}

export function subjectOf(claims: Claims): TokenSubject {
	const k8s = rec(claims['kubernetes.io']);
	const named = (value: unknown): { readonly name: string; readonly uid: string } | undefined =>
		isRecord(value) ? { name: str(value.name), uid: str(value.uid) } : undefined;
	const account = named(k8s.serviceaccount) ?? { name: '', uid: '' };
	const pod = named(k8s.pod);
	const node = named(k8s.node);
	const secret = named(k8s.secret);
	return {
		namespace: str(k8s.namespace),
		...account,
		...(pod === undefined ? {} : { pod }),
		...(node === undefined ? {} : { node }),
		...(secret === undefined ? {} : { secret }),
		audiences: strs(claims.aud),
		expires: typeof claims.exp === 'number' ? claims.exp : 0,
		id: str(claims.jti),
	};
}
