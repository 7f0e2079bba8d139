/** The mentor's workbench: what was sent on one side, the review on the other. */
import type { Bundle, Draft, LearnerStanding, SavedComment, ShownReview, ShownSubmission } from '../../../server/protocol/reviews.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { showNotices } from '../notices.ts';
import { Saver, type SaveState } from '../writing/saver.ts';
import { bundleView } from './bundle-view.ts';
import { claim, getBundle, getComments, getDiff, getStanding, getSubmission, release, saveDraft, seen, sendReview } from './calls.ts';
import { DraftPanel } from './draft-panel.ts';
import { reviewView } from './finding-view.ts';
import { badge, KIND_WORDS, problem, STATES, waited, when } from './format.ts';
import { roundChanges } from './round-changes.ts';
import { t } from './words.ts';

const id = new URLSearchParams(location.search).get('s') ?? '';
const told = (error: unknown): void => fill(byId('review-problem'), problem(error));
const NO_DRAFT: Draft = { findings: [], marks: {}, summary: '' };

function head({ title, kind, learnerName, state, submittedAt, rounds, score, as }: ShownSubmission): HTMLElement[] {
	return [
		h('h1', {}, title),
		h(
			'p',
			{ class: 'in-line' },
			badge(STATES[state]),
			as.learner && badge({ word: t.own, tone: '' }),
			h(
				'span',
				{ class: 'small quiet' },
				[learnerName, KIND_WORDS[kind], fillIn(t.roundN, { n: rounds }), ...(score === undefined ? [] : [`${score} ${t.of100}`])].join(' · '),
				` · ${t.sent} `,
				when(submittedAt),
				(state === 'waiting' || state === 'in-review') && ` · ${fillIn(t.waitsFor, { time: waited(submittedAt) })}`,
			),
		),
		...(as.learner ? [h('p', { class: 'notice small' }, t.ownCounts)] : []),
	];
}

const mineOf = (submission: ShownSubmission): ShownReview | undefined => submission.history.at(-1)?.reviews.find(({ mine }) => mine);

function savedWords(state: SaveState): string {
	if (state.state === 'saved') return t.draftSaved;
	if (state.state === 'failed') return state.why;
	return state.state === 'saving' ? t.draftSaving : t.draftWaiting;
}

/** The panel to write in; the bundle's numbers lead into it. */
function writing(submission: ShownSubmission, bundle: Bundle, offered: readonly SavedComment[], standing: LearnerStanding): void {
	const mine = mineOf(submission);
	if (mine === undefined) return;
	const { summaryHtml: _, ...draft } = { ...NO_DRAFT, summaryHtml: '', ...mine.content };
	const view = bundleView(bundle, submission.may.second ? undefined : (place) => panel.add(place));
	const saver = new Saver<Draft>(mine.version, {
		read: () => panel.draft,
		save: async (base, content) => ({ version: mineOf(await saveDraft(id, base, content))?.version ?? base + 1, updatedAt: new Date().toISOString() }),
		tell: (state) => fill(byId('draft-state'), savedWords(state)),
		conflict: 'review-changed',
	});
	const panel = new DraftPanel({
		bundle,
		draft,
		second: submission.may.second,
		own: submission.as.learner,
		most: submission.findingsMost,
		offered,
		standing,
		go: view.go,
		changed: (next) => {
			view.mark(next.findings);
			saver.changed();
		},
		send: async () => {
			// What was typed last goes first; a review that was never touched is saved once, so that what is sent is what is kept.
			if (saver.version === 0) saver.changed();
			if (!(await saver.flush())) throw new Error(t.draftUnsaved);
			show(await sendReview(id, saver.version));
			window.scrollTo({ top: 0 });
		},
		release: async () => {
			await saver.flush();
			await release(id);
			location.assign('/mentor/');
		},
	});
	addEventListener('beforeunload', (event) => {
		if (saver.unsaved) {
			void saver.flush();
			event.preventDefault();
		}
	});
	fill(byId('bundle'), h('h2', {}, t.whatWasSent), view.element);
	fill(
		byId('panel'),
		h('h2', {}, t.yourReview),
		h(
			'p',
			{ class: 'small quiet', id: 'draft-state', role: 'status' },
			fillIn(t.claimHolds, { time: new Date(mine.claimEnds).toLocaleTimeString(undefined, { timeStyle: 'short' }) }),
		),
		panel.element,
	);
	view.mark(draft.findings);
}

/** Nothing to write here: what was sent, and the reviews that this person may see. */
function reading(submission: ShownSubmission, bundle: Bundle): void {
	const view = bundleView(bundle, undefined);
	const sent = (submission.history.at(-1)?.reviews ?? []).filter(({ sentAt }) => sentAt !== undefined);
	const take = h('button', { class: 'button', type: 'button' }, submission.may.second ? t.claimSecond : t.claim);
	take.addEventListener('click', () => {
		take.disabled = true;
		claim(id).then(show, (error: unknown) => {
			take.disabled = false;
			told(error);
		});
	});
	fill(byId('bundle'), h('h2', {}, t.whatWasSent), view.element);
	fill(
		byId('panel'),
		h('h2', {}, sent.length > 0 ? t.reviews : t.yourReview),
		submission.may.claim && h('p', { class: 'small quiet' }, submission.may.second ? t.claimSecondLead : t.claimLead),
		submission.may.claim && h('p', {}, take),
		...sent.map((review) => reviewView(review, bundle, { go: view.go })),
		!submission.may.claim && sent.length === 0 && h('p', { class: 'quiet' }, t.nothingToDo),
	);
	view.mark(sent.flatMap(({ content }) => content?.findings ?? []));
}

function earlier(submission: ShownSubmission): void {
	const before = submission.history.slice(0, -1);
	if (before.length === 0) return;
	getDiff(id, submission.rounds).then((diff) => fill(byId('round-diff'), ...roundChanges(diff)), told);
	Promise.all(before.map(async (round) => ({ round, bundle: await getBundle(id, round.n) }))).then((rounds) => {
		const cards = rounds.flatMap(({ round, bundle }) =>
			round.reviews.filter(({ sentAt }) => sentAt !== undefined).map((review) => reviewView(review, bundle, { go: () => {} })),
		);
		fill(byId('earlier'), h('details', { class: 'card' }, h('summary', {}, t.earlierRounds), ...cards));
	}, told);
}

function show(submission: ShownSubmission): void {
	document.title = `${submission.title} · Foothold`;
	fill(byId('review-problem'));
	fill(byId('review-head'), ...head(submission));
	const { review, second } = submission.may;
	const bundle = getBundle(id, submission.rounds);
	if (!review) bundle.then((sent) => reading(submission, sent), told);
	else {
		const comments = second ? Promise.resolve([]) : getComments(id);
		Promise.all([bundle, comments, getStanding(id)]).then((all) => writing(submission, ...all), told);
	}
	earlier(submission);
}

getSubmission(id).then(
	(submission) => {
		show(submission);
		if (submission.unread) seen(id).then(showNotices, told);
	},
	(error: unknown) => fill(byId('review-head'), h('h1', {}, t.reviewTitle), problem(error)),
);
