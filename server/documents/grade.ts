/**
 * Grades a document: what a program can tell, row by row, and what it leaves to a person. Facts and tables give points, prose
 * only as far as it names things; checks of language and origin hold the score down and never raise it.
 */
import type { DocumentKind } from '../protocol/document-kinds.ts';
import type { Grade, GradeRow } from '../protocol/documents.ts';
import type { DocumentCheck, Draft, Result } from './check.ts';
import { actionsBalanced, actionsFormed } from './checks/actions.ts';
import { causeNamed, causeTrigger, causeTrue, condition, depth, impact, impactTrue, lessons } from './checks/cause.ts';
import { blameless, copying, length, structure, stuffing } from './checks/common.ts';
import { confirmation, consequences, dominated, figuresTrue, follows, judgement, optionsConsidered, riskAccepted, sameRows, sources } from './checks/memo.ts';
import { compatibility, merit, migration, rollout, successMetrics } from './checks/rfc.ts';
import { timelineOrder, timelineSources, timelineTrue } from './checks/timeline.ts';
import type { Facts } from './facts.ts';

/** The checks of each kind, in the order in which they are shown. */
export const CHECKS: Readonly<Record<DocumentKind, readonly DocumentCheck[]>> = {
	postmortem: [
		structure,
		timelineOrder,
		timelineTrue,
		timelineSources,
		impact,
		impactTrue,
		causeNamed,
		causeTrue,
		causeTrigger,
		condition,
		actionsFormed,
		actionsBalanced,
		lessons,
		length,
		blameless,
		stuffing,
		copying,
		depth,
	],
	'decision-memo': [
		structure,
		optionsConsidered(3, 10),
		sameRows,
		sources,
		figuresTrue,
		follows,
		dominated,
		consequences,
		riskAccepted,
		confirmation,
		length,
		blameless,
		stuffing,
		copying,
		judgement,
	],
	rfc: [structure, optionsConsidered(2, 12), rollout, successMetrics, compatibility, migration, length, blameless, stuffing, copying, merit],
};

/** Score out of 100 from which a document passes. */
const PASS = 70;
/** Checks that hold claims against what was recorded. A document counts as held against facts where more than half of their points could be, and none failed. */
const FACTUAL: ReadonlySet<string> = new Set(['timeline-true', 'impact-true', 'cause-true', 'figures-true']);

export function grade(draft: Draft, facts: Facts): Grade {
	const results = CHECKS[draft.kind].map((check) => ({ check, result: check.run(draft, facts) }));
	const rows = results.map(({ check, result }) => row(check, result));
	const graded = rows.filter((r) => r.outcome === 'pass' || r.outcome === 'fail');
	const possible = sum(graded, 'points');
	const reached = possible === 0 ? 0 : Math.round((100 * sum(graded, 'earned')) / possible);
	const cap = results.filter(({ result }) => result.cap !== undefined).sort((a, b) => (a.result.cap ?? 100) - (b.result.cap ?? 100))[0];
	const score = Math.min(reached, cap?.result.cap ?? 100);
	const claims = rows.filter((r) => FACTUAL.has(r.check));
	const held = claims.filter((r) => r.outcome === 'pass');
	return {
		rows,
		score,
		graded: Math.round((100 * possible) / sum(rows, 'points')),
		...(cap !== undefined && score < reached ? { capped: `“${cap.check.title}” holds the score at ${score}.` } : {}),
		passed: score >= PASS,
		factual: !claims.some((r) => r.outcome === 'fail') && 2 * sum(held, 'points') > sum(claims, 'points'),
	};
}

const sum = (rows: readonly GradeRow[], field: 'points' | 'earned'): number => rows.reduce((total, r) => total + r[field], 0);

function row({ id, title, points }: DocumentCheck, { outcome, why, where = [], share = 0 }: Result): GradeRow {
	const earned = outcome === 'pass' ? points : outcome === 'fail' ? Math.round(points * share * 10) / 10 : 0;
	return { check: id, title, outcome, why, where: [...where], points, earned };
}
