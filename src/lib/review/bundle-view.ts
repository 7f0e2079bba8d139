/** What a round holds, to read and to point at: verdict, recordings, files, changes of the cluster, documents. */
import type { Declared } from '../../../server/protocol/portfolio.ts';
import type { Bundle, BundledAttempt, BundledDocument, BundledRecording, ClusterChange, Finding, Place } from '../../../server/protocol/reviews.ts';
import { h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { OUTCOMES } from '../outcomes.ts';
import { gradeView } from '../writing/grade-view.ts';
import { getDocumentHtml } from './calls.ts';
import { badge, clockText, placeKey, problem, shortPath, TYPES, when } from './format.ts';
import { diffLines } from './lines.ts';
import { diffView, type Numbered, numbered } from './numbered.ts';
import { t } from './words.ts';

type OnPlace = ((place: Place) => void) | undefined;

export interface BundleView {
	readonly element: HTMLElement;
	/** Shows findings where they point. */
	mark(findings: readonly Finding[]): void;
	/** Brings a place into view, opened. */
	go(place: Place): void;
}

/** Where notes of a place go, and how to bring it into view. */
interface Spot {
	readonly open: () => HTMLElement | undefined;
	readonly note: () => HTMLElement | undefined;
}

export function bundleView(bundle: Bundle, onPlace: OnPlace): BundleView {
	const spots = new Map<string, (place: Place) => Spot>();
	const element = h(
		'div',
		{ class: 'bundle' },
		bundle.note !== '' && h('blockquote', { class: 'note' }, h('p', { class: 'small quiet' }, t.noteTitle), h('p', {}, bundle.note)),
	);
	if (bundle.declared !== undefined) element.append(section(t.declaredTitle, ...bundle.declared.map(declaredView)));
	for (const attempt of bundle.attempts) element.append(attemptView(attempt, spots, onPlace));
	if (bundle.documents.length > 0) element.append(section(t.documents, ...bundle.documents.map((document) => documentView(bundle, document, spots, onPlace))));
	element.append(h('p', { class: 'small quiet digest' }, t.digestTitle, ' ', h('code', {}, bundle.digest)));
	let notes: HTMLElement[] = [];
	return {
		element,
		mark: (findings) => {
			for (const note of notes) note.remove();
			notes = findings.flatMap((finding) => {
				const place = spots.get(spotKey(finding.place))?.(finding.place).note();
				if (place === undefined) return [];
				const note = h('div', { class: `inline-finding ${TYPES[finding.type].tone}`, 'data-note': finding.id }, badge(TYPES[finding.type]), ' ', finding.text);
				place.after(note);
				return [note];
			});
		},
		go: (place) => {
			const found = spots.get(spotKey(place))?.(place).open();
			for (let around = found?.closest('details'); around; around = around.parentElement?.closest('details')) around.open = true;
			found?.scrollIntoView({ block: 'center' });
			found?.classList.add('pointed');
			setTimeout(() => found?.classList.remove('pointed'), 2500);
		},
	};
}

/** What a spot is known by: the place without its line or second. */
function spotKey(place: Place): string {
	if (place.at === 'file') return placeKey({ ...place, line: 1 });
	if (place.at === 'document') return placeKey({ ...place, line: 1 });
	return placeKey(place.at === 'moment' ? { ...place, seconds: 0 } : place);
}

const section = (title: string, ...children: (Node | false)[]): HTMLElement => h('section', { class: 'bundle-part' }, h('h3', {}, title), ...children);

/** Nothing of it is here: the link, and what is claimed of what lies behind it. */
function declaredView({ title, url, claim, count, on }: Declared): HTMLElement {
	const link = h('a', { href: url, rel: 'noreferrer noopener', target: '_blank' }, url);
	const row = (word: string, ...what: (Node | string)[]): HTMLElement[] => [h('dt', {}, word), h('dd', {}, ...what)];
	return h(
		'div',
		{ class: 'card declared-work' },
		h('p', { class: 'title' }, title),
		h('dl', {}, ...row(t.declaredAddress, link), ...row(t.declaredClaim, claim)),
		h('p', { class: 'small quiet' }, fillIn(t.declaredCount, { n: count }), ' · ', fillIn(t.declaredOn, { on })),
	);
}

function attemptView(attempt: BundledAttempt, spots: Map<string, (place: Place) => Spot>, onPlace: OnPlace): HTMLElement {
	const { evidence, title, attempt: n, at, verdict, files, capture, recordings, digest } = attempt;
	const paths = Object.keys(files).sort();
	const changes = capture?.changes;
	return h(
		'div',
		{ class: 'attempt' },
		h('h3', {}, fillIn(t.attemptOf, { lab: title, n, score: verdict.score })),
		h('p', { class: 'small quiet' }, when(at), ` · ${t.digestTitle} `, h('code', {}, `${digest.slice(0, 16)}…`)),
		section(t.verdict, ...checkLists(attempt, spots, onPlace)),
		recordings.length > 0 && section(t.recordings, ...recordings.map((one) => recordingView(evidence, one, spots, onPlace))),
		section(
			t.files,
			...(paths.length === 0
				? [h('p', { class: 'small quiet' }, t.filesNone)]
				: paths.map((path) => fileView(evidence, path, files[path] ?? '', spots, onPlace))),
		),
		section(
			t.changes,
			...(changes === undefined
				? [h('p', { class: 'small quiet' }, t.changesUnknown)]
				: changes.length === 0
					? [h('p', { class: 'small quiet' }, t.changesNone)]
					: changes.map((change) => changeView(evidence, change, spots, onPlace))),
			(capture?.changesLeftOut ?? 0) > 0 && h('p', { class: 'small quiet' }, fillIn(t.changesLeftOut, { n: capture?.changesLeftOut ?? 0 })),
		),
	);
}

const ORDER: readonly BundledAttempt['verdict']['checks'][number]['outcome'][] = ['fail', 'ungraded', 'pass'];

/** What failed comes first; what only waits for another check is folded away. */
function checkLists({ evidence, verdict }: BundledAttempt, spots: Map<string, (place: Place) => Spot>, onPlace: OnPlace): HTMLElement[] {
	const list = (checks: typeof verdict.checks): HTMLElement =>
		h('ul', { class: 'evidence-checks' }, ...checks.map((check) => checkView(evidence, check, spots, onPlace)));
	const own = verdict.checks.filter(({ outcome }) => outcome !== 'gated').sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
	const gated = verdict.checks.filter(({ outcome }) => outcome === 'gated');
	if (gated.length === 0) return [list(own)];
	return [list(own), h('details', { class: 'card folded' }, h('summary', {}, fillIn(t.gatedChecks, { n: gated.length })), list(gated))];
}

function commentButton(onPlace: OnPlace, place: Place, about: string): HTMLElement | false {
	if (onPlace === undefined) return false;
	const button = h('button', { class: 'button plain tiny no-print', type: 'button', 'aria-label': fillIn(t.commentOn, { name: about }) }, t.comment);
	button.addEventListener('click', () => onPlace(place));
	return button;
}

function checkView(
	attempt: string,
	check: BundledAttempt['verdict']['checks'][number],
	spots: Map<string, (place: Place) => Spot>,
	onPlace: OnPlace,
): HTMLElement {
	const outcome = OUTCOMES[check.outcome];
	const place: Place = { at: 'check', attempt, check: check.id };
	const said = check.outcome === 'fail' ? `${t.expected}: ${check.expected ?? '–'} ${t.seenWord}: ${check.seen ?? '–'}` : (check.seen ?? check.reason ?? '');
	const row = h(
		'li',
		{},
		h('span', {}, h('span', { class: `badge ${outcome.tone}` }, `${outcome.mark} ${outcome.word}`)),
		h('span', {}, check.title, ' ', commentButton(onPlace, place, check.title)),
		h('span', { class: 'points' }, `${check.earned}/${check.points}`),
		said !== '' && h('span', { class: 'seen' }, said),
	);
	const last = h('span', { hidden: true });
	row.append(last);
	spots.set(spotKey(place), () => ({ open: () => row, note: () => last }));
	return row;
}

/** Drawn once it is opened, or goes on paper: what is folded away on a screen is printed (print.css opens it). */
function folded(
	summary: (Node | string | false)[],
	draw: () => HTMLElement,
	{ onPaper = true } = {},
): { readonly details: HTMLDetailsElement; readonly open: () => void } {
	const details = h('details', { class: 'card folded' }, h('summary', {}, ...summary));
	let drawn = false;
	const once = (): void => {
		if (!drawn) details.append(draw());
		drawn = true;
	};
	details.addEventListener('toggle', () => details.open && once());
	if (onPaper) addEventListener('beforeprint', () => details.isConnected && once());
	return {
		details,
		open: () => {
			once();
			details.open = true;
		},
	};
}

function fileView(attempt: string, path: string, text: string, spots: Map<string, (place: Place) => Spot>, onPlace: OnPlace): HTMLElement {
	const at = (line: number): Place => ({ at: 'file', attempt, path, line });
	let view: Numbered | undefined;
	const { details, open } = folded(
		[h('code', {}, shortPath(path)), h('span', { class: 'small quiet' }, fillIn(t.lines, { n: text.replace(/\n$/, '').split('\n').length }))],
		() => {
			view = numbered(shortPath(path), text, onPlace && ((line) => onPlace(at(line))));
			return view.element;
		},
	);
	const row = (place: Place): HTMLElement | undefined => {
		open();
		return place.at === 'file' ? view?.row(place.line) : undefined;
	};
	spots.set(spotKey(at(1)), (place) => ({ open: () => row(place), note: () => row(place) }));
	return details;
}

function changeView(attempt: string, change: ClusterChange, spots: Map<string, (place: Place) => Spot>, onPlace: OnPlace): HTMLElement {
	const { kind, namespace, name, before, after } = change;
	const place: Place = { at: 'change', attempt, object: `${kind}/${namespace}/${name}` };
	const words = { created: { word: t.created, tone: 'pass' }, changed: { word: t.changed, tone: 'warn' }, deleted: { word: t.deleted, tone: 'fail' } }[
		change.change
	];
	const shown = `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
	const end = h('span', { hidden: true });
	const { details, open } = folded([badge(words), h('code', {}, shown)], () =>
		h('div', {}, h('p', {}, commentButton(onPlace, place, shown)), diffView(shown, diffLines(before, after)), end),
	);
	spots.set(spotKey(place), () => ({
		open: () => {
			open();
			return details;
		},
		note: () => {
			open();
			return end;
		},
	}));
	return details;
}

function documentView(bundle: Bundle, one: BundledDocument, spots: Map<string, (place: Place) => Spot>, onPlace: OnPlace): HTMLElement {
	const at = (line: number): Place => ({ at: 'document', document: one.document, line });
	// Its source until the server has rendered it: readable at once, on paper, too.
	const read = h('div', { class: 'prose rendered' }, h('pre', {}, one.markdown));
	const source = numbered(one.title, one.markdown, onPlace && ((line) => onPlace(at(line))));
	const toggle = h('button', { class: 'button plain tiny no-print', type: 'button', 'aria-pressed': 'false' }, t.showSource);
	const turn = (toSource: boolean): void => {
		source.element.hidden = !toSource;
		read.hidden = toSource;
		toggle.setAttribute('aria-pressed', String(toSource));
		toggle.textContent = toSource ? t.showRendered : t.showSource;
	};
	toggle.addEventListener('click', () => turn(Boolean(source.element.hidden)));
	const { details, open } = folded(
		[h('span', { class: 'title' }, one.title), h('span', { class: 'small quiet' }, fillIn(t.version, { n: one.version }))],
		() => {
			getDocumentHtml(bundle.submission, bundle.round, one.document).then(
				(html) => {
					// Made and sanitised by the server: all text escaped, no HTML of the writer's passes through.
					read.innerHTML = html;
				},
				(error: unknown) => read.prepend(problem(error)),
			);
			turn(false);
			const grade =
				one.grade &&
				h('details', { class: 'small' }, h('summary', {}, fillIn(t.gradeOf, { score: one.grade.score })), ...gradeView(one.kind, one.grade, false));
			return h('div', { class: 'document-body' }, h('p', {}, toggle), read, source.element, grade);
		},
	);
	const row = (place: Place): HTMLElement | undefined => {
		open();
		turn(true);
		return place.at === 'document' ? source.row(place.line) : undefined;
	};
	spots.set(spotKey(at(1)), (place) => ({ open: () => row(place), note: () => row(place) }));
	return details;
}

/** The player holds a terminal and comes only when it is wanted. */
function recordingView(
	attempt: string,
	{ id, title, url, seconds }: BundledRecording,
	spots: Map<string, (place: Place) => Spot>,
	onPlace: OnPlace,
): HTMLElement {
	const at = (moment: number): Place => ({ at: 'moment', attempt, recording: id, seconds: Math.min(seconds, Math.max(0, moment)) });
	const place = h('div', { class: 'player' });
	const end = h('span', { hidden: true });
	let seek: ((to: number) => void) | undefined;
	let wanted: number | undefined;
	const { details, open } = folded(
		[h('span', { class: 'title' }, title), h('span', { class: 'small quiet' }, clockText(seconds))],
		() => {
			import('../../components/review/play.tsx').then(
				({ play }) => {
					seek = play(place, url, wanted, onPlace && ((moment) => onPlace(at(moment))));
				},
				(error: unknown) => place.replaceChildren(problem(error)),
			);
			return h('div', {}, place, end);
		},
		{ onPaper: false },
	);
	spots.set(spotKey(at(0)), (wantedPlace) => ({
		open: () => {
			if (wantedPlace.at === 'moment') wanted = wantedPlace.seconds;
			open();
			if (wanted !== undefined) seek?.(wanted);
			return details;
		},
		note: () => {
			details.append(end);
			return end;
		},
	}));
	return details;
}
