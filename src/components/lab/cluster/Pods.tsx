import { firstRows, type Pod, podTone } from '../../../lib/cluster-filter.ts';
import { Group } from './Group.tsx';
import { Pending } from './Pending.tsx';

export function Pods({ pods, withNamespace }: { readonly pods: readonly Pod[]; readonly withNamespace: boolean }) {
	return (
		<Group title="Pods" count={pods.length} empty="No pods here. A workload above would make some.">
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
							{pod.ready} ready · {pod.node === '' ? 'no node yet' : pod.node}
							{pod.restarts > 0 && ` · ${pod.restarts} ${pod.restarts === 1 ? 'restart' : 'restarts'}`}
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
