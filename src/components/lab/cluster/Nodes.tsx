import type { ClusterView } from '../../../../server/protocol/messages.ts';
import { memory, percent } from '../../../lib/cluster-filter.ts';
import { Group } from './Group.tsx';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

/** Nodes with what their pods have asked for, against what they can give. */
export function Nodes({ nodes }: { readonly nodes: ClusterView['nodes'] }) {
	return (
		<Group title={t.nodes} count={nodes.length} empty={t.noNodeHas}>
			<ul className="nodes">
				{nodes.map((node) => (
					<li key={node.name}>
						<p className="row-head">
							<span className="name">{node.name}</span>
							{!node.schedulable && <span className="badge warn">{t.cordoned}</span>}
							<span className={node.ready ? 'badge pass' : 'badge fail'}>{node.ready ? 'Ready' : 'NotReady'}</span>
						</p>
						<Bar
							label={t.cpuRequested}
							used={node.cpuRequested}
							of={node.cpuAllocatable}
							text={fillIn(t.cpuOf, { cpuRequested: round(node.cpuRequested), cpuAllocatable: round(node.cpuAllocatable) })}
						/>
						<Bar
							label={t.memoryRequested}
							used={node.memoryRequested}
							of={node.memoryAllocatable}
							text={fillIn(t.memoryOf, { memoryRequested: memory(node.memoryRequested), memoryAllocatable: memory(node.memoryAllocatable) })}
						/>
						<p className="quiet tiny">
							{node.pods} {node.pods === 1 ? t.pod : t.pods}
							{node.roles !== '' && node.roles !== '<none>' && ` · ${node.roles}`}
						</p>
					</li>
				))}
			</ul>
		</Group>
	);
}

/** The bar is a picture of the words beside it. */
function Bar({ label, used, of, text }: { readonly label: string; readonly used: number; readonly of: number; readonly text: string }) {
	const share = percent(used, of);
	return (
		<div className="bar">
			<div className={share >= 85 ? 'meter full' : 'meter'} aria-hidden="true">
				<span style={{ width: `${share}%` }} />
			</div>
			<span className="tiny quiet">
				<span className="visually-hidden">{label}: </span>
				{text}
			</span>
		</div>
	);
}

const round = (cores: number): string => String(Math.round(cores * 100) / 100);
