import type { LabSummary } from '../../server/protocol/http.ts';

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
export function standing(lab: LabSummary, tasks: number): { text: string; share: number } | undefined {
	const progress = lab.progress;
	if (!progress) return undefined;
	const done = Object.keys(progress.tasksDone).length;
	if (progress.submittedAt) return { text: `Submitted · best score ${progress.bestScore} of 100`, share: 1 };
	const checked = progress.attempts > 0 ? ` · best score ${progress.bestScore} of 100` : '';
	return { text: `${done} of ${tasks} tasks done${checked}`, share: tasks > 0 ? done / tasks : 0 };
}
