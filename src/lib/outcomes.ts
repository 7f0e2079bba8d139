import type { VerdictCheck } from '../../server/protocol/lab.ts';
import { wordsOf } from './i18n/words-of.ts';

const t = wordsOf('evidence');

/** How an outcome is shown: mark, word and tone, so that nothing hangs on colour. */
export const OUTCOMES: Readonly<Record<VerdictCheck['outcome'], { readonly mark: string; readonly word: string; readonly tone: string }>> = {
	pass: { mark: '✓', word: t.pass, tone: 'pass' },
	fail: { mark: '✕', word: t.fail, tone: 'fail' },
	gated: { mark: '◷', word: t.waiting, tone: 'warn' },
	ungraded: { mark: '–', word: t.notGraded, tone: '' },
};
