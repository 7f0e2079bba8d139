/** A worker thread: sessions with their sandboxes, terminals, shells and gradings. One learner's loop slows its worker at most, and a worker can be replaced. */
import { parentPort, workerData } from 'node:worker_threads';
import { fault, toFault } from '../errors/catalogue.ts';
import type { LoadedLab } from '../grading/grade.types.ts';
import { LIMITS } from '../limits.ts';
import { busyMarker } from './busy.ts';
import { compared, inventory } from './cluster-changes.ts';
import { toPutAway } from './idle.ts';
import { LabSession } from './lab-session.ts';
import type { Parts, SandboxSource } from './parts.types.ts';
import type { CallName, FromWorker, Post, SessionOpened, ToWorker, WorkerCalls, WorkerEvent, WorkerStart } from './wire.ts';
import { WorkerCluster } from './worker-cluster.ts';

type Handlers = { readonly [C in CallName]: (input: WorkerCalls[C][0]) => Promise<WorkerCalls[C][1]> };

class SessionWorker {
	private readonly sessions = new Map<string, Promise<LabSession>>();
	/** Sessions that are open, for posts: these must not wait. */
	private readonly open = new Map<string, LabSession>();
	/** Sessions on their way to disk: one that is wanted again waits until it is there. */
	private readonly closing = new Map<string, Promise<void>>();
	private readonly cluster = new WorkerCluster((event) => this.send(event));
	private readonly labs: ReadonlyMap<string, LoadedLab>;
	private readonly source: SandboxSource;
	private readonly parts: Parts;
	private readonly post: (message: FromWorker) => void;
	private readonly busy: SharedArrayBuffer | undefined;

	constructor(parts: Parts, labs: readonly LoadedLab[], source: SandboxSource, post: (message: FromWorker) => void, busy?: SharedArrayBuffer) {
		this.busy = busy;
		this.parts = parts;
		this.labs = new Map(labs.map((lab) => [lab.definition.id, lab]));
		this.source = source;
		this.post = post;
		setInterval(() => this.closeIdle(), LIMITS.idleSessionMs / 4).unref();
	}

	readonly handlers: Handlers = {
		open: (input) => this.openSession(input),
		close: async ({ session }) => {
			await this.closeSession(session);
			return null;
		},
		terminalOpen: async ({ session, terminal, columns, rows }) => (await this.session(session)).openTerminal(terminal, columns, rows),
		terminalEnd: async ({ session, terminal }) => {
			(await this.session(session)).endTerminal(terminal);
			return null;
		},
		programs: async ({ session }) => (await this.session(session)).programs(),
		checkpointList: async ({ session }) => (await this.session(session)).checkpoints.list(),
		checkpointSave: async ({ session, reason, name }) => {
			const found = await this.session(session);
			if (reason === 'hand') await found.saveCheckpoint(name);
			else if (found.checkpoints.possible) await found.checkpoint(reason, name);
			return null;
		},
		checkpointRemove: async ({ session, checkpoint }) => {
			await (await this.session(session)).removeCheckpoint(checkpoint);
			return null;
		},
		checkpointLook: async ({ session, checkpoint }) => (await this.session(session)).lookBack(checkpoint),
		checkpointRewind: async ({ session, checkpoint }) => {
			// Where the present cannot be kept everything stays as it is.
			await (await this.session(session)).keepPresent(checkpoint);
			await this.closeSession(session, checkpoint);
			return null;
		},
		recordings: async ({ session }) => (await this.session(session)).flushRecordings(),
		fileList: async ({ session }) => (await this.session(session)).listFiles(),
		fileRead: async ({ session, path }) => (await this.session(session)).readFile(path),
		fileWrite: async ({ session, path, content, base }) => (await this.session(session)).writeFile(path, content, base),
		fileApply: async ({ session, path, dryRun }) => (await this.session(session)).applyFile(path, dryRun),
		fileChange: async ({ session, change }) => (await this.session(session)).changeFiles(change),
		filePack: async ({ session, folder, format }) => (await this.session(session)).packFolder(folder, format),
		filePut: async ({ session, folder, name, bytes, replace }) => (await this.session(session)).putInto(folder, name, bytes, replace),
		grade: async ({ session, request, attempt, seed }) => (await this.session(session)).grade(request, attempt, seed),
		changes: async ({ session }) => this.changes(await this.session(session)),
		facts: async ({ session }) => (await this.session(session)).facts(),
		workspace: async ({ session }) => (await this.session(session)).workspace(),
		clusterFetch: async (input) => this.cluster.fetch(await this.endpoint(input.session), input),
		clusterConnect: async (input) => this.cluster.connect(await this.endpoint(input.session), input),
		stop: async () => {
			await Promise.all([...this.sessions.keys()].map((id) => this.closeSession(id)));
			return null;
		},
	};

	async call(name: CallName, id: number, input: unknown): Promise<void> {
		try {
			const handler = this.handlers[name] as (input: unknown) => Promise<unknown>;
			this.post({ answer: id, value: await handler(input) });
		} catch (error) {
			this.post({ answer: id, fault: toFault(error).toJSON() });
		}
	}

	receive(post: Post): void {
		if ('exchange' in post) {
			this.cluster.post(post);
			return;
		}
		const session = this.open.get(post.session);
		if (session === undefined) return;
		if (post.post === 'attached') session.attached(post.pages);
		else if (post.post === 'editDone') session.editDone(post.edit, post.saved);
		else {
			const terminal = session.terminal(post.terminal);
			if (post.post === 'input') terminal?.input(post.data);
			else if (post.post === 'resize') terminal?.resize(post.columns, post.rows);
			else terminal?.acknowledge(post.characters);
		}
	}

	private async openSession(input: WorkerCalls['open'][0]): Promise<SessionOpened> {
		const lab = this.labs.get(input.lab);
		if (lab === undefined) throw fault('lab-unknown', { lab: input.lab });
		let resumed = true;
		let made = this.sessions.get(input.session);
		if (made === undefined) {
			const gone = this.closing.get(input.session) ?? Promise.resolve();
			made = gone
				.catch(() => {})
				.then(() => this.openSandbox(input, lab))
				.then((opened) => {
					resumed = opened.resumed;
					const { sandbox } = opened;
					const session = new LabSession({
						id: input.session,
						folder: input.folder,
						lab,
						seed: input.seed,
						sandbox,
						parts: this.parts,
						send: (event) => this.send(event),
					});
					this.open.set(input.session, session);
					return session;
				});
			this.sessions.set(input.session, made);
			made.catch(() => this.sessions.delete(input.session));
		}
		const { sandbox } = await made;
		return {
			resumed,
			provider: sandbox.provider,
			capabilities: { ...sandbox.capabilities },
			...(sandbox.damage === undefined ? {} : { notice: fault('journal-damaged', { why: sandbox.damage }).toJSON() }),
		};
	}

	/** Replaying a journal happens before the first `await` in here: whoever's cannot be replayed is known by the mark. */
	private openSandbox(input: WorkerCalls['open'][0], lab: LoadedLab): ReturnType<SandboxSource['open']> {
		const onBusy = busyMarker(this.busy, input.session);
		onBusy(true);
		try {
			const { session: id, folder, seed } = input;
			return this.source.open({ id, folder, lab, seed, onFault: (error) => this.sendFault(id, error), onBusy });
		} finally {
			onBusy(false);
		}
	}

	private async changes({ lab, seed, sandbox }: LabSession): Promise<WorkerCalls['changes'][1]> {
		const start = await this.source.start?.(lab, seed);
		if (start === undefined) return null;
		try {
			return compared(await inventory(start.observer), await inventory(sandbox.observer));
		} finally {
			await start.dispose();
		}
	}

	private session(id: string): Promise<LabSession> {
		const session = this.sessions.get(id);
		if (session === undefined) throw fault('sandbox-unknown', { session: id });
		return session;
	}

	private async endpoint(id: string): Promise<LabSession['sandbox']['cluster']> {
		const session = await this.session(id);
		session.usedFromOutside();
		return session.sandbox.cluster;
	}

	private async closeSession(id: string, goBackTo?: string): Promise<void> {
		const session = this.sessions.get(id);
		if (session === undefined) return this.closing.get(id);
		this.sessions.delete(id);
		this.open.delete(id);
		const closed = session
			.then((s) => s.close(goBackTo))
			.finally(() => {
				this.closing.delete(id);
			});
		this.closing.set(id, closed);
		await closed;
	}

	/** Sessions that nobody has looked at for a while go to disk; they come back from there. */
	private closeIdle(): void {
		for (const { id } of toPutAway([...this.open.values()], performance.now())) this.closeSession(id).catch((error: unknown) => this.sendFault(id, error));
	}

	private sendFault(session: string, error: unknown): void {
		this.send({ event: 'fault', session, fault: toFault(error).toJSON() });
	}

	private send(event: WorkerEvent): void {
		this.post(event);
	}
}

async function main(port: NonNullable<typeof parentPort>): Promise<void> {
	const start = workerData as WorkerStart;
	const post = (message: FromWorker): void => port.postMessage(message);
	const { parts } = (await import(start.parts)) as { readonly parts: Parts };
	const labs = await parts.loadLabs(start.labs);
	const source = parts.createSource(start);
	const worker = new SessionWorker(parts, labs, source, post, start.busy);
	setInterval(() => post({ beat: true, heapMb: Math.round(process.memoryUsage().heapUsed / 1_048_576) }), LIMITS.heartbeatMs);
	// A promise that nobody looks after is a mistake in one session; it must not end the others of this worker.
	process.on('unhandledRejection', (error) => post({ stray: error instanceof Error ? (error.stack ?? error.message) : String(error) }));
	port.on('message', (message: ToWorker) => {
		if ('call' in message) void worker.call(message.call, message.id, message.input);
		else worker.receive(message);
	});
	post({ ready: true });
	// After `ready`: whoever comes first waits for their template, nobody for everyone's.
	for (const lab of labs) setImmediate(() => source.warm(lab));
}

if (parentPort !== null) await main(parentPort);
