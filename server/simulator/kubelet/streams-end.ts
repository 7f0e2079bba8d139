/** Ends of exec and attach streams. */
import type { Status } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import { endStream, pushStream } from './streams.ts';

/** Sends the Status that closes a stream on its error channel. */
export function endStreamWith(world: World, id: string, status: Status): void {
	pushStream(world, id, 3, JSON.stringify(status));
	endStream(world, id);
}
