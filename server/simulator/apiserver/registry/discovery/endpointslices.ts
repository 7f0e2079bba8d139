/** Endpoint slices: `pkg/registry/discovery/endpointslice`. */
import type { KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { changeItems, fill, num, recs, str, strs } from '../fields.ts';
import { age, table } from '../table.ts';

const few = (all: readonly string[]): string => (all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(','));

function ports(slice: KubeObject): string {
	const all = recs(slice.ports).map((p) => (p.port === undefined ? '*' : String(num(p.port))));
	return all.length === 0 ? '<unset>' : few(all);
}

function endpointTexts(slice: KubeObject): string {
	const all = recs(slice.endpoints).flatMap((e) => strs(e.addresses));
	return all.length === 0 ? '<unset>' : few(all);
}

export const endpointslices = defineResource({
	group: 'discovery.k8s.io',
	resource: 'endpointslices',
	kind: 'EndpointSlice',
	generation: true,
	defaults: (slice) => changeItems(slice, 'ports', (port) => fill(port, { name: '', protocol: 'TCP' })) as KubeObject,
	indexes: {
		/** `namespace/service` from the label kubernetes.io/service-name. */
		byService: (slice) => {
			const service = slice.metadata.labels?.['kubernetes.io/service-name'];
			return service === undefined ? [] : [`${slice.metadata.namespace ?? ''}/${service}`];
		},
	},
	table: table(['Name', 'AddressType', 'Ports', 'Endpoints', 'Age'], (world, slice) => [
		slice.metadata.name,
		str(slice.addressType),
		ports(slice),
		endpointTexts(slice),
		age(world, slice),
	]),
});
