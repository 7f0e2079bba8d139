/** `pods/eviction`: a deletion that asks the disruption budgets first. EvictionREST of `pkg/registry/core/pod/storage`. */
import { formatTime } from '../../../kernel/time.ts';
import type { World } from '../../../kernel/world.ts';
import { type Services, SYSTEM_USERS } from '../../../services.ts';
import { badRequest, failure, forbidden } from '../../errors.ts';
import { matchesSelector } from '../label-selector.ts';
import { type ApiCall, ApiError, type ApiResult, type CallOptions, type KubeObject } from '../../types.ts';
import { type Fields, num, rec, recs, statusOf, str } from '../fields.ts';
import { existingPod } from './pod-connect.ts';

const VIOLATES = "Cannot evict pod as it would violate the pod's disruption budget.";

function tooMany(message: string, retryAfterSeconds: number): ApiError {
	const causes = [{ reason: 'DisruptionBudget', message }];
	const details = retryAfterSeconds > 0 ? { causes, retryAfterSeconds } : { causes };
	return new ApiError(failure({ code: 429, reason: 'TooManyRequests', message: VIOLATES, details }));
}

/** A pod that serves nobody needs nobody's leave. */
function ignoresBudgets(pod: KubeObject): boolean {
	return pod.metadata.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(str(statusOf(pod).phase));
}

const isReady = (pod: KubeObject): boolean => recs(statusOf(pod).conditions).some((c) => c.type === 'Ready' && c.status === 'True');

/** What a budget says of a pod that is running but not ready (KEP-3017). */
function allowsUnhealthy(budget: KubeObject): boolean {
	const status = statusOf(budget);
	if (rec(budget.spec).unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
	return num(status.currentHealthy) >= num(status.desiredHealthy) && num(status.desiredHealthy) > 0;
}

/** Takes one disruption from the budget, or throws why there is none to take. */
function spend(services: Services, world: World, pod: KubeObject, budget: KubeObject): void {
	const { name } = budget.metadata;
	const status = statusOf(budget);
	const allowed = num(status.disruptionsAllowed);
	if (num(status.observedGeneration) < (budget.metadata.generation ?? 0)) {
		throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10);
	}
	if (allowed < 0) throw forbidden({ group: 'policy', resource: 'poddisruptionbudgets' }, name, 'pdb disruptions allowed is negative');
	if (allowed === 0) {
		throw tooMany(`The disruption budget ${name} needs ${num(status.desiredHealthy)} healthy pods and has ${num(status.currentHealthy)} currently`, 0);
	}
	const disruptedPods = { ...rec(status.disruptedPods), [pod.metadata.name]: formatTime(world.now) };
	const next = { ...budget, status: { ...status, disruptionsAllowed: allowed - 1, disruptedPods, conditions: conditionsAfter(world, budget, allowed - 1) } };
	const stored = services.api.client(SYSTEM_USERS.loopback).updateStatus(world, 'policy/v1/poddisruptionbudgets', next);
	if (!stored.ok) throw new ApiError(stored.status);
}

function conditionsAfter(world: World, budget: KubeObject, allowed: number): readonly Fields[] {
	const conditions = recs(statusOf(budget).conditions);
	if (allowed > 0) return conditions;
	const none = {
		type: 'DisruptionAllowed',
		status: 'False',
		reason: 'InsufficientPods',
		message: '',
		observedGeneration: num(statusOf(budget).observedGeneration),
		lastTransitionTime: formatTime(world.now),
	};
	return [...conditions.filter((c) => c.type !== 'DisruptionAllowed'), none];
}

function budgetFor(services: Services, world: World, pod: KubeObject): KubeObject | undefined {
	const client = services.api.client(SYSTEM_USERS.loopback);
	const labels = pod.metadata.labels ?? {};
	const found = client.list(world, 'policy/v1/poddisruptionbudgets', pod.metadata.namespace).filter((b) => matchesSelector(rec(b.spec).selector, labels));
	if (found.length > 1) {
		const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
		throw new ApiError(failure({ code: 500, reason: 'InternalError', message, details: {} }));
	}
	return found[0];
}

/** The pod with the condition that says why it goes. */
function mark(services: Services, world: World, pod: KubeObject): void {
	const target = {
		type: 'DisruptionTarget',
		status: 'True',
		reason: 'EvictionByEvictionAPI',
		message: 'Eviction API: evicting',
		lastProbeTime: null,
		lastTransitionTime: formatTime(world.now),
	};
	const conditions = [...recs(statusOf(pod).conditions).filter((c) => c.type !== 'DisruptionTarget'), target];
	const stored = services.api.client(SYSTEM_USERS.loopback).updateStatus(world, 'v1/pods', { ...pod, status: { ...statusOf(pod), conditions } });
	if (!stored.ok) throw new ApiError(stored.status);
}

function deleteOptions(call: ApiCall): CallOptions {
	const options = rec(rec(call.body).deleteOptions);
	const preconditions = rec(options.preconditions);
	return {
		...(typeof options.gracePeriodSeconds === 'number' ? { gracePeriodSeconds: options.gracePeriodSeconds } : {}),
		...(str(preconditions.uid) === '' ? {} : { preconditions: { uid: str(preconditions.uid) } }),
	};
}

/** A dry run, asked for in the query or in the body's options, goes the whole way; then what it wrote is taken back. */
export function evict(services: Services, world: World, call: ApiCall, found: KubeObject | undefined): ApiResult {
	const before = world.state;
	const result = disrupt(services, world, call, found);
	const { dryRun } = rec(rec(call.body).deleteOptions);
	if (Array.isArray(dryRun) && dryRun.includes('All')) world.state = before;
	return result;
}

function disrupt(services: Services, world: World, call: ApiCall, found: KubeObject | undefined): ApiResult {
	const pod = existingPod(call, found);
	const named = str(rec(rec(call.body).metadata).name);
	if (named !== '' && named !== call.name) throw badRequest('name in URL does not match name in Eviction object');
	if (!ignoresBudgets(pod)) {
		const budget = budgetFor(services, world, pod);
		if (budget !== undefined && (isReady(pod) || !allowsUnhealthy(budget))) spend(services, world, pod, budget);
		mark(services, world, pod);
	}
	const gone = services.api.client(SYSTEM_USERS.loopback).delete(world, 'v1/pods', pod.metadata.namespace, pod.metadata.name, deleteOptions(call));
	if (!gone.ok) throw new ApiError(gone.status);
	return { code: 201, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } };
}
