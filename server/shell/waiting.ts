/** Waiting that a signal ends. */
import type { Sandbox } from '../sandboxes/sandbox.ts';

/** What comes first: the work, or the signal. The listener goes with the work: a loop of a million commands has one signal. */
export function untilAborted<T, U>(signal: AbortSignal, work: Promise<T>, ended: () => U): Promise<T | U> {
	return new Promise((resolve, reject) => {
		const abort = (): void => resolve(ended());
		if (signal.aborted) abort();
		signal.addEventListener('abort', abort, { once: true });
		work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
	});
}

/** Waits on the sandbox's clock. Rejects with AbortError when the signal fires. */
export async function sleepOn(sandbox: Sandbox, ms: number, signal: AbortSignal): Promise<void> {
	const until = sandbox.clock.now() + ms;
	for (let left = ms; left > 0 && !signal.aborted; left = until - sandbox.clock.now()) await sandbox.clock.advance(left, signal);
	signal.throwIfAborted();
}
