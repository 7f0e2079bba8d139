import { useEffect, useState } from 'react';
import { getLab } from '../../lib/api.ts';
import { Html } from './parts/Html.tsx';
import { useLab } from './context.ts';
import { t } from './page-words.ts';

/** The lab's brief: in the page since it was built, or, for a lab without one there, from the server (which has sanitised it). */
export function Brief() {
	const { lab } = useLab();
	const [brief, setBrief] = useState(lab.brief);
	useEffect(() => {
		if (lab.brief !== '') return;
		getLab(lab.id).then(
			(page) => setBrief(page.brief),
			(error: unknown) => console.warn('The brief did not load:', error),
		);
	}, [lab]);
	return (
		<div className="pane-text prose">
			<p className="lead">{lab.summary}</p>
			{brief !== '' && <Html html={brief} />}
			<h2>{t.youWillBe}</h2>
			<ul>
				{lab.objectives.map((objective) => (
					<li key={objective}>{objective}</li>
				))}
			</ul>
		</div>
	);
}
