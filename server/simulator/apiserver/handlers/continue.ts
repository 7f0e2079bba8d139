/** The continue token of a chunked list: upstream's `{"v":"meta.k8s.io/v1","rv":…,"start":…}` in URL-safe base64. */
import { badRequest } from '../errors.ts';
import { fromBase64, toBase64 } from '../base64.ts';

export interface ContinueToken {
	/** -1: none, the list goes on as things stand then. */
	readonly revision: number;
	/** Key of the last object that was sent. */
	readonly after: string;
}

export function encodeContinue(token: ContinueToken): string {
	const json = JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: `${token.after}\u0000` });
	return toBase64(json).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export function decodeContinue(text: string): ContinueToken {
	const invalid = (why: string): Error => badRequest(`continue key is not valid: ${why}`);
	const raw = fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
	if (raw === undefined) throw invalid('illegal base64 data');
	let token: unknown;
	try {
		token = JSON.parse(raw);
	} catch {
		throw invalid('invalid character in token');
	}
	const { v, rv, start } = (token ?? {}) as { readonly v?: unknown; readonly rv?: unknown; readonly start?: unknown };
	if (v !== 'meta.k8s.io/v1') throw invalid(`server does not recognize this encoded version ${JSON.stringify(v ?? '')}`);
	if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv === 0) throw invalid('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
	if (typeof start !== 'string' || start === '') throw invalid('empty encoded start key (version meta.k8s.io/v1)');
	return { revision: rv, after: start.endsWith('\u0000') ? start.slice(0, -1) : start };
}
