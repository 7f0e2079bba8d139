/**
 * Whom a worker computes for at this moment, in memory that both threads see: when it hangs or dies, the main thread knows
 * whose sandbox it was, and the neighbours are not blamed.
 */
const BYTES = 64;

export const newBusyMark = (): SharedArrayBuffer => new SharedArrayBuffer(BYTES);

/** The worker's side: a function that sets (true) and clears (false) the mark for this session. */
export function busyMarker(mark: SharedArrayBuffer | undefined, session: string): (busy: boolean) => void {
	if (mark === undefined) return () => {};
	const bytes = new Uint8Array(mark);
	const id = new TextEncoder().encode(session).slice(0, BYTES - 1);
	return (busy) => {
		if (busy) bytes.set(id, 1);
		bytes[0] = busy ? id.length : 0;
	};
}

/** The main thread's side: the session that the worker computes for, or undefined. */
export function busyWith(mark: SharedArrayBuffer): string | undefined {
	const bytes = new Uint8Array(mark);
	const length = bytes[0] ?? 0;
	return length === 0 ? undefined : new TextDecoder().decode(bytes.slice(1, 1 + length));
}
