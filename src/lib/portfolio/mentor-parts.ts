/** What mentors have to do with a portfolio: their confirmation of an item, the way to ask for one, and reviews that oneself gave. */
import type { Learner, Mentoring, PortfolioItem } from '../../../server/protocol/progress.ts';
import { h } from '../dom.ts';
import { confirmer } from '../confirmation.ts';
import { KINDS } from '../evidence-kinds.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { wordsOf } from '../i18n/words-of.ts';

const t = wordsOf('evidence');

const day = (at: string): string => new Date(at).toLocaleDateString(undefined, { dateStyle: 'medium' });

/** Reviews that this person gave here, as evidence of their own. */
function mentoringCard({ reviews, approved, helpful, learners, mentees, since, at, digest }: Mentoring): HTMLElement {
	const about = fillIn(t.mentored, {
		learners: learners === 1 ? t.learnerOne : fillIn(t.learners, { n: learners }),
		mentees,
		approved,
		helpful,
		since: day(since),
		at: day(at),
	});
	return h(
		'div',
		{ class: 'card evidence', id: 'mentoring' },
		h(
			'p',
			{},
			h('span', { class: 'title' }, reviews === 1 ? t.reviewOne : fillIn(t.reviewsGiven, { n: reviews })),
			' ',
			h('span', { class: `badge ${KINDS.graded.tone}` }, KINDS.graded.word),
		),
		h('p', { class: 'small quiet' }, about),
		h('p', { class: 'small quiet digest-short' }, fillIn(t.digest, { digest: digest.slice(0, 16) })),
	);
}

/** Under an item's evidence: who confirmed it as a whole, and the way to a mentor. */
export function mentorLine(item: PortfolioItem | undefined): HTMLElement | false {
	if (item === undefined) return false;
	const { confirmed, deliverable, updatedAt } = item;
	const since = confirmed !== undefined && updatedAt > confirmed.at ? ` ${t.notCovered}` : '';
	return h(
		'p',
		{ class: 'small mentor-line' },
		confirmed !== undefined && h('span', { class: `badge ${KINDS['mentor-confirmed'].tone}` }, KINDS['mentor-confirmed'].word),
		confirmed !== undefined && ` ${fillIn(t.wholeBy, confirmer(confirmed))}${since} `,
		h('a', { class: 'no-print', href: `/submissions/new/?kind=portfolio&of=${encodeURIComponent(deliverable)}` }, t.sendItem),
	);
}

/** The learner's own reviews under their family. */
export const mentoringOf = (learner: Learner): readonly { readonly at: string; readonly make: () => HTMLElement }[] => {
	const { mentoring } = learner;
	return mentoring === undefined ? [] : [{ at: mentoring.at, make: () => mentoringCard(mentoring) }];
};
