/** Which admission plugins this cluster runs. */
import { defineSlice } from '../../kernel/state.ts';
import type { World } from '../../kernel/world.ts';
import type { BootOptions } from '../../services.ts';

const profileSlice = defineSlice<BootOptions['profile']>('admission-profile', 'full');

/** Said once, at boot. */
export function setProfile(world: World, profile: BootOptions['profile']): void {
	world.write(profileSlice, profile);
}

/** A bare API server runs without the plugins that lean on controllers and nodes (settings of Kubernetes' own `test/cmd`). */
export function isFull(world: World): boolean {
	return world.read(profileSlice) === 'full';
}
