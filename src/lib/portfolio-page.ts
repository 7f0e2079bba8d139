/** The portfolio: evidence under its deliverable, opened in place, with what is declared beside it. `#<evidence id>` opens one at once. */
import { attemptStandings, MENTORING } from '../../server/protocol/graded.ts';
import type { ShownDeclared } from '../../server/protocol/portfolio.ts';
import type { Evidence, Learner } from '../../server/protocol/progress.ts';
import { ApiError, getDeclared, getEvidence, getProgress } from './api.ts';
import { standingBadges } from './confirmation.ts';
import { byId, fill, h } from './dom.ts';
import { formatScore } from './format.ts';
import type { PortfolioWords } from './i18n/catalogue.ts';
import { fillIn } from './i18n/fill-in.ts';
import { wordsOf } from './i18n/words-of.ts';
import { Declaring } from './portfolio/declare.ts';
import { listenForExports } from './portfolio/exports.ts';
import { mentoringOf, mentorLine } from './portfolio/mentor-parts.ts';
import { tally } from './portfolio/targets.ts';
import { writingCard } from './writing/evidence-card.ts';

interface Data {
	readonly words: PortfolioWords;
	/** The labs of this build: their titles, and which deliverable they are evidence for. */
	readonly labs: readonly { readonly id: string; readonly title: string; readonly deliverable: string }[];
	/** Deliverable → what is counted, and how many of it the senior level asks for. */
	readonly targets: Readonly<Record<string, { readonly target: number; readonly unit: string }>>;
}

const t = wordsOf('evidence');
const { words, labs, targets } = JSON.parse(byId('portfolio-data')?.textContent ?? '{}') as Data;
/** What a place says while nothing is there, for when the last piece goes. */
const blanks = new Map([...document.querySelectorAll('[data-deliverable] [data-evidence]')].map((place) => [place, [...place.children]]));

let learner: Learner | undefined;
const declaring = new Declaring(words, (all) => learner && show(learner, all));

function show(now: Learner, declared: readonly ShownDeclared[]): void {
	const writings = now.writings ?? [];
	const groups = byDeliverable(now);
	const filled = new Set([
		...(now.mentoring === undefined ? [] : [MENTORING]),
		...groups.keys(),
		...writings.map((one) => one.deliverable),
		...declared.map((one) => one.deliverable),
	]);
	for (const [place, blank] of blanks) fill(place, ...blank);
	for (const deliverable of filled) {
		const place = document.querySelector(`[data-deliverable="${CSS.escape(deliverable)}"] [data-evidence]`);
		const item = now.portfolio.find((one) => one.deliverable === deliverable);
		const cards = [
			...(deliverable === MENTORING ? mentoringOf(now) : []),
			...(groups.get(deliverable) ?? []).map((one) => ({ at: one.at, make: () => card(one) })),
			...writings.filter((one) => one.deliverable === deliverable).map((one) => ({ at: one.at, make: () => writingCard(one) })),
			...declared.filter((one) => one.deliverable === deliverable).map((one) => ({ at: one.on, make: () => declaring.card(one) })),
		].sort((a, b) => b.at.localeCompare(a.at));
		fill(place ?? newPlace(deliverable, item?.title ?? deliverable), ...cards.map(({ make }) => make()), mentorLine(item));
	}
	for (const [deliverable, { target, unit }] of Object.entries(targets)) showTarget(deliverable, target, unit, now, declared);
	const bare = now.mentoring === undefined && now.evidence.length === 0 && writings.length === 0 && declared.length === 0;
	fill(byId('portfolio-state'), bare && h('p', { class: 'notice' }, t.nothing, ' ', h('a', { href: '/labs/' }, t.toLabs)));
	openFromAddress();
}

function showTarget(deliverable: string, target: number, unit: string, now: Learner, declared: readonly ShownDeclared[]): void {
	const counts = tally(deliverable, now, declared, (lab) => labs.find((one) => one.id === lab)?.deliverable);
	const count = counts.graded + counts.confirmed + counts.declared;
	const place = document.querySelector(`[data-deliverable="${CSS.escape(deliverable)}"] [data-target]`) ?? undefined;
	const split = count > 0 && h('span', { class: 'quiet' }, ` (${fillIn(words.targetSplit, { ...counts })})`);
	fill(
		place,
		h('progress', { max: String(target), value: String(Math.min(count, target)), 'aria-label': unit }),
		' ',
		fillIn(words.target, { count, target, unit }),
		split,
	);
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
	byId('portfolio')?.append(h('li', { class: 'item', 'data-deliverable': deliverable }, h('h3', {}, title), place));
	return place;
}

function card(evidence: Evidence): HTMLElement {
	const body = h('div', { class: 'evidence-body' }, h('p', { class: 'quiet', role: 'status' }, t.loading));
	const details = h(
		'details',
		{ class: 'card evidence', id: evidence.id },
		h(
			'summary',
			{},
			h('span', { class: 'title' }, labs.find((lab) => lab.id === evidence.lab)?.title ?? evidence.lab),
			...standingBadges(attemptStandings(evidence)),
			h('span', { class: `badge ${evidence.passed ? 'pass' : 'warn'}` }, evidence.passed ? t.passed : t.belowMark),
			h(
				'span',
				{ class: 'quiet small' },
				h('time', { datetime: evidence.at }, new Date(evidence.at).toLocaleDateString(undefined, { dateStyle: 'medium' })),
				` · ${fillIn(t.attempt, { n: evidence.attempt })}`,
			),
			h('span', { class: 'figure' }, formatScore(evidence.score), h('span', { class: 'visually-hidden' }, ` ${t.of100}`)),
		),
		h('p', { class: 'small quiet digest-short' }, fillIn(t.digest, { digest: evidence.digest.slice(0, 16) })),
		body,
	);
	details.addEventListener('toggle', () => {
		if (!details.open || details.dataset['loaded']) return;
		details.dataset['loaded'] = 'yes';
		// What shows the whole of it comes when somebody wants to see it.
		Promise.all([getEvidence(evidence.id), import('./evidence-view.ts')]).then(
			([full, { evidenceBody }]) => fill(body, ...evidenceBody(full), ...badgeLinks(full)),
			(error: unknown) => {
				delete details.dataset['loaded'];
				fill(body, problem(error));
			},
		);
	});
	return details;
}

/** The badge of what passed, in both forms. */
function badgeLinks({ id, passed }: Evidence): HTMLElement[] {
	if (!passed) return [];
	const link = (file: string, text: string): HTMLElement => h('a', { href: `/api/badges/${encodeURIComponent(id)}/${file}`, download: true }, text);
	return [h('p', { class: 'small' }, words.badge, ' ', link('badge.svg', words.badgePicture), ' · ', link('badge.json', words.badgeData))];
}

function openFromAddress(): void {
	const wanted = location.hash === '' ? undefined : byId(decodeURIComponent(location.hash.slice(1)));
	if (!(wanted instanceof HTMLDetailsElement)) return;
	wanted.open = true;
	wanted.scrollIntoView({ block: 'start' });
}

const problem = (error: unknown): HTMLElement =>
	h('p', { class: 'notice warn', role: 'alert' }, error instanceof ApiError ? `${error.message} ${error.next}` : String(error));

listenForExports(words);
window.addEventListener('hashchange', openFromAddress);
Promise.all([getProgress(), getDeclared(), declaring.loadSent()]).then(
	([now, declared]) => {
		learner = now;
		show(now, declared);
	},
	(error: unknown) => fill(byId('portfolio-state'), problem(error)),
);
