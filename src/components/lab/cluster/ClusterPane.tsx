import { useMemo, useState } from 'react';
import { ALL, inNamespace, namespaces } from '../../../lib/cluster-filter.ts';
import { useLab, useLabState } from '../context.ts';
import { Events } from './Events.tsx';
import { Nodes } from './Nodes.tsx';
import { Pods } from './Pods.tsx';
import { Services } from './Services.tsx';
import { Workloads } from './Workloads.tsx';
import { t } from '../page-words.ts';

/** The learner's cluster, live. Rows are keyed by name, so that an update changes what changed and nothing flickers. */
export function ClusterPane() {
	const { lab } = useLab();
	const view = useLabState((state) => state.cluster);
	const [namespace, setNamespace] = useState(lab.namespace);
	const choices = useMemo(() => namespaces(view, lab.namespace), [view, lab.namespace]);
	const shown = useMemo(() => view && inNamespace(view, namespace), [view, namespace]);
	return (
		<section className="cluster" aria-label={t.cluster} data-pane="cluster" tabIndex={-1}>
			<header className="pane-head">
				<h2>{t.cluster}</h2>
				<label className="small">
					<span className="quiet">{t.namespace}</span>{' '}
					<select value={namespace} onChange={(event) => setNamespace(event.target.value)}>
						{choices.map((name) => (
							<option key={name} value={name}>
								{name}
							</option>
						))}
						<option value={ALL}>{t.allNamespaces}</option>
					</select>
				</label>
			</header>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must reach that */}
			<section className="cluster-body" aria-label={t.stateOfThe} tabIndex={0}>
				{shown ? (
					<>
						<Nodes nodes={shown.nodes} />
						<Workloads workloads={shown.workloads} namespace={namespace} withNamespace={namespace === ALL} />
						<Pods pods={shown.pods} withNamespace={namespace === ALL} />
						<Services services={shown.services} ingresses={shown.ingresses} withNamespace={namespace === ALL} />
						<Events events={shown.events} now={shown.now} />
					</>
				) : (
					<p className="empty quiet">{t.waitingForThe}</p>
				)}
			</section>
		</section>
	);
}
