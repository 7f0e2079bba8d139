/** What the review pages carry with them: their words, and titles of labs, deliverables and what can be marked. */
import { byId } from '../dom.ts';
import type { ReviewWords } from '../i18n/catalogue.ts';

export interface Marking {
	readonly id: string;
	readonly title: string;
	readonly mid: string;
	readonly senior: string;
	/** Of a dimension: the deliverables whose graded pieces count. */
	readonly graded?: readonly string[];
}

interface Data {
	readonly words: ReviewWords;
	readonly labs: Readonly<Record<string, string>>;
	readonly deliverables: Readonly<Record<string, string>>;
	/** The table of mid and senior, then the scorecard. */
	readonly rows: readonly Marking[];
	readonly dimensions: readonly Marking[];
}

export const data = JSON.parse(byId('review-data')?.textContent ?? '{}') as Data;
export const t: ReviewWords = data.words;
