/** Endpoints: `pkg/registry/core/endpoint`. */
import type { KubeObject } from '../../types.ts';
import { defineResource } from '../define.ts';
import { changeItems, fill, num, recs, str } from '../fields.ts';
import { age, table } from '../table.ts';

/** formatEndpoints: three at most, then how many more. */
function text(endpoints: KubeObject): string {
	const all = recs(endpoints.subsets).flatMap((subset) =>
		recs(subset.ports).flatMap((port) => recs(subset.addresses).map((address) => `${str(address.ip)}:${num(port.port)}`)),
	);
	if (all.length === 0) return '<none>';
	return all.length > 3 ? `${all.slice(0, 3).join(',')} + ${all.length - 3} more...` : all.join(',');
}

export const endpoints = defineResource({
	group: '',
	resource: 'endpoints',
	kind: 'Endpoints',
	singular: 'endpoints',
	shortNames: ['ep'],
	defaults: (object) => changeItems(object, 'subsets', (subset) => changeItems(subset, 'ports', (port) => fill(port, { protocol: 'TCP' }))) as KubeObject,
	warnings: () => ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
	table: table(['Name', 'Endpoints', 'Age'], (world, e) => [e.metadata.name, text(e), age(world, e)]),
});
