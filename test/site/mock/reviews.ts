/** Two submissions as the review pages see them: `s1` was sent back to its learner, `s2` is under the mentor's hands. */
import type {
	Bundle,
	CohortPage,
	LearnerStanding,
	Queue,
	QueueRow,
	SavedComment,
	ShownReview,
	ShownSubmission,
	SubmissionSummary,
} from '../../../server/protocol/reviews.ts';
import { evidence, lab } from './data.ts';

const at = '2026-11-20T10:15:00.000Z';
const digest = 'a'.repeat(64);
const people = { as: { learner: true, mentor: true }, learner: 'local', learnerName: 'Mina Larsson', reviewers: 2, findingsMost: 10 };

const sent: ShownReview = {
	reviewer: 'p2',
	name: 'Ada Mentor',
	slot: 'first',
	own: false,
	mine: false,
	claimEnds: at,
	sentAt: at,
	version: 4,
	content: {
		findings: [
			{
				id: 'f1',
				type: 'essential',
				text: 'A rollout drops requests: nothing tells the Service when a pod is ready.',
				place: { at: 'check', attempt: 'ev-2', check: 'rollout' },
			},
			{ id: 'f2', type: 'celebratory', text: 'The volume claim is right.', place: { at: 'whole' } },
		],
		marks: { 'security-compliance': 'mid' },
		summary: 'Close.',
		decision: 'ask-changes',
		summaryHtml: '<p>Close. One thing is missing.</p>',
	},
	answers: {},
};
const { sentAt: _, ...draft } = sent;

function submission(id: string, state: ShownSubmission['state'], review: ShownReview, may: Partial<ShownSubmission['may']>): ShownSubmission {
	return {
		id,
		kind: 'lab',
		title: lab.title,
		lab: lab.id,
		subject: lab.id,
		state,
		rounds: 1,
		submittedAt: at,
		since: at,
		score: 77,
		unread: false,
		unanswered: 1,
		...people,
		history: [
			{
				n: 1,
				at,
				note: 'Please look at the rollout.',
				digest,
				evidence: ['ev-2'],
				documents: [],
				failed: [`${lab.id}/rollout`],
				score: 77,
				state: state === 'changes-asked' ? 'changes-asked' : 'waiting',
				reviews: [review],
			},
		],
		may: { withdraw: false, resubmit: false, claim: false, review: false, second: false, ...may },
	};
}

function bundle(id: string): Bundle {
	const { verdict, files } = evidence(2);
	const change = { change: 'created', kind: 'Deployment', namespace: 'notes', name: 'api', before: '', after: 'kind: Deployment\n' } as const;
	const attempt = { evidence: 'ev-2', lab: lab.id, title: lab.title, attempt: 2, at, verdict, files, digest, recordings: [] };
	return {
		submission: id,
		round: 1,
		learner: 'local',
		kind: 'lab',
		title: lab.title,
		at,
		note: 'Please look at the rollout.',
		attempts: [{ ...attempt, capture: { changes: [change], changesLeftOut: 0, digest } }],
		documents: [],
		digest,
	};
}

const s1 = submission('s1', 'changes-asked', sent, {});
const s2 = submission('s2', 'in-review', { ...draft, reviewer: 'local', name: 'Mina Larsson', own: true, mine: true }, { review: true });
const summaries: SubmissionSummary[] = [s1, s2];
const row: QueueRow = {
	id: 's2',
	title: lab.title,
	kind: 'lab',
	lab: lab.id,
	learner: 'local',
	learnerName: 'Mina Larsson',
	own: true,
	cohorts: [{ id: 'c1', name: 'Spring' }],
	round: 1,
	score: 77,
	submittedAt: at,
	state: 'open',
	before: false,
	note: 'Please look at the rollout.',
};
const queue: Queue = { rows: [row], cohorts: row.cohorts.slice(), tally: { reviews: 3, approved: 2, helpful: 1, mentees: 1 } };
const comments: SavedComment[] = [
	{ id: 'k1', type: 'actionable', text: 'Give the rollout a readiness probe.', when: `${lab.id}/rollout`, uses: 4, savedAt: at },
];
const cohort: CohortPage = {
	id: 'c1',
	name: 'Spring',
	learners: 12,
	mentors: 2,
	stuck: [
		{ lab: lab.id, title: lab.title, tried: 9, passed: 6, notNow: 3, attempts: 2, hours: 5 },
		{ lab: lab.id, title: 'A rollout under load loses no request', check: 'rollout', tried: 9, passed: 5, notNow: 4 },
	],
	waiting: [{ id: 's2', title: lab.title, learnerName: 'Mina Larsson', submittedAt: at, round: 1 }],
	agreement: [{ marked: 'security-compliance', n: 8, percent: 75, kappa: 0.6, few: true }],
	secondPercent: 20,
	fewest: 3,
};

export function reviewAnswer(path: string): unknown {
	const answers: { readonly [path: string]: unknown } = {
		'/api/submissions': summaries,
		'/api/submissions/s1': s1,
		'/api/submissions/s1/rounds/1': bundle('s1'),
		'/api/submissions/s2': s2,
		'/api/submissions/s2/rounds/1': bundle('s2'),
		'/api/submissions/s2/standing': { senior: {}, rows: {}, graded: [], blind: false } satisfies LearnerStanding,
		'/api/notices': { unread: 0, mentor: true, waiting: 1, items: [] },
		'/api/mentor/queue': queue,
		'/api/mentor/comments': comments,
		'/api/mentor/cohorts/c1': cohort,
	};
	return answers[path];
}
