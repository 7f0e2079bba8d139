import type { World } from '../kernel/world.ts';
import type { Room, Services } from '../services.ts';
import type { NetworkApi, Outcome } from './types.ts';

export function createNetwork(_services: Services): { readonly network: NetworkApi; readonly room: Room } {
	throw new Error('being built');
}

/** Outcome of a dial whose reply is `{kind: 'call', id}`, once there. */
export function callOutcome(_world: World, _id: string): Outcome | undefined {
	return undefined;
}

/** Drops a call and its outcome, aborting it where it still runs. */
export function forgetCall(_world: World, _id: string): void {}
