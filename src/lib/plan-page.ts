/** The plan of the track: what is kept, the placement check, and the form that makes a plan. */
import type { Placement, Start } from '../../server/protocol/plan.ts';
import { STARTS } from '../../server/protocol/starts.ts';
import { byId, fill, h } from './dom.ts';
import { fillIn } from './i18n/fill-in.ts';
import { dayText, daysBetween, today } from './plan/days.ts';
import { endOf, makePlan, type PlanInputs } from './plan/make-plan.ts';
import { PlanPage, pageData } from './plan/page.ts';
import { type PlacementQuestion, type Proposal, propose, type Reason } from './plan/placement.ts';
import { MOST_HOURS } from './plan/replan.ts';

interface Check {
	readonly questions: readonly (PlacementQuestion & { readonly explanation: string })[];
	readonly terminal: { readonly accept: readonly string[]; readonly explanation: string };
}

const page = new PlanPage('track');
const { words, curriculum, startNames } = page.data;
const check = pageData<Check>('placement-data');
const form = document.querySelector<HTMLFormElement>('#plan-form');
const checkForm = document.querySelector<HTMLFormElement>('#placement');

function inputs(): PlanInputs | undefined {
	if (!form) return undefined;
	const data = new FormData(form);
	const start = STARTS.find((id) => id === data.get('start'));
	const weeklyHours = Number(data.get('hours'));
	const begins = String(data.get('begins') ?? '');
	if (!start || !Number.isInteger(weeklyHours) || weeklyHours < 1 || weeklyHours > MOST_HOURS || !/^\d{4}-\d{2}-\d{2}$/.test(begins)) return undefined;
	return { start, weeklyHours, begins, known: data.getAll('known').map(Number) };
}

function preview(): void {
	const given = inputs();
	const plan = given && makePlan(curriculum, given);
	const weeks = plan ? Math.round((daysBetween(plan.begins, endOf(plan)) + 1) / 7) : 0;
	const said = plan
		? fillIn(words.preview, { count: plan.milestones.length, weeks, begins: dayText(plan.begins), ends: dayText(endOf(plan)) })
		: words.previewWrong;
	fill(byId('plan-preview'), said);
	// Months that a starting point leaves out need no tick.
	const months = curriculum.starts.find(({ id }) => id === given?.start)?.months;
	for (const box of form?.querySelectorAll<HTMLInputElement>('[name="known"]') ?? [])
		box.disabled = months !== undefined && !months.includes(Number(box.value));
}

function fillForm(start: Start, known: readonly number[]): void {
	for (const radio of form?.querySelectorAll<HTMLInputElement>('[name="start"]') ?? []) radio.checked = radio.value === start;
	for (const box of form?.querySelectorAll<HTMLInputElement>('[name="known"]') ?? []) box.checked = known.includes(Number(box.value));
	preview();
}

form?.addEventListener('input', preview);
form?.addEventListener('submit', (event) => {
	event.preventDefault();
	const given = inputs();
	if (!given) {
		preview();
		return;
	}
	void page.change({ action: 'adopt', kind: 'track', plan: makePlan(curriculum, given) }, words.saved).then((kept) => {
		if (!kept) return;
		byId('plan-said')?.focus();
		byId('plan-said')?.scrollIntoView({ block: 'center' });
	});
});

checkForm?.addEventListener('submit', (event) => {
	event.preventDefault();
	const data = new FormData(checkForm);
	const chosen = Object.fromEntries(check.questions.flatMap(({ id }) => (data.get(id) === null ? [] : [[id, Number(data.get(id))]])));
	const typed = String(data.get('terminal') ?? '')
		.trim()
		.toLowerCase();
	const terminal: Placement['terminal'] = typed === '' ? 'skipped' : check.terminal.accept.includes(typed) ? 'right' : 'wrong';
	const years = data.get('years') === 'many' ? 'many' : data.get('years') === 'some' ? 'some' : 'none';
	const proposal = propose(check.questions, { chosen, years, models: data.get('models') !== null, terminal });
	for (const { id, right, explanation } of check.questions) explain(id, chosen[id] === undefined ? undefined : chosen[id] === right, explanation);
	explain('terminal', terminal === 'skipped' ? undefined : terminal === 'right', check.terminal.explanation);
	showProposal(proposal);
	fillForm(proposal.placement.proposed, proposal.known);
	void page.change({ action: 'placement', placement: proposal.placement }, '');
});

function explain(question: string, right: boolean | undefined, explanation: string): void {
	const [word, tone] = right === undefined ? [words.unanswered, ''] : right ? [words.right, 'pass'] : [words.wrong, 'fail'];
	fill(document.querySelector(`[data-answer="${question}"]`) ?? undefined, h('span', { class: `badge ${tone}` }, word), ' ', ...withCode(explanation));
}

/** A line of the content with `code` in it, as nodes. */
const withCode = (line: string): (string | HTMLElement)[] => line.split('`').map((part, i) => (i % 2 === 1 ? h('code', {}, part) : part));

function showProposal({ placement, reasons }: Proposal): void {
	const box = byId('proposal');
	fill(
		box,
		h('h3', {}, fillIn(words.proposal, { start: startNames[placement.proposed] })),
		h('ul', {}, ...reasons.map((reason) => h('li', {}, fillIn(reasonText(reason), { right: reason.right, of: reason.of })))),
		h('p', {}, words.decide),
		h('p', {}, h('a', { href: '#make' }, words.make)),
	);
	box?.removeAttribute('hidden');
	box?.focus();
}

function reasonText({ name }: Reason): string {
	const texts: Record<Reason['name'], string> = {
		base: words.reasonBase,
		baseStrong: words.reasonBaseStrong,
		upper: words.reasonUpper,
		years: words.reasonYears,
		yearsShort: words.reasonYearsShort,
		models: words.reasonModels,
		terminal: words.reasonTerminal,
	};
	return texts[name];
}

const first = form?.querySelector<HTMLInputElement>('[name="begins"]');
if (first) first.value = today();
preview();
void page.begin().then((plans) => {
	const kept = plans.track?.current?.plan;
	if (kept) fillForm(kept.start, kept.known);
	else if (plans.placement) fillForm(plans.placement.proposed, []);
});
