/** DynamicResources: the pod's claims must have their devices on the node, or be able to get them there. */
import type { Pod } from '../../controllers/shared/objects.ts';
import { nodeSelectorMatches } from '../../controllers/shared/selectors.ts';
import { formatTime } from '../../kernel/time.ts';
import { allocate } from '../devices/allocate.ts';
import { type Allocated, CLAIMS, CLASSES, type Config, DELETE_PROTECTION, type DeviceClass, type PodClaim, type ResourceClaim } from '../devices/types.ts';
import { type Cycle, NOTHING, type Plugin, type Refused } from '../framework.ts';

const NO_DEVICES: Refused = { reasons: ['cannot allocate all claims'], final: false };
const ELSEWHERE: Refused = { reasons: ['resourceclaim not available on the node'], final: true };

/** Consumers that a claim may have at once (ResourceClaimReservedForMaxSize). */
const MOST_CONSUMERS = 256;

const podClaimsOf = (pod: Pod): readonly PodClaim[] => (pod.spec['resourceClaims'] ?? []) as readonly PodClaim[];

/** The name of the claim behind one of the pod's; '' for a template's that needs none; undefined where it is still to be made. */
function claimName(pod: Pod, claim: PodClaim): string | undefined {
	if (claim.resourceClaimName !== undefined) return claim.resourceClaimName;
	const made = (pod.status?.['resourceClaimStatuses'] ?? []) as readonly { readonly name: string; readonly resourceClaimName?: string }[];
	const status = made.find((s) => s.name === claim.name);
	return status === undefined ? undefined : (status.resourceClaimName ?? '');
}

/** PreEnqueue: a pod whose claims are still being made from templates is not tried yet. */
export const awaitsClaims = (pod: Pod): boolean => podClaimsOf(pod).some((c) => claimName(pod, c) === undefined);

interface Found {
	readonly claims: readonly ResourceClaim[];
	readonly refused?: string;
}

function found({ world, client }: Pick<Cycle, 'world' | 'client'>, pod: Pod): Found {
	const claims: ResourceClaim[] = [];
	for (const podClaim of podClaimsOf(pod)) {
		const name = claimName(pod, podClaim);
		if (name === '') continue;
		if (name === undefined) return { claims, refused: `pod "${pod.metadata.namespace ?? ''}/${pod.metadata.name}": ResourceClaim not created yet` };
		const claim = client.get(world, CLAIMS, pod.metadata.namespace, name) as ResourceClaim | undefined;
		if (claim === undefined) return { claims, refused: `resourceclaim.resource.k8s.io "${name}" not found` };
		if (claim.metadata.deletionTimestamp !== undefined) return { claims, refused: `resourceclaim "${name}" is being deleted` };
		const { allocation, reservedFor = [] } = claim.status ?? {};
		if (allocation !== undefined && reservedFor.length >= MOST_CONSUMERS && !reservedFor.some((r) => r.uid === pod.metadata.uid)) {
			return { claims, refused: 'resourceclaim in use' };
		}
		const missing = allocation === undefined ? missingClass({ world, client }, claim) : undefined;
		if (missing !== undefined) return { claims, refused: missing };
		claims.push(claim);
	}
	return { claims };
}

function missingClass({ world, client }: Pick<Cycle, 'world' | 'client'>, claim: ResourceClaim): string | undefined {
	for (const request of claim.spec.devices?.requests ?? []) {
		for (const ask of request.exactly === undefined ? (request.firstAvailable ?? []) : [request.exactly]) {
			if (client.get(world, CLASSES, undefined, ask.deviceClassName) === undefined) {
				return `request ${request.name}: device class ${ask.deviceClassName} does not exist`;
			}
		}
	}
	return undefined;
}

export const dynamicResources: Plugin = {
	name: 'DynamicResources',
	prepare(cycle) {
		if (podClaimsOf(cycle.pod).length === 0) return NOTHING;
		const { claims, refused } = found(cycle, cycle.pod);
		if (refused !== undefined) return { refused };
		const { world, client } = cycle;
		const open = claims.filter((c) => c.status?.allocation === undefined);
		return {
			filter: (node) => {
				for (const c of claims) {
					const where = c.status?.allocation?.nodeSelector;
					if (where !== undefined && !nodeSelectorMatches(where, node.name, node.labels)) return ELSEWHERE;
				}
				return open.length > 0 && allocate(world, client, open, node) === undefined ? NO_DEVICES : undefined;
			},
		};
	},
};

/** What the class and the claim configure of the devices that came of them. */
function configsOf({ world, client }: Pick<Cycle, 'world' | 'client'>, claim: ResourceClaim, results: readonly Allocated[]): readonly object[] {
	const out: object[] = [];
	for (const request of claim.spec.devices?.requests ?? []) {
		const asks =
			request.exactly === undefined
				? (request.firstAvailable ?? []).map((s) => ({ at: `${request.name}/${s.name}`, ask: s }))
				: [{ at: request.name, ask: request.exactly }];
		for (const { at, ask } of asks) {
			if (!results.some((r) => r.request === at)) continue;
			const deviceClass = client.get(world, CLASSES, undefined, ask.deviceClassName) as DeviceClass | undefined;
			for (const c of deviceClass?.spec.config ?? []) out.push({ source: 'FromClass', requests: [at], ...c });
		}
	}
	for (const c of (claim.spec.devices?.config ?? []) as readonly Config[]) out.push({ source: 'FromClaim', ...c });
	return out;
}

/**
 * Gives the pod's claims their devices on the node and enters the pod as their consumer (Reserve and PreBind).
 * @returns why it can't be done any more.
 */
export function takeDevices(
	cycle: Pick<Cycle, 'world' | 'client' | 'pod'>,
	node: { readonly name: string; readonly labels: { readonly [key: string]: string } },
): string | undefined {
	const { world, client, pod } = cycle;
	if (podClaimsOf(pod).length === 0) return undefined;
	const { claims, refused } = found(cycle, pod);
	if (refused !== undefined) return refused;
	const open = claims.filter((c) => c.status?.allocation === undefined);
	const given = allocate(world, client, open, node);
	if (given === undefined) return 'cannot allocate all claims';
	for (const claim of claims) {
		const results = given[open.indexOf(claim)];
		const why = reserveClaim(cycle, claim, results, node.name);
		if (why !== undefined) return why;
	}
	return undefined;
}

function reserveClaim(
	cycle: Pick<Cycle, 'world' | 'client' | 'pod'>,
	claim: ResourceClaim,
	results: readonly Allocated[] | undefined,
	node: string,
): string | undefined {
	const { world, client, pod } = cycle;
	let held = claim;
	if (results !== undefined && !(claim.metadata.finalizers ?? []).includes(DELETE_PROTECTION)) {
		const metadata = { ...claim.metadata, finalizers: [...(claim.metadata.finalizers ?? []), DELETE_PROTECTION] };
		const outcome = client.update(world, CLAIMS, { ...claim, metadata });
		if (!outcome.ok) return outcome.status.message ?? '';
		held = outcome.value as ResourceClaim;
	}
	const reservedFor = held.status?.reservedFor ?? [];
	const known = reservedFor.some((r) => r.uid === pod.metadata.uid);
	if (known && results === undefined) return undefined;
	const config = results === undefined ? [] : configsOf(cycle, claim, results);
	const allocation =
		results === undefined
			? held.status?.allocation
			: {
					devices: { results, ...(config.length > 0 ? { config } : {}) },
					nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] },
					allocationTimestamp: formatTime(world.now),
				};
	const consumer = { resource: 'pods', name: pod.metadata.name, uid: pod.metadata.uid };
	const status = { ...held.status, allocation, reservedFor: known ? reservedFor : [...reservedFor, consumer] };
	const outcome = client.updateStatus(world, CLAIMS, { ...held, status });
	return outcome.ok ? undefined : (outcome.status.message ?? '');
}
