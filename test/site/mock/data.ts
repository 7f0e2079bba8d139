/** Canned data for looking at the site without a server; every piece is checked against the protocol's schemas before it is used. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type LabSummary, labSummarySchema } from '../../../server/protocol/http.ts';
import { type LabDefinition, labSchema, type Verdict, verdictSchema } from '../../../server/protocol/lab.ts';
import { type Evidence, evidenceSchema, type Learner, learnerSchema, type LabProgress } from '../../../server/protocol/progress.ts';

export const lab: LabDefinition = labSchema.parse(parse(readFileSync(new URL('../labs/three-tiers/lab.yaml', import.meta.url), 'utf8')));

const at = '2026-11-20T10:15:00.000Z';

/** A verdict with one of each outcome: a fail, a gated check and one that could not be graded. */
export function verdict(attempt: number, complete = false): Verdict {
	const outcomes: Record<string, Partial<Verdict['checks'][number]>> = complete
		? {}
		: {
				rollout: { outcome: 'fail', expected: '0 failed requests of at least 200 while the API restarts', seen: '7 of 214 requests failed: 502 Bad Gateway' },
				readiness: { outcome: 'ungraded', reason: 'This provider cannot stop a process inside a pod.' },
				secrets: { outcome: 'gated', reason: 'Counts once “A note travels through all three tiers” passes.' },
			};
	const checks = lab.checks.map((check) => {
		const own = outcomes[check.id] ?? { outcome: 'pass' as const, seen: 'Note 7f3ac1 came back from db after 41 ms, through two different API pods' };
		const { id, title, points, critical, why, see } = check;
		return { id, title, points, critical, why, see, outcome: 'pass' as const, earned: own.outcome === 'pass' ? points : 0, ...own };
	});
	const graded = checks.filter((check) => check.outcome !== 'ungraded');
	const score = Math.round((100 * graded.reduce((sum, check) => sum + check.earned, 0)) / graded.reduce((sum, check) => sum + check.points, 0));
	return verdictSchema.parse({
		lab: lab.id,
		attempt,
		score,
		passed: score >= lab.passScore,
		capped: false,
		checks,
		gradedAt: at,
		tookMs: 640,
		seed: 42,
		graderVersion: '1',
		provider: 'simulator',
	});
}

export function evidence(attempt: number): Evidence {
	const graded = verdict(attempt);
	return evidenceSchema.parse({
		id: `ev-${attempt}`,
		kind: 'graded',
		lab: lab.id,
		attempt,
		score: graded.score,
		passed: graded.passed,
		at,
		verdict: graded,
		files: {
			'/home/learner/api.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n  namespace: notes\nspec:\n  replicas: 2\n',
			'/home/learner/db.yaml': 'apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: db\n  namespace: notes\n',
		},
		digest: '9f2c4a0d7be1c35f8a6604d1be0b1f1c0c2a77de5b1f4e0a9d3c8e7b6a5f4e3d',
	});
}

const progress = (): LabProgress => ({
	lab: lab.id,
	startedAt: at,
	tasksDone: { 'front-door': at },
	hintsOpened: { 'front-door': 1 },
	attempts: 2,
	bestScore: 72,
	lastVerdict: verdict(2),
});

export function learner(name: string): Learner {
	return learnerSchema.parse({
		id: 'local',
		name,
		createdAt: at,
		version: 9,
		labs: { [lab.id]: progress() },
		evidence: [{ ...evidence(2), files: {} }],
		portfolio: [{ id: 'p-1', deliverable: 'month-2-three-tier-app', title: 'A three-tier app deployed', evidence: ['ev-2'], updatedAt: at }],
		rubric: [
			{ row: 'security-compliance', level: 'mid', evidence: ['ev-2'], count: 1, movedAt: at },
			{ row: 'incident-drills', level: 'started', evidence: [], count: 1 },
		],
		applied: [],
	});
}

export function summary(withProgress: boolean): LabSummary {
	const { id, title, month, minutes, summary: text } = lab;
	return labSummarySchema.parse({ id, title, month, minutes, summary: text, points: 100, ...(withProgress ? { progress: progress() } : {}) });
}
