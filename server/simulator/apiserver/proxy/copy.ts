/**
 * Asking somebody in the cluster's network without waiting. Whoever handles a request or reconciles a key needs the answer at
 * once, and no time passes meanwhile; so the question is put in a copy of the world, whose clock runs until the answer is there
 * or the time for it is over. What is done on the side stays in the copy.
 */
import { defineSlice } from '../../kernel/state.ts';
import type { World } from '../../kernel/world.ts';
import { callOutcome } from '../../network/network.ts';
import type { Dial, Outcome } from '../../network/types.ts';
import type { Services } from '../../services.ts';

/** Host network of the API server. */
export const SOURCE = { kind: 'node', name: 'foothold-control-plane' } as const;
const CALL = 'in-copy';

/** Set in such a copy: from there nobody is asked this way, or a question that leads to itself would never end. */
const askingSlice = defineSlice<boolean>('webhook-asking', false);

export const isAsking = (world: World): boolean => world.read(askingSlice);

/** A dial's outcome, within `ms` of the copy's time; undefined where it took longer. */
export function dialInCopy(services: Services, world: World, dial: Dial, ms: number): Outcome | undefined {
	const copy = world.fork();
	copy.write(askingSlice, true);
	services.network.dial(copy, { ...dial, timeoutMs: ms }, { kind: 'call', id: CALL });
	copy.advanceTo(copy.now + ms, () => callOutcome(copy, CALL) !== undefined);
	return callOutcome(copy, CALL);
}
