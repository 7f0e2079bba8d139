/** The form that rates one dimension and attaches what it points at. */
import type { Level, Piece } from '../../../server/protocol/assessment.ts';
import { independent, LEVELS, labsOf, SENIOR_PIECES } from '../../../server/protocol/pieces.ts';
import { fill, h } from '../dom.ts';
import type { AssessWords } from '../i18n/catalogue.ts';
import { fillIn } from '../i18n/fill-in.ts';

interface RateForm {
	readonly words: AssessWords;
	readonly title: string;
	readonly levelWord: (level: Level) => string;
	readonly level: Level | undefined;
	readonly pieces: readonly Piece[];
	/** Passed attempts, to be attached. */
	readonly attempts: readonly { readonly id: string; readonly lab: string; readonly text: string }[];
	readonly documents: readonly { readonly id: string; readonly title: string; readonly attempt?: string | undefined }[];
	/** What happened just now. */
	readonly said: string;
	/** Resolves to what to say. */
	readonly save: (level: Level, pieces: readonly Piece[]) => Promise<string>;
}

interface Choice {
	readonly box: HTMLInputElement;
	readonly piece: Piece;
}

export function rateForm(options: RateForm): HTMLFormElement {
	const { words, title, levelWord, level, pieces, attempts, documents, said, save } = options;
	const radios = LEVELS.map((value) => h('input', { type: 'radio', name: 'level', value, checked: value === (level ?? 'none') }));
	const has = (test: (piece: Piece) => boolean): boolean => pieces.some(test);
	const choice = (piece: Piece, checked: boolean): Choice => ({ box: h('input', { type: 'checkbox', checked }), piece });
	const choices: [Choice, string | Node][] = [
		...attempts.map(({ id, text }): [Choice, string] => [
			choice(
				{ kind: 'graded', evidence: id, claim: '' },
				has((piece) => piece.kind === 'graded' && piece.evidence === id),
			),
			text,
		]),
		...documents.map(({ id, title: name }): [Choice, string] => [
			choice(
				{ kind: 'document', document: id, claim: '' },
				has((piece) => piece.kind === 'document' && piece.document === id),
			),
			fillIn(words.document, { title: name }),
		]),
		...pieces.flatMap((piece): [Choice, Node][] =>
			piece.kind === 'link'
				? [[choice(piece, true), h('span', {}, h('a', { href: piece.url, rel: 'noopener noreferrer' }, piece.url), ` — ${piece.claim}`)]]
				: [],
		),
	];
	const url = h('input', { class: 'field', type: 'url', name: 'url', maxlength: '500', placeholder: 'https://' });
	const claim = h('input', { class: 'field', name: 'claim', maxlength: '300' });
	const status = h('p', { role: 'status', tabindex: '-1', class: 'small' }, said);
	const form = h(
		'form',
		{ class: 'rate', 'aria-label': fillIn(words.rate, { dimension: title }), novalidate: true },
		h('fieldset', { class: 'levels' }, h('legend', {}, words.level), ...radios.map((radio, i) => h('label', {}, radio, levelWord(LEVELS[i] ?? 'none')))),
		h(
			'fieldset',
			{},
			h('legend', {}, words.evidence),
			attempts.length === 0 && h('p', { class: 'small quiet' }, words.noGraded),
			...choices.map(([{ box }, text]) => h('label', {}, box, text)),
			h('div', { class: 'fields' }, h('label', {}, words.linkUrl, url), h('label', {}, words.linkClaim, claim)),
			h('p', { class: 'small quiet' }, words.linkLead),
		),
		h('button', { class: 'button', type: 'submit' }, words.save),
		status,
	);
	const labOf = labsOf(attempts, documents);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		const added = linkOf(url.value.trim(), claim.value.trim());
		if (added === 'half') {
			fill(status, words.linkHalf);
			return;
		}
		const chosen = [...choices.filter(([{ box }]) => box.checked).map(([{ piece }]) => piece), ...(added ? [added] : [])];
		const wanted = LEVELS[radios.findIndex((radio) => radio.checked)] ?? 'none';
		const have = independent(chosen, labOf);
		// The server refuses it, too; here it is said before anything is sent.
		if (wanted === 'senior' && have < SENIOR_PIECES) {
			fill(status, h('span', { class: 'notice warn' }, fillIn(words.seniorRule, { have })));
			return;
		}
		void save(wanted, chosen).then((text) => fill(status, text));
	});
	return form;
}

/** The link that was typed, none, or half of one. */
function linkOf(url: string, claim: string): Piece | 'half' | undefined {
	if (url === '' && claim === '') return undefined;
	return /^https?:\/\/[^\s/]+\.[^\s]+$/.test(url) && claim.length >= 10 ? { kind: 'link', url, claim } : 'half';
}
