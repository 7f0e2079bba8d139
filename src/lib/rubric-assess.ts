/** Self-assessment on the rubric's page: pictures, table, next things, and a form a dimension. */
import type { Assessment, Dimension, Level } from '../../server/protocol/assessment.ts';
import type { Learner } from '../../server/protocol/progress.ts';
import { labsOf } from '../../server/protocol/pieces.ts';
import { ApiError, changeAssessment, getAssessment, getDeclared, getProgress } from './api.ts';
import { type Action, nextThings } from './assess/next.ts';
import { overTime } from './assess/over-time.ts';
import { line, radar } from './assess/pictures.ts';
import { type Attachable, attachables, provenBy } from './assess/pieces.ts';
import { rateForm } from './assess/rate-form.ts';
import { type DimensionFacts, type DimensionStanding, rank, standings } from './assess/standings.ts';
import { byId, fill, h } from './dom.ts';
import type { AssessWords } from './i18n/catalogue.ts';
import { fillIn } from './i18n/fill-in.ts';

interface Data {
	readonly words: AssessWords;
	readonly dimensions: readonly (DimensionFacts & { readonly title: string })[];
	readonly actions: readonly Action[];
	/** Lab → deliverable, and lab → title. */
	readonly deliverableOf: Readonly<Record<string, string>>;
	readonly labTitles: Readonly<Record<string, string>>;
}

const data = JSON.parse(byId('assess-data')?.textContent ?? '{}') as Data;
const { words } = data;
const titleOf = (id: string): string => data.dimensions.find((dimension) => dimension.id === id)?.title ?? id;
const levelWord = (level: Level): string => [words.level0, words.level1, words.level2, words.level3][rank(level)] ?? level;

type Documents = readonly { readonly id: string; readonly title: string; readonly attempt?: string }[];

async function documents(): Promise<Documents> {
	const response = await fetch('/api/documents', { credentials: 'same-origin' });
	return response.ok ? ((await response.json()) as Documents) : [];
}

function show(learner: Learner, assessment: Assessment, written: Documents, attached: readonly Attachable[]): void {
	const all = standings(data.dimensions, learner, assessment, data.deliverableOf, written, provenBy(attached));
	fill(byId('radar'), radar(words, all, titleOf));
	for (const standing of all) showRow(standing);
	showTime(learner, assessment);
	showNext(all, learner);
}

function showRow(standing: DimensionStanding): void {
	const row = document.querySelector(`[data-dimension="${standing.id}"]`);
	const cell = (name: string): Element | undefined => row?.querySelector(`[data-cell="${name}"]`) ?? undefined;
	const { self, backed, proven, graded, gradedPieces, mentor, shown } = standing;
	fill(
		cell('self'),
		self === undefined ? words.notRated : levelWord(self),
		self !== undefined && rank(self) > rank(shown) && h('span', { class: 'small warn-text' }, words.overclaimed),
	);
	fill(cell('graded'), levelWord(graded), gradedPieces > 0 && h('span', { class: 'small quiet' }, ` (${gradedPieces})`));
	const names = new Intl.ListFormat(document.documentElement.lang).format(mentor.by.map((name) => name || words.goneMentor));
	fill(
		cell('mentor'),
		mentor.level === undefined ? words.notConfirmed : levelWord(mentor.level),
		mentor.alone && h('span', { class: 'small mentor-alone' }, fillIn(words.mentorAlone, { names, n: gradedPieces })),
	);
	const gap = rank('senior') - rank(shown);
	const said = rank(backed) > Math.max(rank(graded), rank(proven), rank(mentor.level ?? 'none'));
	fill(cell('gap'), gap === 0 ? words.noGap : fillIn(words.steps, { n: gap }), said && h('span', { class: 'small quiet own-word' }, words.ownWord));
}

function showTime(learner: Learner, assessment: Assessment): void {
	const points = overTime(data.dimensions, learner, assessment, data.deliverableOf);
	if (points.length === 0) {
		fillText('over-time', words.timeEmpty);
		return;
	}
	const rows = points.map(({ at, self, graded }) =>
		h('tr', {}, h('th', { scope: 'row' }, new Date(at).toLocaleString()), h('td', {}, String(self)), h('td', {}, String(graded))),
	);
	const head = h('tr', {}, ...[words.when, words.self, words.graded].map((word) => h('th', { scope: 'col' }, word)));
	const table = h('table', { class: 'plain-table' }, h('thead', {}, head), h('tbody', {}, ...rows));
	fill(byId('over-time'), line(words, points, new Date().toISOString()), h('details', {}, h('summary', {}, words.timeTable), table));
}

function fillText(id: string, text: string): void {
	fill(byId(id), h('p', { class: 'quiet' }, text));
}

function showNext(all: readonly DimensionStanding[], learner: Learner): void {
	const passed = new Set(learner.evidence.filter((evidence) => evidence.passed).map(({ lab }) => lab));
	const next = nextThings(all, data.actions, passed);
	if (next.length === 0) {
		fillText('next-things', words.nextNone);
		return;
	}
	const items = next.map(({ action, lifted }) =>
		h(
			'li',
			{},
			h('a', { href: action.href }, action.title),
			h('span', { class: 'small quiet' }, fillIn(words.nextLifts, { dimensions: lifted.map(titleOf).join(', ') })),
		),
	);
	fill(byId('next-things'), h('ol', {}, ...items));
}

async function begin(): Promise<void> {
	const [learner, first, written, declared] = await Promise.all([getProgress(), getAssessment(), documents(), getDeclared()]);
	let assessment = first;
	const all = attachables(
		{ learner, documents: written, declared },
		{
			attempt: ({ lab, attempt, score }) => fillIn(words.attempt, { lab: data.labTitles[lab] ?? lab, n: attempt, score }),
			document: (title) => fillIn(words.document, { title }),
		},
	);
	const labOf = labsOf(learner.evidence, written);
	show(learner, assessment, written, all);
	for (const { id } of data.dimensions) {
		const place = document.querySelector(`[data-rate="${id}"]`) ?? undefined;
		const save = async (level: Level, pieces: Parameters<typeof rateForm>[0]['pieces']): Promise<string> => {
			try {
				assessment = await changeAssessment({ action: 'rate', dimension: id, level, pieces: [...pieces] });
			} catch (error) {
				return error instanceof ApiError ? `${error.message} ${error.next}` : String(error);
			}
			show(learner, assessment, written, all);
			draw(id, words.saved);
			return words.saved;
		};
		const draw = (dimension: Dimension, said = ''): void => {
			const rating = assessment.self[dimension];
			const form = rateForm({
				words,
				title: titleOf(dimension),
				levelWord,
				level: rating?.level,
				pieces: rating?.pieces ?? [],
				all,
				labOf,
				said,
				save,
			});
			fill(place, form);
			if (said) form.querySelector<HTMLElement>('[role="status"]')?.focus();
		};
		draw(id);
	}
}

/** A link to a dimension opens it. */
function openTarget(): void {
	const target = location.hash.length > 1 ? byId(location.hash.slice(1)) : undefined;
	if (target instanceof HTMLDetailsElement) target.open = true;
}
addEventListener('hashchange', openTarget);
openTarget();

begin().catch((error: unknown) => {
	const said = error instanceof ApiError ? `${error.message} ${error.next}` : String(error);
	fill(byId('next-things'), h('p', { class: 'notice warn' }, said));
});
