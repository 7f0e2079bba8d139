/** Who confirmed a piece, when, and in which words; and the badges of all that stands behind one. */
import type { Confirmation } from '../../server/protocol/confirmation.ts';
import type { Standing } from '../../server/protocol/graded.ts';
import { h } from './dom.ts';
import { KINDS } from './evidence-kinds.ts';
import { fillIn } from './i18n/fill-in.ts';
import { wordsOf } from './i18n/words-of.ts';

const t = wordsOf('evidence');

/** The mentor's name and day, to be filled in. */
export const confirmer = ({ name, at }: Confirmation): { readonly name: string; readonly on: string } => ({
	name: name || t.goneMentor,
	on: new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' }),
});

/** A link to the review, with the mentor's own words below it. */
export function confirmationView(confirmed: Confirmation): HTMLElement {
	const link = h('a', { href: `/submissions/view/?s=${encodeURIComponent(confirmed.submission)}` }, fillIn(t.confirmedBy, confirmer(confirmed)));
	return h(
		'div',
		{ class: 'small confirmation' },
		h('p', {}, link),
		confirmed.why !== undefined && h('p', { class: 'quiet' }, fillIn(t.why, { why: confirmed.why })),
	);
}

export const standingBadges = (standings: readonly Standing[]): HTMLElement[] =>
	standings.map((one) => h('span', { class: `badge ${KINDS[one].tone}` }, KINDS[one].word));
