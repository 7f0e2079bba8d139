import { badRequest } from '../errors.ts';
import { listObjects, revision } from '../registry/store.ts';
import { objectFilter } from '../selectors.ts';
import type { KubeObject, WatchRequest } from '../types.ts';
import { apiVersionOf, type Handler, inVersion } from './context.ts';
import { parseRevision } from './list.ts';

/** Answers with where to read on; the cursor (`watch.ts`) does the rest. */
export const watch: Handler = (_context, world, { call, strategy, warnings, convert }) => {
	const { options } = call;
	const filter = objectFilter(strategy, options.labelSelector, options.fieldSelector);
	const asked = parseRevision(options.resourceVersion);
	const sendInitial = options.sendInitialEvents ?? (asked === undefined || asked === 0);
	if (options.sendInitialEvents !== undefined && options.resourceVersionMatch !== 'NotOlderThan') {
		throw badRequest('sendInitialEvents: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
	}
	const namespace = strategy.namespaced ? call.namespace : undefined;
	let initial: readonly KubeObject[] = [];
	if (sendInitial) {
		initial = listObjects(world, strategy, namespace).filter(
			(o) => (filter === undefined || filter(o)) && (call.name === undefined || o.metadata.name === call.name),
		);
		initial = (convert?.(initial, apiVersionOf(strategy, call.version)) ?? initial).map((o) => inVersion(o, strategy, call.version));
	}
	const request: WatchRequest = {
		group: call.group,
		version: call.version,
		resource: call.resource,
		...(namespace ? { namespace } : {}),
		...(call.name ? { name: call.name } : {}),
		...(options.labelSelector ? { labelSelector: options.labelSelector } : {}),
		...(options.fieldSelector ? { fieldSelector: options.fieldSelector } : {}),
		fromRevision: sendInitial || asked === undefined || asked === 0 ? revision(world) : asked,
		initial,
		bookmarks: options.allowWatchBookmarks ?? false,
		initialEventsEnd: (options.sendInitialEvents ?? false) && (options.allowWatchBookmarks ?? false),
		...(options.timeoutSeconds === undefined ? {} : { timeoutSeconds: options.timeoutSeconds }),
	};
	return { code: 200, body: undefined, watch: request, ...(warnings.length === 0 ? {} : { warnings }) };
};
