/** What the plan pages are built with: the curriculum as the content has it. For Astro pages. */
import { getCollection } from 'astro:content';
import { STARTS } from '../../../server/protocol/starts.ts';
import { planWords } from '../i18n/pages.ts';
import { lessonsOf, monthsOf } from '../lessons/months.ts';
import type { Curriculum } from './make-plan.ts';

/** Hours a week at which the lengths of the starting points hold: our assumption, said on the page. */
const REFERENCE_HOURS = 10;

export async function curriculum(): Promise<Curriculum> {
	const deliverables = await getCollection('deliverables');
	const months = await Promise.all(
		(await monthsOf('en')).map(async ({ data: { month, title, labs } }) => {
			const deliverable = deliverables.find(({ data }) => data.month === month);
			if (!deliverable) throw new Error(`content/portfolio/deliverables.yaml has none for month ${month}`);
			const lessons = (await lessonsOf(month)).map(({ id }) => id);
			return {
				month,
				title,
				labs: labs.map(({ id, title: name }) => ({ id, title: name })),
				lessons,
				deliverable: { id: deliverable.id, title: deliverable.data.title },
			};
		}),
	);
	const starts = (await getCollection('planStarts')).map(({ data }) => data);
	const assets = (await getCollection('planAssets')).sort((a, b) => a.data.order - b.data.order).map(({ id, data }) => ({ id, title: data.title }));
	const { workReading, workLab, workDeliverable, workChecklist } = await planWords();
	const words = { workReading, workLab, workDeliverable, workChecklist };
	return { words, referenceHours: REFERENCE_HOURS, starts: STARTS.flatMap((id) => starts.filter((start) => start.id === id)), months, assets };
}
