/** Empties a namespace that is being deleted, then lets it go (pkg/controller/namespace/deletion). */
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject, Strategy } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import type { Services } from '../services.ts';
import type { Controller } from './controller.ts';
import { setCondition } from './shared/conditions.ts';
import { type Condition, isDeleting, sameData } from './shared/objects.ts';
import { pathOf } from './shared/resources.ts';
import { itself } from './shared/watching.ts';

const NAMESPACES = 'v1/namespaces';

interface Namespace extends KubeObject {
	readonly spec?: { readonly finalizers?: readonly string[] };
	readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] };
}

const stored = (s: Strategy): boolean => s.namespaced && s.virtualCreate === undefined && s.virtualRead === undefined;

export function namespaceController(services: Services): Controller {
	return {
		name: 'namespace',
		watches: {
			'/namespaces': (w, c, k) => (c.type !== 'DELETED' && isDeleting(c.object) ? itself(w, c, k) : []),
			'*': (world, change, client) => {
				const ns = change.object.metadata.namespace;
				if (change.type !== 'DELETED' || ns === undefined) return [];
				const namespace = client.get(world, NAMESPACES, undefined, ns);
				return namespace !== undefined && isDeleting(namespace) ? [ns] : [];
			},
		},
		reconcile(world, name, client, queue) {
			const ns = client.get(world, NAMESPACES, undefined, name) as Namespace | undefined;
			if (ns === undefined || !isDeleting(ns)) return;
			const left = deleteContent(world, client, services.api.strategiesOf(world).filter(stored), name);
			const now = client.get(world, NAMESPACES, undefined, name) as Namespace | undefined;
			if (now === undefined) return;
			const conditions = remarks(now.status?.conditions, left, world.now);
			const status = { ...now.status, phase: 'Terminating', conditions };
			const outcome = sameData(status, now.status)
				? { ok: true as const, value: now as KubeObject }
				: client.updateStatus(world, NAMESPACES, { ...now, status });
			if (!outcome.ok) queue.failed(name);
			else if (left.length === 0) {
				const finalizers = ((outcome.value as Namespace).spec?.finalizers ?? []).filter((f) => f !== 'kubernetes');
				const done = client.update(world, `${NAMESPACES}/finalize`, { ...outcome.value, spec: { ...(outcome.value as Namespace).spec, finalizers } });
				if (!done.ok && done.status.reason !== 'NotFound') queue.failed(name);
			} else queue.after(name, 15_000);
		},
	};
}

interface Left {
	readonly strategy: Strategy;
	readonly objects: readonly KubeObject[];
}

function deleteContent(world: World, client: ApiClient, strategies: readonly Strategy[], namespace: string): readonly Left[] {
	for (const s of strategies) {
		for (const o of client.list(world, pathOf(s), namespace))
			if (!isDeleting(o)) client.delete(world, pathOf(s), namespace, o.metadata.name, { propagationPolicy: 'Background' });
	}
	return strategies.map((strategy) => ({ strategy, objects: client.list(world, pathOf(strategy), namespace) })).filter((l) => l.objects.length > 0);
}

function remarks(held: readonly Condition[] | undefined, left: readonly Left[], now: number): readonly Condition[] {
	const finalizers = new Map<string, number>();
	for (const l of left) for (const o of l.objects) for (const f of o.metadata.finalizers ?? []) finalizers.set(f, (finalizers.get(f) ?? 0) + 1);
	const resources = left.map((l) => `${l.strategy.resource}.${l.strategy.group} has ${l.objects.length} resource instances`).sort();
	const holding = [...finalizers].map(([f, n]) => `${f} in ${n} resource instances`).sort();
	const all: readonly (readonly [string, boolean, string, string])[] = [
		['NamespaceDeletionDiscoveryFailure', false, 'ResourcesDiscovered', 'All resources successfully discovered'],
		['NamespaceDeletionGroupVersionParsingFailure', false, 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
		['NamespaceDeletionContentFailure', false, 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
		resources.length > 0
			? ['NamespaceContentRemaining', true, 'SomeResourcesRemain', `Some resources are remaining: ${resources.join(', ')}`]
			: ['NamespaceContentRemaining', false, 'ContentRemoved', 'All content successfully removed'],
		holding.length > 0
			? ['NamespaceFinalizersRemaining', true, 'SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${holding.join(', ')}`]
			: ['NamespaceFinalizersRemaining', false, 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
	];
	return all.reduce((list, [type, is, reason, message]) => setCondition(list, { type, status: is ? 'True' : 'False', reason, message }, now), held ?? []);
}
