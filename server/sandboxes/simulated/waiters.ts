/** Those who wait for something to become true in a simulated world, or for its clock to reach a time. */
export class Waiters {
	private readonly list: Waiter[] = [];

	/** Resolves with true once `done()` is, with false when the clock reaches `until` first or the signal fires. */
	add(done: () => boolean, until: number, signal?: AbortSignal): Promise<boolean> {
		return new Promise((resolve) => {
			const waiter: Waiter = { done, until, settle: (value) => resolve(value) };
			if (signal !== undefined) {
				const give = (): void => {
					this.remove(waiter);
					resolve(false);
				};
				if (signal.aborted) return give();
				signal.addEventListener('abort', give, { once: true });
				waiter.settle = (value) => {
					signal.removeEventListener('abort', give);
					resolve(value);
				};
			}
			this.list.push(waiter);
		});
	}

	get size(): number {
		return this.list.length;
	}

	/** The earliest time anybody waits for. */
	nextUntil(): number {
		let least = Number.POSITIVE_INFINITY;
		for (const w of this.list) if (w.until < least) least = w.until;
		return least;
	}

	/** Lets go of those whose time or condition has come; returns how many. */
	check(now: number): number {
		const settled: [Waiter, boolean][] = [];
		for (const w of this.list) {
			if (w.done()) settled.push([w, true]);
			else if (now >= w.until) settled.push([w, false]);
		}
		for (const [w, value] of settled) {
			this.remove(w);
			w.settle(value);
		}
		return settled.length;
	}

	/** Lets everyone go with false: the world is gone. */
	release(): void {
		for (const w of this.list.splice(0)) w.settle(false);
	}

	private remove(waiter: Waiter): void {
		const at = this.list.indexOf(waiter);
		if (at >= 0) this.list.splice(at, 1);
	}
}

interface Waiter {
	readonly done: () => boolean;
	readonly until: number;
	settle: (value: boolean) => void;
}
