/** Saved comments: what they say, where they are offered, how often they were used. */
import { FINDING_TYPES } from '../../../server/protocol/findings.ts';
import type { SavedComment } from '../../../server/protocol/reviews.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { editComment, getComments, removeComment, saveComment } from './calls.ts';
import { badge, problem, TYPES } from './format.ts';
import { t } from './words.ts';

const told = (error: unknown): void => fill(byId('comments-problem'), problem(error));

function form(one: Partial<SavedComment>, button: string, save: (words: Pick<SavedComment, 'type' | 'text' | 'when'>) => Promise<SavedComment[]>): HTMLElement {
	const key = one.id ?? 'new';
	const type = h(
		'select',
		{ class: 'field tiny-field', id: `type-${key}` },
		...FINDING_TYPES.map((name) => h('option', { value: name, selected: name === (one.type ?? 'actionable') }, TYPES[name].word)),
	);
	const text = h('textarea', { class: 'field', id: `text-${key}`, rows: '3', maxlength: '2000', required: true });
	text.value = one.text ?? '';
	const where = h('input', { class: 'field', id: `when-${key}`, maxlength: '200', value: one.when ?? '', placeholder: 'three-tiers/survives' });
	const made = h(
		'form',
		{ class: 'stack' },
		h('div', { class: 'part' }, h('label', { for: `type-${key}` }, t.type), type),
		h('div', { class: 'part' }, h('label', { for: `text-${key}` }, t.findingText), text),
		h('div', { class: 'part' }, h('label', { for: `when-${key}` }, t.offeredWhere), h('p', { class: 'small quiet' }, t.offeredHelp), where),
		h('p', {}, h('button', { class: 'button tiny', type: 'submit' }, button)),
	);
	made.addEventListener('submit', (event) => {
		event.preventDefault();
		save({ type: FINDING_TYPES.find((name) => name === type.value) ?? 'actionable', text: text.value.trim(), when: where.value.trim() }).then(show, told);
	});
	return made;
}

function row(one: SavedComment): HTMLElement {
	const remove = h('button', { class: 'button plain tiny', type: 'button' }, t.remove);
	remove.addEventListener('click', () => {
		const again = h('button', { class: 'button plain tiny', type: 'button' }, t.undo);
		again.addEventListener('click', () => {
			saveComment({ type: one.type, text: one.text, when: one.when }).then(show, told);
		});
		removeComment(one.id).then((rest) => {
			show(rest);
			fill(byId('comments-problem'), h('p', { class: 'notice' }, t.removed, ' ', again));
			again.focus();
		}, told);
	});
	return h(
		'li',
		{ class: 'card' },
		h(
			'p',
			{ class: 'in-line' },
			badge(TYPES[one.type]),
			one.when !== '' && h('code', {}, one.when),
			h('span', { class: 'small quiet' }, fillIn(t.used, { n: one.uses })),
		),
		h('p', { class: 'finding-text' }, one.text),
		h(
			'details',
			{ class: 'small' },
			h('summary', {}, t.edit),
			form(one, t.saveChange, (words) => editComment(one.id, words)),
		),
		h('p', {}, remove),
	);
}

function show(comments: readonly SavedComment[]): void {
	fill(byId('comments-problem'));
	const sorted = [...comments].sort((a, b) => b.uses - a.uses);
	fill(byId('comments'), comments.length === 0 ? h('p', { class: 'notice' }, t.commentsNone) : h('ul', { class: 'plain-list' }, ...sorted.map(row)));
	fill(byId('new-comment'), form({}, t.saveNew, saveComment));
}

getComments().then(show, (error: unknown) => fill(byId('comments'), problem(error)));
