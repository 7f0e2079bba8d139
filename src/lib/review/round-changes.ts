/** What changed since the round before, for the learner and for the mentor alike. */
import type { RoundDiff } from '../../../server/protocol/reviews.ts';
import { h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { diffView } from './numbered.ts';
import { t } from './words.ts';

export function roundChanges({ from, texts, checks }: RoundDiff): HTMLElement[] {
	const parts = texts.map(({ name, kind, lines }) => {
		const title = kind === 'declared' ? t.declaredTitle : name;
		return h('details', { class: 'card folded' }, h('summary', {}, kind === 'declared' ? title : h('code', {}, title)), diffView(title, lines));
	});
	const moved = checks.map(({ title, before, after }) => h('li', {}, `${title}: ${before} → ${after}`));
	return [
		h('h2', {}, fillIn(t.changedSince, { n: from })),
		...(moved.length > 0 ? [h('ul', {}, ...moved)] : []),
		...(parts.length + moved.length > 0 ? parts : [h('p', { class: 'quiet' }, t.changedNothing)]),
	];
}
