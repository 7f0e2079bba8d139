import type { Verdict } from '../../../../server/protocol/lab.ts';
import { duration, formatScore } from '../../../lib/format.ts';
import { useLab, useLabState } from '../context.ts';
import { CheckProgress } from './CheckProgress.tsx';
import { VerdictCheckItem } from './VerdictCheckItem.tsx';
import { SubmissionResult } from './SubmissionResult.tsx';

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
					<p>Nothing has been checked yet.</p>
					<p className="quiet small">
						“Check my work” runs {lab.checks} checks against your cluster. Those that disturb something do so in a copy. Check as often as you like; only a
						submission is kept.
					</p>
				</div>
			)}
			{verdict && (
				<ul className="checks">
					{verdict.checks.map((check) => (
						<VerdictCheckItem key={`${verdict.attempt}.${check.id}`} check={check} />
					))}
				</ul>
			)}
		</div>
	);
}

function VerdictSummary({ verdict, passScore }: { readonly verdict: Verdict; readonly passScore: number }) {
	const ungraded = verdict.checks.filter((check) => check.outcome === 'ungraded').length;
	return (
		<section className="score" aria-label="Result">
			<p className="score-figure">
				<strong>{formatScore(verdict.score)}</strong>
				<span className="quiet">of 100</span>
				<span className={verdict.passed ? 'badge pass' : 'badge warn'}>{verdict.passed ? '✓ Passed' : 'Not yet'}</span>
			</p>
			<p className="small quiet">
				Attempt {verdict.attempt} · {new Date(verdict.gradedAt).toLocaleString()} · {passScore} to pass · graded in {duration(verdict.tookMs)}
			</p>
			{verdict.capped && <p className="notice warn small">A critical check failed, which holds the whole score down until it passes.</p>}
			{ungraded > 0 && (
				<p className="notice small">
					{ungraded === 1 ? 'One check' : `${ungraded} checks`} could not be graded here. That costs you nothing: the score is out of what could be graded.
				</p>
			)}
		</section>
	);
}
