/** Services: `pkg/registry/core/service`. */
import type { World } from '../../../kernel/world.ts';
import type { Services } from '../../../services.ts';
import { serviceTarget } from '../../proxy/target.ts';
import type { Json, KubeObject, Strategy } from '../../types.ts';
import { defineResource } from '../define.ts';
import { changeItems, changePart, type Fields, fill, num, rec, recs, specOf, statusOf, str, strs } from '../fields.ts';
import { age, formatLabels, table } from '../table.ts';
import { dns1035Errors } from '../validation/names.ts';
import { allocate, allocationErrors, carryOver, takenIn } from './service-allocation.ts';
import { serviceErrors, serviceUpdateErrors, serviceWarnings } from './service-validation.ts';

function portDefaults(port: Fields): Fields {
	const p = fill(port, { protocol: 'TCP' });
	return p.targetPort === undefined || p.targetPort === null || p.targetPort === 0 || p.targetPort === '' ? { ...p, targetPort: p.port } : p;
}

/** SetDefaults_Service. */
function specDefaults(spec: Fields): Fields {
	let s = fill(spec, { type: 'ClusterIP', sessionAffinity: 'None' });
	if (s.sessionAffinity === 'ClientIP') s = fill(s, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } });
	const outward = s.type === 'NodePort' || s.type === 'LoadBalancer';
	if (outward) s = fill(s, { externalTrafficPolicy: 'Cluster' });
	if (outward || s.type === 'ClusterIP') s = fill(s, { internalTrafficPolicy: 'Cluster' });
	if (s.type === 'LoadBalancer') s = fill(s, { allocateLoadBalancerNodePorts: true });
	return changeItems(s, 'ports', portDefaults);
}

function externalIP(service: KubeObject): string {
	const spec = specOf(service);
	const external = strs(spec.externalIPs);
	switch (spec.type) {
		case 'ExternalName':
			return str(spec.externalName);
		case 'LoadBalancer': {
			const ingress = recs(rec(statusOf(service).loadBalancer).ingress).map((i) => str(i.ip) || str(i.hostname));
			if (external.length > 0) return [...ingress, ...external].join(',');
			return ingress.length > 0 ? ingress.join(',') : '<pending>';
		}
		default:
			return external.length > 0 ? external.join(',') : '<none>';
	}
}

function portText(ports: readonly Fields[]): string {
	if (ports.length === 0) return '<none>';
	return ports.map((p) => (num(p.nodePort) > 0 ? `${num(p.port)}:${num(p.nodePort)}/${str(p.protocol)}` : `${num(p.port)}/${str(p.protocol)}`)).join(',');
}

function row(world: World, service: KubeObject): readonly Json[] {
	const spec = specOf(service);
	return [
		service.metadata.name,
		str(spec.type),
		str(spec.clusterIP) || '<none>',
		externalIP(service),
		portText(recs(spec.ports)),
		age(world, service),
		formatLabels(spec.selector),
	];
}

export const servicesResource = (services: Services): Strategy =>
	defineResource({
		group: '',
		resource: 'services',
		kind: 'Service',
		shortNames: ['svc'],
		categories: ['all'],
		subresources: ['status'],
		newStatus: { loadBalancer: {} },
		validateName: dns1035Errors,
		defaults: (service) => changePart(service, 'spec', specDefaults),
		prepareForCreate: (world, service) => changePart(service, 'spec', (spec) => allocate(world, spec, service.metadata.uid, takenIn(services, world))),
		prepareForUpdate: (world, service, old) =>
			changePart(service, 'spec', (spec) => allocate(world, carryOver(spec, specOf(old)), old.metadata.uid, takenIn(services, world))),
		validate: (world, service) => [...serviceErrors(service), ...allocationErrors(world, service, takenIn(services, world))],
		warnings: (_world, service) => serviceWarnings(service),
		validateUpdate: (world, service, old) => [
			...serviceErrors(service),
			...serviceUpdateErrors(service, old),
			...allocationErrors(world, service, takenIn(services, world)),
		],
		selectableFields: (service) => ({ 'spec.clusterIP': str(specOf(service).clusterIP), 'spec.type': str(specOf(service).type) }),
		indexes: {
			byClusterIP: (service) => strs(specOf(service).clusterIPs).filter((ip) => ip !== 'None'),
			byNodePort: (service) => recs(specOf(service).ports).flatMap((p) => (num(p.nodePort) > 0 ? [String(p.nodePort)] : [])),
			byLoadBalancerIP: (service) => recs(rec(statusOf(service).loadBalancer).ingress).flatMap((i) => (str(i.ip) === '' ? [] : [str(i.ip)])),
		},
		connect: { proxy: (world, call) => serviceTarget(services, world, call) },
		table: table(['Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age', '*Selector'], row),
	});
