/** Which autoscalers' selectors select which pods (hpaSelectors, a bimap upstream): two that share a pod must both let it be. */
import { labelFilter } from '../../apiserver/selectors.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import { defineSlice } from '../../kernel/state.ts';
import { type Tree, treeGet, treePrefix, treeRemove, treeSet } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import type { Pod } from '../shared/objects.ts';

interface Known {
	readonly name: string;
	readonly selector: string;
}

/**
 * `byLabel`: `namespace|key=value|uid`, by the first label that a selector wants to be equal to a value, or no label; so that a pod's own
 * labels lead to the few that may select it. `places`: where an autoscaler's own entry lies, by uid.
 */
const selectorsSlice = defineSlice<{ readonly byLabel: Tree<string, Known>; readonly places: Tree<string, string> }>('controllers.autoscaler.selectors', {
	byLabel: null,
	places: null,
});

const firstLabel = (selector: string): string => /(?:^|,)([^\s,=!()]+=[^,=]*)(?=,|$)/.exec(selector)?.[1] ?? '';

/** Remembers what an autoscaler selects, from its first look at its target on. */
export function noteSelector(world: World, hpa: KubeObject, selector: string): void {
	const { uid, namespace = '', name } = hpa.metadata;
	const place = `${namespace}|${firstLabel(selector)}|${uid}`;
	const { byLabel } = world.read(selectorsSlice);
	if (treeGet(byLabel, place)?.selector === selector) return;
	forgetSelector(world, uid);
	const held = world.read(selectorsSlice);
	world.write(selectorsSlice, { byLabel: treeSet(held.byLabel, place, { name, selector }), places: treeSet(held.places, uid, place) });
}

export function forgetSelector(world: World, uid: string): void {
	const { byLabel, places } = world.read(selectorsSlice);
	const place = treeGet(places, uid);
	if (place !== undefined) world.write(selectorsSlice, { byLabel: treeRemove(byLabel, place), places: treeRemove(places, uid) });
}

/** `namespace/name` of the autoscalers that select any of these pods. */
export function autoscalersOf(world: World, pods: readonly Pod[]): readonly string[] {
	const { byLabel } = world.read(selectorsSlice);
	const found = new Set<string>();
	for (const { metadata } of pods) {
		const { namespace = '', labels = {} } = metadata;
		for (const label of ['', ...Object.entries(labels).map(([k, v]) => `${k}=${v}`)]) {
			for (const { v } of treePrefix(byLabel, `${namespace}|${label}|`)) if (labelFilter(v.selector)(labels)) found.add(`${namespace}/${v.name}`);
		}
	}
	return [...found].sort();
}
