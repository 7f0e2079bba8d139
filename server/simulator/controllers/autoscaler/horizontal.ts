/** Scales workloads by what is measured of them (pkg/controller/podautoscaler/horizontal.go). */
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
import { isAsking } from '../../apiserver/proxy/copy.ts';
import { labelFilter } from '../../apiserver/selectors.ts';
import { podsWithLabels } from '../shared/indexes.ts';
import { type Condition, isDeleting, type Labels, type Pod, sameData, splitKey } from '../shared/objects.ts';
import { itself } from '../shared/watching.ts';
import { type Behaviour, decide, type Past, tolerancesOf } from './behaviour.ts';
import { type Computed, compute, type Metric, type Scale, type Sources } from './compute.ts';
import { MetricsClient } from './metrics-client.ts';
import { autoscalersOf, forgetSelector, noteSelector } from './selectors.ts';

interface Autoscaler extends KubeObject {
	readonly spec: {
		readonly scaleTargetRef: { readonly apiVersion?: string; readonly kind: string; readonly name: string };
		readonly minReplicas?: number;
		readonly maxReplicas: number;
		readonly metrics?: readonly Metric[];
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

/** autoscaling/v1 Scale. */
interface ScaleObject extends KubeObject {
	readonly spec: { readonly replicas?: number };
	readonly status: { readonly replicas?: number; readonly selector?: string };
}

const AUTOSCALERS = 'autoscaling/v2/horizontalpodautoscalers';
const COMPONENT = 'horizontal-pod-autoscaler';
/** --horizontal-pod-autoscaler-sync-period */
const SYNC_MS = 15_000;
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
	readonly services: Services;
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
			// In a copy that was made to ask for metrics nobody scales: of many autoscalers, each would ask in the copies of all before it.
			if (hpa === undefined || isDeleting(hpa) || isAsking(world)) return;
			queue.after(key, SYNC_MS);
			const s: Sync = { services, world, client, queue, hpa, conditions: hpa.status?.conditions ?? [] };
			const status = sync(s);
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

/** The resource that a reference names, where its objects can be scaled; else why not. */
function scalable(s: Sync): { readonly path: string; readonly qualified: string } | { readonly error: string } {
	const { apiVersion = 'v1', kind } = s.hpa.spec.scaleTargetRef;
	const slash = apiVersion.indexOf('/');
	const group = slash < 0 ? '' : apiVersion.slice(0, slash);
	const found = s.services.api.strategiesOf(s.world).find((o) => o.kind === kind && o.group === group);
	if (found === undefined) return { error: `no matches for kind "${kind}" in group "${group}"` };
	const version = found.custom?.storage ?? found.versions[0];
	const qualified = group === '' ? found.resource : `${found.resource}.${group}`;
	if (found.scale === undefined) return { error: 'the server could not find the requested resource' };
	return { path: `${group === '' ? '' : `${group}/`}${version}/${found.resource}/scale`, qualified };
}

/** reconcileAutoscaler: the new status without its conditions. */
function sync(s: Sync): NonNullable<Autoscaler['status']> {
	const { world, client, hpa } = s;
	const old = hpa.status ?? {};
	const { name } = hpa.spec.scaleTargetRef;
	const { namespace = '' } = hpa.metadata;
	const resource = scalable(s);
	const got = 'error' in resource ? undefined : client.call(world, { verb: 'get', path: resource.path, namespace, name });
	if ('error' in resource || got === undefined || got.code !== 200) {
		const why = 'error' in resource ? resource.error : `${resource.qualified} "${name}" not found`;
		set(s, 'AbleToScale', 'False', 'FailedGetScale', `the HPA controller was unable to get the target's current scale: ${why}`);
		say(s, 'Warning', 'FailedGetScale', why);
		return old;
	}
	const { path } = resource;
	const target = got.body as ScaleObject;
	set(s, 'AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale");
	const asked = target.spec.replicas ?? 0;
	const base = { ...old, currentReplicas: asked };
	const min = hpa.spec.minReplicas ?? 1;
	if (asked === 0 && min !== 0) {
		set(s, 'ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero');
		return { ...base, desiredReplicas: 0 };
	}
	if (asked > hpa.spec.maxReplicas) return rescale(s, path, target, hpa.spec.maxReplicas, 'Current number of replicas above Spec.MaxReplicas', base);
	if (asked < min) return rescale(s, path, target, min, 'Current number of replicas below Spec.MinReplicas', base);
	const measured = measure(s, target, asked);
	if (measured === undefined) return { ...base, desiredReplicas: old.desiredReplicas ?? asked };
	const { best, currentMetrics } = measured;
	const decided = stabilise(s, asked, best.replicas, min);
	const status = { ...base, currentMetrics };
	const reason = best.replicas > asked ? `${best.metricName} above target` : 'All metrics below target';
	return decided === asked ? { ...status, desiredReplicas: decided } : rescale(s, path, target, decided, reason, status);
}

/** Pods that a selector's text selects. */
function selectedPods({ world, client, hpa }: Sync, selector: string): readonly Pod[] {
	const equal: Labels = Object.fromEntries([...selector.matchAll(/(?:^|,)([^\s,=!()]+)=([^,=]*)(?=,|$)/g)].map(([, k, v]) => [k ?? '', v ?? '']));
	const wanted = labelFilter(selector);
	return podsWithLabels(world, client, hpa.metadata.namespace, equal).filter((p) => wanted(p.metadata.labels));
}

/** The largest of what the metrics ask for (computeReplicasForMetrics). */
function measure(
	s: Sync,
	target: ScaleObject,
	asked: number,
): { readonly best: Extract<Computed, { readonly ok: true }>; readonly currentMetrics: readonly object[] } | undefined {
	const { world, services, hpa } = s;
	const selector = target.status.selector ?? '';
	if (selector === '') {
		say(s, 'Warning', 'SelectorRequired', 'selector is required');
		set(s, 'ScalingActive', 'False', 'InvalidSelector', "the HPA target's scale is missing a selector");
		say(s, 'Warning', 'FailedComputeMetricsReplicas', 'selector is required');
		return undefined;
	}
	const { namespace = '' } = hpa.metadata;
	const pods = selectedPods(s, selector);
	noteSelector(world, hpa, selector);
	const controlling = autoscalersOf(world, pods);
	if (controlling.length > 1) {
		const text = `pods by selector ${selector} are controlled by multiple HPAs: [${controlling.join(' ')}]`;
		say(s, 'Warning', 'AmbiguousSelector', text);
		set(s, 'ScalingActive', 'False', 'AmbiguousSelector', text);
		say(s, 'Warning', 'FailedComputeMetricsReplicas', text);
		return undefined;
	}
	const scale: Scale = { namespace, asked, present: target.status.replicas ?? 0, selector, pods, tolerances: tolerancesOf(hpa.spec.behavior) };
	const sources: Sources = { usage: (uid) => services.kubelet.usage(world, uid), client: new MetricsClient(services, world), now: world.now };
	const metrics = hpa.spec.metrics ?? [];
	const outcomes = metrics.map((m) => compute(m, scale, sources));
	const bad = outcomes.filter((o) => !o.ok);
	const good = outcomes.filter((o) => o.ok);
	for (const o of bad) say(s, 'Warning', o.reason, o.message);
	const best = good.reduce<(typeof good)[number] | undefined>((most, o) => (most === undefined || o.replicas > most.replicas ? o : most), undefined);
	const [first] = bad;
	// With a metric missing, growing is safe, shrinking isn't.
	if (first !== undefined && (best === undefined || best.replicas < asked)) {
		set(s, 'ScalingActive', 'False', first.reason, `the HPA was unable to compute the replica count: ${first.message}`);
		const text = `invalid metrics (${bad.length} invalid out of ${metrics.length}), first error is: ${first.wrapped}`;
		say(s, 'Warning', 'FailedComputeMetricsReplicas', text);
		return undefined;
	}
	if (best === undefined) return undefined;
	set(s, 'ScalingActive', 'True', 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${best.metricName}`);
	return { best, currentMetrics: good.map((o) => o.status) };
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
	target: ScaleObject,
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
		forgetSelector(world, uid);
	},
};
