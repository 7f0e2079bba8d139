/** Events: `pkg/registry/core/event`. */
import type { World } from '../../../kernel/world.ts';
import type { Json, KubeObject } from '../../types.ts';
import { eventErrors } from './event-validation.ts';
import { defineResource } from '../define.ts';
import { isRecord, num, rec, str } from '../fields.ts';
import { since, table } from '../table.ts';

function row(world: World, event: KubeObject): readonly Json[] {
	const about = rec(event.involvedObject);
	const first = since(world, event.firstTimestamp ?? event.eventTime);
	const series = event.series;
	const last = isRecord(series) ? since(world, series.lastObservedTime) : event.lastTimestamp ? since(world, event.lastTimestamp) : first;
	const count = isRecord(series) ? num(series.count) : num(event.count) || 1;
	const kind = str(about.kind).toLowerCase();
	const source = rec(event.source);
	const component = str(source.component) || str(event.reportingComponent);
	const instance = str(source.host) || (str(source.component) === '' ? str(event.reportingInstance) : '');
	return [
		last,
		str(event.type),
		str(event.reason),
		str(about.name) === '' ? kind : `${kind}/${str(about.name)}`,
		str(about.fieldPath),
		instance === '' ? component : `${component}, ${instance}`,
		str(event.message).trim(),
		first,
		count,
		event.metadata.name,
	];
}

function selectableFields(event: KubeObject): { readonly [field: string]: string } {
	const about = rec(event.involvedObject);
	const out: { [field: string]: string } = {
		reason: str(event.reason),
		reportingComponent: str(event.reportingComponent),
		source: str(rec(event.source).component) || str(event.reportingComponent),
		type: str(event.type),
	};
	for (const field of ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']) out[`involvedObject.${field}`] = str(about[field]);
	return out;
}

export const events = defineResource({
	group: '',
	resource: 'events',
	kind: 'Event',
	shortNames: ['ev'],
	validate: (_world, event) => eventErrors(event, 'reportingComponent'),
	selectableFields,
	indexes: { byInvolvedUid: (event) => (str(rec(event.involvedObject).uid) === '' ? [] : [str(rec(event.involvedObject).uid)]) },
	table: table(['Last Seen', 'Type', 'Reason', 'Object', '*Subobject', '*Source', 'Message', '*First Seen', '*Count:integer', '*Name'], row),
});
