import type { ClusterView } from '../../../../server/protocol/messages.ts';
import { firstRows } from '../../../lib/cluster-filter.ts';
import { Group } from './Group.tsx';
import { t } from '../page-words.ts';

interface Props {
	readonly services: ClusterView['services'];
	readonly ingresses: ClusterView['ingresses'];
	readonly withNamespace: boolean;
}

/** How requests get in: services with the endpoints behind them, and ingresses with their hosts. */
export function Services({ services, ingresses, withNamespace }: Props) {
	return (
		<Group title={t.servicesAndIngresses} count={services.length + ingresses.length} empty={t.noWayIn}>
			<ul className="rows">
				{firstRows(services, (service) => service.endpoints === 0).map((service) => (
					<li key={`service/${service.namespace}/${service.name}`}>
						<p className="row-head">
							<span className="name">
								{withNamespace && <span className="quiet">{service.namespace}/</span>}
								{service.name}
							</span>
							<span className="quiet tiny">{service.type}</span>
							<span className={service.endpoints > 0 ? 'badge' : 'badge warn'}>
								{service.endpoints} {service.endpoints === 1 ? t.endpoint : t.endpoints}
							</span>
						</p>
						<p className="tiny quiet">
							{service.address} · {service.ports}
						</p>
					</li>
				))}
				{firstRows(ingresses, (ingress) => ingress.address === '').map((ingress) => (
					<li key={`ingress/${ingress.namespace}/${ingress.name}`}>
						<p className="row-head">
							<span className="name">
								{withNamespace && <span className="quiet">{ingress.namespace}/</span>}
								{ingress.name}
							</span>
							<span className="quiet tiny">Ingress</span>
							<span className={ingress.address === '' ? 'badge warn' : 'badge'}>{ingress.address === '' ? t.noAddressYet : ingress.address}</span>
						</p>
						<p className="tiny quiet">{ingress.hosts}</p>
					</li>
				))}
			</ul>
		</Group>
	);
}
