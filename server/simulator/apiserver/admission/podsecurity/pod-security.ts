/** PodSecurity: refuses, warns of and records pods beyond their namespace's level. `pod-security-admission/admission/admission.go`. */
import type { World } from '../../../kernel/world.ts';
import type { ApiClient } from '../../client.ts';
import { type Fields, rec, recs, specOf, str } from '../../registry/fields.ts';
import type { AdmissionPlugin, AdmissionRequest, KubeObject } from '../../types.ts';
import { invalidObject } from '../../validation.ts';
import { isAbout, refused } from '../refuse.ts';
import { detailText, evaluate, type LevelVersion, levelText, policyOf, rank, reasonText, sameLevel } from './policy.ts';

/** Pods looked at when a namespace's level changes (`defaultNamespaceMaxPodsToCheck`). */
const MAX_PODS = 3000;

interface PodLike {
	readonly metadata: Fields;
	readonly spec: Fields;
}

const podLike = (template: unknown): PodLike => ({ metadata: rec(rec(template).metadata), spec: rec(rec(template).spec) });

/** Where each workload has its pods' spec: DefaultPodSpecExtractor. */
const WORKLOADS: { readonly [groupResource: string]: (object: KubeObject) => PodLike } = {
	'/replicationcontrollers': (o) => podLike(specOf(o).template),
	'/podtemplates': (o) => podLike(o.template),
	'apps/daemonsets': (o) => podLike(specOf(o).template),
	'apps/deployments': (o) => podLike(specOf(o).template),
	'apps/replicasets': (o) => podLike(specOf(o).template),
	'apps/statefulsets': (o) => podLike(specOf(o).template),
	'batch/cronjobs': (o) => podLike(rec(rec(specOf(o).jobTemplate).spec).template),
	'batch/jobs': (o) => podLike(specOf(o).template),
};

function isSignificantUpdate(pod: KubeObject, old: KubeObject): boolean {
	return ['containers', 'initContainers', 'ephemeralContainers'].some((list) => {
		const [now, before] = [recs(specOf(pod)[list]), recs(specOf(old)[list])];
		return now.length !== before.length || now.some((c, i) => c.image !== before[i]?.image);
	});
}

const wouldViolate = (level: LevelVersion, pod: PodLike): readonly string[] => {
	const findings = evaluate(level, pod.metadata, pod.spec);
	return findings.length === 0 ? [] : [`would violate PodSecurity "${levelText(level)}": ${detailText(findings)}`];
};

function annotate(request: AdmissionRequest, key: string, value: string): void {
	request.call.annotate?.(`pod-security.kubernetes.io/${key}`, value);
}

/** What the namespace's audit level would refuse goes into the request's audit event. */
function annotateViolation(request: AdmissionRequest, level: LevelVersion, pod: PodLike): void {
	if (level.level === 'privileged' || request.call.annotate === undefined) return;
	const [text] = wouldViolate(level, pod);
	if (text !== undefined) annotate(request, 'audit-violations', text);
}

function namespaceOf(client: ApiClient, world: World, request: AdmissionRequest): KubeObject | undefined {
	return request.call.namespace === undefined ? undefined : client.get(world, 'v1/namespaces', undefined, request.call.namespace);
}

function validatePod(client: ApiClient, world: World, request: AdmissionRequest): readonly string[] | undefined {
	const { object, old } = request;
	if (old !== undefined && !isSignificantUpdate(object, old)) return undefined;
	const { policy } = policyOf(namespaceOf(client, world, request)?.metadata.labels);
	const pod = { metadata: object.metadata as unknown as Fields, spec: specOf(object) };
	annotate(request, 'enforce-policy', levelText(policy.enforce));
	annotateViolation(request, policy.audit, pod);
	const findings = evaluate(policy.enforce, pod.metadata, pod.spec);
	if (findings.length > 0) throw refused(request, `violates PodSecurity "${levelText(policy.enforce)}": ${detailText(findings)}`);
	return wouldViolate(policy.warn, pod);
}

/** A controller's first pod stands for all of its pods; the rest come last. */
function prioritised(pods: readonly KubeObject[]): readonly KubeObject[] {
	const seen = new Set<string>();
	const first: KubeObject[] = [];
	const rest: KubeObject[] = [];
	for (const pod of pods) {
		const uid = pod.metadata.ownerReferences?.find((o) => o.controller === true)?.uid;
		if (uid !== undefined && seen.has(uid)) rest.push(pod);
		else first.push(pod);
		if (uid !== undefined) seen.add(uid);
	}
	return [...first, ...rest];
}

/** Warnings about the pods that a new level would not let in any more. */
function existingPods(client: ApiClient, world: World, namespace: string, enforce: LevelVersion): readonly string[] {
	const pods = prioritised(client.list(world, 'v1/pods', namespace));
	const byReason = new Map<string, string[]>();
	for (const pod of pods.slice(0, MAX_PODS)) {
		const findings = evaluate(enforce, pod.metadata as unknown as Fields, specOf(pod));
		if (findings.length === 0) continue;
		const reason = reasonText(findings);
		byReason.set(reason, [...(byReason.get(reason) ?? []), pod.metadata.name]);
	}
	const out: string[] = [];
	if (pods.length > MAX_PODS) out.push(`new PodSecurity enforce level only checked against the first ${MAX_PODS} of ${pods.length} existing pods`);
	if (byReason.size === 0) return out;
	out.push(`existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${levelText(enforce)}"`);
	const lines = [...byReason].map(([reason, names]) => `${podsText(names)}: ${reason}`);
	return [...out, ...lines.sort()];
}

function podsText(names: readonly string[]): string {
	const [first = ''] = [...names].sort();
	if (names.length === 1) return first;
	return names.length === 2 ? `${first} (and 1 other pod)` : `${first} (and ${names.length - 1} other pods)`;
}

function validateNamespace(client: ApiClient, world: World, request: AdmissionRequest): readonly string[] | undefined {
	const { object, old, strategy } = request;
	const next = policyOf(object.metadata.labels);
	const before = policyOf(old?.metadata.labels);
	const knownErrors = old !== undefined && JSON.stringify(next.errors) === JSON.stringify(before.errors);
	if (next.errors.length > 0 && !knownErrors) throw invalidObject(strategy, object.metadata.name, next.errors);
	if (old === undefined) return undefined;
	const { enforce } = next.policy;
	const previous = before.policy.enforce;
	if (sameLevel(enforce, previous) || enforce.level === 'privileged') return undefined;
	if (enforce.version === previous.version && rank(enforce.level) <= rank(previous.level)) return undefined;
	return existingPods(client, world, object.metadata.name, enforce);
}

function validate(client: ApiClient, world: World, request: AdmissionRequest): readonly string[] | undefined {
	const { operation, strategy, object } = request;
	if (operation !== 'CREATE' && operation !== 'UPDATE') return undefined;
	const pods = strategy.group === '' && strategy.resource === 'pods';
	// Upstream passes over the subresources that carry no spec of a pod (ignoredPodSubresources).
	if (pods && (request.call.subresource ?? '') !== 'status') return validatePod(client, world, request);
	if (isAbout(request, '', 'namespaces')) return validateNamespace(client, world, request);
	const extract = WORKLOADS[`${strategy.group}/${strategy.resource}`];
	if (extract === undefined || str(request.call.subresource) !== '') return undefined;
	const { policy } = policyOf(namespaceOf(client, world, request)?.metadata.labels);
	const pod = extract(object);
	annotateViolation(request, policy.audit, pod);
	return policy.warn.level === 'privileged' ? undefined : wouldViolate(policy.warn, pod);
}

export function podSecurity(client: () => ApiClient): AdmissionPlugin {
	return { name: 'PodSecurity', validate: (world, request) => validate(client(), world, request) };
}
