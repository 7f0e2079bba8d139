import { isRecord } from '../equal.ts';
import { getObject, objectKey } from '../registry/store.ts';
import type { KubeObject } from '../types.ts';
import { admit, type Handler } from './context.ts';
import { deleteObject } from './delete.ts';
import { list } from './list.ts';

/** Deletes whatever a list with the same selectors finds, and answers with that list. */
export const deleteCollection: Handler = (context, world, resolved) => {
	const found = list(context, world, resolved);
	const items = isRecord(found.body) ? (found.body['items'] as readonly KubeObject[]) : [];
	const { call, strategy } = resolved;
	for (const item of items) {
		const { name, namespace } = item.metadata;
		const object = getObject(world, strategy, objectKey(namespace, name));
		if (object === undefined) continue;
		const one = { ...resolved, call: { ...call, name, ...(namespace === undefined ? {} : { namespace }) } };
		admit(context, world, { operation: 'DELETE', call: one.call, strategy, object }, resolved.warnings);
		deleteObject(context, world, one, object);
	}
	return found;
};
