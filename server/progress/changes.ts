/** What can happen to a learner's record: each a function from record to record, without effects. */
import { LIMITS } from '../limits.ts';
import type { ReadingChange } from '../protocol/http.ts';
import type { LabDefinition, Verdict } from '../protocol/lab.ts';
import type { AttemptFacts, Evidence, LabProgress, Learner, PortfolioItem, RecordingInfo } from '../protocol/progress.ts';
import { evidenceDigest } from './digest.ts';
import { type Move, moveRubric } from './rubric.ts';

export function named(learner: Learner, name: string): Learner {
	return { ...learner, name };
}

/** A lesson was opened, read, or marked unread again; the first opening keeps its time. Beyond the ceiling nothing new is kept. */
export function lessonMoved(learner: Learner, { lesson, state }: ReadingChange, at: string): Learner {
	const old = learner.reading[lesson];
	if (old === undefined && Object.keys(learner.reading).length >= LIMITS.lessonsKept) return learner;
	const { openedAt, readAt } = { openedAt: at, ...old };
	const kept = state === 'read' ? (readAt ?? at) : state === 'unread' ? undefined : readAt;
	return { ...learner, reading: { ...learner.reading, [lesson]: { openedAt, ...(kept === undefined ? {} : { readAt: kept }) } } };
}

export function labStarted(learner: Learner, lab: string, at: string): Learner {
	return withLab(learner, lab, at, (progress) => progress);
}

/** Tasks seen done; those that were done before keep their time. */
export function tasksDone(learner: Learner, lab: string, tasks: readonly string[], at: string): Learner {
	return withLab(learner, lab, at, (progress) => {
		const done = { ...progress.tasksDone };
		for (const task of tasks) done[task] ??= at;
		return { ...progress, tasksDone: done };
	});
}

/** `count` hints of a task are open now. */
export function hintOpened(learner: Learner, lab: string, task: string, count: number, at: string): Learner {
	return withLab(learner, lab, at, (progress) => ({
		...progress,
		hintsOpened: { ...progress.hintsOpened, [task]: Math.max(progress.hintsOpened[task] ?? 0, count) },
	}));
}

export function checked(learner: Learner, lab: string, verdict: Verdict): Learner {
	return withLab(learner, lab, verdict.gradedAt, (progress) => ({
		...progress,
		attempts: Math.max(progress.attempts, verdict.attempt),
		bestScore: Math.max(progress.bestScore, verdict.score),
		lastVerdict: verdict,
	}));
}

export interface Submission {
	readonly id: string;
	readonly verdict: Verdict;
	readonly files: { readonly [path: string]: string };
	/** What is carried beside, in files of its own. */
	readonly recordings?: readonly RecordingInfo[];
	readonly facts?: AttemptFacts;
	readonly at: string;
}

/** A submitted verdict as evidence, its portfolio item and what it moves on the rubric. */
export function submitted(
	learner: Learner,
	lab: LabDefinition,
	submission: Submission,
): { readonly learner: Learner; readonly evidence: Evidence; readonly moved: readonly Move[] } {
	const { verdict, files, recordings, facts, at, id } = submission;
	const evidence: Evidence = {
		id,
		kind: 'graded',
		lab: lab.id,
		attempt: verdict.attempt,
		score: verdict.score,
		passed: verdict.passed,
		at,
		verdict,
		files: { ...files },
		...(recordings === undefined ? {} : { recordings: [...recordings] }),
		...(facts === undefined ? {} : { facts }),
		digest: evidenceDigest(verdict, files, recordings, facts),
	};
	const { rubric, moved } = moveRubric(learner.rubric, evidence, lab.evidence.rubric, learner.evidence);
	const withVerdict = checked(learner, lab.id, verdict);
	const next = withLab(withVerdict, lab.id, at, (progress) => ({ ...progress, submittedAt: at }));
	return {
		learner: { ...next, evidence: [...next.evidence, evidence], portfolio: verdict.passed ? filled(next.portfolio, lab, evidence) : next.portfolio, rubric },
		evidence,
		moved,
	};
}

function filled(portfolio: readonly PortfolioItem[], lab: LabDefinition, evidence: Evidence): PortfolioItem[] {
	const { deliverable } = lab.evidence;
	const old = portfolio.find((item) => item.deliverable === deliverable);
	if (old === undefined) return [...portfolio, { id: deliverable, deliverable, title: lab.title, evidence: [evidence.id], updatedAt: evidence.at }];
	return portfolio.map((item) => (item === old ? { ...item, evidence: [...item.evidence, evidence.id], updatedAt: evidence.at } : item));
}

function withLab(learner: Learner, lab: string, at: string, change: (progress: LabProgress) => LabProgress): Learner {
	const old: LabProgress = learner.labs[lab] ?? { lab, startedAt: at, tasksDone: {}, hintsOpened: {}, attempts: 0, bestScore: 0 };
	return { ...learner, labs: { ...learner.labs, [lab]: change(old) } };
}
