/** How many values were encrypted and decrypted: `apiserver_storage_transformation_operations_total` (`storage/value/metrics.go`). */
import { defineSlice } from '../../kernel/state.ts';
import { type Tree, treeGet, treeRange, treeSet } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';

/** Labels → count. There is a series a resource, provider and outcome at most. */
const countsSlice = defineSlice<Tree<string, number>>('transformations', null);

/** Counts one. Only clusters with encryption come here. */
export function countTransformation(
	world: World,
	resource: { readonly group: string; readonly resource: string },
	type: 'to_storage' | 'from_storage',
	prefix: string,
	status = 'OK',
): void {
	const name = resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
	const series = `resource="${name}",status="${status}",transformation_type="${type}",transformer_prefix="${prefix}"`;
	const counts = world.read(countsSlice);
	world.write(countsSlice, treeSet(counts, series, (treeGet(counts, series) ?? 0) + 1));
}

export function transformationLines(world: World): readonly string[] {
	return [...treeRange(world.read(countsSlice))].map(({ k, v }) => `apiserver_storage_transformation_operations_total{${k}} ${v}`);
}
