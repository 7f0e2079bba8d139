/** Ingresses: `pkg/registry/networking/ingress`. */
import type { KubeObject } from '../../types.ts';
import { ingressErrors, ingressWarnings } from './ingress-validation.ts';
import { defineResource } from '../define.ts';
import { countItems, age, table } from '../table.ts';
import { rec, recs, specOf, statusOf, str } from '../fields.ts';

function hosts(ingress: KubeObject): string {
	const all = recs(specOf(ingress).rules)
		.map((r) => str(r.host))
		.filter((h) => h !== '');
	if (all.length === 0) return '*';
	return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',');
}

const addresses = (ingress: KubeObject): string =>
	[...new Set(recs(rec(statusOf(ingress).loadBalancer).ingress).map((i) => str(i.ip) || str(i.hostname)))].sort().join(',');

export const ingresses = defineResource({
	group: 'networking.k8s.io',
	resource: 'ingresses',
	kind: 'Ingress',
	validate: (_world, object) => ingressErrors(object),
	validateUpdate: (_world, object) => ingressErrors(object),
	warnings: (_world, object) => ingressWarnings(object),
	generation: true,
	shortNames: ['ing'],
	subresources: ['status'],
	newStatus: { loadBalancer: {} },
	indexes: { byHost: (ingress) => [...new Set(recs(specOf(ingress).rules).map((r) => str(r.host)))] },
	table: table(['Name', 'Class', 'Hosts', 'Address', 'Ports', 'Age'], (world, ingress) => [
		ingress.metadata.name,
		str(specOf(ingress).ingressClassName) || '<none>',
		hosts(ingress),
		addresses(ingress),
		countItems(specOf(ingress).tls) > 0 ? '80, 443' : '80',
		age(world, ingress),
	]),
});
