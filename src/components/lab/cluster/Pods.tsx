import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { firstRows, type Pod, podTone } from '../../../lib/cluster-filter.ts';
import { Group } from './Group.tsx';
import { Pending } from './Pending.tsx';
import { t } from '../page-words.ts';

export function Pods({ pods, withNamespace }: { readonly pods: readonly Pod[]; readonly withNamespace: boolean }) {
	return (
		<Group title={t.podsTitle} count={pods.length} empty={t.noPodsHere}>
			<ul className="rows">
				{firstRows(pods, (pod) => podTone(pod) === 'fail').map((pod) => (
					<li key={`${pod.namespace}/${pod.name}`}>
						<p className="row-head">
							<span className="name">
								{withNamespace && <span className="quiet">{pod.namespace}/</span>}
								{pod.name}
							</span>
							<span className={`badge ${podTone(pod)}`}>{pod.status}</span>
						</p>
						<p className="tiny quiet">
							{fillIn(t.readyOn, { ready: pod.ready, node: pod.node === '' ? t.noNodeYet : pod.node })}
							{pod.restarts > 0 && ` · ${pod.restarts === 1 ? t.restartOne : fillIn(t.restarts, { n: pod.restarts })}`}
							{pod.ip !== '' && ` · ${pod.ip}`}
						</p>
						{pod.message !== '' && <p className="tiny message">{pod.message}</p>}
						{pod.pending !== undefined && <Pending pod={pod.name} reasons={pod.pending} />}
					</li>
				))}
			</ul>
		</Group>
	);
}
