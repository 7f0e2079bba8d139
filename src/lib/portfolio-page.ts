/** The portfolio: evidence under its deliverable, opened in place. `#<evidence id>` opens one at once. */
import type { Evidence, Learner } from '../../server/protocol/progress.ts';
import { ApiError, getEvidence, getProgress } from './api.ts';
import { byId, fill, h } from './dom.ts';
import { evidenceBody, KINDS } from './evidence-view.ts';
import { formatScore } from './format.ts';
import { writingCard } from './writing/evidence-card.ts';

interface KnownLab {
	readonly id: string;
	readonly title: string;
	readonly deliverable: string;
}

/** The labs of this build: their titles, and which deliverable they are evidence for. */
const labs = JSON.parse(byId('known-labs')?.textContent ?? '[]') as readonly KnownLab[];

function show(learner: Learner): void {
	const writings = learner.writings ?? [];
	const groups = byDeliverable(learner);
	for (const deliverable of new Set([...groups.keys(), ...writings.map((one) => one.deliverable)])) {
		const place = document.querySelector(`[data-deliverable="${CSS.escape(deliverable)}"] [data-evidence]`);
		const item = learner.portfolio.find((one) => one.deliverable === deliverable);
		const cards = [
			...(groups.get(deliverable) ?? []).map((one) => ({ at: one.at, make: () => card(one) })),
			...writings.filter((one) => one.deliverable === deliverable).map((one) => ({ at: one.at, make: () => writingCard(one) })),
		].sort((a, b) => b.at.localeCompare(a.at));
		fill(place ?? newPlace(deliverable, item?.title ?? deliverable), ...cards.map(({ make }) => make()));
	}
	if (learner.evidence.length === 0 && writings.length === 0) {
		const words = 'Nothing here yet. Submit a lab, and its verdict, your files and a digest appear below.';
		fill(byId('portfolio-state'), h('p', { class: 'notice' }, words, ' ', h('a', { href: '/labs/' }, 'Go to the labs')));
	}
	openFromAddress();
}

/** Evidence under its deliverable: where the portfolio has it, else where its lab belongs. What did not pass is kept, too, and shown as that. */
function byDeliverable({ portfolio, evidence }: Learner): Map<string, Evidence[]> {
	const groups = new Map<string, Evidence[]>();
	for (const one of evidence) {
		const item = portfolio.find((candidate) => candidate.evidence.includes(one.id));
		const deliverable = item?.deliverable ?? labs.find((lab) => lab.id === one.lab)?.deliverable ?? one.lab;
		groups.set(deliverable, [...(groups.get(deliverable) ?? []), one]);
	}
	return groups;
}

/** A deliverable that this build doesn't know (made by a newer lab, say) still shows. */
function newPlace(deliverable: string, title: string): Element {
	const place = h('div', { class: 'item-evidence', 'data-evidence': true });
	byId('portfolio')?.append(h('li', { class: 'item', 'data-deliverable': deliverable }, h('h2', {}, title), place));
	return place;
}

function card(evidence: Evidence): HTMLElement {
	const kind = KINDS[evidence.kind];
	const body = h('div', { class: 'evidence-body' }, h('p', { class: 'quiet', role: 'status' }, 'Loading…'));
	const details = h(
		'details',
		{ class: 'card evidence', id: evidence.id },
		h(
			'summary',
			{},
			h('span', { class: 'title' }, labs.find((lab) => lab.id === evidence.lab)?.title ?? evidence.lab),
			h('span', { class: `badge ${kind.tone}` }, kind.word),
			h('span', { class: `badge ${evidence.passed ? 'pass' : 'warn'}` }, evidence.passed ? '✓ Passed' : 'Below the pass mark'),
			h(
				'span',
				{ class: 'quiet small' },
				h('time', { datetime: evidence.at }, new Date(evidence.at).toLocaleDateString(undefined, { dateStyle: 'medium' })),
				` · attempt ${evidence.attempt}`,
			),
			h('span', { class: 'figure' }, formatScore(evidence.score), h('span', { class: 'visually-hidden' }, ' of 100')),
		),
		h('p', { class: 'small quiet digest-short' }, `Digest ${evidence.digest.slice(0, 16)}…`),
		body,
	);
	details.addEventListener('toggle', () => {
		if (!details.open || details.dataset['loaded']) return;
		details.dataset['loaded'] = 'yes';
		getEvidence(evidence.id).then(
			(full) => fill(body, ...evidenceBody(full)),
			(error: unknown) => {
				delete details.dataset['loaded'];
				fill(body, problem(error));
			},
		);
	});
	return details;
}

function openFromAddress(): void {
	const wanted = location.hash === '' ? undefined : byId(decodeURIComponent(location.hash.slice(1)));
	if (!(wanted instanceof HTMLDetailsElement)) return;
	wanted.open = true;
	wanted.scrollIntoView({ block: 'start' });
}

const problem = (error: unknown): HTMLElement =>
	h('p', { class: 'notice warn', role: 'alert' }, error instanceof ApiError ? `${error.message} ${error.next}` : String(error));

window.addEventListener('hashchange', openFromAddress);
getProgress().then(show, (error: unknown) => fill(byId('portfolio-state'), problem(error)));
