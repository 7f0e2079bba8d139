import { useLab, useLabState } from './context.ts';

/** Says politely what changed by itself: a task that turned green, a verdict that arrived. */
export function Announcer() {
	const { lab } = useLab();
	const justDone = useLabState((state) => state.justDone.at(-1));
	const verdict = useLabState((state) => state.verdict);
	const title = lab.tasks.find((task) => task.id === justDone)?.title;
	return (
		<div className="visually-hidden" aria-live="polite">
			<p>{title && `Task done: ${title}.`}</p>
			<p>{verdict && `Verdict of attempt ${verdict.attempt}: ${Math.round(verdict.score)} of 100.`}</p>
		</div>
	);
}
