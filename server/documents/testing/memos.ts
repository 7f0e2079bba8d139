/** Decision memos about one choice, from excellent to empty. */
import type { DocumentContent } from '../../protocol/documents.ts';
import type { Facts } from '../facts.ts';

export const memoBrief =
	'Your tenants’ chat service runs on two large cards that stand idle at night. Finance asks for a third off the bill by the end of the quarter, and the product team holds you to an answer in less than a second. Weigh the ways there are, measure each under the recorded traffic, and write down for which of them you decide and what that will cost whom.';

export const memoFacts: Facts = {
	measurements: [
		{ id: 'run-1', option: 'One A100', field: 'cost', values: [2620] },
		{ id: 'run-1', option: 'One A100', field: 'latency', values: [640] },
		{ id: 'run-2', option: 'Two L4 with int8', field: 'cost', values: [1610] },
		{ id: 'run-2', option: 'Two L4 with int8', field: 'latency', values: [780] },
	],
	others: [{ name: 'the lab “A third off”', text: memoBrief }],
};

export const excellentMemo: DocumentContent = {
	title: 'Move chat serving from A100 to L4',
	texts: {
		context:
			'Chat runs on two A100 whose utilisation is 31 % over the week and 6 % at night. The budget for serving falls by $1,700 a month from January. Traffic is 12 requests a second at its peak, measured over four weeks, and is expected to grow by a tenth until spring. The cards are leased by the month, so the decision can be taken back at the end of each month; it has to be taken now because the lease of one card ends on the last day of November and is renewed by itself for a quarter.',
		drivers: '- Monthly cost of serving, at most $3,500\n- Latency of the first answer, p95 below 900 ms\n- Effort to go back, at most one day',
		chosen: 'Two L4 with int8',
		decision:
			'We take two L4 with int8, because its monthly cost of $1,610 is far below the limit of the budget while the latency at p95 is 780 ms, still within the limit of the second driver. One A100 would also save money, but it has no spare card when a node is drained.',
		consequences:
			'- Good: saves $3,630 a month, 69 % of the bill.\n- Bad: the first answer is slower by 370 ms at p95.\n- Bad: int8 loses 0.4 % on the evaluation set that product agreed to.',
		risk: 'We accept the risk that a peak of more than 19 requests per second pushes p95 over the limit. At present growth that is reached in ten months, and it would cost some tenants a slow minute rather than an error. We accept as well that a node with L4 may be short in the zone for up to 2 h, since the second card carries the load alone at night.',
		owner: 'Lead of the serving team',
		revisit: '2027-03-01',
		confirmation:
			'The decision was wrong if p95 of the first answer is above 900 ms for more than 1 % of the minutes of a week, or if the evaluation score falls below 71 %.',
	},
	timeline: [],
	actions: [],
	options: [
		{
			name: 'Keep two A100',
			cost: '$5,240/month',
			latency: 'p95 410 ms',
			risk: 'The budget is exceeded from January on',
			source: 'run-1, four weeks of recorded traffic',
		},
		{ name: 'One A100', cost: '$2,620/month', latency: 'p95 640 ms', risk: 'No spare card while a node is drained', source: 'run-3, same traffic' },
		{ name: 'Two L4 with int8', cost: '$1,610/month', latency: 'p95 780 ms', risk: 'Less room for growth', source: 'run-2, same traffic' },
	],
};

const withTexts = (base: DocumentContent, texts: Readonly<Record<string, string>>): DocumentContent => ({ ...base, texts: { ...base.texts, ...texts } });

export const middlingMemo: DocumentContent = {
	...withTexts(excellentMemo, {
		consequences: 'Good: it saves most of the bill every month. Bad: the answers are slower than today, and some tenants will see that in the evening.',
		confirmation: 'We will look at the dashboards after the move and see whether tenants complain.',
		revisit: 'next spring',
	}),
	options: excellentMemo.options.map((row, i) => (i === 1 ? { ...row, source: '' } : row)),
};

/** Well written around figures that the runs do not show. */
export const wrongFigures: DocumentContent = {
	...withTexts(excellentMemo, {
		decision:
			'We take two L4 with int8, because its monthly cost of $960 is far below the limit of the budget while the latency at p95 is 430 ms, well within the limit of the second driver.',
	}),
	options: excellentMemo.options.map((row) => (row.name === 'Two L4 with int8' ? { ...row, cost: '$960/month', latency: 'p95 430 ms' } : row)),
};

export const stuffedMemo: DocumentContent = {
	...excellentMemo,
	texts: {
		...excellentMemo.texts,
		context:
			'Cost latency GPU A100 L4 int8 quantization throughput utilisation budget FinOps tenants traffic SLO p50 p95 p99 tokens requests capacity autoscaling spot reserved savings.',
		drivers: 'Cost latency budget reliability scalability security performance availability maintainability efficiency.',
		decision:
			'Two L4 int8 cost latency budget reliability scalability chosen because savings 69 % performance availability maintainability efficiency throughput utilisation capacity SLO drivers tradeoff.',
		consequences:
			'Good savings better cheaper faster. Bad risk slower cost 370 ms latency throughput quality accuracy regression rollback migration effort training documentation monitoring.',
		risk: 'Risk accepted latency growth capacity peak quality regression rollback owner revisit mitigation monitoring alerting autoscaling.',
		confirmation: 'Metric threshold p95 latency above 900 ms cost below $3,500 throughput utilisation dashboards alerts SLO.',
	},
};

export const copiedMemo: DocumentContent = {
	...excellentMemo,
	texts: {
		...Object.fromEntries(Object.keys(excellentMemo.texts).map((part) => [part, memoBrief])),
		chosen: 'Two L4 with int8',
		owner: 'Serving',
		revisit: '2027-03-01',
	},
};
