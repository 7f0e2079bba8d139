/** The grade beside the text: the score, how much of it a program could tell, and each row with what it saw. */
import { type DocumentKind, KIND_SHAPES } from '../../../server/protocol/document-kinds.ts';
import type { Grade, GradeRow } from '../../../server/protocol/documents.ts';
import { h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { wordsOf } from '../i18n/words-of.ts';

const t = wordsOf('writing');

const OUTCOMES: Readonly<Record<GradeRow['outcome'], { readonly word: string; readonly tone: string }>> = {
	pass: { word: t.pass, tone: 'pass' },
	fail: { word: t.fail, tone: 'fail' },
	'for-a-mentor': { word: t.forMentor, tone: 'accent' },
	'could-not-grade': { word: t.couldNotGrade, tone: '' },
};
const ORDER: readonly GradeRow['outcome'][] = ['fail', 'for-a-mentor', 'could-not-grade', 'pass'];

/** Checks against what was recorded. */
const HELD: ReadonlySet<string> = new Set(['timeline-true', 'impact-true', 'cause-true', 'figures-true']);

/** `linked`: the parts are on the page, so rows lead to them. */
export function gradeView(kind: DocumentKind, { rows, score, graded, capped, factual }: Grade, linked: boolean): HTMLElement[] {
	const sorted = [...rows].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
	const claims = rows.some((row) => row.outcome === 'pass' && HELD.has(row.check));
	const ground = factual ? t.factual : claims ? t.someFactual : t.formOnly;
	return [
		h('p', { class: 'score' }, h('strong', {}, String(score)), ` ${t.of100}`, h('span', { class: 'small quiet' }, ` · ${fillIn(t.gradedShare, { graded })}`)),
		h('p', { class: 'small quiet' }, ground, capped !== undefined && ` ${capped}`),
		h('ul', { class: 'grade-rows' }, ...sorted.map((row) => rowView(kind, row, linked))),
	];
}

function rowView(kind: DocumentKind, { title, outcome, why, where, points, earned }: GradeRow, linked: boolean): HTMLElement {
	const { word, tone } = OUTCOMES[outcome];
	const names = new Map(KIND_SHAPES[kind].parts.map((part) => [part.id, part.title]));
	const links =
		linked && outcome !== 'pass'
			? where
					.filter((id) => names.has(id))
					.map((id) => h('a', { href: `#part-${id}`, 'aria-label': fillIn(t.goTo, { part: names.get(id) ?? id, row: title }) }, names.get(id) ?? id))
			: [];
	return h(
		'li',
		{},
		h(
			'p',
			{ class: 'grade-head' },
			h('span', { class: `badge ${tone}` }, word),
			h('span', { class: 'grade-title' }, title),
			points > 0 && (outcome === 'pass' || outcome === 'fail') && h('span', { class: 'points' }, `${earned}/${points}`),
		),
		outcome !== 'pass' && h('p', { class: 'small quiet' }, why),
		links.length > 0 && h('p', { class: 'small grade-links' }, ...links),
	);
}
