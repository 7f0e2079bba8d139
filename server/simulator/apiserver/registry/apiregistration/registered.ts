/**
 * Which groups are registered. Discovery tells of those alone (kube-aggregator's `apisHandler`); a group of an extension
 * server is not served either once its APIService is gone, while the API server goes on to answer for its own.
 */
import type { Tree } from '../../../kernel/tree.ts';
import { treeGet } from '../../../kernel/tree.ts';
import type { World } from '../../../kernel/world.ts';
import type { KubeObject, Strategy } from '../../types.ts';
import { objectTree } from '../store.ts';

const APISERVICES = { group: 'apiregistration.k8s.io', resource: 'apiservices' } as Strategy;
/** Served by metrics-server. */
const EXTENSIONS: ReadonlySet<string> = new Set(['metrics.k8s.io']);

const nameOf = (group: string, version: string): string => `${version}.${group}`;

/** What of a set of resources is not registered, by the register: it stays the same value until one of its entries changes. */
const known = new WeakMap<object, { readonly strategies: readonly Strategy[]; readonly missing: string }>();

function missingIn(tree: Tree<string, KubeObject>, strategies: readonly Strategy[]): string {
	const missing = new Set<string>();
	for (const { group, versions } of strategies)
		for (const version of versions) if (group !== '' && treeGet(tree, nameOf(group, version)) === undefined) missing.add(nameOf(group, version));
	return [...missing].join(',');
}

/** Names of APIServices that `strategies` lack, as one text; '' in most worlds. */
export function unregistered(world: World, strategies: readonly Strategy[]): string {
	const tree = objectTree(world, APISERVICES);
	if (tree === null) return '';
	let found = known.get(tree);
	if (found?.strategies !== strategies) {
		found = { strategies, missing: missingIn(tree, strategies) };
		known.set(tree, found);
	}
	return found.missing;
}

/** The same resources without the versions of `missing`. */
export function without(strategies: readonly Strategy[], missing: string): readonly Strategy[] {
	if (missing === '') return strategies;
	const gone = new Set(missing.split(','));
	return strategies.flatMap((s) => {
		const served = (s.served ?? s.versions).filter((version) => !gone.has(nameOf(s.group, version)));
		return served.length === 0 ? [] : [{ ...s, served }];
	});
}

/** Whether somebody answers for a group at all. */
export function isAnswered(world: World, group: string, version: string): boolean {
	if (!EXTENSIONS.has(group)) return true;
	const tree = objectTree(world, APISERVICES);
	return tree === null || treeGet(tree, nameOf(group, version)) !== undefined;
}
