/** One of the learner's submissions: rounds, reviews with findings where they belong, answers, the next round. */
import type { ShownRound, ShownSubmission } from '../../../server/protocol/reviews.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { bundleView } from './bundle-view.ts';
import { answer, getBundle, getDiff, getSubmission, rate, resubmit, seen, withdraw } from './calls.ts';
import { reviewView } from './finding-view.ts';
import { showNotices } from '../notices.ts';
import { badge, KIND_WORDS, problem, STATES, waited, when } from './format.ts';
import { roundChanges } from './round-changes.ts';
import { t } from './words.ts';

const id = new URLSearchParams(location.search).get('s') ?? '';
let round: number | undefined;
let drawn: { readonly round: number; readonly mark: (shown: ShownRound) => void } | undefined;

const told = (error: unknown): void => fill(byId('review-problem'), problem(error));
const act = (work: Promise<ShownSubmission>): Promise<void> => work.then(show, told);

function head(submission: ShownSubmission): HTMLElement[] {
	const { title, kind, state, since, submittedAt, may, as, history } = submission;
	const waits = state === 'waiting' || state === 'in-review';
	const back = h('button', { class: 'button plain tiny', type: 'button' }, t.withdraw);
	back.addEventListener('click', () => void act(withdraw(id)));
	const tabs = history.map(({ n }) => {
		const button = h('button', { class: 'button plain tiny', type: 'button', 'aria-pressed': String(n === shownRound(submission).n) }, fillIn(t.roundN, { n }));
		button.addEventListener('click', () => {
			round = n;
			show(submission);
		});
		return button;
	});
	return [
		h('h1', {}, title),
		h(
			'p',
			{ class: 'in-line' },
			badge(STATES[state]),
			h('span', { class: 'small quiet' }, `${KIND_WORDS[kind]} · ${t.sent} `, when(submittedAt), waits && ` · ${fillIn(t.waitsFor, { time: waited(since) })}`),
		),
		h(
			'p',
			{ class: 'in-line no-print' },
			may.withdraw && back,
			as.mentor &&
				(may.claim || may.review) &&
				h('a', { class: 'button plain tiny', href: `/mentor/review/?s=${encodeURIComponent(id)}` }, as.learner ? t.reviewOwn : t.review),
		),
		...(history.length > 1 ? [h('div', { class: 'in-line no-print', role: 'group', 'aria-label': t.rounds }, ...tabs)] : []),
	];
}

function shownRound({ history }: ShownSubmission): ShownRound {
	const last = history.at(-1);
	const found = history.find(({ n }) => n === round) ?? last;
	if (found === undefined) throw new Error('a submission without rounds');
	return found;
}

function show(submission: ShownSubmission): void {
	fill(byId('review-problem'));
	document.title = `${submission.title} · Foothold`;
	fill(byId('review-head'), ...head(submission));
	const current = shownRound(submission);
	if (drawn?.round === current.n) {
		drawn.mark(current);
		next(submission, current);
		return;
	}
	getBundle(id, current.n).then((bundle) => {
		const view = bundleView(bundle, undefined);
		fill(byId('bundle'), h('h2', {}, t.whatWasSent), view.element);
		const mark = (shown: ShownRound): void => {
			const last = submission.history.at(-1)?.n === shown.n;
			const sent = shown.reviews.filter(({ sentAt }) => sentAt !== undefined);
			const cards = sent.map((review) =>
				reviewView(review, bundle, {
					go: view.go,
					...(submission.as.learner && last ? { answer: (finding, said) => act(answer(id, finding, said)) } : {}),
					...(submission.as.learner && review.slot === 'first' ? { rate: (helpful) => act(rate(id, shown.n, helpful)) } : {}),
				}),
			);
			fill(
				byId('reviews'),
				h('h2', {}, t.reviews),
				...(cards.length > 0
					? cards
					: [h('p', { class: 'quiet' }, shown.state === 'withdrawn' ? t.withdrawnLead : submission.reviewers === 0 ? t.noMentor : t.reviewsNone)]),
			);
			view.mark(sent.flatMap(({ content }) => content?.findings ?? []));
		};
		drawn = { round: current.n, mark };
		mark(current);
		next(submission, current);
		if (current.n > 1) getDiff(id, current.n).then((diff) => fill(byId('round-diff'), ...roundChanges(diff)), told);
		else fill(byId('round-diff'));
	}, told);
}

/** The next round, or what it waits for. */
function next(submission: ShownSubmission, current: ShownRound): void {
	const last = submission.history.at(-1)?.n === current.n;
	if (!submission.as.learner || !last || current.state !== 'changes-asked') {
		fill(byId('next-round'));
		return;
	}
	if (!submission.may.resubmit) {
		fill(byId('next-round'), h('h2', {}, t.nextRound), h('p', { class: 'quiet' }, fillIn(t.answerFirst, { n: submission.unanswered })));
		return;
	}
	const note = h('textarea', { class: 'field', id: 'next-note', rows: '3', maxlength: '2000' });
	const form = h(
		'form',
		{ class: 'stack' },
		h('label', { for: 'next-note' }, t.nextNote),
		note,
		h('p', { class: 'small quiet' }, submission.kind === 'lab' ? t.nextLab : t.nextDocument),
		h('button', { class: 'button', type: 'submit' }, t.resubmit),
	);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		round = undefined;
		void act(resubmit(id, { base: submission.rounds, note: note.value.trim() }));
	});
	fill(byId('next-round'), h('h2', {}, t.nextRound), form);
}

getSubmission(id).then(
	(submission) => {
		show(submission);
		if (submission.unread) seen(id).then(showNotices, told);
	},
	(error: unknown) => fill(byId('review-head'), h('h1', {}, t.viewTitle), problem(error)),
);
