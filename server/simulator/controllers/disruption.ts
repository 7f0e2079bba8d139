/** Counts how many pods of a budget may be evicted now (pkg/controller/disruption). */
import type { ApiClient } from '../apiserver/client.ts';
import type { KubeObject } from '../apiserver/types.ts';
import { parseTime } from '../kernel/time.ts';
import type { World } from '../kernel/world.ts';
import type { Controller } from './controller.ts';
import { scaled } from './deployment/arithmetic.ts';
import { recordEvent } from './events.ts';
import { setCondition } from './shared/conditions.ts';
import { podsWithLabels } from './shared/indexes.ts';
import { type Condition, controllerOf, type IntOrString, isDeleting, keyOf, type LabelSelector, type Pod, sameData, splitKey } from './shared/objects.ts';
import { isPodFinished, isPodReady } from './shared/pods.ts';
import { selectorMatches } from './shared/selectors.ts';
import { itself, podChanges, type Watch } from './shared/watching.ts';

interface Budget extends KubeObject {
	readonly spec: { readonly selector?: LabelSelector; readonly minAvailable?: IntOrString; readonly maxUnavailable?: IntOrString };
	readonly status?: {
		readonly disruptedPods?: { readonly [pod: string]: string };
		readonly conditions?: readonly Condition[];
		readonly [field: string]: unknown;
	};
}

const BUDGETS = 'policy/v1/poddisruptionbudgets';
/** An eviction that hasn't removed its pod after so long is forgotten (DeletionTimeout). */
const EVICTION_MS = 120_000;

/** Where a pod's controller keeps its size: kind → path. */
const SCALED: { readonly [kind: string]: string } = {
	ReplicaSet: 'apps/v1/replicasets',
	StatefulSet: 'apps/v1/statefulsets',
	Deployment: 'apps/v1/deployments',
	ReplicationController: 'v1/replicationcontrollers',
};

const ofPod: Watch = (world, change, client) => {
	const pod = change.object as Pod;
	const before = change.previous as Pod | undefined;
	const budgets = client.list(world, BUDGETS, pod.metadata.namespace) as readonly Budget[];
	if (budgets.length === 0) return [];
	return budgets
		.filter((b) => selectorMatches(b.spec.selector, pod.metadata.labels) || (before !== undefined && selectorMatches(b.spec.selector, before.metadata.labels)))
		.map(keyOf);
};

/** A changed size changes what is expected of the budgets of its namespace. */
const ofScaled: Watch = (world, change, client) => {
	const spec = (o: KubeObject | undefined): unknown => (o?.['spec'] as { readonly replicas?: number } | undefined)?.replicas;
	return change.previous !== undefined && spec(change.object) === spec(change.previous)
		? []
		: client.list(world, BUDGETS, change.object.metadata.namespace).map(keyOf);
};

export const disruptionController: Controller = {
	name: 'disruption',
	watches: {
		'policy/poddisruptionbudgets': itself,
		'/pods': podChanges(ofPod),
		'apps/replicasets': ofScaled,
		'apps/statefulsets': ofScaled,
		'apps/deployments': ofScaled,
	},
	reconcile(world, key, client, queue) {
		const { namespace, name } = splitKey(key);
		const budget = client.get(world, BUDGETS, namespace, name) as Budget | undefined;
		if (budget === undefined || isDeleting(budget)) return;
		const pods = podsWithLabels(world, client, namespace, budget.spec.selector?.matchLabels ?? {}).filter(
			(p) => selectorMatches(budget.spec.selector, p.metadata.labels) && !isPodFinished(p),
		);
		if (pods.length === 0) {
			recordEvent(world, client, { object: budget, type: 'Normal', reason: 'NoPods', message: 'No matching pods found', component: 'controllermanager' });
		}
		const { expected, desired } = expectation(world, client, budget, pods);
		const { disrupted, nextMs } = stillDisrupted(world, budget, pods);
		if (nextMs !== undefined) queue.after(key, nextMs);
		const healthy = pods.filter((p) => isPodReady(p) && !isDeleting(p) && disrupted[p.metadata.name] === undefined).length;
		const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
		const verdict = {
			type: 'DisruptionAllowed',
			message: '',
			...(allowed > 0 ? { status: 'True', reason: 'SufficientPods' } : { status: 'False', reason: 'InsufficientPods' }),
		};
		const conditions = setCondition(budget.status?.conditions, { ...verdict, ...observed(budget) }, world.now);
		const status = {
			...observed(budget),
			...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
			disruptionsAllowed: allowed,
			currentHealthy: healthy,
			desiredHealthy: desired,
			expectedPods: expected,
			conditions,
		};
		if (!sameData(status, budget.status) && !client.updateStatus(world, BUDGETS, { ...budget, status }).ok) queue.failed(key);
	},
};

function observed(b: Budget): { readonly observedGeneration?: number } {
	return b.metadata.generation === undefined ? {} : { observedGeneration: b.metadata.generation };
}

/** A number for minAvailable counts pods; all else counts what the pods' controllers ask for (getExpectedPodCount). */
function expectation(world: World, client: ApiClient, b: Budget, pods: readonly Pod[]): { readonly expected: number; readonly desired: number } {
	const { minAvailable, maxUnavailable } = b.spec;
	if (maxUnavailable === undefined && typeof (minAvailable ?? 0) === 'number') return { expected: pods.length, desired: Number(minAvailable ?? 0) };
	const sizes = new Map<string, number>();
	for (const p of pods) {
		const owner = controllerOf(p);
		const path = owner === undefined ? undefined : SCALED[owner.kind];
		if (owner === undefined || path === undefined || sizes.has(owner.uid)) continue;
		const object = client.get(world, path, p.metadata.namespace, owner.name);
		sizes.set(owner.uid, (object?.['spec'] as { readonly replicas?: number } | undefined)?.replicas ?? 0);
	}
	const expected = [...sizes.values()].reduce((n, s) => n + s, 0);
	if (maxUnavailable !== undefined) return { expected, desired: Math.max(0, expected - scaled(maxUnavailable, expected, true)) };
	return { expected, desired: scaled(minAvailable, expected, true) };
}

function stillDisrupted(
	world: World,
	b: Budget,
	pods: readonly Pod[],
): { readonly disrupted: { readonly [pod: string]: string }; readonly nextMs: number | undefined } {
	const disrupted: Record<string, string> = {};
	let nextMs: number | undefined;
	for (const [name, at] of Object.entries(b.status?.disruptedPods ?? {})) {
		const pod = pods.find((p) => p.metadata.name === name);
		if (pod === undefined || isDeleting(pod)) continue;
		const left = (parseTime(at) ?? 0) + EVICTION_MS - world.now;
		if (left <= 0) continue;
		disrupted[name] = at;
		nextMs = Math.min(nextMs ?? left, left);
	}
	return { disrupted, nextMs };
}
