/** Finds devices for claims on one node (k8s.io/dynamic-resource-allocation/structured). */
import type { ApiClient } from '../../apiserver/client.ts';
import type { KubeObject } from '../../apiserver/types.ts';
import { sameData } from '../../apiserver/equal.ts';
import { nodeSelectorMatches, tolerates } from '../../controllers/shared/selectors.ts';
import type { World } from '../../kernel/world.ts';
import { deviceFits } from './selectors.ts';
import {
	type Allocated,
	type Ask,
	CLAIMS,
	CLASSES,
	type Constraint,
	type Device,
	type DeviceClass,
	type ResourceClaim,
	type ResourceSlice,
	SLICES,
} from './types.ts';

/** A device with where it comes from. */
interface Offer {
	readonly driver: string;
	readonly pool: string;
	readonly device: Device;
	readonly id: string;
}

export interface Place {
	readonly name: string;
	readonly labels: { readonly [key: string]: string };
}

/** Steps of the search for one node; beyond them the node counts as having no room. */
export const ALLOCATION_STEPS = 10_000;

const reaches = ({ spec }: ResourceSlice, node: Place): boolean =>
	spec.allNodes === true || spec.nodeName === node.name || (spec.nodeSelector !== undefined && nodeSelectorMatches(spec.nodeSelector, node.name, node.labels));

/** Devices that the node can reach, of each pool's newest generation; a pool that is not all there yet gives none. */
function offersOn(world: World, client: ApiClient, node: Place): readonly Offer[] {
	const slices = [
		...client.byIndex(world, SLICES, 'byNode', node.name),
		...client.byIndex(world, SLICES, 'byNode', ''),
	] as readonly KubeObject[] as readonly ResourceSlice[];
	const pools = new Map<string, ResourceSlice[]>();
	for (const slice of slices) {
		const { driver, pool } = slice.spec;
		const key = `${driver}/${pool.name}`;
		const held = pools.get(key) ?? [];
		const newest = held[0]?.spec.pool.generation ?? -1;
		if (pool.generation > newest) pools.set(key, [slice]);
		else if (pool.generation === newest) held.push(slice);
	}
	const out: Offer[] = [];
	for (const held of pools.values()) {
		if (held.length < (held[0]?.spec.pool.resourceSliceCount ?? 1)) continue;
		for (const slice of held) {
			if (!reaches(slice, node)) continue;
			const { driver, pool } = slice.spec;
			for (const device of slice.spec.devices ?? []) out.push({ driver, pool: pool.name, device, id: `${driver}/${pool.name}/${device.name}` });
		}
	}
	return out;
}

/** An attribute by its full name; one without a domain is the driver's own. */
function attributeOf(offer: Offer, name: string): unknown {
	const attributes = offer.device.attributes ?? {};
	const slash = name.indexOf('/');
	return attributes[name] ?? (name.slice(0, slash) === offer.driver ? attributes[name.slice(slash + 1)] : undefined);
}

interface Pick {
	readonly request: string;
	readonly offer: Offer;
	readonly admin: boolean;
}

const concerns = (c: Constraint, request: string): boolean =>
	(c.requests ?? []).length === 0 || (c.requests ?? []).some((r) => r === request || r === request.split('/')[0]);

/** Whether a further device keeps to the constraints with those that are picked. */
function keeps(constraints: readonly Constraint[], picked: readonly Pick[], next: Pick): boolean {
	for (const c of constraints) {
		const name = c.matchAttribute ?? c.distinctAttribute;
		if (name === undefined || !concerns(c, next.request)) continue;
		const value = attributeOf(next.offer, name);
		if (value === undefined) return false;
		const others = picked.filter((p) => concerns(c, p.request)).map((p) => attributeOf(p.offer, name));
		if (c.matchAttribute !== undefined ? !others.every((o) => sameData(o, value)) : others.some((o) => sameData(o, value))) return false;
	}
	return true;
}

class Search {
	readonly #world: World;
	readonly #client: ApiClient;
	readonly #offers: readonly Offer[];
	readonly #used = new Set<string>();
	#steps = 0;

	constructor(world: World, client: ApiClient, offers: readonly Offer[]) {
		this.#world = world;
		this.#client = client;
		this.#offers = offers;
	}

	/** Devices for a claim, which then count as taken for the next one. */
	claim(claim: ResourceClaim): readonly Allocated[] | undefined {
		const { requests = [], constraints = [] } = claim.spec.devices ?? {};
		const asks = requests.map((r): readonly { readonly request: string; readonly ask: Ask }[] =>
			r.exactly !== undefined ? [{ request: r.name, ask: r.exactly }] : (r.firstAvailable ?? []).map((sub) => ({ request: `${r.name}/${sub.name}`, ask: sub })),
		);
		const picks = this.#requests(asks, constraints, []);
		if (picks === undefined) return undefined;
		for (const p of picks) if (!p.admin) this.#used.add(p.offer.id);
		return picks.map(({ request, offer, admin }) => ({
			request,
			driver: offer.driver,
			pool: offer.pool,
			device: offer.device.name,
			...(admin ? { adminAccess: true } : {}),
		}));
	}

	#requests(
		asks: readonly (readonly { readonly request: string; readonly ask: Ask }[])[],
		constraints: readonly Constraint[],
		picked: readonly Pick[],
	): readonly Pick[] | undefined {
		const [first, ...rest] = asks;
		if (first === undefined) return picked;
		for (const { request, ask } of first) {
			const fitting = this.#fitting(ask);
			const wanted = ask.allocationMode === 'All' ? fitting.length : (ask.count ?? 1);
			if (wanted === 0 || fitting.length < wanted) continue;
			const found = this.#devices(request, ask, fitting, wanted, 0, constraints, picked, (p) => this.#requests(rest, constraints, p));
			if (found !== undefined) return found;
		}
		return undefined;
	}

	#fitting(ask: Ask): readonly Offer[] {
		const deviceClass = this.#client.get(this.#world, CLASSES, undefined, ask.deviceClassName) as DeviceClass | undefined;
		if (deviceClass === undefined) return [];
		return this.#offers.filter(
			({ driver, device }) =>
				deviceFits(deviceClass.spec.selectors, driver, device) &&
				deviceFits(ask.selectors, driver, device) &&
				(device.taints ?? []).every((t) => t.effect === 'None' || (ask.tolerations ?? []).some((tol) => tolerates(tol, t))),
		);
	}

	/** Picks `wanted` of the offers from `from` on, then whatever comes after; undefined where it comes to nothing. */
	#devices(
		request: string,
		ask: Ask,
		offers: readonly Offer[],
		wanted: number,
		from: number,
		constraints: readonly Constraint[],
		picked: readonly Pick[],
		then: (picked: readonly Pick[]) => readonly Pick[] | undefined,
	): readonly Pick[] | undefined {
		if (wanted === 0) return then(picked);
		const admin = ask.adminAccess === true;
		for (let i = from; i <= offers.length - wanted; i++) {
			const offer = offers[i];
			if (offer === undefined || ++this.#steps > ALLOCATION_STEPS) return undefined;
			const next = { request, offer, admin };
			const free = admin || (!this.#taken(offer.id) && !picked.some((p) => !p.admin && p.offer.id === offer.id));
			const found =
				free && keeps(constraints, picked, next) ? this.#devices(request, ask, offers, wanted - 1, i + 1, constraints, [...picked, next], then) : undefined;
			if (found !== undefined) return found;
			// All of them means just that: one that is taken or does not fit the constraints spoils it.
			if (ask.allocationMode === 'All') return undefined;
		}
		return undefined;
	}

	#taken(id: string): boolean {
		return this.#used.has(id) || this.#client.byIndex(this.#world, CLAIMS, 'byDevice', id).length > 0;
	}
}

/** Devices on the node for each of the claims, in their order; undefined where not all can have theirs. */
export function allocate(world: World, client: ApiClient, claims: readonly ResourceClaim[], node: Place): readonly (readonly Allocated[])[] | undefined {
	const offers = offersOn(world, client, node);
	const search = new Search(world, client, offers);
	const out: (readonly Allocated[])[] = [];
	for (const claim of claims) {
		const found = search.claim(claim);
		if (found === undefined) return undefined;
		out.push(found);
	}
	return out;
}
