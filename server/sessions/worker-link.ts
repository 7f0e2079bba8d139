/** A session's sandbox in its worker: opened when something needs it, and set aside where it took its worker down too often. */
import { fault, toFault } from '../errors/catalogue.ts';
import { LIMITS } from '../limits.ts';
import type { SessionFolders, SessionRecord } from './folders.ts';
import type { Pool } from './pool.ts';
import type { Post, SessionOpened, WorkerCalls } from './wire.ts';

/** Calls and posts that are about one session; it is named here. */
type SessionCall = { [C in keyof WorkerCalls]: WorkerCalls[C][0] extends { readonly session: string } ? C : never }[keyof WorkerCalls];
type Input<C extends SessionCall> = Omit<WorkerCalls[C][0], 'session'>;
type SessionPost = Extract<Post, { session: string }>;
type Unnamed<P> = P extends unknown ? Omit<P, 'session'> : never;

/** Crashes further apart than this, in real ms, do not count together. */
const CRASHES_TOGETHER_MS = 60_000;

export interface WorkerLinkOptions {
	readonly record: SessionRecord;
	readonly folders: SessionFolders;
	readonly pool: Pool;
}

export class WorkerLink {
	readonly worker: number;
	private readonly options: WorkerLinkOptions;
	private opening: Promise<SessionOpened> | undefined;
	private crashes = 0;
	private lastCrash = Number.NEGATIVE_INFINITY;

	constructor(options: WorkerLinkOptions) {
		this.options = options;
		this.worker = options.pool.leastLoaded();
		options.pool.count(this.worker, 1);
	}

	/** The sandbox stands, in its worker. */
	open(): Promise<SessionOpened> {
		const { pool, folders, record } = this.options;
		if (this.crashes >= LIMITS.sessionCrashes) return Promise.reject(fault('sandbox-broken', { times: this.crashes, why: 'see the server’s log' }));
		// Asked every time: the worker may have put an idle session on disk meanwhile.
		this.opening ??= pool
			.call(this.worker, 'open', { session: record.id, lab: record.lab, folder: folders.folder(record.learner, record.lab), seed: record.seed })
			.finally(() => {
				this.opening = undefined;
			});
		return this.opening;
	}

	/** Asks the worker. Where the sandbox is not in memory there (put on disk, or the worker is new) it is opened first. */
	async call<C extends SessionCall>(name: C, input: Input<C>): Promise<WorkerCalls[C][1]> {
		try {
			return await this.callIfOpen(name, input);
		} catch (error) {
			if (toFault(error).code !== 'sandbox-unknown') throw error;
			await this.open();
			return this.callIfOpen(name, input);
		}
	}

	/** Asks the worker; rejects where the sandbox is not in memory there. */
	callIfOpen<C extends SessionCall>(name: C, input: Input<C>): Promise<WorkerCalls[C][1]> {
		return this.options.pool.call(this.worker, name, { ...input, session: this.options.record.id } as WorkerCalls[C][0]);
	}

	post(post: Unnamed<SessionPost>): void {
		this.options.pool.post(this.worker, { ...post, session: this.options.record.id } as SessionPost);
	}

	/** Puts the sandbox on disk and lets it go. */
	async close(): Promise<void> {
		await this.callIfOpen('close', {});
	}

	/** The worker was replaced. `blamed`: it may have been this session that took it down. */
	crashed(blamed: boolean): void {
		if (performance.now() - this.lastCrash > CRASHES_TOGETHER_MS) this.crashes = 0;
		this.lastCrash = performance.now();
		if (blamed) this.crashes++;
	}

	/** The sandbox is another one now. */
	forgive(): void {
		this.crashes = 0;
	}
}
