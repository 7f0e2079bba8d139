/** The worker threads, seen from the main thread: calls with answers, events, a heartbeat, and a new worker for one that hangs or dies. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Fault, fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import { busyWith, newBusyMark } from './busy.ts';
import type { CallName, FromWorker, Post, ToWorker, WorkerCalls, WorkerEvent, WorkerStart } from './wire.ts';

export interface PoolOptions {
	readonly start: WorkerStart;
	/** About the number of cores where left out. */
	readonly size?: number;
	readonly onEvent: (event: WorkerEvent) => void;
	/** A worker has gone and another has taken its place: its sessions have to be opened again. `why` is for people; `culprit` is the session it was computing for, where that is known. */
	readonly onReplaced: (worker: number, why: string, culprit: string | undefined) => void;
	readonly log: (message: string, detail?: unknown) => void;
	/** For tests. */
	readonly silenceMs?: number;
}

interface Waiting {
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: unknown) => void;
}

export class Pool {
	private readonly seats: Seat[];
	private readonly timer: ReturnType<typeof setInterval>;

	constructor(options: PoolOptions) {
		const size = options.size ?? Math.max(1, availableParallelism());
		this.seats = Array.from({ length: size }, (_, i) => new Seat(i, options));
		this.timer = setInterval(() => {
			for (const seat of this.seats) seat.checkHeartbeat();
		}, LIMITS.heartbeatMs);
	}

	get size(): number {
		return this.seats.length;
	}

	/** Resolves when every worker has loaded its labs. */
	async ready(): Promise<void> {
		await Promise.all(this.seats.map((seat) => seat.ready));
	}

	/** The worker for a new session: the one with the fewest. */
	leastLoaded(): number {
		let best = 0;
		for (const [i, seat] of this.seats.entries()) if (seat.load < (this.seats[best]?.load ?? 0)) best = i;
		return best;
	}

	call<C extends CallName>(worker: number, name: C, input: WorkerCalls[C][0]): Promise<WorkerCalls[C][1]> {
		return this.seat(worker).call(name, input);
	}

	post(worker: number, post: Post): void {
		this.seat(worker).post(post);
	}

	/** Sessions on a worker, for `leastLoaded`. */
	count(worker: number, change: 1 | -1): void {
		this.seat(worker).load += change;
	}

	/** Has a worker replaced as if it had died: for tests. */
	async kill(worker: number): Promise<void> {
		await this.seat(worker).terminate();
	}

	/** Every session goes to disk, then the threads end. */
	async stop(): Promise<void> {
		clearInterval(this.timer);
		await Promise.all(this.seats.map((seat) => seat.stop()));
	}

	private seat(worker: number): Seat {
		const seat = this.seats[worker];
		if (seat === undefined) throw fault('worker-missing', {});
		return seat;
	}
}

class Seat {
	load = 0;
	ready: Promise<void> = Promise.resolve();
	private readonly index: number;
	private readonly options: PoolOptions;
	private worker: Worker | undefined;
	private lastBeat = performance.now();
	private stopping = false;
	private calls = 0;
	private readonly waiting = new Map<number, Waiting>();
	private startFailures = 0;
	private busy = newBusyMark();

	constructor(index: number, options: PoolOptions) {
		this.index = index;
		this.options = options;
		this.launch();
	}

	async call<C extends CallName>(name: C, input: WorkerCalls[C][0]): Promise<WorkerCalls[C][1]> {
		await this.ready;
		const { worker } = this;
		if (worker === undefined) throw fault('worker-missing', {});
		this.calls++;
		const id = this.calls;
		return new Promise((resolve, reject) => {
			this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
			worker.postMessage({ call: name, id, input } satisfies ToWorker);
		});
	}

	post(post: Post): void {
		this.worker?.postMessage(post satisfies ToWorker);
	}

	checkHeartbeat(): void {
		const silence = performance.now() - this.lastBeat;
		if (this.worker === undefined || silence < (this.options.silenceMs ?? LIMITS.workerSilenceMs)) return;
		this.options.log('a worker hangs and is replaced', { worker: this.index, silenceMs: Math.round(silence) });
		this.lastBeat = performance.now();
		this.replace(this.worker, `it had not answered for ${Math.round(silence / 1000)} s`);
	}

	async terminate(): Promise<void> {
		await this.worker?.terminate();
	}

	async stop(): Promise<void> {
		this.stopping = true;
		if (this.worker === undefined) return;
		await this.call('stop', null).catch((error: unknown) => this.options.log('a worker did not stop cleanly', error));
		await this.worker?.terminate();
	}

	private launch(): void {
		const busy = newBusyMark();
		this.busy = busy;
		const worker = new Worker(new URL('./worker.ts', import.meta.url), {
			workerData: { ...this.options.start, busy } satisfies WorkerStart,
			resourceLimits: { maxOldGenerationSizeMb: LIMITS.workerHeapMb },
			name: `foothold-${this.index}`,
		});
		this.worker = worker;
		// Loading takes a while on a busy machine: the first beat may be late.
		this.lastBeat = performance.now() + 30_000;
		let why = 'it ended';
		this.ready = new Promise((resolve) => {
			worker.on('message', (message: FromWorker) => {
				if (worker !== this.worker) return;
				if ('ready' in message) {
					this.startFailures = 0;
					this.lastBeat = performance.now();
					resolve();
				} else this.receive(message);
			});
			worker.once('exit', () => {
				// A call made meanwhile goes to the next one.
				resolve();
				this.replace(worker, why);
			});
		});
		worker.on('error', (error: Error & { code?: string }) => {
			why = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it ran out of memory' : 'it failed';
			this.options.log('a worker failed', error);
		});
	}

	private receive(message: FromWorker): void {
		if ('beat' in message) this.lastBeat = performance.now();
		else if ('stray' in message) this.options.log('a promise failed in a worker and nobody looked after it', message.stray);
		else if ('answer' in message) {
			const waiting = this.waiting.get(message.answer);
			this.waiting.delete(message.answer);
			if ('fault' in message) waiting?.reject(new Fault(message.fault.code, message.fault.message));
			else waiting?.resolve(message.value);
		} else if ('event' in message) this.options.onEvent(message);
	}

	private replace(gone: Worker, why: string): void {
		if (this.worker !== gone) return;
		const culprit = busyWith(this.busy);
		this.worker = undefined;
		void gone.terminate();
		const calls = [...this.waiting.values()];
		this.waiting.clear();
		for (const { reject } of calls) reject(fault('worker-restarted', { why }));
		if (this.stopping) return;
		this.startFailures++;
		// A worker that cannot even start is not restarted in a tight loop.
		const again = (): void => {
			if (this.stopping) return;
			this.launch();
			void this.ready.then(() => this.options.onReplaced(this.index, why, culprit));
		};
		if (this.startFailures > 2) setTimeout(again, 1000 * Math.min(30, this.startFailures));
		else again();
	}
}
