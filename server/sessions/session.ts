/** One learner at one lab, on the main thread's side: the pages that look at it, and what they ask for. */
import { join } from 'node:path';
import { type Fault, fault, toFault } from '../errors/catalogue.ts';
import type { ClientMessage } from '../protocol/messages.ts';
import type { RecordingInfo } from '../protocol/progress.ts';
import type { SessionRecord } from './folders.ts';
import { LabWork, type LabWorkOptions } from './lab-work.ts';
import type { Page } from './page.ts';
import { Pages } from './pages.ts';
import type { Pool } from './pool.ts';
import { recordingFile, recordingsIn } from './recordings.ts';
import { SharedTerminals } from './shared-terminals.ts';
import type { SessionOpened, WorkerCalls, WorkerEvent } from './wire.ts';
import { WorkerLink } from './worker-link.ts';

type Request<T extends ClientMessage['type']> = Extract<ClientMessage, { type: T }>;

export interface SessionOptions extends LabWorkOptions {
	readonly pool: Pool;
}

export class Session {
	readonly record: SessionRecord;
	private readonly options: SessionOptions;
	private readonly pages: Pages;
	private readonly link: WorkerLink;
	private readonly terminals: SharedTerminals;
	private readonly work: LabWork;
	private exchanging: Promise<void> = Promise.resolve();

	constructor(options: SessionOptions) {
		this.options = options;
		this.record = options.record;
		this.pages = new Pages(options.log);
		this.link = new WorkerLink(options);
		this.terminals = new SharedTerminals(this.pages, this.link);
		this.work = new LabWork(options, this.pages, this.link);
	}

	/** Which of the pool's workers it lives in. */
	get worker(): number {
		return this.link.worker;
	}

	get attachedPages(): number {
		return this.pages.size;
	}

	/** The sandbox stands, in its worker. */
	open(): Promise<SessionOpened> {
		return this.link.open();
	}

	/** A page has come: tells it where things stand, and lets time run. */
	async attach(page: Page): Promise<void> {
		const started = performance.now();
		this.pages.add(page);
		try {
			const opened = await this.open();
			this.work.started();
			if (!this.pages.has(page)) return;
			await this.greet(page, opened, performance.now() - started);
			if (opened.notice !== undefined) page.send({ type: 'error', ...opened.notice });
			this.postAttached();
		} catch (error) {
			this.pages.remove(page);
			throw error;
		}
	}

	detach(page: Page): void {
		if (!this.pages.remove(page)) return;
		this.postAttached();
		this.terminals.pageLeft(page);
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
				this.terminals.output(event.terminal, event.data);
				break;
			case 'closed':
				this.terminals.closed(event.terminal, event.reason);
				break;
			case 'view':
				this.pages.tellIfRoom({ type: 'cluster', view: event.view });
				break;
			case 'file':
				this.pages.tell({ type: 'file.changed', path: event.path, mtime: event.mtime, removed: event.removed });
				break;
			case 'tasks':
				this.work.tasksSeen(event.done).catch((error: unknown) => this.pages.tellFault(error));
				break;
			case 'checking':
				this.pages.tellIfRoom({ type: 'checking', request: event.request, done: event.done, total: event.total, title: event.title });
				break;
			case 'checkpoints':
				this.pages.tell({ type: 'checkpoints', checkpoints: event.checkpoints });
				break;
			case 'edit':
				this.pages.tell({ type: 'edit', edit: event.edit, path: event.path });
				break;
			case 'fault':
				this.pages.tell({ type: 'error', ...event.fault });
				break;
		}
	}

	/** The worker was replaced: comes back from the journal, with its terminals. `blamed`: it may have been this session that took it down. */
	async workerReplaced(why: string, blamed: boolean): Promise<void> {
		this.link.crashed(blamed);
		if (this.pages.size === 0) return;
		try {
			await this.open();
			this.pages.tell({ type: 'error', ...fault('worker-restarted', { why }).toJSON() });
			await this.terminals.reopen();
			this.postAttached();
		} catch (error) {
			this.pages.tellFault(error);
		}
	}

	/** Puts the sandbox on disk and lets it go. */
	async close(): Promise<void> {
		await this.link.close();
	}

	private async handle(page: Page, message: ClientMessage): Promise<void> {
		switch (message.type) {
			case 'ping':
				return page.send({ type: 'pong', at: message.at });
			case 'terminal.open':
				return this.terminals.open(page, message.terminal, message.columns, message.rows);
			case 'terminal.input':
				return this.link.post({ post: 'input', terminal: message.terminal, data: message.data });
			case 'terminal.resize':
				return this.terminals.resize(message.terminal, message.columns, message.rows);
			case 'terminal.ack':
				return this.terminals.drawn(page, message.terminal, message.characters);
			case 'edit.done':
				return this.link.post({ post: 'editDone', edit: message.edit, saved: message.saved });
			case 'terminal.close':
				await this.link.call('terminalEnd', { terminal: message.terminal });
				return page.send({ type: 'done', request: message.request });
			case 'terminal.programs':
				return page.send({ type: 'programs', request: message.request, programs: await this.link.call('programs', {}) });
			case 'checkpoint.list':
			case 'checkpoint.save':
			case 'checkpoint.remove':
			case 'checkpoint.look':
			case 'checkpoint.rewind':
				return this.checkpoints(page, message);
			case 'files.list':
				return page.send({ type: 'files', request: message.request, files: [...(await this.link.call('fileList', {}))] });
			case 'files.read': {
				const { path } = message;
				return page.send({ type: 'file', request: message.request, path, ...(await this.link.call('fileRead', { path })) });
			}
			case 'files.write': {
				const { path, content, base } = message;
				const done = await this.link.call('fileWrite', { path, content, ...(base === undefined ? {} : { base }) });
				return page.send({ type: 'done', request: message.request, mtime: done.mtime });
			}
			case 'lab.check':
				return this.work.check(message);
			case 'lab.submit':
				return this.work.submit(page, message);
			case 'lab.hint':
				return this.work.hint(page, message);
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
		return this.link.call(name, input);
	}

	private async checkpoints(page: Page, message: Request<`checkpoint.${string}` & ClientMessage['type']>): Promise<void> {
		const { request } = message;
		switch (message.type) {
			case 'checkpoint.list':
				return page.send({ type: 'checkpoints', request, checkpoints: await this.link.call('checkpointList', {}) });
			case 'checkpoint.look':
				return page.send({ type: 'checkpoint.changes', request, changes: await this.link.call('checkpointLook', { checkpoint: message.checkpoint }) });
			case 'checkpoint.save':
				await this.link.call('checkpointSave', { reason: 'hand', name: message.name });
				break;
			case 'checkpoint.remove':
				await this.link.call('checkpointRemove', { checkpoint: message.checkpoint });
				break;
			case 'checkpoint.rewind':
				await this.exchangeSandbox(async () => {
					await this.link.call('checkpointRewind', { checkpoint: message.checkpoint });
				});
				this.pages.tell({ type: 'checkpoints', checkpoints: await this.link.call('checkpointList', {}) });
		}
		page.send({ type: 'done', request });
	}

	/** Closes the sandbox in its worker; what goes wrong there must not keep a learner from starting over. */
	private async putAside(): Promise<void> {
		await this.close().catch((error: unknown) => this.options.log('a sandbox did not close cleanly', error));
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
		const { folders, record } = this.options;
		return this.link.callIfOpen('recordings', {}).catch(() => join(folders.folder(record.learner, record.lab), 'terminals'));
	}

	/** One after the other: two pages may ask at once, or one twice. */
	private exchangeSandbox(exchange: () => Promise<void>): Promise<void> {
		const done = this.exchanging.then(() => this.exchangeNow(exchange));
		this.exchanging = done.catch(() => {});
		return done;
	}

	private async exchangeNow(exchange: () => Promise<void>): Promise<void> {
		this.link.forgive();
		let failure: Fault | undefined;
		try {
			await exchange();
		} catch (error) {
			failure = toFault(error);
		}
		const started = performance.now();
		const opened = await this.open();
		await this.terminals.reopen();
		for (const page of this.pages) await this.greet(page, opened, performance.now() - started);
		this.postAttached();
		if (failure !== undefined) throw failure;
	}

	private async greet(page: Page, opened: SessionOpened, readyMs: number): Promise<void> {
		const { lastVerdict } = await this.work.progress();
		page.send({
			type: 'session',
			lab: this.record.lab,
			resumed: opened.resumed,
			readyMs: Math.round(readyMs * 10) / 10,
			provider: opened.provider,
			capabilities: { ...opened.capabilities },
			tasks: await this.work.taskStates(),
			...(lastVerdict === undefined ? {} : { verdict: lastVerdict }),
			tabs: this.pages.size,
		});
	}

	private postAttached(): void {
		this.link.post({ post: 'attached', pages: this.pages.size });
	}
}
