import { useLabState } from '../context.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

/** How far a grading has come. */
export function CheckProgress() {
	const job = useLabState((state) => state.job);
	const checking = useLabState((state) => state.checking);
	if (job !== 'check' && job !== 'submit') return null;
	const done = checking?.done ?? 0;
	const total = checking?.total ?? 1;
	return (
		<div className="checking">
			<div className="meter" role="progressbar" aria-label={t.checkingYourWork} aria-valuemin={0} aria-valuemax={total} aria-valuenow={done}>
				<span style={{ width: `${Math.round((100 * done) / Math.max(1, total))}%` }} />
			</div>
			<p className="small quiet">{checking ? fillIn(t.checkingOf, { done: done + 1, total, title: checking.title }) : t.startingTheChecks}</p>
		</div>
	);
}
