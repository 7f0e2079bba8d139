/** The rules by which a card is cut: what fits where, and the numbers that instances get. Models the driver's placement, as NVIDIA's MIG user guide shows it. */
import { derivedUuid, migProfile } from './cards.ts';
import { type GpuModel, gpuModel, type MigProfile } from './models.ts';
import type { GpuCard, GpuInstance, GpuNode } from './state.ts';

/** Memory slices of a card. */
const SLICES = 8;

/** Instances are numbered by size class and place: 0 for all of the card, 1–2, 3–6, 7–13. */
function instanceId(profile: MigProfile, start: number): number {
	if (profile.size === SLICES) return 0;
	if (profile.size === 4) return 1 + start / 4;
	return profile.size === 2 ? 3 + start / 2 : 7 + start;
}

function overlaps(model: GpuModel, instance: GpuInstance, start: number, size: number): boolean {
	const taken = migProfile(model, instance.profile)?.size ?? SLICES;
	return start < instance.start + taken && instance.start < start + size;
}

/** Where a profile may still go on a card, in the driver's order. Only one instance may have the media engines (`+me`). */
export function freeStarts(model: GpuModel, instances: readonly GpuInstance[], profile: MigProfile): readonly number[] {
	const media = profile.name.endsWith('+me');
	if (media && instances.some((i) => i.profile.endsWith('+me') || i.profile.startsWith('7g'))) return [];
	const compute = instances.reduce((sum, i) => sum + (migProfile(model, i.profile)?.slices ?? 0), 0);
	if (compute + profile.slices > 7) return [];
	return profile.starts.filter((start) => !instances.some((i) => overlaps(model, i, start, profile.size)));
}

/** How many more instances of a profile fit beside those that are there. */
export function freeInstances(model: GpuModel, instances: readonly GpuInstance[], profile: MigProfile): number {
	let now = instances;
	let count = 0;
	for (;;) {
		const [start] = freeStarts(model, now, profile);
		if (start === undefined) return count;
		now = [...now, instance('', profile, start)];
		count++;
	}
}

function instance(card: string, profile: MigProfile, start: number): GpuInstance {
	const id = instanceId(profile, start);
	return { id, profile: profile.name, start, uuid: `MIG-${derivedUuid(`${card}/${id}/${profile.name}`)}` };
}

/** Adds one instance as the driver places it, or at a given start; undefined where there is no room. */
export function createInstance(node: GpuNode, card: GpuCard, profile: MigProfile, at?: number): GpuInstance | undefined {
	const starts = freeStarts(gpuModel(node.model), card.instances, profile);
	const start = at === undefined ? starts[0] : starts.find((s) => s === at);
	return start === undefined ? undefined : instance(card.uuid, profile, start);
}

/**
 * Instances of a whole layout on an empty card (`{'1g.10gb': 2, '3g.40gb': 1}`): mig-parted tries orders of creation
 * until one fits. Says which profile is unknown, or that no order fits.
 */
export function layOut(
	model: GpuModel,
	card: GpuCard,
	wanted: { readonly [profile: string]: number },
): { readonly instances: readonly GpuInstance[] } | { readonly error: string } {
	const list: MigProfile[] = [];
	for (const [name, count] of Object.entries(wanted)) {
		const profile = migProfile(model, name);
		if (profile === undefined) return { error: `error creating MIG config: unsupported MIG device: ${name}` };
		if (count > profile.max) return { error: 'no possible permutations of MIG devices to achieve the desired config' };
		for (let i = 0; i < count; i++) list.push(profile);
	}
	// Large ones first: they have the fewest places.
	list.sort((a, b) => b.size - a.size || b.slices - a.slices);
	const found = search(model, card.uuid, [], list);
	return found === undefined ? { error: 'no possible permutations of MIG devices to achieve the desired config' } : { instances: found };
}

/** Depth first over places; at most seven instances with seven places each, cut by the overlaps. */
function search(model: GpuModel, card: string, done: readonly GpuInstance[], left: readonly MigProfile[]): readonly GpuInstance[] | undefined {
	const [next, ...rest] = left;
	if (next === undefined) return [...done].sort((a, b) => a.start - b.start);
	for (const start of freeStarts(model, done, next)) {
		const found = search(model, card, [...done, instance(card, next, start)], rest);
		if (found !== undefined) return found;
	}
	return undefined;
}
