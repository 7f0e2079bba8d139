/** Deletes what its owners leave behind: background, foreground and orphan deletion (pkg/controller/garbagecollector). */
import type { ApiClient } from '../apiserver/client.ts';
import type { Change, KubeObject, OwnerReference, Strategy } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import type { Services } from '../services.ts';
import type { Controller } from './controller.ts';
import { isDeleting } from './shared/objects.ts';
import { pathOf } from './shared/resources.ts';

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';
/** Kinds that never own anything: their end needs no look. */
const OWN_NOTHING = new Set(['/events', 'coordination.k8s.io/leases', 'discovery.k8s.io/endpointslices']);

/** Keys: `owner:<uid>` after an owner's end; `finish:<path>|<ns>|<name>` for an owner that waits; `check:…` for a new dependent. */
const objectKey = (task: string, path: string, o: KubeObject): string => `${task}:${path}|${o.metadata.namespace ?? ''}|${o.metadata.name}`;

const waits = (o: KubeObject): boolean => isDeleting(o) && (o.metadata.finalizers ?? []).some((f) => f === FOREGROUND || f === ORPHAN);

interface Dependent {
	readonly path: string;
	readonly object: KubeObject;
}

export function garbageCollector(services: Services): Controller {
	let kinds: ReadonlyMap<string, Strategy> | undefined;
	const isStored = (s: Strategy): boolean => s.virtualCreate === undefined && s.virtualRead === undefined;
	const stored = (world: World): readonly Strategy[] => services.api.strategiesOf(world).filter(isStored);
	/** `group/Kind` → its strategy. */
	const strategyOf = (world: World, ref: Pick<OwnerReference, 'apiVersion' | 'kind'>): Strategy | undefined => {
		kinds ??= new Map(services.api.strategies.filter(isStored).map((s) => [`${s.group}/${s.kind}`, s]));
		const group = ref.apiVersion.includes('/') ? ref.apiVersion.slice(0, ref.apiVersion.indexOf('/')) : '';
		return (
			kinds.get(`${group}/${ref.kind}`) ?? services.api.strategiesOf(world).find((s) => s.custom !== undefined && s.group === group && s.kind === ref.kind)
		);
	};
	const ownerOf = (world: World, client: ApiClient, ref: OwnerReference, namespace: string | undefined): KubeObject | undefined => {
		const s = strategyOf(world, ref);
		const found = s === undefined ? undefined : client.get(world, pathOf(s), s.namespaced ? namespace : undefined, ref.name);
		return found?.metadata.uid === ref.uid ? found : undefined;
	};
	const dependentsOf = (world: World, client: ApiClient, uid: string): readonly Dependent[] =>
		stored(world).flatMap((s) => client.byIndex(world, pathOf(s), 'byOwner', uid).map((object) => ({ path: pathOf(s), object })));
	const gc = { ownerOf, dependentsOf };

	const watch = (world: World, change: Change, client: ApiClient): readonly string[] => {
		const { object } = change;
		const refs = object.metadata.ownerReferences;
		const out: string[] = [];
		if (change.type === 'DELETED') {
			if (!OWN_NOTHING.has(`${change.group}/${change.resource}`)) out.push(`owner:${object.metadata.uid}`);
			for (const ref of refs ?? []) {
				const owner = ownerOf(world, client, ref, object.metadata.namespace);
				const s = strategyOf(world, ref);
				if (owner !== undefined && s !== undefined && waits(owner)) out.push(objectKey('finish', pathOf(s), owner));
			}
			return out;
		}
		const s = strategyOf(world, object);
		if (s === undefined) return out;
		if (isDeleting(object) && waits(object)) out.push(objectKey('finish', pathOf(s), object));
		// An owner that waits may have stopped being blocked by this one.
		if (refs !== undefined && change.previous !== undefined && change.previous.metadata.ownerReferences !== refs) {
			for (const ref of refs) {
				const owner = ownerOf(world, client, ref, object.metadata.namespace);
				const os = owner === undefined ? undefined : strategyOf(world, ref);
				if (owner !== undefined && os !== undefined && waits(owner)) out.push(objectKey('finish', pathOf(os), owner));
			}
		}
		if (refs !== undefined && (change.previous === undefined || change.previous.metadata.ownerReferences !== refs)) {
			if (refs.some((r) => ownerOf(world, client, r, object.metadata.namespace) === undefined)) out.push(objectKey('check', pathOf(s), object));
		}
		return out;
	};
	return {
		name: 'generic-garbage-collector',
		watches: { '*': watch },
		reconcile(world, key, client, queue) {
			const task = key.slice(0, key.indexOf(':'));
			const rest = key.slice(task.length + 1);
			let ok = true;
			if (task === 'owner') for (const d of dependentsOf(world, client, rest)) ok = collect(world, client, gc, d) && ok;
			else {
				const [path = '', namespace = '', name = ''] = rest.split('|');
				const object = client.get(world, path, namespace === '' ? undefined : namespace, name);
				if (object === undefined) return;
				ok = task === 'check' ? collect(world, client, gc, { path, object }) : finish(world, client, gc, { path, object });
			}
			if (!ok) queue.failed(key);
		},
	};
}

interface Graph {
	ownerOf(world: World, client: ApiClient, ref: OwnerReference, namespace: string | undefined): KubeObject | undefined;
	dependentsOf(world: World, client: ApiClient, uid: string): readonly Dependent[];
}

/** Deletes an object none of whose owners is left, or drops the references to those that are gone (attemptToDeleteItem). */
function collect(world: World, client: ApiClient, gc: Graph, { path, object }: Dependent): boolean {
	if (isDeleting(object)) return true;
	const { namespace, name, uid } = object.metadata;
	const refs = object.metadata.ownerReferences ?? [];
	const owners = refs.map((ref) => ({ ref, owner: gc.ownerOf(world, client, ref, namespace) }));
	const solid = owners.filter((o) => o.owner !== undefined && !(isDeleting(o.owner) && (o.owner.metadata.finalizers ?? []).includes(FOREGROUND)));
	if (refs.length === 0) return true;
	if (solid.length > 0) {
		if (solid.length === refs.length) return true;
		const outcome = client.update(world, path, { ...object, metadata: { ...object.metadata, ownerReferences: solid.map((o) => o.ref) } });
		return outcome.ok || outcome.status.reason === 'NotFound';
	}
	// An owner that waits for its dependents hands its waiting on to a dependent that has some of its own.
	const ownerWaits = owners.some((o) => o.owner !== undefined);
	const below = ownerWaits ? gc.dependentsOf(world, client, uid) : [];
	const deep = below.length > 0;
	// Owners that wait for each other in a circle would wait for ever: its references stop blocking first.
	if (deep && below.some((d) => isDeleting(d.object) && (d.object.metadata.finalizers ?? []).includes(FOREGROUND))) {
		const ownerReferences = refs.map((ref) => (ref.blockOwnerDeletion === true ? { ...ref, blockOwnerDeletion: false } : ref));
		const freed = client.update(world, path, { ...object, metadata: { ...object.metadata, ownerReferences } });
		if (!freed.ok) return freed.status.reason === 'NotFound' || freed.status.reason === 'Conflict';
	}
	const outcome = client.delete(world, path, namespace, name, { propagationPolicy: deep ? 'Foreground' : 'Background', preconditions: { uid } });
	return outcome.ok || outcome.status.reason === 'NotFound' || outcome.status.reason === 'Conflict';
}

function withoutFinalizer(world: World, client: ApiClient, path: string, object: KubeObject, finalizer: string): boolean {
	const finalizers = (object.metadata.finalizers ?? []).filter((f) => f !== finalizer);
	const outcome = client.update(world, path, { ...object, metadata: { ...object.metadata, finalizers } });
	return outcome.ok || outcome.status.reason === 'NotFound';
}

/** Goes on with an owner that waits: frees its dependents (orphan), or deletes them first (foreground). */
function finish(world: World, client: ApiClient, gc: Graph, { path, object }: Dependent): boolean {
	if (!waits(object)) return true;
	const finalizers = object.metadata.finalizers ?? [];
	const dependents = gc.dependentsOf(world, client, object.metadata.uid);
	if (finalizers.includes(ORPHAN)) {
		for (const d of dependents) {
			const ownerReferences = d.object.metadata.ownerReferences?.filter((r) => r.uid !== object.metadata.uid);
			if (!client.update(world, d.path, { ...d.object, metadata: { ...d.object.metadata, ownerReferences } }).ok) return false;
		}
		return withoutFinalizer(world, client, path, object, ORPHAN);
	}
	const blocking = dependents.filter((d) => d.object.metadata.ownerReferences?.some((r) => r.uid === object.metadata.uid && r.blockOwnerDeletion === true));
	let ok = true;
	for (const d of dependents) ok = collect(world, client, gc, d) && ok;
	return blocking.length > 0 ? ok : withoutFinalizer(world, client, path, object, FOREGROUND) && ok;
}
