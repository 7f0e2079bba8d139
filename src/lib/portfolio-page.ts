/** The portfolio: evidence under its deliverable, opened in place. `#<evidence id>` opens one at once. */
import type { Evidence, Learner, PortfolioItem } from '../../server/protocol/progress.ts';
import { ApiError, getEvidence, getProgress } from './api.ts';
import { byId, fill, h } from './dom.ts';
import { evidenceBody, KINDS } from './evidence-view.ts';

const titles = JSON.parse(byId('lab-titles')?.textContent ?? '{}') as Record<string, string>;

function show(learner: Learner): void {
	for (const item of learner.portfolio) showItem(item, learner);
	if (learner.portfolio.length === 0) {
		const words = 'Nothing here yet. Submit a lab, and its verdict, your files and a digest appear below.';
		fill(byId('portfolio-state'), h('p', { class: 'notice' }, words, ' ', h('a', { href: '/labs/' }, 'Go to the labs')));
	}
	openFromAddress();
}

function showItem(item: PortfolioItem, learner: Learner): void {
	const place = document.querySelector(`[data-deliverable="${CSS.escape(item.deliverable)}"] [data-evidence]`) ?? newPlace(item);
	const evidence = item.evidence.flatMap((id) => learner.evidence.filter((one) => one.id === id)).sort((a, b) => b.at.localeCompare(a.at));
	fill(place, ...evidence.map(card));
}

/** A deliverable that this build doesn't know (made by a newer lab, say) still shows. */
function newPlace(item: PortfolioItem): Element {
	const place = h('div', { class: 'item-evidence', 'data-evidence': true });
	byId('portfolio')?.append(h('li', { class: 'item', 'data-deliverable': item.deliverable }, h('h2', {}, item.title), place));
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
			h('span', { class: 'title' }, titles[evidence.lab] ?? evidence.lab),
			h('span', { class: `badge ${kind.tone}` }, kind.word),
			h('span', { class: `badge ${evidence.passed ? 'pass' : 'warn'}` }, evidence.passed ? '✓ Passed' : 'Below the pass mark'),
			h(
				'span',
				{ class: 'quiet small' },
				h('time', { datetime: evidence.at }, new Date(evidence.at).toLocaleDateString(undefined, { dateStyle: 'medium' })),
				` · attempt ${evidence.attempt}`,
			),
			h('span', { class: 'figure' }, `${Math.round(evidence.score * 10) / 10}`, h('span', { class: 'visually-hidden' }, ' of 100')),
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
