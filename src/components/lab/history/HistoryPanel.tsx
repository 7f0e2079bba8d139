import { Checkpoints } from './Checkpoints.tsx';
import { Recordings } from './Recordings.tsx';

/** What was done in this lab so far: places to go back to, and recordings of the terminals. `shown`: the learner looks at it. */
export function HistoryPanel({ shown }: { readonly shown: boolean }) {
	return (
		<div className="history">
			<Checkpoints shown={shown} />
			<Recordings shown={shown} />
		</div>
	);
}
