import type { Evidence } from '../../server/protocol/progress.ts';
import { wordsOf } from './i18n/words-of.ts';

const t = wordsOf('evidence');

/** How a claim came about, in words; told apart wherever evidence is shown. */
export const KINDS: Readonly<Record<Evidence['kind'], { readonly word: string; readonly tone: string }>> = {
	graded: { word: t.graded, tone: 'accent' },
	'mentor-confirmed': { word: t.confirmed, tone: 'pass' },
	'self-declared': { word: t.declared, tone: '' },
};
