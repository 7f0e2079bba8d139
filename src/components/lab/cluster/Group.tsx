import { type ReactNode, useId } from 'react';

import { MOST_ROWS } from '../../../lib/cluster-filter.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

/** A part of the cluster view: its name, how many there are, and what to do while there are none. */
export function Group({
	title,
	count,
	empty,
	children,
}: {
	readonly title: string;
	readonly count: number;
	readonly empty: ReactNode;
	readonly children: ReactNode;
}) {
	const id = useId();
	return (
		<section className="group" aria-labelledby={id}>
			<h3 id={id}>
				{title} <span className="count">{count}</span>
			</h3>
			{count === 0 ? <p className="quiet small">{empty}</p> : children}
			{count > MOST_ROWS && <p className="quiet tiny">{fillIn(t.ofAreShown, { shown: MOST_ROWS, count })}</p>}
		</section>
	);
}
