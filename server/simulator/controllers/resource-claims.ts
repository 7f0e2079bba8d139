/**
 * Makes the claims that pods ask for by template, and takes devices back from claims that no pod uses any more
 * (pkg/controller/resourceclaim).
 */
import type { ApiClient } from '../apiserver/client.ts';
import type { Change, KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import { CLAIMS, DELETE_PROTECTION, type PodClaim, type ResourceClaim, TEMPLATES } from '../scheduler/devices/types.ts';
import type { Controller } from './controller.ts';
import { recordEvent } from './events.ts';
import { controllerRef, keyOf, type Pod, splitKey } from './shared/objects.ts';
import { isPodFinished } from './shared/pods.ts';

const PODS = 'v1/pods';
/** Says which of a pod's claims a generated one is. */
const POD_CLAIM_NAME = 'resource.kubernetes.io/pod-claim-name';

interface ClaimStatus {
	readonly name: string;
	readonly resourceClaimName?: string;
}

interface Template extends KubeObject {
	readonly spec: { readonly metadata?: { readonly labels?: object; readonly annotations?: object }; readonly spec: object };
}

const claimsOf = (pod: Pod): readonly PodClaim[] => (pod.spec['resourceClaims'] ?? []) as readonly PodClaim[];
const statusesOf = (pod: Pod): readonly ClaimStatus[] => (pod.status?.['resourceClaimStatuses'] ?? []) as readonly ClaimStatus[];

/** Keys of two kinds: `pod:ns/name` for a pod's claims to be made, `claim:ns/name` for a claim to be looked after. */
function ofPod(_world: World, change: Change): readonly string[] {
	const pod = change.object as Pod;
	if (claimsOf(pod).length === 0) return [];
	const names = claimsOf(pod).flatMap((c) => c.resourceClaimName ?? statusesOf(pod).find((s) => s.name === c.name)?.resourceClaimName ?? []);
	const claims = names.map((name) => `claim:${pod.metadata.namespace ?? ''}/${name}`);
	return change.type === 'DELETED' ? claims : [`pod:${keyOf(pod)}`, ...(isPodFinished(pod) ? claims : [])];
}

export const resourceClaims: Controller = {
	name: 'resource-claim',
	watches: {
		'/pods': ofPod,
		'resource.k8s.io/resourceclaims': (_world, change) => (change.type === 'DELETED' ? [] : [`claim:${keyOf(change.object)}`]),
		'resource.k8s.io/resourceclaimtemplates': (world, change, client) =>
			change.type === 'ADDED' ? client.byIndex(world, PODS, 'byClaimTemplate', keyOf(change.object)).map((p) => `pod:${keyOf(p)}`) : [],
	},
	reconcile(world, key, client, queue) {
		const colon = key.indexOf(':');
		const { namespace, name } = splitKey(key.slice(colon + 1));
		const done = key.startsWith('pod:') ? makeClaims(world, client, namespace, name) : tend(world, client, namespace, name);
		if (!done) queue.failed(key);
	},
};

/** @returns false to be tried again. */
function makeClaims(world: World, client: ApiClient, namespace: string | undefined, name: string): boolean {
	const pod = client.get(world, PODS, namespace, name) as Pod | undefined;
	if (pod === undefined || pod.metadata.deletionTimestamp !== undefined || isPodFinished(pod)) return true;
	const statuses = [...statusesOf(pod)];
	for (const claim of claimsOf(pod)) {
		if (claim.resourceClaimTemplateName === undefined || statuses.some((s) => s.name === claim.name)) continue;
		const made = makeClaim(world, client, pod, claim.name, claim.resourceClaimTemplateName);
		if (typeof made !== 'string') {
			const message = `PodResourceClaim ${claim.name}: ${made.error}`;
			recordEvent(world, client, { object: pod, type: 'Warning', reason: 'FailedResourceClaimCreation', message, component: 'resource_claim' });
			return false;
		}
		statuses.push({ name: claim.name, resourceClaimName: made });
	}
	if (statuses.length === statusesOf(pod).length) return true;
	return client.updateStatus(world, PODS, { ...pod, status: { ...pod.status, resourceClaimStatuses: statuses } }).ok;
}

function makeClaim(world: World, client: ApiClient, pod: Pod, podClaim: string, templateName: string): string | { readonly error: string } {
	const { namespace, name, uid } = pod.metadata;
	const held = client.byIndex(world, CLAIMS, 'byOwner', uid).find((c) => c.metadata.annotations?.[POD_CLAIM_NAME] === podClaim);
	if (held !== undefined) return held.metadata.name;
	const template = client.get(world, TEMPLATES, namespace, templateName) as Template | undefined;
	if (template === undefined) {
		return { error: `resource claim template "${templateName}": resourceclaimtemplate.resource.k8s.io "${templateName}" not found` };
	}
	const { metadata, spec } = template.spec;
	const made = client.create(world, CLAIMS, namespace, {
		metadata: {
			generateName: `${name}-${podClaim}-`,
			namespace,
			...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
			annotations: { ...metadata?.annotations, [POD_CLAIM_NAME]: podClaim },
			ownerReferences: [controllerRef(pod)],
		},
		spec,
	});
	return made.ok ? made.value.metadata.name : { error: `create ResourceClaim : ${made.status.message ?? ''}` };
}

/** Drops consumers that are gone; a claim without any loses its devices, and goes altogether where it was made for a pod that is over. */
function tend(world: World, client: ApiClient, namespace: string | undefined, name: string): boolean {
	const claim = client.get(world, CLAIMS, namespace, name) as ResourceClaim | undefined;
	if (claim === undefined) return true;
	const before = claim.status?.reservedFor ?? [];
	const reservedFor = before.filter((r) => {
		if (r.resource !== 'pods') return true;
		const pod = client.get(world, PODS, namespace, r.name) as Pod | undefined;
		return pod !== undefined && pod.metadata.uid === r.uid && !isPodFinished(pod);
	});
	const generated = claim.metadata.annotations?.[POD_CLAIM_NAME] !== undefined;
	const leaving = claim.metadata.deletionTimestamp !== undefined;
	let held: ResourceClaim = claim;
	if (reservedFor.length < before.length || (reservedFor.length === 0 && leaving && claim.status?.allocation !== undefined)) {
		const { allocation, reservedFor: _old, ...rest } = claim.status ?? {};
		const kept = reservedFor.length > 0;
		const status = { ...rest, ...(kept ? { allocation, reservedFor } : {}) };
		const outcome = client.updateStatus(world, CLAIMS, { ...claim, status });
		if (!outcome.ok) return outcome.status.reason === 'NotFound';
		held = outcome.value as ResourceClaim;
	}
	const finalizers = held.metadata.finalizers ?? [];
	if (held.status?.allocation === undefined && finalizers.includes(DELETE_PROTECTION)) {
		const metadata = { ...held.metadata, finalizers: finalizers.filter((f) => f !== DELETE_PROTECTION) };
		const outcome = client.update(world, CLAIMS, { ...held, metadata });
		if (!outcome.ok) return outcome.status.reason === 'NotFound';
		held = outcome.value as ResourceClaim;
	}
	const owner = claim.metadata.ownerReferences?.find((o) => o.kind === 'Pod');
	if (!generated || leaving || reservedFor.length > 0 || owner === undefined) return true;
	const pod = client.get(world, PODS, namespace, owner.name) as Pod | undefined;
	if (pod !== undefined && pod.metadata.uid === owner.uid && isPodFinished(pod)) client.delete(world, CLAIMS, namespace, name);
	return true;
}
