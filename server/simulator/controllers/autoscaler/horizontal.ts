/** Scales workloads by their use of CPU and memory (pkg/controller/podautoscaler/horizontal.go). */
import type { ApiClient } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import { defineSlice } from '../../kernel/state.ts';
import { formatTime } from '../../kernel/time.ts';
import { type Tree, treeGet, treeRemove, treeSet } from '../../kernel/tree.ts';
import type { World } from '../../kernel/world.ts';
import type { Services } from '../../services.ts';
import type { Controller, Requeue } from '../controller.ts';
import { recordEvent } from '../events.ts';
import { setCondition } from '../shared/conditions.ts';
import { podsWithLabels } from '../shared/indexes.ts';
import { type Condition, isDeleting, type LabelSelector, sameData, splitKey } from '../shared/objects.ts';
import { selectorMatches } from '../shared/selectors.ts';
import { itself } from '../shared/watching.ts';
import { type Behaviour, decide, type Past } from './behaviour.ts';
import { calculate, type MetricSpec, type Recommendation } from './metrics.ts';

interface Autoscaler extends KubeObject {
	readonly spec: {
		readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind: string; readonly name: string };
		readonly minReplicas?: number;
		readonly maxReplicas: number;
		readonly metrics?: readonly MetricSpec[];
		readonly behavior?: Behaviour;
	};
	readonly status?: {
		readonly lastScaleTime?: string;
		readonly currentReplicas?: number;
		readonly desiredReplicas?: number;
		readonly conditions?: readonly Condition[];
		readonly currentMetrics?: unknown;
		readonly [field: string]: unknown;
	};
}

interface Scaled extends KubeObject {
	readonly spec: { readonly replicas?: number; readonly selector?: LabelSelector };
	readonly status?: { readonly replicas?: number };
}

const AUTOSCALERS = 'autoscaling/v2/horizontalpodautoscalers';
const COMPONENT = 'horizontal-pod-autoscaler';
/** --horizontal-pod-autoscaler-sync-period */
const SYNC_MS = 15_000;
const TARGETS: { readonly [kind: string]: string } = {
	Deployment: 'apps/v1/deployments',
	ReplicaSet: 'apps/v1/replicasets',
	StatefulSet: 'apps/v1/statefulsets',
};
/** The longest window a behaviour may name; older memories are dropped. */
const MEMORY_MS = 3_600_000;

interface Memory {
	readonly recommendations: readonly Past[];
	readonly ups: readonly Past[];
	readonly downs: readonly Past[];
}

/** By the autoscaler's uid. */
const memorySlice = defineSlice<Tree<string, Memory>>('controllers.autoscaler', null);

interface Sync {
	readonly world: World;
	readonly client: ApiClient;
	readonly queue: Requeue;
	readonly hpa: Autoscaler;
	conditions: readonly Condition[];
}

export function horizontalAutoscaler(services: Services): Controller {
	return {
		name: 'horizontal-pod-autoscaler',
		// A new or changed autoscaler waits for a whole period, too (NewDefaultHPARateLimiter).
		latencyMs: SYNC_MS,
		watches: {
			'autoscaling/horizontalpodautoscalers': (world, change, client) =>
				// Its own status writes are no reason to look again before the next period.
				change.previous !== undefined && change.previous['spec'] === change.object['spec'] ? [] : itself(world, change, client),
		},
		reconcile(world, key, client, queue) {
			const { namespace, name } = splitKey(key);
			const hpa = client.get(world, AUTOSCALERS, namespace, name) as Autoscaler | undefined;
			if (hpa === undefined || isDeleting(hpa)) return;
			queue.after(key, SYNC_MS);
			const s: Sync = { world, client, queue, hpa, conditions: hpa.status?.conditions ?? [] };
			const status = sync(s, (uid) => services.kubelet.usage(world, uid));
			const next = { ...status, conditions: s.conditions };
			const held = client.get(world, AUTOSCALERS, namespace, name) as Autoscaler | undefined;
			if (held !== undefined && !sameData(next, held.status) && !client.updateStatus(world, AUTOSCALERS, { ...held, status: next }).ok) queue.failed(key);
		},
	};
}

function set(s: Sync, type: string, status: string, reason: string, message: string): void {
	s.conditions = setCondition(s.conditions, { type, status, reason, message }, s.world.now);
}

function say(s: Sync, type: 'Normal' | 'Warning', reason: string, message: string): void {
	recordEvent(s.world, s.client, { object: s.hpa, type, reason, message, component: COMPONENT });
}

type Usage = Parameters<typeof calculate>[3];

/** reconcileAutoscaler: the new status without its conditions. */
function sync(s: Sync, usage: Usage): NonNullable<Autoscaler['status']> {
	const { world, client, hpa } = s;
	const { kind, name } = hpa.spec.scaleTargetRef;
	const path = TARGETS[kind];
	const target = path === undefined ? undefined : (client.get(world, path, hpa.metadata.namespace, name) as Scaled | undefined);
	const old = hpa.status ?? {};
	if (path === undefined || target === undefined) {
		const why =
			path === undefined
				? `no matches for kind "${kind}" in group "${hpa.spec.scaleTargetRef.apiVersion ?? ''}"`
				: `${kind.toLowerCase()}s.apps "${name}" not found`;
		set(s, 'AbleToScale', 'False', 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${why}`);
		say(s, 'Warning', 'FailedGetScale', why);
		return old;
	}
	set(s, 'AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale");
	const asked = target.spec.replicas ?? 1;
	const base = { ...old, currentReplicas: target.status?.replicas ?? 0 };
	if (asked === 0) {
		set(s, 'ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero');
		return { ...base, desiredReplicas: 0 };
	}
	const min = hpa.spec.minReplicas ?? 1;
	if (asked > hpa.spec.maxReplicas) return rescale(s, path, target, hpa.spec.maxReplicas, 'Current number of replicas above Spec.MaxReplicas', base);
	if (asked < min) return rescale(s, path, target, min, 'Current number of replicas below Spec.MinReplicas', base);
	const measured = measure(s, target, asked, usage);
	if (measured === undefined) return { ...base, desiredReplicas: old.desiredReplicas ?? asked };
	const { best, currentMetrics } = measured;
	const decided = stabilise(s, asked, best.replicas, min);
	const status = { ...base, currentMetrics };
	const reason = decided > asked ? `${best.metricName} above target` : 'All metrics below target';
	return decided === asked ? { ...status, desiredReplicas: decided } : rescale(s, path, target, decided, reason, status);
}

/** The largest of what the metrics ask for (computeReplicasForMetrics). */
function measure(
	s: Sync,
	target: Scaled,
	asked: number,
	usage: Usage,
): { readonly best: Recommendation; readonly currentMetrics: readonly unknown[] } | undefined {
	const { world, client, hpa } = s;
	const selected = podsWithLabels(world, client, hpa.metadata.namespace, target.spec.selector?.matchLabels ?? {}).filter((p) =>
		selectorMatches(target.spec.selector, p.metadata.labels),
	);
	let best: Recommendation | undefined;
	let problem: { readonly reason: string; readonly message: string } | undefined;
	const currentMetrics: unknown[] = [];
	for (const metric of hpa.spec.metrics ?? []) {
		const outcome = calculate(metric, selected, asked, usage, world.now);
		const reason =
			metric.resource !== undefined
				? 'FailedGetResourceMetric'
				: metric.containerResource !== undefined
					? 'FailedGetContainerResourceMetric'
					: 'InvalidMetricSourceType';
		if (!outcome.ok) {
			say(s, 'Warning', reason, outcome.message);
			problem ??= { reason, message: `the HPA was unable to compute the replica count: ${outcome.message}` };
			continue;
		}
		const { current, replicas } = outcome.value;
		if (metric.resource !== undefined) currentMetrics.push({ type: 'Resource', resource: { name: metric.resource.name, current } });
		else if (metric.containerResource !== undefined) {
			const { name, container } = metric.containerResource;
			currentMetrics.push({ type: 'ContainerResource', containerResource: { name, container, current } });
		}
		if (best === undefined || replicas > best.replicas) best = outcome.value;
	}
	// With a metric missing, growing is safe, shrinking isn't.
	if (best === undefined || (problem !== undefined && best.replicas < asked)) {
		set(s, 'ScalingActive', 'False', problem?.reason ?? 'InvalidMetricSourceType', problem?.message ?? 'the HPA has no metrics');
		if (problem !== undefined)
			say(
				s,
				'Warning',
				'FailedComputeMetricsReplicas',
				`invalid metrics (${(hpa.spec.metrics ?? []).length} invalid out of ${(hpa.spec.metrics ?? []).length}), first error is: ${problem.message.replace('the HPA was unable to compute the replica count: ', '')}`,
			);
		return undefined;
	}
	set(s, 'ScalingActive', 'True', 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${best.metricName}`);
	return { best, currentMetrics };
}

function stabilise(s: Sync, current: number, desired: number, min: number): number {
	const { world, hpa } = s;
	const { uid } = hpa.metadata;
	const held = treeGet(world.read(memorySlice), uid) ?? { recommendations: [], ups: [], downs: [] };
	const decision = decide({ now: world.now, current, desired, min, max: hpa.spec.maxReplicas, behaviour: hpa.spec.behavior, ...held });
	const fresh = (list: readonly Past[]): readonly Past[] => list.filter((p) => p.at > world.now - MEMORY_MS);
	const change = decision.replicas - current;
	const memory: Memory = {
		recommendations: [...fresh(held.recommendations), { at: world.now, n: desired }],
		ups: change > 0 ? [...fresh(held.ups), { at: world.now, n: change }] : fresh(held.ups),
		downs: change < 0 ? [...fresh(held.downs), { at: world.now, n: -change }] : fresh(held.downs),
	};
	world.write(memorySlice, treeSet(world.read(memorySlice), uid, memory));
	const able = decision.stabilised ?? { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
	set(s, 'AbleToScale', 'True', able.reason, able.message);
	const limit = decision.limited;
	if (limit === undefined) set(s, 'ScalingLimited', 'False', 'DesiredWithinRange', 'the desired count is within the acceptable range');
	else set(s, 'ScalingLimited', 'True', limit.reason, limit.message);
	return decision.replicas;
}

function rescale(
	s: Sync,
	path: string,
	target: Scaled,
	to: number,
	reason: string,
	status: NonNullable<Autoscaler['status']>,
): NonNullable<Autoscaler['status']> {
	const { world, client } = s;
	const outcome = client.update(world, path, { ...target, spec: { ...target.spec, replicas: to } });
	if (!outcome.ok) {
		say(s, 'Warning', 'FailedRescale', `New size: ${to}; reason: ${reason}; error: ${outcome.status.message}`);
		set(s, 'AbleToScale', 'False', 'FailedUpdateScale', `the HPA controller was unable to update the target scale: ${outcome.status.message}`);
		return { ...status, desiredReplicas: to };
	}
	set(s, 'AbleToScale', 'True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${to}`);
	say(s, 'Normal', 'SuccessfulRescale', `New size: ${to}; reason: ${reason}`);
	return { ...status, desiredReplicas: to, lastScaleTime: formatTime(world.now) };
}

/** Forgets an autoscaler that is gone. */
export const autoscalerMemory: Controller = {
	name: 'horizontal-pod-autoscaler-memory',
	watches: { 'autoscaling/horizontalpodautoscalers': (_world, change) => (change.type === 'DELETED' ? [change.object.metadata.uid] : []) },
	reconcile(world, uid) {
		world.write(memorySlice, treeRemove(world.read(memorySlice), uid));
	},
};
