/** Leases: `pkg/registry/coordination/lease`. */
import { defineResource } from '../define.ts';
import { specOf, str } from '../fields.ts';
import { age, table } from '../table.ts';

export const leases = defineResource({
	group: 'coordination.k8s.io',
	resource: 'leases',
	kind: 'Lease',
	table: table(['Name', 'Holder', 'Age'], (world, lease) => [lease.metadata.name, str(specOf(lease).holderIdentity), age(world, lease)]),
});
