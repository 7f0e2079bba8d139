/** API groups that servers in the cluster answer for: APIServices that lead to a service (kube-aggregator). */
import { defineSlice } from '../../kernel/state.ts';
import { type Tree, treeGet, treeRemove, treeSet, treeValues } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { type Fields, isRecord, num, rec, recs, specOf, statusOf, str } from '../registry/fields.ts';
import { objectTree } from '../registry/store.ts';
import type { KubeObject, Strategy } from '../types.ts';

const APISERVICES = { group: 'apiregistration.k8s.io', resource: 'apiservices' } as Strategy;

export interface Extension {
	readonly group: string;
	readonly version: string;
	/** The higher, the earlier in discovery. */
	readonly groupPriority: number;
	readonly versionPriority: number;
	readonly service: { readonly namespace: string; readonly name: string; readonly port: number };
	/** A bundle stands for the server's certificate, or nobody looks at it. */
	readonly trusted: boolean;
	readonly available: boolean;
	/** Lines of its APIResourceList as they were last fetched. */
	readonly resources: readonly Fields[];
	/** The last fetch went well. */
	readonly fresh: boolean;
}

interface Discovered {
	readonly resources: readonly Fields[];
	readonly fresh: boolean;
}

/** What extension servers said of their resources, by the APIService's name. */
const discoveredSlice = defineSlice<Tree<string, Discovered>>('aggregator.discovered', null);

/** Remembers what a server answered to `/apis/<group>/<version>`; undefined where it did not: what was known is stale then. */
export function noteDiscovery(world: World, name: string, resources: readonly Fields[] | undefined): void {
	const held = world.read(discoveredSlice);
	const before = treeGet(held, name);
	if (resources === undefined && (before === undefined || !before.fresh)) return;
	if (resources !== undefined && before?.fresh === true && JSON.stringify(before.resources) === JSON.stringify(resources)) return;
	const next = { resources: resources ?? before?.resources ?? [], fresh: resources !== undefined };
	world.write(discoveredSlice, treeSet(held, name, next));
}

/** Forgets a server whose APIService is gone. */
export function forgetDiscovery(world: World, name: string): void {
	const held = world.read(discoveredSlice);
	if (treeGet(held, name) !== undefined) world.write(discoveredSlice, treeRemove(held, name));
}

const NONE: readonly Extension[] = [];
const known = new WeakMap<object, { readonly discovered: Tree<string, Discovered>; readonly extensions: readonly Extension[] }>();

function extensionOf(api: KubeObject, discovered: Tree<string, Discovered>): Extension | undefined {
	const spec = specOf(api);
	const { service } = spec;
	if (!isRecord(service)) return undefined;
	const seen = treeGet(discovered, api.metadata.name);
	return {
		group: str(spec.group),
		version: str(spec.version),
		groupPriority: num(spec.groupPriorityMinimum),
		versionPriority: num(spec.versionPriority),
		service: { namespace: str(service.namespace), name: str(service.name), port: num(service.port, 443) },
		trusted: spec.insecureSkipTLSVerify === true || str(spec.caBundle) !== '',
		available: recs(statusOf(api).conditions).some((c) => c.type === 'Available' && c.status === 'True'),
		resources: seen?.resources ?? [],
		fresh: seen?.fresh ?? false,
	};
}

/** The world's extension servers; the same list until one of them changes. Empty in most worlds. */
export function extensions(world: World): readonly Extension[] {
	const tree = objectTree(world, APISERVICES);
	if (tree === null) return NONE;
	const discovered = world.read(discoveredSlice);
	let found = known.get(tree);
	if (found === undefined || found.discovered !== discovered) {
		const list = treeValues(tree).flatMap((api) => extensionOf(api, discovered) ?? []);
		found = { discovered, extensions: list.length === 0 ? NONE : list };
		known.set(tree, found);
	}
	return found.extensions;
}

/** Who answers for a group's version, where that is an extension server. */
export function extensionFor(world: World, group: string, version: string): Extension | undefined {
	return extensions(world).find((e) => e.group === group && e.version === version);
}

/** `/apis/<group>/<version>`: what is asked of an extension server itself, though it names no resource. */
export function extensionAt(world: World, path: string): Extension | undefined {
	const [empty, root, group, version, rest] = path.split('/', 5);
	if (empty !== '' || root !== 'apis' || group === undefined || version === undefined || (rest ?? '') !== '') return undefined;
	return extensionFor(world, group, version);
}

/** The lines of an APIResourceList. */
export function resourceLines(text: string): readonly Fields[] {
	try {
		return recs(rec(JSON.parse(text)).resources);
	} catch (e) {
		if (e instanceof SyntaxError) return [];
		throw e;
	}
}
