import type { Verdict } from '../../../../server/protocol/lab.ts';
import { duration, formatScore } from '../../../lib/format.ts';
import { useLab, useLabState } from '../context.ts';
import { CheckProgress } from './CheckProgress.tsx';
import { VerdictCheckItem } from './VerdictCheckItem.tsx';
import { SubmissionResult } from './SubmissionResult.tsx';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

/** What the checks saw. Never how to mend it. */
export function VerdictPanel() {
	const { lab } = useLab();
	const verdict = useLabState((state) => state.verdict);
	const checking = useLabState((state) => state.job === 'check' || state.job === 'submit');
	return (
		<div className="pane-text verdict" aria-busy={checking}>
			<CheckProgress />
			<SubmissionResult />
			{verdict ? (
				<VerdictSummary verdict={verdict} passScore={lab.passScore} />
			) : (
				<div className="empty">
					<p>{t.nothingHasBeen}</p>
					<p className="quiet small">{fillIn(t.checkMyWorkRuns, { checks: lab.checks })}</p>
				</div>
			)}
			{verdict && (
				<ul className="checks">
					{verdict.checks.map((check) => (
						<VerdictCheckItem key={`${verdict.gradedAt}.${check.id}`} check={check} />
					))}
				</ul>
			)}
		</div>
	);
}

function VerdictSummary({ verdict, passScore }: { readonly verdict: Verdict; readonly passScore: number }) {
	const ungraded = verdict.checks.filter((check) => check.outcome === 'ungraded').length;
	return (
		<section className="score" aria-label={t.result}>
			<p className="score-figure">
				<strong>{formatScore(verdict.score)}</strong>
				<span className="quiet">{t.of1002}</span>
				<span className={verdict.passed ? 'badge pass' : 'badge warn'}>{verdict.passed ? t.passed : t.notYet}</span>
			</p>
			<p className="small quiet">
				{fillIn(verdict.attempt === 0 ? t.checkedToPass : t.attemptToPass, {
					attempt: verdict.attempt,
					gradedAt: new Date(verdict.gradedAt).toLocaleString(),
					passScore,
					tookMs: duration(verdict.tookMs),
				})}
			</p>
			{verdict.capped && <p className="notice warn small">{t.aCriticalCheck}</p>}
			{ungraded > 0 && <p className="notice small">{ungraded === 1 ? t.oneCheck : fillIn(t.checks, { ungraded })}</p>}
		</section>
	);
}
