/** Creates what a cluster has from the start, unless another room's boot has created it already. */
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';

/** The object as stored. A refusal is a fault of ours: booting stops with its message. */
export function ensure(
	world: World,
	client: ApiClient,
	path: string,
	namespace: string | undefined,
	object: { readonly [field: string]: unknown },
): KubeObject {
	const { name } = object['metadata'] as { readonly name: string };
	const known = client.get(world, path, namespace, name);
	if (known !== undefined) return known;
	const made = client.create(world, path, namespace, object);
	if (made.ok) return made.value;
	throw new Error(`the cluster can't boot: ${path} ${name}: ${made.status.message ?? made.status.reason ?? 'refused'}`);
}
