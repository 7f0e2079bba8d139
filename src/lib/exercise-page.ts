/** An interview exercise: its clock, its scores, and earlier rounds. */
import type { Assessment, ExerciseRun } from '../../server/protocol/assessment.ts';
import { ApiError, changeAssessment, getAssessment } from './api.ts';
import { Clock, clockText } from './assess/clock.ts';
import { byId, fill, h } from './dom.ts';
import type { AssessWords } from './i18n/catalogue.ts';
import { fillIn } from './i18n/fill-in.ts';

interface Data {
	readonly words: AssessWords;
	readonly id: string;
	readonly minutes: number;
	readonly criteria: readonly string[];
}

const { words, id, minutes, criteria } = JSON.parse(byId('exercise-data')?.textContent ?? '{}') as Data;
const clock = new Clock();
const button = byId('clock-button');
const form = document.querySelector<HTMLFormElement>('#round');
const sentence = (error: unknown): string => (error instanceof ApiError ? `${error.message} ${error.next}` : String(error));
let half = false;
let up = false;

function tick(): void {
	const left = minutes * 60 - clock.seconds;
	fill(byId('clock'), fillIn(left >= 0 ? words.left : words.over, { time: clockText(Math.abs(left)) }));
	// Said aloud at two moments; a clock that speaks every second helps nobody.
	if (!half && left <= minutes * 30 && left > 0) fill(byId('clock-said'), words.halfTime);
	if (!up && left <= 0) fill(byId('clock-said'), words.timeUp);
	half ||= left <= minutes * 30;
	up ||= left <= 0;
}

button?.addEventListener('click', () => {
	clock.toggle();
	button.textContent = clock.running ? words.pause : words.goOn;
	tick();
});
setInterval(() => clock.running && tick(), 250);

/** What was typed as a round, or what is missing. */
function round(data: FormData): ExerciseRun | string {
	const scores = Object.fromEntries(criteria.flatMap((criterion) => (data.get(criterion) === null ? [] : [[criterion, Number(data.get(criterion))]])));
	if (Object.keys(scores).length < criteria.length) return words.scoreAll;
	const by = data.get('by') === 'mentor' ? 'mentor' : 'self';
	const mentor = by === 'mentor' ? String(data.get('mentor') ?? '').trim() : '';
	if (by === 'mentor' && mentor === '') return words.nameNeeded;
	return { exercise: id, seconds: clock.seconds, by, mentor, scores, notes: String(data.get('notes') ?? '') };
}

form?.addEventListener('submit', (event) => {
	event.preventDefault();
	const run = round(new FormData(form));
	if (typeof run === 'string') {
		fill(byId('round-said'), run);
		return;
	}
	if (clock.running) button?.click();
	changeAssessment({ action: 'run', run }).then(
		(assessment) => {
			show(assessment);
			fill(byId('round-said'), words.kept);
		},
		(error: unknown) => fill(byId('round-said'), h('span', { class: 'notice warn' }, sentence(error))),
	);
});

function show({ runs }: Assessment): void {
	const own = runs.filter(({ exercise }) => exercise === id).reverse();
	if (own.length === 0) {
		fill(byId('runs'), h('p', { class: 'quiet' }, words.historyNone));
		return;
	}
	const head = h('tr', {}, ...[words.when, words.points, words.time, words.scorer, words.notes].map((word) => h('th', { scope: 'col' }, word)));
	const rows = own.map(({ at, scores, seconds, by, mentor, notes }) => {
		const values = Object.values(scores);
		const points = `${values.reduce((sum, value) => sum + value, 0)} / ${3 * values.length}`;
		const scorer = by === 'self' ? words.bySelf : fillIn(words.typedMentor, { name: mentor });
		return h(
			'tr',
			{},
			h('th', { scope: 'row' }, new Date(at).toLocaleString()),
			...[points, clockText(seconds), scorer, notes].map((text) => h('td', {}, text)),
		);
	});
	fill(byId('runs'), h('table', { class: 'plain-table' }, h('thead', {}, head), h('tbody', {}, ...rows)));
}

getAssessment().then(show, (error: unknown) => fill(byId('runs'), h('p', { class: 'notice warn' }, sentence(error))));
