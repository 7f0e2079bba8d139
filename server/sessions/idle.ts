/** Which sessions of a worker go to disk. */
import { LIMITS } from '../limits.ts';

/** `idleSince`: real ms (monotonic) since when nobody has looked at it; undefined while somebody does. */
interface Open {
	readonly idleSince: number | undefined;
}

/** Sessions that nobody has looked at for long, and the longest unwatched of those beyond what a worker holds. `now`: real ms (monotonic). */
export function toPutAway<S extends Open>(open: readonly S[], now: number): readonly S[] {
	const idle = open.filter((s) => s.idleSince !== undefined).sort((a, b) => (a.idleSince ?? 0) - (b.idleSince ?? 0));
	const tooMany = open.length - LIMITS.sandboxesPerWorker;
	return idle.filter((session, i) => i < tooMany || now - (session.idleSince ?? 0) > LIMITS.idleSessionMs);
}
