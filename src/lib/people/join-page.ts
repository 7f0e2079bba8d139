/** An invitation: what it leads into, and accepting it. Its code stands behind the #, which is sent to no server by itself. */
import type { CohortView, InvitationView } from '../../../server/protocol/people.ts';
import { ApiError, json, post } from '../api.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { signInHere } from '../me.ts';
import { button, day, fail, said, words } from './parts.ts';

const code = location.hash.slice(1);

async function show(): Promise<void> {
	if (code === '') return said(words.joinNone);
	const { cohort, as, expiresAt, member } = await json<InvitationView>('/api/invitations/look', post({ code }));
	if (member) return there(as, fillIn(words.joinMember, { cohort }));
	said();
	fill(
		byId('join'),
		h('p', { class: 'lead' }, fillIn(as === 'learner' ? words.joinLearner : words.joinMentor, { cohort })),
		h('p', { class: 'quiet' }, fillIn(words.joinUntil, { date: day(expiresAt) })),
		h(
			'p',
			{},
			button(
				fillIn(words.joinButton, { cohort }),
				async () => {
					await json<CohortView>('/api/invitations/accept', post({ code }));
					there(as, fillIn(words.joined, { cohort }));
				},
				'button',
			),
		),
	);
}

function there(as: InvitationView['as'], what: string): void {
	said(what);
	const [href, text] = as === 'learner' ? ['/track/', words.toTrack] : ['/mentor/', words.toQueue];
	fill(byId('join'), h('p', {}, h('a', { class: 'button', href }, text)));
	byId('people-said')?.focus();
}

show().catch((error: unknown) => {
	if (!(error instanceof ApiError && error.code === 'sign-in-needed')) return fail(error);
	said(words.signInLead);
	fill(byId('join'), h('p', {}, h('a', { class: 'button', href: signInHere() }, words.signIn)));
});
