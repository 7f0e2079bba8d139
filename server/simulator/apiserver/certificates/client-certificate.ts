/** Who a client certificate says its bearer is: `apiserver/pkg/authentication/request/x509`. CN is the user, O the groups. */
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { parseTime } from '../../kernel/time.ts';
import type { World } from '../../kernel/world.ts';
import { base64Bytes, utf8Text } from '../base64.ts';
import type { UserInfo } from '../types.ts';
import { authorityPoint, serialNumber, serialSecret } from './authority.ts';
import { type Bytes, type Element, elements, inside, oidText } from './der.ts';
import { readSubject } from './names.ts';

interface Verified {
	readonly from: number;
	readonly until: number;
	readonly clientAuth: boolean;
	readonly user: UserInfo;
}

/** Certificates whose signature was good, by authority: checking one costs milliseconds, and a client sends the same one again and again. */
const verified = new Map<string, Verified>();
const VERIFIED_KEPT = 1000;

/**
 * The user of a certificate (base64 of its DER); undefined for one that this cluster did not sign, that is too old or too young
 * by the cluster's own clock, or that is not for clients.
 */
export function certificateUser(world: World, certificate: string): UserInfo | undefined {
	const secret = serialSecret(world);
	if (secret === undefined) return undefined;
	const point = authorityPoint(world);
	const name = `${bytesToHex(point)}${secret}${certificate}`;
	let found = verified.get(name);
	if (found === undefined) {
		found = verify(certificate, point, secret);
		if (found === undefined) return undefined;
		if (verified.size >= VERIFIED_KEPT) verified.clear();
		verified.set(name, found);
	}
	return found.clientAuth && found.from <= world.now && world.now <= found.until ? found.user : undefined;
}

function verify(certificate: string, point: Uint8Array, secret: string): Verified | undefined {
	const bytes = base64Bytes(certificate);
	const [outer] = bytes === undefined ? [] : (elements(bytes) ?? []);
	const [body, , signature] = inside(outer);
	if (bytes === undefined || body === undefined || signature === undefined) return undefined;
	if (!signedBy(point, body.whole, signature.content.slice(1))) return undefined;
	const [, serial, ...said] = inside(body);
	const own = serialNumber(
		secret,
		said.flatMap((e) => e.whole),
	);
	if (serial === undefined || serial.content.length !== own.length || serial.content.some((byte, i) => byte !== own[i])) return undefined;
	const [, , validity, subject, , ...rest] = said;
	const [from, until] = inside(validity).map(timeOf);
	if (from === undefined || until === undefined) return undefined;
	const { commonName, organizations } = readSubject(subject);
	const hash = bytesToHex(sha256(Uint8Array.from(bytes)));
	const extra = { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${hash}`] };
	const user = { name: commonName, groups: [...organizations, 'system:authenticated'], extra };
	return { from, until, clientAuth: isForClients(rest), user };
}

function signedBy(point: Uint8Array, body: Bytes, signature: Bytes): boolean {
	try {
		return p256.verify(Uint8Array.from(signature), sha256(Uint8Array.from(body)), point, { prehash: false, format: 'der', lowS: false });
	} catch {
		// noble throws for bytes that are no signature: a forged certificate like any other.
		return false;
	}
}

function timeOf(element: Element): number | undefined {
	const digits = utf8Text(element.content);
	const t = element.tag === 0x17 ? `20${digits}` : digits;
	return parseTime(`${t.slice(0, 4)}-${t.slice(4, 6)}-${t.slice(6, 8)}T${t.slice(8, 10)}:${t.slice(10, 12)}:${t.slice(12, 14)}Z`);
}

const EXTENDED_KEY_USAGE = '2.5.29.37';
const FOR_CLIENTS: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']);

function isForClients(rest: readonly Element[]): boolean {
	const list = inside(rest.find((e) => e.tag === 0xa3))[0];
	for (const e of inside(list)) {
		const parts = inside(e);
		if (oidText(parts[0]?.content ?? []) !== EXTENDED_KEY_USAGE) continue;
		const usages = inside(elements(parts.at(-1)?.content ?? [])?.[0]);
		return usages.some((u) => FOR_CLIENTS.has(oidText(u.content)));
	}
	return false;
}
