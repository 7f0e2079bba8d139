import type { VerdictCheck } from '../../../../server/protocol/lab.ts';
import { OUTCOMES } from '../../../lib/outcomes.ts';
import { CopyButton } from '../parts/CopyButton.tsx';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

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
						<span className="visually-hidden"> {t.pointsHeard}</span>
					</span>
				</summary>
				<dl>
					{check.critical && (
						<>
							<dt>{t.critical}</dt>
							<dd>{t.whileItFails}</dd>
						</>
					)}
					{check.reason && (
						<>
							<dt>{check.outcome === 'gated' ? t.waitsFor : t.couldNotBe}</dt>
							<dd>{check.reason}</dd>
						</>
					)}
					{check.expected && (
						<>
							<dt>{t.expected}</dt>
							<dd>{check.expected}</dd>
						</>
					)}
					{check.seen && (
						<>
							<dt>{t.seen}</dt>
							<dd>{check.seen}</dd>
						</>
					)}
					<dt>{t.whyItMatters}</dt>
					<dd>{check.why}</dd>
					<dt>{t.seeItYourself}</dt>
					<dd className="see">
						<code>{check.see}</code>
						<CopyButton text={check.see} label={fillIn(t.copyTheCommand, { title: check.title })} />
					</dd>
				</dl>
			</details>
		</li>
	);
}
