import type { VerdictCheck } from '../../server/protocol/lab.ts';

/** How an outcome is shown: mark, word and tone, so that nothing hangs on colour. */
export const OUTCOMES: Readonly<Record<VerdictCheck['outcome'], { readonly mark: string; readonly word: string; readonly tone: string }>> = {
	pass: { mark: '✓', word: 'Pass', tone: 'pass' },
	fail: { mark: '✕', word: 'Fail', tone: 'fail' },
	gated: { mark: '◷', word: 'Waiting', tone: 'warn' },
	ungraded: { mark: '–', word: 'Not graded', tone: '' },
};
