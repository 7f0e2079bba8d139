/** What can be attached to a rating, each with how it came about. */
import type { Piece } from '../../../server/protocol/assessment.ts';
import { attemptStandings, declaredStandings, type Standing, writingStandings } from '../../../server/protocol/graded.ts';
import type { ShownDeclared } from '../../../server/protocol/portfolio.ts';
import type { Learner } from '../../../server/protocol/progress.ts';

export interface Attachable {
	readonly piece: Piece;
	/** For people. */
	readonly text: string;
	readonly standings: readonly Standing[];
}

interface Source {
	readonly learner: Pick<Learner, 'evidence' | 'writings'>;
	readonly documents: readonly { readonly id: string; readonly title: string }[];
	readonly declared: readonly ShownDeclared[];
}

/** A claim of a piece has room for so many characters (protocol/assessment.ts). */
const CLAIM = 300;

/** Passed attempts, documents and declared work. `texts` words an attempt and a document. */
export function attachables(
	{ learner, documents, declared }: Source,
	texts: { readonly attempt: (evidence: Learner['evidence'][number]) => string; readonly document: (title: string) => string },
): Attachable[] {
	return [
		...learner.evidence
			.filter(({ passed }) => passed)
			.map((evidence) => ({
				piece: { kind: 'graded' as const, evidence: evidence.id, claim: '' },
				text: texts.attempt(evidence),
				standings: attemptStandings(evidence),
			})),
		...documents.map(({ id, title }) => ({
			piece: { kind: 'document' as const, document: id, claim: '' },
			text: texts.document(title),
			standings: documentStandings(learner, id),
		})),
		// As a link: what lies behind the same address is one source, however it was attached.
		...declared
			.filter((one, i) => declared.findIndex(({ url }) => url === one.url) === i)
			.map((one) => ({
				piece: { kind: 'link' as const, url: one.url, claim: one.claim.slice(0, CLAIM) },
				text: one.title,
				standings: declaredStandings(declared.find(({ url, confirmed }) => url === one.url && confirmed !== undefined) ?? one),
			})),
	];
}

function documentStandings({ writings = [] }: Source['learner'], id: string): readonly Standing[] {
	const handedIn = writings.filter(({ document }) => document === id).flatMap(writingStandings);
	const found = (['graded', 'mentor-confirmed'] as const).filter((standing) => handedIn.includes(standing));
	return found.length > 0 ? found : ['self-declared'];
}

/** Two pieces that point at the same thing. */
export function isSamePiece(a: Piece, b: Piece): boolean {
	if (a.kind === 'graded') return b.kind === 'graded' && a.evidence === b.evidence;
	if (a.kind === 'document') return b.kind === 'document' && a.document === b.document;
	return b.kind === 'link' && a.url === b.url;
}

/** Whether somebody besides its author stands behind a piece: a program or a mentor. */
export const provenBy =
	(all: readonly Attachable[]) =>
	(piece: Piece): boolean =>
		all.some((one) => isSamePiece(one.piece, piece) && !one.standings.includes('self-declared'));
