/** A fingerprint of evidence: SHA-256 over canonical JSON, so that the same facts give the same digest wherever they are computed. */
import { createHash } from 'node:crypto';

/** JSON with sorted keys and no spaces; undefined fields are left out. After RFC 8785, for the values that JSON.stringify writes alike. */
export function canonicalJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map((v) => canonicalJson(v === undefined ? null : v)).join(',')}]`;
	if (typeof value === 'object' && value !== null) {
		const fields = Object.entries(value)
			.filter(([, v]) => v !== undefined)
			.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
			.map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`);
		return `{${fields.join(',')}}`;
	}
	return JSON.stringify(value) ?? 'null';
}

/** `recordings` are described with the digests of their files, so that those are under this one, too. */
export function evidenceDigest(verdict: unknown, files: { readonly [path: string]: string }, recordings?: readonly unknown[], facts?: unknown): string {
	return createHash('sha256').update(canonicalJson({ verdict, files, recordings, facts })).digest('hex');
}
