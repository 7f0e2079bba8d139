/** events.k8s.io/v1: the core events under their newer names (`pkg/apis/core/v1/conversion.go`, `pkg/registry/core/event`). */
import type { Conversion, KubeObject } from '../../types.ts';
import { newerEventErrors } from '../core/event-validation.ts';
import { events as coreEvents } from '../core/events.ts';
import { defineResource } from '../define.ts';
import { rec, str } from '../fields.ts';

/** Convert_core_Event_To_v1_Event. */
function fromStored(event: KubeObject): KubeObject {
	const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, reportingInstance, ...rest } = event;
	return {
		...rest,
		regarding: involvedObject,
		note: message,
		deprecatedSource: source,
		deprecatedFirstTimestamp: firstTimestamp ?? null,
		deprecatedLastTimestamp: lastTimestamp ?? null,
		...(count === undefined ? {} : { deprecatedCount: count }),
		reportingController: str(reportingComponent) || str(rec(source).component),
		...(reportingInstance === undefined ? {} : { reportingInstance }),
	};
}

/** Convert_v1_Event_To_core_Event. */
function toStored(event: KubeObject): KubeObject {
	const { regarding, note, deprecatedSource, deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount, reportingController, ...rest } = event;
	return {
		...rest,
		apiVersion: 'v1',
		involvedObject: regarding ?? {},
		...(note === undefined ? {} : { message: note }),
		source: deprecatedSource ?? {},
		firstTimestamp: deprecatedFirstTimestamp ?? null,
		lastTimestamp: deprecatedLastTimestamp ?? null,
		...(deprecatedCount === undefined ? {} : { count: deprecatedCount }),
		reportingComponent: reportingController ?? '',
	} as KubeObject;
}

const CONVERSION: Conversion = { toStored, fromStored };

/** Fields by the names of either group. */
function selectableFields(event: KubeObject): { readonly [field: string]: string } {
	const core = coreEvents.selectableFields?.(event) ?? {};
	const out: { [field: string]: string } = { ...core, reportingController: core['reportingComponent'] ?? '' };
	for (const [field, value] of Object.entries(core)) if (field.startsWith('involvedObject.')) out[field.replace('involvedObject', 'regarding')] = value;
	return out;
}

export const newerEvents = defineResource({
	group: 'events.k8s.io',
	resource: 'events',
	kind: 'Event',
	shortNames: ['ev'],
	storedAs: { group: '', resource: 'events' },
	converted: { v1: CONVERSION },
	validate: (_world, event) => newerEventErrors(event),
	selectableFields,
	...(coreEvents.indexes === undefined ? {} : { indexes: coreEvents.indexes }),
	...(coreEvents.table === undefined ? {} : { table: coreEvents.table }),
});
