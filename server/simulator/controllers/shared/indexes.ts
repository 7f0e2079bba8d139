/**
 * Indexes that controllers keep beside the store's own: objects without a managing controller (for adoption), pods by
 * node, and pods by the claims they use. Kept up to date change by change, so that no key's reconcile scans a cluster.
 */
import type { ApiClient } from '../../apiserver/client.ts';
import type { Change, KubeObject } from '../../apiserver/types.ts';
import { defineSlice } from '../../kernel/state.ts';
import { type Tree, treeGet, treePrefix, treePrefixValues, treeRange, treeRemove, treeSet } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import { controllerOf, isDeleting, type Labels, type Pod, splitKey } from './objects.ts';
import { labelsMatch } from './selectors.ts';

interface Indexes {
	/** `group/resource NUL namespace NUL name` */
	readonly orphans: Tree<string, true>;
	/** `node NUL namespace/name` → namespace/name */
	readonly podsByNode: Tree<string, string>;
	/** `namespace/claim NUL pod` → pod */
	readonly podsByClaim: Tree<string, string>;
	/** `namespace NUL key=value NUL pod` → pod */
	readonly podsByLabel: Tree<string, string>;
	/** Names of volumes that no claim has. */
	readonly openVolumes: Tree<string, true>;
	/** `namespace/claim` → the volume that refers to it. */
	readonly volumeOfClaim: Tree<string, string>;
}

const indexesSlice = defineSlice<Indexes>('controllers.indexes', {
	orphans: null,
	podsByNode: null,
	podsByClaim: null,
	podsByLabel: null,
	openVolumes: null,
	volumeOfClaim: null,
});

const ADOPTABLE = new Set(['/pods', 'apps/replicasets', 'apps/controllerrevisions', 'batch/jobs']);

/** Names of the claims a pod mounts; a generic ephemeral volume's claim is named `<pod>-<volume>`. */
export function claimNames(pod: Pod): readonly string[] {
	const volumes = pod.spec.volumes;
	if (volumes === undefined) return [];
	const out: string[] = [];
	for (const v of volumes) {
		if (v.persistentVolumeClaim !== undefined) out.push(v.persistentVolumeClaim.claimName);
		else if (v.ephemeral !== undefined) out.push(`${pod.metadata.name}-${v.name}`);
	}
	return out;
}

export function updateIndexes(world: World, change: Change): void {
	const resource = `${change.group}/${change.resource}`;
	if (resource === '/persistentvolumes') reindexVolume(world, change);
	if (!ADOPTABLE.has(resource)) return;
	const old = world.read(indexesSlice);
	const { object } = change;
	const { namespace, name } = object.metadata;
	const orphanKey = `${resource}\u0000${namespace}\u0000${name}`;
	const gone = change.type === 'DELETED';
	const isOrphan = !gone && controllerOf(object) === undefined;
	const orphans = isOrphan ? treeSet(old.orphans, orphanKey, true as const) : treeRemove(old.orphans, orphanKey);
	let { podsByNode, podsByClaim, podsByLabel } = old;
	if (resource === '/pods') {
		const pod = object as Pod;
		const node = pod.spec.nodeName;
		if (node !== undefined && node !== '') {
			const key = `${node}\u0000${namespace}/${name}`;
			podsByNode = gone ? treeRemove(podsByNode, key) : treeSet(podsByNode, key, `${namespace}/${name}`);
		}
		if (change.type !== 'MODIFIED') {
			for (const claim of claimNames(pod)) {
				const key = `${namespace}/${claim}\u0000${name}`;
				podsByClaim = gone ? treeRemove(podsByClaim, key) : treeSet(podsByClaim, key, name);
			}
		}
	}
	if (resource === '/pods') podsByLabel = reindexLabels(podsByLabel, change);
	if (orphans !== old.orphans || podsByNode !== old.podsByNode || podsByClaim !== old.podsByClaim || podsByLabel !== old.podsByLabel) {
		world.write(indexesSlice, { ...old, orphans, podsByNode, podsByClaim, podsByLabel });
	}
}

const claimOf = (volume: KubeObject | undefined): string | undefined => {
	const ref = (volume?.['spec'] as { readonly claimRef?: { readonly namespace?: string; readonly name?: string } } | undefined)?.claimRef;
	return ref === undefined ? undefined : `${ref.namespace}/${ref.name}`;
};

function reindexVolume(world: World, change: Change): void {
	const old = world.read(indexesSlice);
	const { name } = change.object.metadata;
	const before = claimOf(change.previous);
	const after = change.type === 'DELETED' ? undefined : claimOf(change.object);
	const open = change.type !== 'DELETED' && after === undefined;
	const openVolumes = open ? treeSet(old.openVolumes, name, true as const) : treeRemove(old.openVolumes, name);
	let { volumeOfClaim } = old;
	if (before !== undefined && before !== after && treeGet(volumeOfClaim, before) === name) volumeOfClaim = treeRemove(volumeOfClaim, before);
	if (after !== undefined) volumeOfClaim = treeSet(volumeOfClaim, after, name);
	if (openVolumes !== old.openVolumes || volumeOfClaim !== old.volumeOfClaim) world.write(indexesSlice, { ...old, openVolumes, volumeOfClaim });
}

/** Volumes that a claim could be bound to: those that name it, and those that no claim has. */
export function volumesFor(world: World, client: ApiClient, claimKey: string): readonly KubeObject[] {
	const { openVolumes, volumeOfClaim } = world.read(indexesSlice);
	const own = treeGet(volumeOfClaim, claimKey);
	const names = [...(own === undefined ? [] : [own]), ...[...treeRange(openVolumes)].map((e) => e.k)];
	return names.map((n) => client.get(world, 'v1/persistentvolumes', undefined, n)).filter((v) => v !== undefined);
}

/** Labels that tell revisions apart: no service selects by them, so they aren't worth their room. */
const NOT_INDEXED = new Set(['pod-template-hash', 'controller-revision-hash', 'pod-template-generation']);

function reindexLabels(tree: Tree<string, string>, change: Change): Tree<string, string> {
	const { object, previous } = change;
	const before = previous?.metadata.labels;
	const after = change.type === 'DELETED' ? undefined : object.metadata.labels;
	if (before === after) return tree;
	const { namespace, name } = object.metadata;
	const key = (k: string, v: string): string => `${namespace}\u0000${k}=${v}\u0000${name}`;
	let out = tree;
	for (const [k, v] of Object.entries(before ?? {})) if (after?.[k] !== v) out = treeRemove(out, key(k, v));
	for (const [k, v] of Object.entries(after ?? {})) if (before?.[k] !== v && !NOT_INDEXED.has(k)) out = treeSet(out, key(k, v), name);
	return out;
}

/** Pods of a namespace with all of `labels`, found by one of them; without any, all pods of the namespace. */
export function podsWithLabels(world: World, client: ApiClient, namespace: string | undefined, labels: Labels): readonly Pod[] {
	const chosen = Object.keys(labels).find((k) => !NOT_INDEXED.has(k));
	if (chosen === undefined) return client.list(world, 'v1/pods', namespace, { labels }) as readonly Pod[];
	const out: Pod[] = [];
	for (const name of treePrefixValues(world.read(indexesSlice).podsByLabel, `${namespace}\u0000${chosen}=${labels[chosen]}\u0000`)) {
		const pod = client.get(world, 'v1/pods', namespace, name) as Pod | undefined;
		if (pod !== undefined && labelsMatch(labels, pod.metadata.labels)) out.push(pod);
	}
	return out;
}

/** Objects of a namespace that no controller manages. `path` is the client's, `resource` the index's `group/plural`. */
function orphansOf(world: World, client: ApiClient, path: string, resource: string, namespace: string | undefined): readonly KubeObject[] {
	const prefix = `${resource}\u0000${namespace}\u0000`;
	const out: KubeObject[] = [];
	for (const e of treePrefix(world.read(indexesSlice).orphans, prefix)) {
		const object = client.get(world, path, namespace, e.k.slice(prefix.length));
		if (object !== undefined) out.push(object);
	}
	return out;
}

/** Keys (namespace/name) of the pods bound to a node. */
export function podKeysOnNode(world: World, node: string): readonly string[] {
	return treePrefixValues(world.read(indexesSlice).podsByNode, `${node}\u0000`);
}

export function podsOnNode(world: World, client: ApiClient, node: string): readonly Pod[] {
	const out: Pod[] = [];
	for (const key of podKeysOnNode(world, node)) {
		const { namespace, name } = splitKey(key);
		const pod = client.get(world, 'v1/pods', namespace, name) as Pod | undefined;
		if (pod !== undefined) out.push(pod);
	}
	return out;
}

export function podsUsingClaim(world: World, client: ApiClient, namespace: string, claim: string): readonly Pod[] {
	const out: Pod[] = [];
	for (const name of treePrefixValues(world.read(indexesSlice).podsByClaim, `${namespace}/${claim}\u0000`)) {
		const pod = client.get(world, 'v1/pods', namespace, name) as Pod | undefined;
		if (pod !== undefined) out.push(pod);
	}
	return out;
}

/**
 * What `owner` manages: its own objects whose labels still match (the others are released), and matching orphans, which
 * are adopted (ControllerRefManager.ClaimObject).
 */
export function claimObjects(
	world: World,
	client: ApiClient,
	path: string,
	resource: string,
	owner: KubeObject,
	reference: NonNullable<ReturnType<typeof controllerOf>>,
	matches: (object: KubeObject) => boolean,
): readonly KubeObject[] {
	const out: KubeObject[] = [];
	for (const object of client.byIndex(world, path, 'byOwner', owner.metadata.uid)) {
		if (controllerOf(object)?.uid !== owner.metadata.uid) continue;
		if (matches(object)) out.push(object);
		else if (!isDeleting(owner)) {
			const ownerReferences = object.metadata.ownerReferences?.filter((r) => r.uid !== owner.metadata.uid);
			client.update(world, path, { ...object, metadata: { ...object.metadata, ownerReferences } });
		}
	}
	if (isDeleting(owner)) return out;
	for (const object of orphansOf(world, client, path, resource, owner.metadata.namespace)) {
		if (isDeleting(object) || !matches(object)) continue;
		const ownerReferences = [...(object.metadata.ownerReferences ?? []), reference];
		const adopted = client.update(world, path, { ...object, metadata: { ...object.metadata, ownerReferences } });
		if (adopted.ok) out.push(adopted.value);
	}
	return out;
}
