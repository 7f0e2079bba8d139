import type { ClusterView } from '../../../../server/protocol/messages.ts';
import { age, MOST_ROWS } from '../../../lib/cluster-filter.ts';
import { Group } from './Group.tsx';
import { t } from '../page-words.ts';

const SHOWN = MOST_ROWS;

/** What happened, newest first, whatever order the server sends. */
export function Events({ events, now }: { readonly events: ClusterView['events']; readonly now: number }) {
	const newest = [...events].sort((a, b) => b.at - a.at).slice(0, SHOWN);
	return (
		<Group title={t.events} count={events.length} empty={t.quietSoFar}>
			<ul className="rows">
				{newest.map((event) => (
					<li key={`${event.namespace}/${event.object}/${event.reason}/${event.message}`}>
						<p className="row-head">
							<span className={event.type === 'Warning' ? 'badge warn' : 'badge'}>{event.reason}</span>
							<span className="name">{event.object}</span>
							<span className="quiet tiny">
								{age(event.at, now)}
								{event.count > 1 && ` ×${event.count}`}
							</span>
						</p>
						<p className="tiny quiet">{event.message}</p>
					</li>
				))}
			</ul>
		</Group>
	);
}
