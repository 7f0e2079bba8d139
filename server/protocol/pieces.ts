/** Dimensions, levels, and when pieces of evidence are independent: apart from the schemas, so that pages can use it without a validator. */
import type { Piece } from './assessment.ts';

/** The nine dimensions of the scorecard: content/rubric/scorecard.yaml has the words. */
export const DIMENSIONS = [
	'cloud-kubernetes',
	'iac-automation',
	'ci-cd',
	'observability',
	'security',
	'incident',
	'product',
	'communication',
	'leadership',
] as const;
export const LEVELS = ['none', 'started', 'mid', 'senior'] as const;

/** Pieces of evidence that a senior claim needs, each independent of the others. */
export const SENIOR_PIECES = 2;

/** The lab that a piece comes from; undefined for what comes from none. */
export type LabOf = (piece: Piece) => string | undefined;

/** `attempt` of a document: id of the evidence that its facts are drawn from. */
export function labsOf(
	evidence: readonly { readonly id: string; readonly lab: string }[],
	documents: readonly { readonly id: string; readonly attempt?: string | undefined }[],
): LabOf {
	const lab = (id: string | undefined): string | undefined => evidence.find((one) => one.id === id)?.lab;
	return (piece) => {
		if (piece.kind === 'graded') return lab(piece.evidence);
		return piece.kind === 'document' ? lab(documents.find(({ id }) => id === piece.document)?.attempt) : undefined;
	};
}

/**
 * Where a piece comes from: two of one source are not independent. Attempts at the same lab are one source together with the
 * documents whose facts are drawn from them; so are all links into one repository (the first two parts of the path on a code host)
 * and all below one page elsewhere. `labOf`: see `labsOf`.
 */
function sourceOf(piece: Piece, labOf: LabOf): string {
	if (piece.kind === 'graded') return `lab:${labOf(piece) ?? piece.evidence}`;
	if (piece.kind === 'document') {
		const lab = labOf(piece);
		return lab === undefined ? `document:${piece.document}` : `lab:${lab}`;
	}
	const [, authority = '', pathname = ''] = /^https?:\/\/([^/?#]*)([^?#]*)/i.exec(piece.url) ?? [];
	const host = authority
		.toLowerCase()
		.replace(/^.*@/, '')
		.replace(/^www\./, '');
	const parts = pathname.toLowerCase().split('/').filter(Boolean);
	const depth = /(^|\.)(github|gitlab|codeberg|bitbucket)\./.test(host) ? 2 : parts.length;
	return `link:${[host, ...parts.slice(0, depth)].join('/').replace(/\.git$/, '')}`;
}

/** How many of the pieces are independent of one another. */
export function independent(pieces: readonly Piece[], labOf: LabOf): number {
	return new Set(pieces.map((piece) => sourceOf(piece, labOf))).size;
}
