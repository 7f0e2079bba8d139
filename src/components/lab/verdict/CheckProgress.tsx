import { useLabState } from '../context.ts';

/** How far a grading has come. */
export function CheckProgress() {
	const job = useLabState((state) => state.job);
	const checking = useLabState((state) => state.checking);
	if (job !== 'check' && job !== 'submit') return null;
	const done = checking?.done ?? 0;
	const total = checking?.total ?? 1;
	return (
		<div className="checking">
			<div className="meter" role="progressbar" aria-label="Checking your work" aria-valuemin={0} aria-valuemax={total} aria-valuenow={done}>
				<span style={{ width: `${Math.round((100 * done) / Math.max(1, total))}%` }} />
			</div>
			<p className="small quiet">{checking ? `Checking ${done + 1} of ${total}: ${checking.title}` : 'Starting the checks…'}</p>
		</div>
	);
}
