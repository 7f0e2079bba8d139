/// <reference lib="dom" />
/**
 * Reading and verifying a badge with nothing but what browsers and Node both have. Each function stands on its own and names only the
 * others here (and the web platform, which Node has, too): an exported portfolio carries their text (`server/portfolio/verifier.ts`).
 */

export interface BadgeRead {
	readonly jws: string;
	readonly header: Record<string, unknown>;
	/** The credential, unverified. */
	readonly payload: Record<string, unknown>;
}

export interface BadgeVerified {
	readonly good: boolean;
	/** Public key that the badge was signed with, as its header has it. */
	readonly jwk: Record<string, string>;
	/** RFC 7638 thumbprint of that key. */
	readonly thumbprint: string;
}

/** The bytes of base64url text. */
export function badgeBytes(text: string): Uint8Array<ArrayBuffer> {
	return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
}

/** The badge in a text: the bare JWS, JSON that holds one, or a picture that it is baked into. Undefined where there is none. */
export function readBadge(text: string): BadgeRead | undefined {
	const jws = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/.exec(text)?.[0];
	if (jws === undefined) return undefined;
	try {
		const [header, payload] = jws
			.split('.')
			.slice(0, 2)
			.map((part) => JSON.parse(new TextDecoder().decode(badgeBytes(part))));
		const types = payload.type;
		return Array.isArray(types) && types.includes('OpenBadgeCredential') ? { jws, header, payload } : undefined;
	} catch {
		return undefined;
	}
}

/** Holds a badge's signature against the key in its header, and that key against the issuer that it names. Never throws for what a badge holds. */
export async function verifyBadge(badge: BadgeRead): Promise<BadgeVerified> {
	const { n = '', e = '', kty = '' } = (badge.header['jwk'] ?? {}) as Record<string, string>;
	const jwk = { e, kty, n };
	const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(jwk)));
	const thumbprint = btoa(String.fromCharCode(...new Uint8Array(hash)))
		.replace(/\+/g, '-')
		.replace(/\//g, '_')
		.replace(/=+$/, '');
	const bad = { good: false, jwk, thumbprint };
	const issuer = (badge.payload['issuer'] ?? {}) as { readonly id?: unknown };
	if (badge.header['alg'] !== 'RS256' || typeof issuer.id !== 'string' || badge.payload['iss'] !== issuer.id) return bad;
	try {
		// The issuer is its key: `did:jwk` holds the same one.
		const named = JSON.parse(new TextDecoder().decode(badgeBytes(issuer.id.replace(/^did:jwk:/, ''))));
		if (!issuer.id.startsWith('did:jwk:') || named.n !== n || named.e !== e || named.kty !== kty) return bad;
		const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
		const key = await crypto.subtle.importKey('jwk', { kty, n, e }, algorithm, false, ['verify']);
		const end = badge.jws.lastIndexOf('.');
		const good = await crypto.subtle.verify(algorithm, key, badgeBytes(badge.jws.slice(end + 1)), new TextEncoder().encode(badge.jws.slice(0, end)));
		return { good, jwk, thumbprint };
	} catch {
		return bad;
	}
}

/** What a person wants to know of a badge: who, what, how well, when, how it came about, and the digest of its evidence. */
export function badgeFacts(badge: BadgeRead): {
	readonly holder: string;
	readonly name: string;
	readonly score: string;
	readonly on: string;
	readonly digest: string;
	/** How it came about, a line for each: graded by checks, confirmed by a mentor. */
	readonly how: readonly string[];
} {
	const subject = (badge.payload['credentialSubject'] ?? {}) as {
		readonly identifier?: readonly { readonly identityHash?: string }[];
		readonly achievement?: { readonly name?: string };
		readonly result?: readonly { readonly value?: string }[];
	};
	const evidence = (badge.payload['evidence'] ?? []) as readonly { readonly narrative?: string; readonly name?: string; readonly genre?: string }[];
	return {
		holder: String(subject.identifier?.[0]?.identityHash ?? ''),
		name: String(subject.achievement?.name ?? ''),
		score: String(subject.result?.[0]?.value ?? ''),
		on: String(badge.payload['validFrom'] ?? '').slice(0, 10),
		digest: /[0-9a-f]{64}/.exec(String(evidence[0]?.narrative ?? ''))?.[0] ?? '',
		how: evidence.map(({ genre, name }) => `${genre ?? ''}: ${name ?? ''}`),
	};
}
