/** The ranges that cluster IPs come from: `pkg/registry/networking/servicecidr`. */
import { formatTime } from '../../../kernel/time.ts';
import type { World } from '../../../kernel/world.ts';
import type { FieldError, KubeObject } from '../../types.ts';
import { invalidValue, requiredValue } from '../../validation.ts';
import { defineResource } from '../define.ts';
import { specOf, strs } from '../fields.ts';
import { age, table } from '../table.ts';
import { immutableErrors } from '../validation/field.ts';
import { isCIDR } from '../validation/names.ts';

const family = (cidr: string): string => (cidr.includes(':') ? 'IPv6' : 'IPv4');

function validate(range: KubeObject): readonly FieldError[] {
	const cidrs = strs(specOf(range).cidrs);
	if (cidrs.length === 0) return [requiredValue('spec.cidrs', 'at least one CIDR required')];
	if (cidrs.length > 2) return [invalidValue('spec', specOf(range), 'may only hold up to 2 values')];
	const out: FieldError[] = [];
	for (const [i, cidr] of cidrs.entries()) {
		if (!isCIDR(cidr)) out.push(invalidValue(`spec.cidrs[${i}]`, cidr, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'));
	}
	if (cidrs.length === 2 && family(cidrs[0] ?? '') === family(cidrs[1] ?? '')) {
		out.push(invalidValue('spec', specOf(range), 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/96'));
	}
	return out;
}

export const RANGE_FINALIZER = 'networking.k8s.io/service-cidr-finalizer';

/** What the range's controller does to a new one within moments: it is put to use, and held as long as addresses of it are. */
function ready(world: World, range: KubeObject): KubeObject {
	const own = range.metadata.name === 'kubernetes' ? 'Kubernetes default Service CIDR is ready' : 'Kubernetes Service CIDR is ready';
	const condition = { lastTransitionTime: formatTime(world.now), message: own, reason: '', status: 'True', type: 'Ready' };
	const finalizers = [...new Set([...(range.metadata.finalizers ?? []), RANGE_FINALIZER])];
	return { ...range, metadata: { ...range.metadata, finalizers }, status: { conditions: [condition] } };
}

export const servicecidrs = defineResource({
	group: 'networking.k8s.io',
	resource: 'servicecidrs',
	kind: 'ServiceCIDR',
	namespaced: false,
	subresources: ['status'],
	prepareForCreate: ready,
	validate: (_world, range) => validate(range),
	validateUpdate: (_world, range, old) => immutableErrors('spec.cidrs', specOf(range).cidrs, specOf(old).cidrs),
	table: table(['Name', 'CIDRs', 'Age'], (world, range) => [range.metadata.name, strs(specOf(range).cidrs).join(','), age(world, range)]),
});
