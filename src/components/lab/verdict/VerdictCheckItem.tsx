import type { VerdictCheck } from '../../../../server/protocol/lab.ts';
import { OUTCOMES } from '../../../lib/outcomes.ts';
import { CopyButton } from '../parts/CopyButton.tsx';

/** One check: closed when it passed, open when there is something to read. */
export function VerdictCheckItem({ check }: { readonly check: VerdictCheck }) {
	const outcome = OUTCOMES[check.outcome];
	return (
		<li>
			<details className="check" open={check.outcome === 'fail'} data-check={check.id} data-outcome={check.outcome}>
				<summary>
					<span className={`badge ${outcome.tone}`}>
						<span aria-hidden="true">{outcome.mark}</span> {outcome.word}
					</span>
					<span className="check-title">{check.title}</span>
					<span className="check-points">
						{check.earned}/{check.points}
						<span className="visually-hidden"> points</span>
					</span>
				</summary>
				<dl>
					{check.critical && (
						<>
							<dt>Critical</dt>
							<dd>While it fails, the whole score is held down.</dd>
						</>
					)}
					{check.reason && (
						<>
							<dt>{check.outcome === 'gated' ? 'Waits for' : 'Could not be graded because'}</dt>
							<dd>{check.reason}</dd>
						</>
					)}
					{check.expected && (
						<>
							<dt>Expected</dt>
							<dd>{check.expected}</dd>
						</>
					)}
					{check.seen && (
						<>
							<dt>Seen</dt>
							<dd>{check.seen}</dd>
						</>
					)}
					<dt>Why it matters</dt>
					<dd>{check.why}</dd>
					<dt>See it yourself</dt>
					<dd className="see">
						<code>{check.see}</code>
						<CopyButton text={check.see} label={`Copy the command for “${check.title}”`} />
					</dd>
				</dl>
			</details>
		</li>
	);
}
