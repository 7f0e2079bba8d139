/** Words that a page carries for its scripts (PageWords.astro puts them there). */
import type { Catalogue } from './catalogue.ts';

/** The parts that pages carry in this way. */
export type PagePart = 'writing' | 'lab' | 'evidence' | 'recording' | 'rubric' | 'yaml';

export const wordsOf = <P extends PagePart>(part: P): NonNullable<Catalogue[P]> =>
	JSON.parse(document.getElementById(`words-${part}`)?.textContent ?? '{}') as NonNullable<Catalogue[P]>;
