/**
 * A simulator with somebody who moves its time. Two kinds: the live host follows real time while anybody holds it and
 * writes every input to its journal before the result is given out; a fork's time moves only as far as somebody waits for.
 */
import type { FileInput, InputBody, InputResult } from '../../simulator/inputs.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { fault } from '../../errors/catalogue.ts';
import { LIMITS } from '../../limits.ts';
import type { JournalWriter } from './journal.ts';
import { Pacing } from './pacing.ts';
import { Waiters } from './waiters.ts';

export interface SimHost {
	readonly simulator: Simulator;
	/** Virtual ms since the epoch, as a caller sees it now. */
	now(): number;
	/** Applies an input at the present. Throws a `Fault` where it could not be kept, with nothing changed. */
	apply(body: InputBody): InputResult;
	/** Called after inputs and after time has moved; several moves may come as one call. */
	onMove(listener: () => void): () => void;
	/** Called after a change of the workstation's files. */
	onFile(listener: (op: FileInput) => void): () => void;
	/** Waits on the virtual clock: true once `done()`, false when `until` (virtual ms) passes first. Time goes on meanwhile. */
	waitFor(done: () => boolean, until: number, signal?: AbortSignal): Promise<boolean>;
	/** Keeps time going until the returned function is called: a stream is open. */
	hold(): () => void;
	/** Lets time pass as fast as it can be computed, event by event, until the returned function is called. */
	hurry(): () => void;
	/** An id for a dial that no other has had. */
	nextId(): string;
}

/** What both kinds share. */
abstract class Host implements SimHost {
	readonly simulator: Simulator;
	protected readonly waiters = new Waiters();
	private readonly moved = new Set<() => void>();
	private readonly filed = new Set<(op: FileInput) => void>();
	private ids = 0;
	private readonly idPrefix = Math.random().toString(36).slice(2, 8);

	constructor(simulator: Simulator) {
		this.simulator = simulator;
	}

	abstract now(): number;
	abstract apply(body: InputBody): InputResult;
	abstract hold(): () => void;
	abstract hurry(): () => void;
	abstract waitFor(done: () => boolean, until: number, signal?: AbortSignal): Promise<boolean>;

	onMove(listener: () => void): () => void {
		this.moved.add(listener);
		return () => this.moved.delete(listener);
	}

	onFile(listener: (op: FileInput) => void): () => void {
		this.filed.add(listener);
		return () => this.filed.delete(listener);
	}

	nextId(): string {
		this.ids++;
		return `${this.idPrefix}-${this.ids}`;
	}

	/** Applies with the way back: an input that fails leaves the world as it was. */
	protected attempt(body: InputBody, at: number, keep?: (line: string) => void): InputResult {
		const before = this.simulator.world.state;
		const input = { at, ...body };
		try {
			const result = this.simulator.apply(input);
			keep?.(JSON.stringify(input));
			if (body.kind === 'file') for (const listener of this.filed) listener(body.op);
			return result;
		} catch (error) {
			this.simulator.world.state = before;
			throw error;
		}
	}

	protected tellMoved(): void {
		for (const listener of this.moved) listener();
	}

	protected clear(): void {
		this.waiters.release();
		this.moved.clear();
		this.filed.clear();
	}
}

/** What a live host needs of its journal. */
type Journal = Pick<JournalWriter, 'append' | 'timePassed' | 'stateBytes'>;

export interface LiveOptions {
	readonly journal?: Journal;
	/** Virtual seconds a real second. */
	readonly speed?: number;
	/** Told when time could not move on: an input failed inside the simulator. */
	readonly onFault?: (error: unknown) => void;
	/** Told before (true) and after (false) the simulator computes. */
	readonly onBusy?: (busy: boolean) => void;
}

export class LiveHost extends Host {
	readonly pacing: Pacing;
	private readonly journal: Journal | undefined;
	private readonly onFault: (error: unknown) => void;
	private readonly onBusy: (busy: boolean) => void;
	private telling = false;
	private closed = false;
	/** After a fault while time passed: the clock stands until the next input. */
	private faulted = false;
	private hurrying = 0;
	private driving = false;

	constructor(simulator: Simulator, options: LiveOptions = {}) {
		super(simulator);
		this.journal = options.journal;
		this.onFault = options.onFault ?? (() => {});
		this.onBusy = options.onBusy ?? (() => {});
		this.pacing = new Pacing({
			virtualNow: simulator.now,
			speed: options.speed ?? 1,
			nextDue: () => (this.faulted ? undefined : this.simulator.nextDue()),
			nextWanted: () => this.waiters.nextUntil(),
			wake: (at) => this.tick(at),
		});
	}

	now(): number {
		return Math.max(this.simulator.now, Math.floor(this.pacing.now()));
	}

	apply(body: InputBody): InputResult {
		if (this.closed) throw fault('sandbox-unknown', { session: 'closed' });
		this.checkRoom(body);
		const result = this.guarded(body);
		this.faulted = false;
		this.pacing.touched(this.simulator.now);
		this.tellSoon();
		return result;
	}

	hold(): () => void {
		return this.pacing.hold();
	}

	hurry(): () => void {
		const release = this.hold();
		this.hurrying++;
		if (!this.driving) void this.drive();
		let held = true;
		return () => {
			if (!held) return;
			held = false;
			this.hurrying--;
			release();
		};
	}

	/**
	 * Time by events instead of by the clock on the wall: the next thing due, then whoever waited for it runs before time goes on, so that
	 * load sent meanwhile is as exact as at real time. Other sessions and terminals get their turn between slices.
	 */
	private async drive(): Promise<void> {
		this.driving = true;
		this.pacing.suspend();
		await settled();
		while (this.hurrying > 0 && !this.closed) {
			const began = performance.now();
			let moved = true;
			while (moved && this.hurrying > 0 && !this.closed && performance.now() - began < LIMITS.hurrySliceMs) moved = await this.leap();
			await new Promise((resolve) => setTimeout(resolve, moved ? 0 : LIMITS.wakeMs));
		}
		this.driving = false;
		if (!this.closed) this.pacing.resume(this.simulator.now);
	}

	/** To the next event; false where none is in sight. */
	private async leap(): Promise<boolean> {
		const due = this.faulted ? Number.POSITIVE_INFINITY : (this.simulator.nextDue() ?? Number.POSITIVE_INFINITY);
		const at = Math.min(due, this.waiters.nextUntil());
		if (!Number.isFinite(at)) return false;
		if (this.tick(Math.max(at, this.simulator.now)) > 0) await settled();
		return true;
	}

	async waitFor(done: () => boolean, until: number, signal?: AbortSignal): Promise<boolean> {
		if (done()) return true;
		const release = this.hold();
		const answer = this.waiters.add(done, until, signal);
		this.pacing.touched(this.simulator.now);
		return answer.finally(release);
	}

	/** Stops time for good; what was applied is in the journal. */
	close(): void {
		if (this.closed) return;
		this.closed = true;
		this.pacing.close();
		this.clear();
	}

	/** Past the limit a sandbox takes only what makes it smaller, and reads. Measured at every snapshot. */
	private checkRoom(body: InputBody): void {
		if (body.kind !== 'request' || !/^(POST|PUT|PATCH)$/.test(body.request.method)) return;
		if ((this.journal?.stateBytes ?? 0) > LIMITS.stateBytes) throw fault('sandbox-full', { limit: `${LIMITS.stateBytes / 1_048_576} MiB` });
	}

	protected override attempt(body: InputBody, at: number, keep?: (line: string) => void): InputResult {
		this.onBusy(true);
		try {
			return super.attempt(body, at, keep);
		} finally {
			this.onBusy(false);
		}
	}

	private guarded(body: InputBody): InputResult {
		try {
			return this.attempt(body, this.now(), (line) => this.journal?.append(line));
		} catch (error) {
			if (error instanceof Error && error.name === 'Fault') throw error;
			this.onFault(error);
			throw fault('simulator-failed', { why: error instanceof Error ? error.message : String(error) }, error);
		}
	}

	/** Moves time; how many of those who waited were let go. */
	private tick(at: number): number {
		try {
			this.attempt({ kind: 'tick' }, at);
			this.journal?.timePassed(this.simulator.now);
		} catch (error) {
			this.faulted = true;
			this.pacing.slipTo(this.simulator.now);
			this.onFault(error);
		}
		return this.tell();
	}

	/** Several inputs in one turn of the event loop tell their listeners once. */
	private tellSoon(): void {
		if (this.telling) return;
		this.telling = true;
		queueMicrotask(() => this.tell());
	}

	private tell(): number {
		this.telling = false;
		if (this.closed) return 0;
		const released = this.waiters.check(this.now());
		this.tellMoved();
		return released;
	}
}

/** A copy whose time somebody's waiting moves, as fast as it can be computed. */
export class ForkHost extends Host {
	private driving = false;
	private telling = false;
	private closed = false;
	/** What stopped time for good: an input or timer that failed inside the simulator. */
	private failure: unknown;

	now(): number {
		return this.simulator.now;
	}

	apply(body: InputBody): InputResult {
		if (this.closed) throw fault('sandbox-unknown', { session: 'fork' });
		if (this.failure !== undefined) throw this.failed(this.failure);
		try {
			const result = this.attempt(body, this.simulator.now);
			if (!this.telling) {
				this.telling = true;
				queueMicrotask(() => {
					this.telling = false;
					this.waiters.check(this.simulator.now);
					this.tellMoved();
				});
			}
			return result;
		} catch (error) {
			throw this.failed(error);
		}
	}

	hold(): () => void {
		return () => {};
	}

	/** A fork knows no other pace. */
	hurry(): () => void {
		return () => {};
	}

	waitFor(done: () => boolean, until: number, signal?: AbortSignal): Promise<boolean> {
		if (this.closed) return Promise.resolve(false);
		if (this.failure !== undefined) return Promise.reject(this.failed(this.failure));
		if (done()) return Promise.resolve(true);
		const answer = this.waiters.add(done, until, signal);
		if (!this.driving) {
			this.driving = true;
			void this.drive();
		}
		return answer;
	}

	close(): void {
		this.closed = true;
		this.clear();
	}

	private failed(error: unknown): Error {
		return fault('simulator-failed', { why: error instanceof Error ? error.message : String(error) }, error);
	}

	/**
	 * One event after another, as long as anybody waits. Whoever is let go runs before time goes on: what they do next
	 * happens at the moment they waited for, so that a grading is the same on every run.
	 */
	private async drive(): Promise<void> {
		await settled();
		let steps = 0;
		while (!this.closed && this.waiters.size > 0) {
			const until = this.waiters.nextUntil();
			const at = Math.min(this.simulator.nextDue() ?? until, until);
			if (!Number.isFinite(at)) break;
			try {
				this.attempt({ kind: 'tick' }, Math.max(at, this.simulator.now));
			} catch (error) {
				// Who waits sees a timeout now, and the failure at the next thing they do here.
				this.failure = error;
				break;
			}
			this.tellMoved();
			if (this.waiters.check(this.simulator.now) > 0) await settled();
			else if (++steps % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
		}
		this.driving = false;
		if (this.waiters.size > 0) this.waiters.release();
	}
}

/** Until everything that can go on without waiting has done so. */
async function settled(): Promise<void> {
	await new Promise((resolve) => setImmediate(resolve));
	await new Promise((resolve) => setImmediate(resolve));
}
