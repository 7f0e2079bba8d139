/** What a check of a document is: a pure function from what was written and what is known to one row. */
import { type DocumentKind, KIND_SHAPES, type Part } from '../protocol/document-kinds.ts';
import type { DocumentContent, GradeRow } from '../protocol/documents.ts';
import type { Facts } from './facts.ts';
import { prose, words } from './text.ts';

export interface Draft {
	readonly kind: DocumentKind;
	readonly content: DocumentContent;
}

export interface Result {
	readonly outcome: GradeRow['outcome'];
	readonly why: string;
	readonly where?: readonly string[];
	/** Share of the points that a failed check still gives, 0 to 1. */
	readonly share?: number;
	/** The score can be no higher than this, 0 to 100. */
	readonly cap?: number;
}

export interface DocumentCheck {
	readonly id: string;
	readonly title: string;
	/** Weight, of about 100 a kind. 0: it only holds the score down. */
	readonly points: number;
	run(draft: Draft, facts: Facts): Result;
}

export const pass = (why: string, where: readonly string[] = []): Result => ({ outcome: 'pass', why, where });
export const fail = (why: string, where: readonly string[] = [], more: Pick<Result, 'share' | 'cap'> = {}): Result => ({
	outcome: 'fail',
	why,
	where,
	...more,
});
export const ungradable = (why: string): Result => ({ outcome: 'could-not-grade', why });
export const forMentor = (why: string, where: readonly string[] = []): Result => ({ outcome: 'for-a-mentor', why, where });

export const textOf = ({ content }: Draft, part: string): string => content.texts[part]?.trim() ?? '';
export const partsOf = ({ kind }: Draft): readonly Part[] => KIND_SHAPES[kind].parts;
export const titleOf = (draft: Draft, part: string): string => partsOf(draft).find((p) => p.id === part)?.title ?? part;

/** Words of the parts that are prose, code and quotations left out. */
export function proseParts(draft: Draft): { readonly part: string; readonly text: string }[] {
	return partsOf(draft).flatMap((part) =>
		part.form === 'text' && textOf(draft, part.id) !== '' ? [{ part: part.id, text: prose(textOf(draft, part.id)) }] : [],
	);
}

/** All that was written in sentences, tables included. */
export function allText(draft: Draft): string {
	const { timeline, actions, options } = draft.content;
	const rows = [...timeline.map((r) => r.what), ...actions.map((r) => `${r.what}. ${r.verify}`), ...options.map((r) => r.risk)];
	return [...proseParts(draft).map((p) => p.text), ...rows].filter((t) => t.trim() !== '').join('\n\n');
}

export const wordCount = (draft: Draft): number => words(allText(draft)).length;

/** `2 of 5 (a, b)`: names at most `most` of a list. */
export function some(names: readonly string[], most = 4): string {
	return names.slice(0, most).join(', ') + (names.length > most ? ` and ${names.length - most} more` : '');
}
