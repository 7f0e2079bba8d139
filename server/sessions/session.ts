/** One learner at one lab, on the main thread's side: the pages that look at it, and what they ask for. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Fault, fault, toFault } from '../errors/catalogue.ts';
import type { LoadedLab } from '../grading/grade.types.ts';
import { LIMITS } from '../limits.ts';
import { checked, hintOpened, labStarted, submitted, tasksDone } from '../progress/changes.ts';
import type { Progress } from '../progress/progress.ts';
import type { Verdict } from '../protocol/lab.ts';
import type { ClientMessage, ServerMessage, TaskState } from '../protocol/messages.ts';
import type { Capture } from '../protocol/reviews.ts';
import type { AttemptFacts, LabProgress, RecordingInfo } from '../protocol/progress.ts';
import type { SessionFolders, SessionRecord } from './folders.ts';
import { tasksPassed } from './live.ts';
import type { Page } from './page.ts';
import type { Pool } from './pool.ts';
import { recordingFile, recordingsIn, recordingsToSubmit } from './recordings.ts';
import type { CallName, SessionOpened, WorkerCalls, WorkerEvent } from './wire.ts';

type Request<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>;

interface OpenTerminal {
	columns: number;
	rows: number;
	/** Characters that came from the worker since it was opened, and those acknowledged to it. */
	total: number;
	acknowledged: number;
}

export type Captured = (learner: string, evidence: string, capture: Capture) => Promise<void>;

export interface SessionOptions {
	readonly record: SessionRecord;
	readonly lab: LoadedLab;
	readonly folders: SessionFolders;
	readonly pool: Pool;
	readonly progress: Progress;
	/** Keeps what differs from the start beside an attempt. */
	readonly captured?: Captured | undefined;
	readonly log: (message: string, detail?: unknown) => void;
}

export class Session {
	readonly record: SessionRecord;
	worker: number;
	private readonly options: SessionOptions;
	private readonly pages = new Map<Page, Map<string, number>>();
	private readonly terminals = new Map<string, OpenTerminal>();
	private opening: Promise<SessionOpened> | undefined;
	private crashes = 0;
	private lastCrash = Number.NEGATIVE_INFINITY;
	private readonly submissions = new Set<string>();
	private exchanging: Promise<void> = Promise.resolve();

	constructor(options: SessionOptions) {
		this.options = options;
		this.record = options.record;
		this.worker = options.pool.leastLoaded();
		options.pool.count(this.worker, 1);
	}

	get attachedPages(): number {
		return this.pages.size;
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

	/** A page has come: tells it where things stand, and lets time run. */
	async attach(page: Page): Promise<void> {
		const started = performance.now();
		if (this.pages.size >= LIMITS.tabsPerSession) throw fault('too-many-tabs', { limit: LIMITS.tabsPerSession });
		this.pages.set(page, new Map());
		try {
			const opened = await this.open();
			const { progress, record } = this.options;
			// A full disk must not keep anyone out: it is said, and tried again.
			progress.appendPatiently(
				record.learner,
				`started:${record.lab}`,
				(l) => labStarted(l, record.lab, new Date().toISOString()),
				(error) => this.tellFault(error),
			);
			if (!this.pages.has(page)) return;
			await this.greet(page, opened, performance.now() - started);
			if (opened.notice !== undefined) page.send({ type: 'error', ...opened.notice });
			this.postAttached();
		} catch (error) {
			this.pages.delete(page);
			throw error;
		}
	}

	detach(page: Page): void {
		if (!this.pages.delete(page)) return;
		this.postAttached();
		for (const id of this.terminals.keys()) this.acknowledge(id);
	}

	/** Never rejects: what goes wrong is answered on the page. */
	async receive(page: Page, message: ClientMessage): Promise<void> {
		try {
			await this.handle(page, message);
		} catch (error) {
			const { code, message: text, next } = toFault(error).toJSON();
			if (code === 'internal') this.options.log('a page’s message failed', error);
			page.send({ type: 'error', ...('request' in message ? { request: message.request } : {}), code, message: text, next });
		}
	}

	take(event: WorkerEvent): void {
		switch (event.event) {
			case 'output':
				this.output(event.terminal, event.data);
				break;
			case 'closed':
				this.terminals.delete(event.terminal);
				this.each((page) => page.terminalClosed(event.terminal, event.reason));
				break;
			case 'view':
				this.each((page) => page.sendIfRoom({ type: 'cluster', view: event.view }));
				break;
			case 'file':
				this.tell({ type: 'file.changed', path: event.path, mtime: event.mtime, removed: event.removed });
				break;
			case 'tasks':
				this.tasksSeen(event.done).catch((error: unknown) => this.tellFault(error));
				break;
			case 'checking':
				this.each((page) => page.sendIfRoom({ type: 'checking', request: event.request, done: event.done, total: event.total, title: event.title }));
				break;
			case 'checkpoints':
				this.tell({ type: 'checkpoints', checkpoints: event.checkpoints });
				break;
			case 'edit':
				this.tell({ type: 'edit', edit: event.edit, path: event.path });
				break;
			case 'fault':
				this.tell({ type: 'error', ...event.fault });
				break;
		}
	}

	/** The worker was replaced: comes back from the journal, with its terminals. `blamed`: it may have been this session that took it down. */
	async workerReplaced(why: string, blamed: boolean): Promise<void> {
		if (performance.now() - this.lastCrash > 60_000) this.crashes = 0;
		this.lastCrash = performance.now();
		if (blamed) this.crashes++;
		if (this.pages.size === 0) return;
		try {
			await this.open();
			this.tell({ type: 'error', ...fault('worker-restarted', { why }).toJSON() });
			await this.reopenTerminals();
			this.postAttached();
		} catch (error) {
			this.tellFault(error);
		}
	}

	/** Puts the sandbox on disk and lets it go. */
	async close(): Promise<void> {
		await this.options.pool.call(this.worker, 'close', { session: this.record.id });
	}

	private async handle(page: Page, message: ClientMessage): Promise<void> {
		const { pool } = this.options;
		const session = this.record.id;
		switch (message.type) {
			case 'ping':
				return page.send({ type: 'pong', at: message.at });
			case 'terminal.open':
				return this.openTerminal(page, message.terminal, message.columns, message.rows);
			case 'terminal.input':
				return pool.post(this.worker, { post: 'input', session, terminal: message.terminal, data: message.data });
			case 'terminal.resize':
				return this.resize(message.terminal, message.columns, message.rows);
			case 'terminal.ack':
				return this.drawn(page, message.terminal, message.characters);
			case 'edit.done':
				return pool.post(this.worker, { post: 'editDone', session, edit: message.edit, saved: message.saved });
			case 'terminal.close':
				await this.call('terminalEnd', { session, terminal: message.terminal });
				return page.send({ type: 'done', request: message.request });
			case 'terminal.programs':
				return page.send({ type: 'programs', request: message.request, programs: await this.call('programs', { session }) });
			case 'checkpoint.list':
			case 'checkpoint.save':
			case 'checkpoint.remove':
			case 'checkpoint.look':
			case 'checkpoint.rewind':
				return this.checkpoints(page, message);
			case 'files.list':
				return page.send({ type: 'files', request: message.request, files: [...(await this.call('fileList', { session }))] });
			case 'files.read': {
				const { path } = message;
				return page.send({ type: 'file', request: message.request, path, ...(await this.call('fileRead', { session, path })) });
			}
			case 'files.write': {
				const { path, content, base } = message;
				const done = await this.call('fileWrite', { session, path, content, ...(base === undefined ? {} : { base }) });
				return page.send({ type: 'done', request: message.request, mtime: done.mtime });
			}
			case 'lab.check': {
				const verdict = await this.grade(message.request, 0);
				return this.tell({ type: 'verdict', request: message.request, verdict });
			}
			case 'lab.submit':
				return this.submit(page, message);
			case 'lab.hint':
				return this.hint(page, message);
			case 'lab.reset':
				await this.exchangeSandbox(async () => {
					await this.putAside();
					await this.options.folders.archive(this.record.learner, this.record.lab);
				});
				return page.send({ type: 'done', request: message.request });
			case 'lab.undo-reset':
				await this.exchangeSandbox(async () => {
					await this.putAside();
					await this.options.folders.restore(this.record.learner, this.record.lab);
				});
				return page.send({ type: 'done', request: message.request });
		}
	}

	/** A call to the worker about this session, for those who come by HTTP. */
	async ask<C extends 'fileApply' | 'fileChange' | 'filePack' | 'filePut'>(name: C, input: Omit<WorkerCalls[C][0], 'session'>): Promise<WorkerCalls[C][1]> {
		return this.call(name, { ...input, session: this.record.id } as WorkerCalls[C][0]);
	}

	private async checkpoints(page: Page, message: Request<`checkpoint.${string}` & ClientMessage['type']>): Promise<void> {
		const session = this.record.id;
		const { request } = message;
		switch (message.type) {
			case 'checkpoint.list':
				return page.send({ type: 'checkpoints', request, checkpoints: await this.call('checkpointList', { session }) });
			case 'checkpoint.look':
				return page.send({ type: 'checkpoint.changes', request, changes: await this.call('checkpointLook', { session, checkpoint: message.checkpoint }) });
			case 'checkpoint.save':
				await this.call('checkpointSave', { session, reason: 'hand', name: message.name });
				break;
			case 'checkpoint.remove':
				await this.call('checkpointRemove', { session, checkpoint: message.checkpoint });
				break;
			case 'checkpoint.rewind':
				await this.exchangeSandbox(async () => {
					await this.call('checkpointRewind', { session, checkpoint: message.checkpoint });
				});
				this.tell({ type: 'checkpoints', checkpoints: await this.call('checkpointList', { session }) });
		}
		page.send({ type: 'done', request });
	}

	/** Closes the sandbox in its worker; what goes wrong there must not keep a learner from starting over. */
	private async putAside(): Promise<void> {
		await this.close().catch((error: unknown) => this.options.log('a sandbox did not close cleanly', error));
	}

	/** A call to the worker. Where the sandbox is not in memory there (put on disk, or the worker is new) it is opened first. */
	private async call<C extends CallName>(name: C, input: WorkerCalls[C][0]): Promise<WorkerCalls[C][1]> {
		const { pool } = this.options;
		try {
			return await pool.call(this.worker, name, input);
		} catch (error) {
			if (toFault(error).code !== 'sandbox-unknown') throw error;
			await this.open();
			return pool.call(this.worker, name, input);
		}
	}

	private async openTerminal(page: Page, id: string, columns: number, rows: number): Promise<void> {
		const opened = await this.call('terminalOpen', { session: this.record.id, terminal: id, columns, rows });
		const terminal = this.terminals.get(id) ?? { columns, rows, total: 0, acknowledged: 0 };
		Object.assign(terminal, { columns: opened.columns, rows: opened.rows });
		this.terminals.set(id, terminal);
		this.pages.get(page)?.set(id, terminal.total);
		page.terminalOpened(id, opened.scrollback, opened.columns, opened.rows);
		// A page that is up to date lets a writer go on that another, slower one had held back.
		this.acknowledge(id);
	}

	private resize(id: string, columns: number, rows: number): void {
		const terminal = this.terminals.get(id);
		if (terminal !== undefined) Object.assign(terminal, { columns, rows });
		this.options.pool.post(this.worker, { post: 'resize', session: this.record.id, terminal: id, columns, rows });
	}

	private output(id: string, data: string): void {
		const terminal = this.terminals.get(id) ?? { columns: 80, rows: 24, total: 0, acknowledged: 0 };
		this.terminals.set(id, terminal);
		terminal.total += data.length;
		for (const page of this.pages.keys()) page.output(id, data);
		this.acknowledge(id);
	}

	private drawn(page: Page, id: string, characters: number): void {
		const places = this.pages.get(page);
		const terminal = this.terminals.get(id);
		if (places === undefined || terminal === undefined) return;
		places.set(id, Math.min(terminal.total, (places.get(id) ?? 0) + characters));
		if (page.acknowledge(id, characters)) {
			// It was too slow and missed some: from the present scrollback on it is up to date.
			places.set(id, terminal.total);
			void this.openTerminal(page, id, terminal.columns, terminal.rows).catch((error: unknown) => this.tellFault(error));
		}
		this.acknowledge(id);
	}

	/** The writer goes at the pace of the fastest page that shows the terminal; without one it is not held back. */
	private acknowledge(id: string): void {
		const terminal = this.terminals.get(id);
		if (terminal === undefined) return;
		let place = -1;
		for (const [page, places] of this.pages) if (page.showsTerminal(id)) place = Math.max(place, places.get(id) ?? 0);
		const upTo = place < 0 ? terminal.total : place;
		const characters = upTo - terminal.acknowledged;
		if (characters <= 0) return;
		terminal.acknowledged = upTo;
		this.options.pool.post(this.worker, { post: 'ack', session: this.record.id, terminal: id, characters });
	}

	/** `attempt`: 0 where somebody only looks, which is free; a submission is the next attempt. */
	private async grade(request: string, attempt: number): Promise<Verdict> {
		const { progress, record } = this.options;
		const verdict = await this.call('grade', { session: record.id, request, attempt, seed: record.seed });
		await progress.append(record.learner, `verdict:${randomUUID()}`, (learner) => checked(learner, record.lab, verdict));
		await this.tasksSeen(tasksPassed(this.options.lab.definition, verdict));
		return verdict;
	}

	private async submit(page: Page, message: Request<'lab.submit'>): Promise<void> {
		// The same click sent twice (a double click, a page that came back) is one submission.
		if (this.submissions.has(message.request)) return;
		this.submissions.add(message.request);
		const { progress, record, lab } = this.options;
		try {
			const verdict = await this.grade(message.request, (await this.labProgress()).attempts + 1);
			const files = await this.call('workspace', { session: record.id });
			const facts = await this.facts();
			const id = randomUUID();
			const recordings = await this.keepRecordings(id);
			await this.keepChanges(id);
			const submission = { id, verdict, files, recordings, ...(facts === undefined ? {} : { facts }), at: new Date().toISOString() };
			let moved: ReturnType<typeof submitted>['moved'] = [];
			await progress.append(record.learner, `submit:${submission.id}`, (learner) => {
				const result = submitted(learner, lab.definition, submission);
				moved = result.moved;
				return result.learner;
			});
			this.tell({ type: 'verdict', request: message.request, verdict });
			page.send({ type: 'submitted', request: message.request, evidence: submission.id, score: verdict.score, passed: verdict.passed, moved: [...moved] });
		} catch (error) {
			this.submissions.delete(message.request);
			throw error;
		}
	}

	/** How the attempt went. Where that cannot be read the evidence stands without. */
	private facts(): Promise<AttemptFacts | undefined> {
		return this.call('facts', { session: this.record.id }).catch((error: unknown) => {
			this.options.log('what happened in the sandbox is not known', error);
			return undefined;
		});
	}

	/** Puts the terminals' recordings beside the evidence, before it says that it has them. */
	private async keepRecordings(evidence: string): Promise<readonly RecordingInfo[]> {
		const { folders, record } = this.options;
		const carried = await recordingsToSubmit(await this.call('recordings', { session: record.id }));
		for (const { info, text } of carried) await folders.keepRecording(record.learner, evidence, info.name, text);
		return carried.map(({ info }) => info);
	}

	/** What differs from the lab's start, kept beside the evidence for whoever reviews it. Where it cannot be worked out the evidence stands without. */
	private async keepChanges(evidence: string): Promise<void> {
		const { captured, record, log } = this.options;
		const capture = await this.call('changes', { session: record.id }).catch((error: unknown) => {
			log('what differs from the lab’s start is not known', error);
			return null;
		});
		if (capture !== null) await captured?.(record.learner, evidence, capture);
	}

	/** All recordings of the session's terminals, up to now. */
	async recordings(): Promise<readonly RecordingInfo[]> {
		return recordingsIn(await this.recordingsFolder());
	}

	/** One of them; undefined where there is none of that name. */
	async recording(name: string): Promise<string | undefined> {
		return recordingFile(await this.recordingsFolder(), name);
	}

	/** Asks the worker only where the sandbox is open there: who looks at an old recording needs no cluster. */
	private async recordingsFolder(): Promise<string> {
		const { pool, folders, record } = this.options;
		return pool.call(this.worker, 'recordings', { session: record.id }).catch(() => join(folders.folder(record.learner, record.lab), 'terminals'));
	}

	private async hint(page: Page, message: Request<'lab.hint'>): Promise<void> {
		const { progress, record, lab } = this.options;
		const task = lab.definition.tasks.find((t) => t.id === message.task);
		if (task === undefined) throw fault('task-unknown', { task: message.task });
		const opened = (await this.labProgress()).hintsOpened[task.id] ?? 0;
		const text = task.hints[opened];
		if (text === undefined) throw fault('hint-none', { task: task.title });
		await progress.append(record.learner, `hint:${randomUUID()}`, (l) => hintOpened(l, record.lab, task.id, opened + 1, new Date().toISOString()));
		page.send({ type: 'hint', request: message.request, task: task.id, text, left: task.hints.length - opened - 1 });
		this.tell({ type: 'tasks', tasks: await this.taskStates() });
	}

	/** One after the other: two pages may ask at once, or one twice. */
	private exchangeSandbox(exchange: () => Promise<void>): Promise<void> {
		const done = this.exchanging.then(() => this.exchangeNow(exchange));
		this.exchanging = done.catch(() => {});
		return done;
	}

	private async exchangeNow(exchange: () => Promise<void>): Promise<void> {
		this.crashes = 0;
		let failure: Fault | undefined;
		try {
			await exchange();
		} catch (error) {
			failure = toFault(error);
		}
		const started = performance.now();
		const opened = await this.open();
		await this.reopenTerminals();
		for (const page of this.pages.keys()) await this.greet(page, opened, performance.now() - started);
		this.postAttached();
		if (failure !== undefined) throw failure;
	}

	private async reopenTerminals(): Promise<void> {
		for (const terminal of this.terminals.values()) Object.assign(terminal, { total: 0, acknowledged: 0 });
		for (const [page, places] of this.pages) {
			places.clear();
			for (const id of [...page.shown]) {
				const { columns = 80, rows = 24 } = this.terminals.get(id) ?? {};
				await this.openTerminal(page, id, columns, rows);
			}
		}
	}

	private async greet(page: Page, opened: SessionOpened, readyMs: number): Promise<void> {
		const { lastVerdict } = await this.labProgress();
		page.send({
			type: 'session',
			lab: this.record.lab,
			resumed: opened.resumed,
			readyMs: Math.round(readyMs * 10) / 10,
			provider: opened.provider,
			capabilities: { ...opened.capabilities },
			tasks: await this.taskStates(),
			...(lastVerdict === undefined ? {} : { verdict: lastVerdict }),
			tabs: this.pages.size,
		});
	}

	private async tasksSeen(done: readonly string[]): Promise<void> {
		const { progress, record } = this.options;
		const known = (await this.labProgress()).tasksDone;
		const fresh = done.filter((task) => known[task] === undefined);
		if (fresh.length === 0) return;
		await progress.append(record.learner, `tasks:${record.lab}:${randomUUID()}`, (l) => tasksDone(l, record.lab, fresh, new Date().toISOString()));
		this.tell({ type: 'tasks', tasks: await this.taskStates() });
		const titles = this.options.lab.definition.tasks.filter((task) => fresh.includes(task.id)).map((task) => task.title);
		await this.call('checkpointSave', { session: this.record.id, reason: 'task', name: titles.join(', ') });
	}

	private async labProgress(): Promise<LabProgress> {
		const { progress, record } = this.options;
		const learner = await progress.read(record.learner);
		return learner.labs[record.lab] ?? { lab: record.lab, startedAt: '', tasksDone: {}, hintsOpened: {}, attempts: 0, bestScore: 0 };
	}

	private async taskStates(): Promise<TaskState[]> {
		const progress = await this.labProgress();
		return this.options.lab.definition.tasks.map((task) => {
			const doneAt = progress.tasksDone[task.id];
			const opened = progress.hintsOpened[task.id] ?? 0;
			return {
				id: task.id,
				done: doneAt !== undefined,
				...(doneAt === undefined ? {} : { doneAt }),
				hintsOpened: task.hints.slice(0, opened),
				hintsLeft: Math.max(0, task.hints.length - opened),
			};
		});
	}

	private postAttached(): void {
		this.options.pool.post(this.worker, { post: 'attached', session: this.record.id, pages: this.pages.size });
	}

	private tellFault(error: unknown): void {
		const words = toFault(error).toJSON();
		if (words.code === 'internal') this.options.log('a session’s work failed', error);
		this.tell({ type: 'error', ...words });
	}

	private tell(message: ServerMessage): void {
		this.each((page) => page.send(message));
	}

	private each(use: (page: Page) => void): void {
		for (const page of this.pages.keys()) use(page);
	}
}
