import { Sentence } from '../parts/Sentence.tsx';
import type { ClusterView } from '../../../../server/protocol/messages.ts';
import { ALL, firstRows } from '../../../lib/cluster-filter.ts';
import { Group } from './Group.tsx';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

interface Props {
	readonly workloads: ClusterView['workloads'];
	readonly namespace: string;
	readonly withNamespace: boolean;
}

export function Workloads({ workloads, namespace, withNamespace }: Props) {
	const command = <code>kubectl apply -f FILE</code>;
	const empty = <Sentence text={namespace === ALL ? t.nothingRunsHere : t.nothingRuns} values={{ namespace: <code>{namespace}</code>, command }} />;
	return (
		<Group title={t.workloads} count={workloads.length} empty={empty}>
			<ul className="rows">
				{firstRows(workloads, (workload) => workload.ready < workload.wanted).map((workload) => {
					const complete = workload.ready >= workload.wanted;
					return (
						<li key={`${workload.namespace}/${workload.kind}/${workload.name}`}>
							<p className="row-head">
								<span className="name">
									{withNamespace && <span className="quiet">{workload.namespace}/</span>}
									{workload.name}
								</span>
								<span className="quiet tiny">{workload.kind}</span>
								<span className={complete ? 'badge pass' : 'badge warn'}>{fillIn(t.readyOf, { ready: workload.ready, wanted: workload.wanted })}</span>
							</p>
							{workload.message !== '' && <p className="tiny quiet">{workload.message}</p>}
						</li>
					);
				})}
			</ul>
		</Group>
	);
}
