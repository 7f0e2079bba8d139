/** Families of `/metrics` beside those of requests and storage: what exercises about audit, encryption, extension servers and deprecations look for. */
import type { World } from '../../kernel/world.ts';
import { extensions } from '../aggregator/extensions.ts';
import { auditedSoFar } from '../audit/audit.ts';
import { transformationLines } from '../encryption/transformations.ts';

export interface Family {
	readonly name: string;
	readonly help: string;
	readonly type: 'counter' | 'gauge' | 'histogram';
	readonly lines: readonly string[];
}

/** Resources that upstream counts as deprecated, with the release that was to remove them. */
const DEPRECATED: readonly (readonly [resource: string, removed: string])[] = [
	['componentstatuses', ''],
	['endpoints', ''],
];

const one = (name: string, type: Family['type'], help: string, value: number, labels = ''): Family => ({
	name,
	type,
	help,
	lines: [`${name}${labels} ${value}`],
});

/** @param counted the label sets of the requests counted so far */
export function otherFamilies(world: World, counted: readonly string[], goVersion: string): readonly Family[] {
	const gone = (resource: string): boolean => counted.some((labels) => labels.includes(`group="",resource="${resource}"`));
	return [
		one('apiserver_audit_event_total', 'counter', '[ALPHA] Counter of audit events generated and sent to the audit backend.', auditedSoFar(world)),
		one('apiserver_audit_requests_rejected_total', 'counter', '[ALPHA] Counter of apiserver requests rejected due to an error in audit logging backend.', 0),
		{
			name: 'apiserver_current_inflight_requests',
			type: 'gauge',
			help: '[STABLE] Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
			lines: ['apiserver_current_inflight_requests{request_kind="mutating"} 0', 'apiserver_current_inflight_requests{request_kind="readOnly"} 1'],
		},
		{
			name: 'apiserver_requested_deprecated_apis',
			type: 'gauge',
			help: '[STABLE] Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.',
			lines: DEPRECATED.filter(([resource]) => gone(resource)).map(
				([resource, removed]) =>
					`apiserver_requested_deprecated_apis{group="",removed_release="${removed}",resource="${resource}",subresource="",version="v1"} 1`,
			),
		},
		{
			name: 'apiserver_storage_transformation_operations_total',
			type: 'counter',
			help: "[ALPHA] Total number of transformations. Successful transformation will have a status 'OK' and a varied status string when the transformation fails. The status, resource, and transformation_type fields can be used for alerting purposes. For encryption/decryption monitoring, use the transformation_type.",
			lines: transformationLines(world),
		},
		{
			name: 'aggregator_unavailable_apiservice',
			type: 'gauge',
			help: '[ALPHA] Gauge of APIServices which are marked as unavailable broken down by APIService name.',
			lines: extensions(world).map((e) => `aggregator_unavailable_apiservice{name="${e.version}.${e.group}"} ${e.available ? 0 : 1}`),
		},
		one('go_info', 'gauge', 'Information about the Go environment.', 1, `{version="${goVersion}"}`),
	];
}
