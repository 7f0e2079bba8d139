import type { LabSummary } from '../../server/protocol/http.ts';
import type { ScriptWords } from './i18n/catalogue.ts';
import { fillIn } from './i18n/fill-in.ts';

/** The lab to offer next: the one touched last and not yet submitted, else the first not submitted, else the last one there is. */
export function nextLab(labs: readonly LabSummary[]): { lab: LabSummary; started: boolean } | undefined {
	const open = labs.filter((lab) => !lab.progress?.submittedAt);
	const started = open.filter((lab) => lab.progress).sort((a, b) => (b.progress?.startedAt ?? '').localeCompare(a.progress?.startedAt ?? ''))[0];
	if (started) return { lab: started, started: true };
	const fresh = [...open].sort((a, b) => a.month - b.month)[0];
	if (fresh) return { lab: fresh, started: false };
	const done = labs.at(-1);
	return done && { lab: done, started: true };
}

/** Where a learner stands in a lab, as one line, and how far that is, 0 to 1. `tasks`: how many the lab has. */
export function standing(lab: LabSummary, tasks: number, words: ScriptWords): { text: string; share: number } | undefined {
	const progress = lab.progress;
	if (!progress) return undefined;
	const done = Object.keys(progress.tasksDone).length;
	const values = { done, tasks, score: progress.bestScore };
	if (progress.submittedAt) return { text: fillIn(words.standingSubmitted, values), share: 1 };
	return {
		text: fillIn(progress.attempts > 0 || progress.lastVerdict !== undefined ? words.standingScored : words.standing, values),
		share: tasks > 0 ? done / tasks : 0,
	};
}
