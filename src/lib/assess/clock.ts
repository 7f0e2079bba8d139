/** A clock that can be paused. It reads the time when it is asked: a tab that was put to sleep loses none. */
export class Clock {
	private readonly now: () => number;
	private ran = 0;
	private since: number | undefined;

	/** `now`: milliseconds that never go back. */
	constructor(now: () => number = () => performance.now()) {
		this.now = now;
	}

	get running(): boolean {
		return this.since !== undefined;
	}

	/** Whole seconds that it ran. */
	get seconds(): number {
		return Math.floor((this.ran + (this.since === undefined ? 0 : this.now() - this.since)) / 1000);
	}

	toggle(): void {
		if (this.since === undefined) {
			this.since = this.now();
			return;
		}
		this.ran += this.now() - this.since;
		this.since = undefined;
	}
}

/** `7:05`, `61:00`. */
export const clockText = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
