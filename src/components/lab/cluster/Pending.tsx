import type { Pod } from '../../../lib/cluster-filter.ts';
import { t } from '../page-words.ts';

/** Why a pod has no node yet: cause by cause, with what would help. Closed until somebody asks. */
export function Pending({ pod, reasons }: { readonly pod: string; readonly reasons: NonNullable<Pod['pending']> }) {
	return (
		<details className="pending tiny">
			<summary>
				{t.whyIsIt}
				<span className="visually-hidden"> ({pod})</span>
			</summary>
			<ul className="reasons">
				{reasons.map((reason) => (
					<li className="reason" key={`${reason.where} ${reason.what}`}>
						<p>
							{reason.where !== '' && <span className="where">{reason.where}</span>}
							{reason.what}
						</p>
						<p className="quiet">{reason.next}</p>
					</li>
				))}
			</ul>
		</details>
	);
}
