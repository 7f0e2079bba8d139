/** The record of somebody who has submitted one attempt, as the server would have written it. */
export function passedRecord(): unknown {
	const at = '2026-11-12T10:31:05.000Z';
	const verdict = {
		lab: 'three-tiers',
		attempt: 1,
		score: 92,
		passed: true,
		capped: false,
		checks: [],
		gradedAt: at,
		tookMs: 9,
		seed: 1,
		graderVersion: '1',
		provider: 'simulator',
	};
	const tasksDone = { 'data-stays': '2026-11-12T10:09:30.000Z', 'front-door': '2026-11-12T10:14:02.000Z', rollout: '2026-11-12T10:21:40.000Z' };
	return {
		id: 'local',
		name: 'Robin',
		createdAt: at,
		version: 1,
		labs: {
			'three-tiers': {
				lab: 'three-tiers',
				startedAt: '2026-11-12T09:58:10.000Z',
				tasksDone,
				hintsOpened: {},
				attempts: 1,
				bestScore: 92,
				lastVerdict: verdict,
				submittedAt: at,
			},
		},
		evidence: [{ id: 'ev-1', kind: 'graded', lab: 'three-tiers', attempt: 1, score: 92, passed: true, at, verdict, files: {}, digest: 'd'.repeat(64) }],
		portfolio: [],
		rubric: [],
		applied: [],
	};
}
