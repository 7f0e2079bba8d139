/** Endpoint slices: `pkg/registry/discovery/endpointslice`. */
import type { FieldError, KubeObject } from '../../types.ts';
import { invalidValue, notSupportedValue, requiredValue } from '../../validation.ts';
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

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

/** ValidateEndpointSlice of `pkg/apis/discovery/validation`, without the forms of addresses. */
function sliceErrors(slice: KubeObject): readonly FieldError[] {
	const type = str(slice.addressType);
	if (type === '') return [requiredValue('addressType')];
	if (!ADDRESS_TYPES.includes(type)) return [notSupportedValue('addressType', type, ADDRESS_TYPES)];
	return recs(slice.endpoints).flatMap((e, i) =>
		strs(e.addresses).length > 0 ? [] : [requiredValue(`endpoints[${i}].addresses`, 'must contain at least 1 address')],
	);
}

export const endpointslices = defineResource({
	group: 'discovery.k8s.io',
	resource: 'endpointslices',
	kind: 'EndpointSlice',
	generation: true,
	defaults: (slice) => changeItems(slice, 'ports', (port) => fill(port, { name: '', protocol: 'TCP' })) as KubeObject,
	validate: (_world, slice) => sliceErrors(slice),
	validateUpdate: (_world, slice, old) => [
		...(slice.addressType === old.addressType ? [] : [invalidValue('addressType', slice.addressType ?? null, 'field is immutable')]),
		...sliceErrors(slice),
	],
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
