import { useLab, useLabState } from './context.ts';
import { fillIn } from '../../lib/i18n/fill-in.ts';
import { t } from './page-words.ts';

/** Says politely what changed by itself: a task that turned green, a verdict that arrived. */
export function Announcer() {
	const { lab } = useLab();
	const justDone = useLabState((state) => state.justDone.at(-1));
	const verdict = useLabState((state) => state.verdict);
	const title = lab.tasks.find((task) => task.id === justDone)?.title;
	return (
		<div className="visually-hidden" aria-live="polite">
			<p>{title && fillIn(t.taskDone, { title })}</p>
			<p>{verdict && fillIn(verdict.attempt === 0 ? t.checkedVerdict : t.verdictOfAttempt, { attempt: verdict.attempt, score: Math.round(verdict.score) })}</p>
		</div>
	);
}
