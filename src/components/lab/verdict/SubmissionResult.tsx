import { formatScore } from '../../../lib/format.ts';
import { useLab, useLabState } from '../context.ts';

/** What a submission led to: where the evidence is, and which rows of the rubric moved. */
export function SubmissionResult() {
	const { rows } = useLab();
	const submission = useLabState((state) => state.submission);
	if (!submission) return null;
	return (
		<section className="notice submission" role="status" aria-label="Submitted">
			<h2>Submitted with {formatScore(submission.score)} of 100</h2>
			<p>
				{submission.passed
					? 'The verdict and your files are kept as evidence.'
					: 'It is kept as evidence, but below the pass mark; you can go on working and submit again.'}{' '}
				<a href={`/portfolio/#${submission.evidence}`}>See it in your portfolio</a>
				{' · '}
				<a href={`/submissions/new/?kind=lab&of=${encodeURIComponent(submission.evidence)}`}>Send it to a mentor</a>
			</p>
			{submission.moved.length > 0 && (
				<p>
					{submission.moved.map(({ row, from, to }) => (
						<span key={row} className="moved">
							<a href={`/rubric/#${row}`}>{rows[row] ?? row}</a> moved from {from} to <strong>{to}</strong>.{' '}
						</span>
					))}
				</p>
			)}
		</section>
	);
}
