/** The form that rates one dimension and attaches what it points at. */
import type { Level, Piece } from '../../../server/protocol/assessment.ts';
import { independent, type LabOf, LEVELS, SENIOR_PIECES } from '../../../server/protocol/pieces.ts';
import { standingBadges } from '../confirmation.ts';
import { fill, h } from '../dom.ts';
import type { AssessWords } from '../i18n/catalogue.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { type Attachable, isSamePiece } from './pieces.ts';

interface RateForm {
	readonly words: AssessWords;
	readonly title: string;
	readonly levelWord: (level: Level) => string;
	readonly level: Level | undefined;
	readonly pieces: readonly Piece[];
	/** What may be attached. */
	readonly all: readonly Attachable[];
	readonly labOf: LabOf;
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
	const { words, title, levelWord, level, pieces, all, labOf, said, save } = options;
	const radios = LEVELS.map((value) => h('input', { type: 'radio', name: 'level', value, checked: value === (level ?? 'none') }));
	const known = (piece: Piece): boolean => all.some((one) => isSamePiece(one.piece, piece));
	const box = (checked: boolean): HTMLInputElement => h('input', { type: 'checkbox', checked });
	const choices: readonly (readonly [Choice, ...(string | Node)[]])[] = [
		...all.map(
			({ piece, text, standings }) =>
				[{ box: box(pieces.some((one) => isSamePiece(one, piece))), piece }, h('span', {}, text, ' ', ...standingBadges(standings))] as const,
		),
		...pieces.flatMap((piece) =>
			piece.kind === 'link' && !known(piece)
				? [
						[
							{ box: box(true), piece },
							h('span', {}, h('a', { href: piece.url, rel: 'noopener noreferrer' }, piece.url), ` — ${piece.claim} `, ...standingBadges(['self-declared'])),
						] as const,
					]
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
			!all.some(({ piece }) => piece.kind === 'graded') && h('p', { class: 'small quiet' }, words.noGraded),
			...choices.map(([choice, ...text]) => h('label', {}, choice.box, ...text)),
			h('div', { class: 'fields' }, h('label', {}, words.linkUrl, url), h('label', {}, words.linkClaim, claim)),
			h('p', { class: 'small quiet' }, words.linkLead),
		),
		h('button', { class: 'button', type: 'submit' }, words.save),
		status,
	);
	form.addEventListener('submit', (event) => {
		event.preventDefault();
		const added = linkOf(url.value.trim(), claim.value.trim());
		if (added === 'half') {
			fill(status, words.linkHalf);
			return;
		}
		const chosen = [...choices.filter(([choice]) => choice.box.checked).map(([{ piece }]) => piece), ...(added ? [added] : [])];
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
