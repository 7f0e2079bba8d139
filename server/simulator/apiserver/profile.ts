/** How this cluster's API server is started: as kubeadm does, or with the settings of Kubernetes' own `test/cmd` (hack/make-rules/test-cmd.sh). */
import { defineSlice } from '../kernel/state.ts';
import type { World } from '../kernel/world.ts';
import type { BootOptions } from '../services.ts';

const profileSlice = defineSlice<BootOptions['profile']>('admission-profile', 'full');

/** Said once, at boot. */
export function setProfile(world: World, profile: BootOptions['profile']): void {
	world.write(profileSlice, profile);
}

/** A bare API server runs without the admission plugins that lean on controllers and nodes, and allows whatever RBAC has no opinion of (`RBAC,AlwaysAllow`). */
export function isFull(world: World): boolean {
	return world.read(profileSlice) === 'full';
}

/** `--service-cluster-ip-range`. */
export interface ServiceRange {
	readonly cidr: string;
	/** The range's first address, a 32-bit number. */
	readonly base: number;
	/** How many addresses it has; the first is the network's, the last the broadcast's. */
	readonly size: number;
}

const FULL_RANGE: ServiceRange = { cidr: '10.96.0.0/16', base: 0x0a60_0000, size: 65_536 };
const BARE_RANGE: ServiceRange = { cidr: '10.0.0.0/24', base: 0x0a00_0000, size: 256 };

export function serviceRange(world: World): ServiceRange {
	return isFull(world) ? FULL_RANGE : BARE_RANGE;
}

/** The `n`th address of a range. */
export function addressAt({ base }: ServiceRange, n: number): string {
	const address = base + n;
	return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
