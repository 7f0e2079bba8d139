/** One document as the pages that write see it. */
import type { Attempt, DocumentSummary, Grade, VersionSummary, WrittenDocument } from '../../../server/protocol/documents.ts';

const at = '2026-11-20T10:15:00.000Z';
const written: WrittenDocument = {
	id: 'd1',
	kind: 'postmortem',
	createdAt: at,
	updatedAt: at,
	version: 3,
	content: {
		title: 'A postmortem of the mock',
		texts: { summary: 'The door was shut for five minutes, and everybody stood before it.', component: 'deployment/web' },
		timeline: [{ at: '2026-11-20T10:01:00', what: 'Rollout of web began', type: 'start', source: 'f1' }],
		actions: [{ what: 'Add a readiness probe', owner: 'Web team', due: '2026-12-01', type: 'prevent', verify: 'The rollout drops no request' }],
		options: [],
		attempt: 'ev-2',
	},
};
const { content: _, ...head } = written;
const documents: DocumentSummary[] = [{ ...head, title: written.content.title, words: 12, attached: ['postmortems'] }];
const versions: VersionSummary[] = [{ version: 2, at, words: 9 }];
const grade: Grade = {
	rows: [
		{ check: 'summary', title: 'The summary says what failed', outcome: 'pass', why: '', where: ['summary'], points: 10, earned: 10 },
		{ check: 'detection', title: 'Detection is described', outcome: 'fail', why: 'Nothing is written there.', where: ['detection'], points: 10, earned: 0 },
		{ check: 'depth', title: 'The cause goes deep enough', outcome: 'for-a-mentor', why: 'A person has to read it.', where: ['cause'], points: 0, earned: 0 },
	],
	score: 50,
	graded: 60,
	passed: false,
	factual: false,
};
const attempts: Attempt[] = [
	{
		evidence: 'ev-2',
		lab: 'three-tiers',
		title: 'Three tiers',
		attempt: 2,
		at,
		score: 77,
		events: [{ id: 'f2', at: '2026-11-20T10:03:12.000Z', what: '7 of 214 requests failed', type: 'detect' }],
	},
];

export function writingAnswer(path: string): unknown {
	const answers: { readonly [path: string]: unknown } = {
		'/api/documents': documents,
		'/api/documents/d1': written,
		'/api/documents/d1/versions': versions,
		'/api/documents/d1/grade': grade,
		'/api/documents/d1/preview': { html: `<h1>${written.content.title}</h1><h2>Summary</h2><p>${written.content.texts['summary']}</p>` },
		'/api/attempts': attempts,
	};
	return answers[path];
}
