/** All sessions of this server: finds or makes the one of a learner at a lab, and hands on what workers say. */
import { fault } from '../errors/catalogue.ts';
import type { LoadedLab } from '../grading/grade.types.ts';
import type { Progress } from '../progress/progress.ts';
import type { ClusterEndpoint } from '../sandboxes/sandbox.ts';
import { SessionFolders, type SessionRecord } from './folders.ts';
import { Exchanges, PoolEndpoint } from './pool-endpoint.ts';
import { Pool, type PoolOptions } from './pool.ts';
import type { Captured } from './evidence.ts';
import { Session } from './session.ts';
import type { WorkerEvent } from './wire.ts';

export interface SessionsOptions {
	readonly data: string;
	readonly labs: readonly LoadedLab[];
	readonly progress: Progress;
	/** Keeps what differs from the lab's start beside a submitted attempt. */
	readonly captured?: Captured;
	readonly pool: Omit<PoolOptions, 'onEvent' | 'onReplaced'>;
}

export class Sessions {
	readonly pool: Pool;
	private readonly options: SessionsOptions;
	private readonly labs: ReadonlyMap<string, LoadedLab>;
	private readonly folders: SessionFolders;
	private readonly exchanges = new Exchanges();
	/** By learner and lab, and by id. */
	private readonly byPlace = new Map<string, Promise<Session>>();
	private readonly byId = new Map<string, Session>();
	/** Learners who have none any more, and get none. */
	private readonly forgotten = new Set<string>();
	private readonly records = new Map<string, SessionRecord>();

	constructor(options: SessionsOptions) {
		this.options = options;
		this.labs = new Map(options.labs.map((lab) => [lab.definition.id, lab]));
		this.folders = new SessionFolders(options.data);
		this.pool = new Pool({ ...options.pool, onEvent: (event) => this.take(event), onReplaced: (worker, why, culprit) => this.replaced(worker, why, culprit) });
	}

	/** Reads which sessions there were before. */
	async load(): Promise<void> {
		for (const record of await this.folders.all()) this.records.set(record.id, record);
	}

	lab(id: string): LoadedLab {
		const lab = this.labs.get(id);
		if (lab === undefined) throw fault('lab-unknown', { lab: id });
		return lab;
	}

	get allLabs(): readonly LoadedLab[] {
		return this.options.labs;
	}

	/** The session of a learner at a lab; its sandbox is opened when a page attaches. */
	session(learner: string, labId: string): Promise<Session> {
		if (this.forgotten.has(learner)) return Promise.reject(fault('person-unknown', { person: learner }));
		const place = `${learner}/${labId}`;
		let session = this.byPlace.get(place);
		if (session === undefined) {
			session = this.make(learner, this.lab(labId));
			this.byPlace.set(place, session);
			session.catch(() => this.byPlace.delete(place));
		}
		return session;
	}

	/** A recording that evidence carries; undefined where there is none. */
	evidenceRecording(learner: string, evidence: string, name: string): Promise<Buffer | undefined> {
		return this.folders.readRecording(learner, evidence, name);
	}

	/** A session's cluster for clients outside the page, opened where it was on disk; undefined where there is no such session. */
	async cluster(id: string): Promise<{ readonly endpoint: ClusterEndpoint; readonly token: string; readonly learner: string } | undefined> {
		const record = this.records.get(id);
		if (record === undefined || !this.labs.has(record.lab)) return undefined;
		const session = await this.session(record.learner, record.lab);
		await session.open();
		return { endpoint: new PoolEndpoint(this.pool, this.exchanges, id, () => session.worker), token: record.token, learner: record.learner };
	}

	/** Ends every session of a learner for good: sandboxes leave their workers, clusters answer nobody. What is on disk stays. */
	async forget(learner: string): Promise<void> {
		this.forgotten.add(learner);
		for (const [id, { learner: whose, lab }] of [...this.records]) {
			if (whose !== learner) continue;
			this.records.delete(id);
			const session = this.byId.get(id);
			this.byPlace.delete(`${learner}/${lab}`);
			this.byId.delete(id);
			if (session === undefined) continue;
			await session.close().catch((error: unknown) => this.options.pool.log('a sandbox did not close cleanly', error));
			this.pool.count(session.worker, -1);
		}
	}

	async stop(): Promise<void> {
		await this.pool.stop();
	}

	private async make(learner: string, lab: LoadedLab): Promise<Session> {
		const record = await this.folders.record(learner, lab.definition.id);
		this.records.set(record.id, record);
		const { progress, captured } = this.options;
		const session = new Session({ record, lab, folders: this.folders, pool: this.pool, progress, captured, log: this.options.pool.log });
		this.byId.set(record.id, session);
		return session;
	}

	private take(event: WorkerEvent): void {
		if ('exchange' in event) this.exchanges.take(event);
		else this.byId.get(event.session)?.take(event);
	}

	private replaced(worker: number, why: string, culprit: string | undefined): void {
		this.exchanges.lost(worker);
		void (async () => {
			// One after the other, and whoever took it down last: the others are back before it happens again.
			const here = [...this.byId.values()].filter((s) => s.worker === worker);
			here.sort((a, b) => Number(a.record.id === culprit) - Number(b.record.id === culprit));
			for (const session of here) await session.workerReplaced(why, culprit === undefined || culprit === session.record.id);
		})();
	}
}
