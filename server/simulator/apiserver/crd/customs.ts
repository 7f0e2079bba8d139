/**
 * The resources that a world's CustomResourceDefinitions serve. They follow from the stored definitions alone, so what was
 * made of a definition is remembered by the definition itself: an unchanged one costs a look-up, and built-in resources nothing.
 */
import type { Tree } from '../../kernel/tree.ts';
import { treeValues } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { objectTree } from '../registry/store.ts';
import type { KubeObject, Strategy } from '../types.ts';
import { type Definition, DEFINITIONS, hasCondition } from './definition.ts';
import { customStrategies } from './custom-strategy.ts';

export interface Customs {
	/** For each definition one strategy for every version that it has; those of the storage version first. */
	readonly all: readonly Strategy[];
	/** One strategy a definition, of its storage version: for those who go through all resources. */
	readonly stored: readonly Strategy[];
	/** The strategy of one version, or the storage version's. */
	find(group: string, resource: string, version?: string): Strategy | undefined;
}

const NONE: Customs = { all: [], stored: [], find: () => undefined };

const sets = new WeakMap<object, Customs>();
const strategies = new WeakMap<KubeObject, readonly Strategy[]>();

function strategiesOf(definition: KubeObject): readonly Strategy[] {
	let found = strategies.get(definition);
	if (found === undefined) {
		const crd = definition as Definition;
		found = hasCondition(crd, 'Established') ? customStrategies(crd) : [];
		strategies.set(definition, found);
	}
	return found;
}

function build(tree: Tree<string, KubeObject>): Customs {
	const each = treeValues(tree).map(strategiesOf);
	const all = each.flat();
	const byName = new Map<string, Strategy>();
	for (const s of all) {
		const name = `${s.group}/${s.resource}`;
		if (!byName.has(name)) byName.set(name, s);
		byName.set(`${name}/${s.custom?.version ?? ''}`, s);
	}
	return {
		all,
		stored: each.flatMap((list) => list.slice(0, 1)),
		find: (group, resource, version) => byName.get(version === undefined ? `${group}/${resource}` : `${group}/${resource}/${version}`),
	};
}

/** What the world's definitions serve now. The same value until one of them changes. */
export function customs(world: World): Customs {
	const tree = objectTree(world, DEFINITIONS);
	if (tree === null) return NONE;
	let found = sets.get(tree);
	if (found === undefined) {
		found = build(tree);
		sets.set(tree, found);
	}
	return found;
}
