/**
 * Virtual time beside real time: it runs while anybody holds it, stands still else, and wakes the world when something
 * is due there. A machine that cannot keep up slips (virtual time falls behind) rather than racing after.
 */
import { LIMITS } from '../../limits.ts';

export interface PacingOptions {
	/** Where virtual time stands at the start, ms since the epoch. */
	readonly virtualNow: number;
	/** Virtual ms a real ms. */
	readonly speed: number;
	/** When the world does something by itself next. */
	readonly nextDue: () => number | undefined;
	/** When somebody outside wants to be called next (virtual ms; Infinity for nobody). */
	readonly nextWanted: () => number;
	/** Moves the world to this virtual time. */
	readonly wake: (at: number) => void;
	/** Real ms; monotonic. */
	readonly realNow?: () => number;
}

export class Pacing {
	private readonly options: PacingOptions;
	private readonly realNow: () => number;
	private holders = 0;
	private anchorReal = 0;
	private anchorVirtual: number;
	private timer: ReturnType<typeof setTimeout> | undefined;
	private wakeAt = Number.POSITIVE_INFINITY;
	private lastWake = Number.NEGATIVE_INFINITY;
	private closed = false;
	private suspended = false;

	constructor(options: PacingOptions) {
		this.options = options;
		this.realNow = options.realNow ?? (() => performance.now());
		this.anchorVirtual = options.virtualNow;
		this.anchorReal = this.realNow();
	}

	get running(): boolean {
		return this.holders > 0 && !this.closed && !this.suspended;
	}

	/** Virtual time, ms since the epoch (not whole). */
	now(): number {
		if (!this.running) return this.anchorVirtual;
		return this.anchorVirtual + (this.realNow() - this.anchorReal) * this.options.speed;
	}

	/** Lets time run until the returned function is called (once). */
	hold(): () => void {
		if (this.holders === 0) this.anchorReal = this.realNow();
		this.holders++;
		this.plan();
		let held = true;
		return () => {
			if (!held) return;
			held = false;
			// Where time stops it stops at this moment, with all that is due by then done at the next wake or input.
			const now = this.now();
			this.holders--;
			if (this.holders === 0) {
				this.anchorVirtual = now;
				this.cancel();
			}
		};
	}

	/** The world was brought to `virtual` by an input: plans the next wake-up. */
	touched(virtual: number): void {
		if (virtual > this.now()) this.slipTo(virtual);
		this.plan();
	}

	/** Sets virtual time: it goes on from here. */
	slipTo(virtual: number): void {
		this.anchorVirtual = virtual;
		this.anchorReal = this.realNow();
	}

	/** Somebody else moves the time from here on. */
	suspend(): void {
		this.anchorVirtual = this.now();
		this.suspended = true;
		this.cancel();
	}

	/** Real time leads again, from where virtual time was brought. */
	resume(virtual: number): void {
		this.suspended = false;
		this.slipTo(virtual);
		this.plan();
	}

	close(): void {
		this.anchorVirtual = this.now();
		this.closed = true;
		this.cancel();
	}

	private cancel(): void {
		if (this.timer !== undefined) clearTimeout(this.timer);
		this.timer = undefined;
		this.wakeAt = Number.POSITIVE_INFINITY;
	}

	private plan(): void {
		if (!this.running) return;
		const due = Math.min(this.options.nextDue() ?? Number.POSITIVE_INFINITY, this.options.nextWanted());
		if (!Number.isFinite(due)) return;
		const real = this.realNow();
		const at = Math.max(real + (due - this.now()) / this.options.speed, this.lastWake + LIMITS.wakeMs, real);
		if (this.timer !== undefined && this.wakeAt <= at + 0.5) return;
		this.cancel();
		this.wakeAt = at;
		// setTimeout counts in 31 bits; a far wake-up is planned again on the way.
		this.timer = setTimeout(() => this.ring(), Math.min(Math.max(1, Math.ceil(at - real)), 3_600_000));
	}

	private ring(): void {
		this.timer = undefined;
		this.wakeAt = Number.POSITIVE_INFINITY;
		if (!this.running) return;
		// What was due long ago says that the machine fell behind; a quiet world that slept has nothing due in the past.
		const due = Math.min(this.options.nextDue() ?? Number.POSITIVE_INFINITY, this.options.nextWanted());
		const most = due + LIMITS.catchUpMs * this.options.speed;
		if (this.now() > most) this.slipTo(most);
		this.lastWake = this.realNow();
		this.options.wake(Math.floor(this.now()));
		this.plan();
	}
}
