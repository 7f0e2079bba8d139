import type { ClusterView } from '../../../../server/protocol/messages.ts';
import { memory, percent } from '../../../lib/cluster-filter.ts';
import { Group } from './Group.tsx';

/** Nodes with what their pods have asked for, against what they can give. */
export function Nodes({ nodes }: { readonly nodes: ClusterView['nodes'] }) {
	return (
		<Group title="Nodes" count={nodes.length} empty="No node has joined.">
			<ul className="nodes">
				{nodes.map((node) => (
					<li key={node.name}>
						<p className="row-head">
							<span className="name">{node.name}</span>
							{!node.schedulable && <span className="badge warn">Cordoned</span>}
							<span className={node.ready ? 'badge pass' : 'badge fail'}>{node.ready ? 'Ready' : 'NotReady'}</span>
						</p>
						<Bar
							label="CPU requested"
							used={node.cpuRequested}
							of={node.cpuAllocatable}
							text={`${round(node.cpuRequested)} of ${round(node.cpuAllocatable)} CPU`}
						/>
						<Bar
							label="Memory requested"
							used={node.memoryRequested}
							of={node.memoryAllocatable}
							text={`${memory(node.memoryRequested)} of ${memory(node.memoryAllocatable)}`}
						/>
						<p className="quiet tiny">
							{node.pods} {node.pods === 1 ? 'pod' : 'pods'}
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
