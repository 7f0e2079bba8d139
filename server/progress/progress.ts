/**
 * The single writer of learners' records. Every change has an idempotency key: said twice, it happens once. When a call
 * resolves, the change is on the disk; changes that arrive together are written together.
 */
import { fault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { Learner } from '../protocol/progress.ts';
import type { LearnerStore } from '../store/store.ts';

export type LearnerChange = (learner: Learner) => Learner;

interface Waiting {
	readonly key: string;
	readonly change: LearnerChange;
	readonly resolve: (result: Applied) => void;
	readonly reject: (error: unknown) => void;
}

export interface Applied {
	readonly learner: Learner;
	/** The key had been applied before: nothing was changed this time. */
	readonly duplicate: boolean;
}

export interface ProgressOptions {
	readonly now?: () => Date;
	/** Real ms before a change that could not be saved is tried again. */
	readonly retryMs?: number;
}

export class Progress {
	private readonly store: LearnerStore;
	private readonly now: () => Date;
	private readonly retryMs: number;
	private readonly cache = new Map<string, Learner>();
	private readonly queues = new Map<string, Waiting[]>();
	private readonly running = new Map<string, Promise<void>>();
	/** Those whose records were erased: a change that was on its way must not begin a new one. */
	private readonly erased = new Set<string>();
	private readonly retries = new Set<ReturnType<typeof setTimeout>>();

	constructor(store: LearnerStore, options: ProgressOptions = {}) {
		this.store = store;
		this.now = options.now ?? (() => new Date());
		this.retryMs = options.retryMs ?? 2000;
	}

	/** The learner's record; a new one in memory where there is none yet. */
	async read(id: string): Promise<Learner> {
		const cached = this.cache.get(id);
		if (cached !== undefined) return cached;
		const stored = (await this.store.read(id)) ?? this.blank(id);
		// Somebody may have read or written it meanwhile: theirs is not older.
		const now = this.cache.get(id);
		if (now !== undefined) return now;
		this.cache.set(id, stored);
		return stored;
	}

	/** Changes a record. Resolves when it is durable; rejects with a `Fault` (disk full…) where it is not, with the record as it was. */
	append(id: string, key: string, change: LearnerChange): Promise<Applied> {
		if (this.erased.has(id)) return Promise.reject(fault('person-unknown', { person: id }));
		return new Promise((resolve, reject) => {
			const queue = this.queues.get(id) ?? [];
			this.queues.set(id, queue);
			queue.push({ key, change, resolve, reject });
			if (this.running.has(id)) return;
			this.running.set(id, this.drain(id));
		});
	}

	/** The same for what nobody waits for: tried again until it is saved. `onFault` hears of the first failure. */
	appendPatiently(id: string, key: string, change: LearnerChange, onFault: (error: unknown) => void): void {
		const attempt = (): void => {
			this.append(id, key, change).catch((error: unknown) => {
				onFault(error);
				onFault = () => {};
				if (this.erased.has(id)) return;
				const timer = setTimeout(() => {
					this.retries.delete(timer);
					attempt();
				}, this.retryMs);
				this.retries.add(timer);
			});
		};
		attempt();
	}

	/** Removes a learner's record for good, after what is being written. Later changes are rejected with `person-unknown`. */
	async erase(id: string): Promise<void> {
		this.erased.add(id);
		await this.running.get(id);
		await this.store.remove(id);
		this.cache.delete(id);
	}

	/** Waits for what is being written. Changes that wait for a full disk are given up. */
	async close(): Promise<void> {
		for (const timer of this.retries) clearTimeout(timer);
		while (this.running.size > 0) await Promise.all(this.running.values());
	}

	private async drain(id: string): Promise<void> {
		for (;;) {
			const batch = this.queues.get(id) ?? [];
			if (batch.length === 0) {
				// In the same step in which the queue was seen empty: whoever comes next begins anew instead of waiting for nobody.
				this.running.delete(id);
				return;
			}
			this.queues.set(id, []);
			try {
				await this.write(id, batch);
			} catch (error) {
				for (const waiting of batch) waiting.reject(error);
			}
		}
	}

	private async write(id: string, batch: readonly Waiting[]): Promise<void> {
		const old = await this.read(id);
		let learner = old;
		const duplicates = new Set<Waiting>();
		const failed = new Map<Waiting, unknown>();
		for (const waiting of batch) {
			if (learner.applied.includes(waiting.key)) {
				duplicates.add(waiting);
				continue;
			}
			try {
				const changed = waiting.change(learner);
				learner = { ...changed, version: learner.version + 1, applied: [...learner.applied, waiting.key].slice(-LIMITS.appliedKeys) };
			} catch (error) {
				failed.set(waiting, error);
			}
		}
		if (learner !== old) await this.store.write(learner);
		this.cache.set(id, learner);
		for (const waiting of batch) {
			if (failed.has(waiting)) waiting.reject(failed.get(waiting));
			else waiting.resolve({ learner, duplicate: duplicates.has(waiting) });
		}
	}

	private blank(id: string): Learner {
		return { id, name: '', createdAt: this.now().toISOString(), version: 0, labs: {}, reading: {}, evidence: [], portfolio: [], rubric: [], applied: [] };
	}
}
