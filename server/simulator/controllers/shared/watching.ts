/** Common answers to "which keys does this change concern?" */
import type { ApiClient } from '../../apiserver/client.ts';
import type { Change, KubeObject } from '../../apiserver/types.ts';
import type { World } from '../../kernel/world.ts';
import { controllerOf, keyOf, type Pod } from './objects.ts';
import { podChangeMatters } from './pods.ts';

export type Watch = (world: World, change: Change, client: ApiClient) => readonly string[];

/** The object's own key. */
export const itself: Watch = (_world, change) => [keyOf(change.object)];

/** The key of the object's managing controller of `kind`, before and after the change. */
export function itsOwner(kind: string): Watch {
	return (_world, change) => {
		const now = ownerKey(change.object, kind);
		const before = change.previous === undefined ? undefined : ownerKey(change.previous, kind);
		if (now === undefined) return before === undefined ? [] : [before];
		return before === undefined || before === now ? [now] : [now, before];
	};
}

function ownerKey(object: KubeObject, kind: string): string | undefined {
	const owner = controllerOf(object);
	if (owner === undefined || owner.kind !== kind) return undefined;
	return object.metadata.namespace === undefined ? owner.name : `${object.metadata.namespace}/${owner.name}`;
}

/** `watch` for those changes of pods that matter to a set of them. */
export function podChanges(watch: Watch): Watch {
	return (world, change, client) =>
		change.type === 'MODIFIED' && change.previous !== undefined && !podChangeMatters(change.object as Pod, change.previous as Pod)
			? []
			: watch(world, change, client);
}
