/** The plan of the first year in the role. */
import { byId } from './dom.ts';
import { today } from './plan/days.ts';
import { makeRolePlan } from './plan/make-plan.ts';
import { PlanPage, pageData } from './plan/page.ts';

const page = new PlanPage('role');
const milestones = pageData<{ id: string; title: string; days: number }[]>('role-data');
const form = document.querySelector<HTMLFormElement>('#role-form');
const first = form?.querySelector<HTMLInputElement>('[name="begins"]');
if (first) first.value = today();
form?.addEventListener('submit', (event) => {
	event.preventDefault();
	const begins = first?.value ?? '';
	if (begins === '') return;
	void page
		.change({ action: 'adopt', kind: 'role', plan: makeRolePlan(milestones, begins) }, page.data.words.saved)
		.then((kept) => kept && byId('plan-said')?.focus());
});
void page.begin();
