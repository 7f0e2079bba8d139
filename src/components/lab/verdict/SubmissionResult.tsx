import { formatScore } from '../../../lib/format.ts';
import { useLab, useLabState } from '../context.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

const LEVELS: Readonly<Record<string, string>> = { none: t.levelNone, started: t.levelStarted, mid: t.levelMid, senior: t.levelSenior };

/** What a submission led to: where the evidence is, and which rows of the rubric moved. */
export function SubmissionResult() {
	const { rows } = useLab();
	const submission = useLabState((state) => state.submission);
	if (!submission) return null;
	return (
		<section className="notice submission" role="status" aria-label={t.submitted}>
			<h2>{fillIn(t.submittedWithOf, { score: formatScore(submission.score) })}</h2>
			<p>
				{submission.passed ? t.theVerdictAnd : t.itIsKept} <a href={`/portfolio/#${submission.evidence}`}>{t.seeItIn}</a>
				{' · '}
				<a href={`/submissions/new/?kind=lab&of=${encodeURIComponent(submission.evidence)}`}>{t.sendItTo}</a>
			</p>
			{submission.moved.length > 0 && (
				<p>
					{submission.moved.map(({ row, from, to }) => (
						<span key={row} className="moved">
							<a href={`/rubric/#${row}`}>{fillIn(t.movedRow, { row: rows[row] ?? row, from: LEVELS[from] ?? from, to: LEVELS[to] ?? to })}</a>{' '}
						</span>
					))}
				</p>
			)}
		</section>
	);
}
