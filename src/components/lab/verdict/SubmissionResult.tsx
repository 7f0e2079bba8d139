import { formatScore } from '../../../lib/format.ts';
import { useLab, useLabState } from '../context.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

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
							<a href={`/rubric/#${row}`}>{rows[row] ?? row}</a> {t.movedFrom} {from} {t.movedTo} <strong>{to}</strong>.{' '}
						</span>
					))}
				</p>
			)}
		</section>
	);
}
