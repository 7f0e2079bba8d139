/** The policies and bindings that a world has, brought together once for as long as none of them changes. */
import type { Tree } from '../../../kernel/tree.ts';
import { treeValues } from '../../../kernel/tree.ts';
import type { World } from '../../../kernel/world.ts';
import { rec, str } from '../../registry/fields.ts';
import { objectTree } from '../../registry/store.ts';
import type { KubeObject, Strategy } from '../../types.ts';

export interface Hook {
	readonly policy: KubeObject;
	readonly bindings: readonly KubeObject[];
}

const GROUP = 'admissionregistration.k8s.io';

/** Reads a kind of policies; nothing where there are none, which costs two look-ups. */
export function hooksOf(policies: string, bindings: string): (world: World) => readonly Hook[] {
	const policyStore = { group: GROUP, resource: policies } as Strategy;
	const bindingStore = { group: GROUP, resource: bindings } as Strategy;
	const known = new WeakMap<object, { readonly bindings: object; readonly hooks: readonly Hook[] }>();
	return (world) => {
		const bound = objectTree(world, bindingStore);
		const stored = bound === null ? null : objectTree(world, policyStore);
		if (bound === null || stored === null) return [];
		let found = known.get(stored);
		if (found?.bindings !== bound) {
			found = { bindings: bound, hooks: build(stored, bound) };
			known.set(stored, found);
		}
		return found.hooks;
	};
}

function build(policies: Tree<string, KubeObject>, bindings: Tree<string, KubeObject>): readonly Hook[] {
	const byPolicy = Map.groupBy(treeValues(bindings), (b) => str(rec(b.spec).policyName));
	return treeValues(policies).flatMap((policy) => {
		const own = byPolicy.get(policy.metadata.name);
		return own === undefined ? [] : [{ policy, bindings: own }];
	});
}

/** Objects of a kind, in the order of their names. */
export function configurationsOf(resource: string): (world: World) => readonly KubeObject[] {
	const store = { group: GROUP, resource } as Strategy;
	return (world) => {
		const tree = objectTree(world, store);
		return tree === null ? [] : treeValues(tree);
	};
}
