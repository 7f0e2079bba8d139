/** events.k8s.io/v1: the core events under their newer names, read-only (every recorder of the simulator writes core/v1). */
import type { World } from '../../../kernel/world.ts';
import { type Services, SYSTEM_USERS } from '../../../services.ts';
import { notFound } from '../../errors.ts';
import type { ApiCall, ApiResult, KubeObject, Strategy } from '../../types.ts';
import { defineResource } from '../define.ts';
import { rec, str } from '../fields.ts';

/** Convert_core_Event_To_v1_Event. */
function converted(event: KubeObject): KubeObject {
	const { involvedObject, message, source, firstTimestamp, lastTimestamp, count, reportingComponent, ...rest } = event;
	return {
		...rest,
		apiVersion: 'events.k8s.io/v1',
		regarding: involvedObject,
		note: message,
		deprecatedSource: source,
		deprecatedFirstTimestamp: firstTimestamp ?? null,
		deprecatedLastTimestamp: lastTimestamp ?? null,
		...(count === undefined ? {} : { deprecatedCount: count }),
		reportingController: str(reportingComponent) || str(rec(source).component),
	};
}

function read(services: Services, world: World, call: ApiCall): ApiResult {
	const client = services.api.client(SYSTEM_USERS.loopback);
	if (call.verb === 'get') {
		const event = client.get(world, 'v1/events', call.namespace, call.name ?? '');
		if (event === undefined) throw notFound({ group: 'events.k8s.io', resource: 'events' }, call.name ?? '');
		return { code: 200, body: converted(event) };
	}
	const found = client.call(world, {
		verb: 'list',
		path: 'v1/events',
		options: call.options,
		...(call.namespace === undefined ? {} : { namespace: call.namespace }),
	});
	if (found.code >= 400) return found;
	const list = rec(found.body);
	const items = (list.items as readonly KubeObject[]).map(converted);
	return { ...found, body: { ...list, apiVersion: 'events.k8s.io/v1', items } };
}

export function newerEvents(services: Services): Strategy {
	return defineResource({
		group: 'events.k8s.io',
		resource: 'events',
		kind: 'Event',
		shortNames: ['ev'],
		verbs: ['get', 'list'],
		virtualRead: (world, call) => read(services, world, call),
	});
}
