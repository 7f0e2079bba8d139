/** One learner at one lab, on the worker's side: the sandbox, its workstation with terminals, the cluster view, the live checks. */
import { join } from 'node:path';
import { fault, toFault } from '../errors/catalogue.ts';
import type { LoadedLab } from '../grading/grade.types.ts';
import { LIMITS } from '../limits.ts';
import type { Verdict } from '../protocol/lab.ts';
import type { FileEntry } from '../protocol/messages.ts';
import type { HostedSandbox } from '../sandboxes/hosted.ts';
import type { Workstation } from '../shell/workstation.types.ts';
import { ClusterWatcher } from './cluster-view.ts';
import { LiveChecks, tasksPassed } from './live.ts';
import type { Parts } from './parts.types.ts';
import { SessionTerminal } from './terminal.ts';
import type { WorkerEvent } from './wire.ts';
import { checkPath, HOME, workspaceOf } from './workspace.ts';

export interface LabSessionOptions {
	readonly id: string;
	readonly folder: string;
	readonly lab: LoadedLab;
	readonly seed: number;
	readonly sandbox: HostedSandbox;
	readonly parts: Pick<Parts, 'gradeLab' | 'createWorkstation'>;
	readonly send: (event: WorkerEvent) => void;
}

export class LabSession {
	readonly id: string;
	readonly lab: LoadedLab;
	readonly sandbox: HostedSandbox;
	/** Real ms (monotonic) since when no page has been attached; undefined while one is. */
	idleSince: number | undefined = performance.now();
	private readonly options: LabSessionOptions;
	private readonly workstation: Workstation;
	private readonly terminals = new Map<string, SessionTerminal>();
	private readonly edits = new Map<string, (saved: boolean) => void>();
	private readonly stopFiles: () => void;
	private release: (() => void) | undefined;
	private view: ClusterWatcher | undefined;
	private live: LiveChecks | undefined;
	private outside: (() => void) | undefined;
	private outsideTimer: ReturnType<typeof setTimeout> | undefined;
	private grading = false;
	private editCount = 0;

	constructor(options: LabSessionOptions) {
		this.options = options;
		this.id = options.id;
		this.lab = options.lab;
		this.sandbox = options.sandbox;
		this.workstation = options.parts.createWorkstation(options.sandbox, {
			namespace: options.lab.definition.namespace,
			recordCommand: (record) => {
				this.live?.touch();
				return options.sandbox.recordCommand(record);
			},
		});
		this.stopFiles = options.sandbox.files.watch((path) => void this.fileChanged(path));
	}

	/** Pages came or went. */
	attached(pages: number): void {
		if (pages === 0) {
			this.rest();
			return;
		}
		this.idleSince = undefined;
		this.release ??= this.sandbox.hold();
		if (this.view !== undefined) this.view.repeat();
		else {
			this.view = new ClusterWatcher(
				this.sandbox.observer,
				() => this.sandbox.clock.now(),
				(view) => this.options.send({ event: 'view', session: this.id, view }),
				() => this.live?.touch(),
			);
		}
		this.live ??= new LiveChecks(
			() => this.gradeLive(),
			(error) => this.fault(error),
		);
	}

	/** Somebody outside the page uses the cluster: its time goes on for a while. */
	usedFromOutside(): void {
		this.outside ??= this.sandbox.hold();
		if (this.outsideTimer !== undefined) clearTimeout(this.outsideTimer);
		this.outsideTimer = setTimeout(() => {
			this.outside?.();
			this.outside = undefined;
		}, LIMITS.lingerMs);
		this.outsideTimer.unref();
		if (this.idleSince !== undefined) this.idleSince = performance.now();
	}

	openTerminal(id: string, columns: number, rows: number): { readonly scrollback: string; readonly columns: number; readonly rows: number } {
		let terminal = this.terminals.get(id);
		if (terminal === undefined) {
			if (this.terminals.size >= LIMITS.terminals) throw fault('terminals-full', { limit: LIMITS.terminals });
			terminal = new SessionTerminal(id, columns, rows, {
				folder: join(this.options.folder, 'terminals'),
				send: (data) => this.options.send({ event: 'output', session: this.id, terminal: id, data }),
				edit: (path, wait) => this.edit(path, wait),
				onFault: (error) => this.fault(error),
			});
			this.terminals.set(id, terminal);
			terminal.start(this.workstation);
		} else terminal.resize(columns, rows);
		return { scrollback: terminal.text(), columns: terminal.columns, rows: terminal.rows };
	}

	/** Undefined where no terminal of that id is open: input for one that was closed goes nowhere. */
	terminal(id: string): SessionTerminal | undefined {
		return this.terminals.get(id);
	}

	editDone(edit: string, saved: boolean): void {
		this.edits.get(edit)?.(saved);
		this.edits.delete(edit);
	}

	async listFiles(): Promise<readonly FileEntry[]> {
		const files = await this.sandbox.files.list(HOME);
		return files.map(({ path, kind, size, mtime }) => ({ path, kind, size, mtime }));
	}

	async readFile(path: string): Promise<{ readonly content: string; readonly mtime: number }> {
		checkPath(path);
		const [content, entry] = await Promise.all([this.sandbox.files.read(path), this.sandbox.files.entry(path)]);
		if (content === undefined || entry === undefined) throw fault('file-missing', { path });
		if (entry.binary) throw fault('file-refused', { path, why: 'it is no text' });
		return { content, mtime: entry.mtime };
	}

	async writeFile(path: string, content: string, base?: number): Promise<{ readonly mtime: number }> {
		checkPath(path);
		const old = await this.sandbox.files.entry(path);
		if (old?.kind === 'directory') throw fault('file-refused', { path, why: 'it is a folder' });
		// The editor started from another text than the one that is there. Equal content is no conflict.
		if (base !== undefined && old !== undefined && old.mtime !== base && old.content !== content) throw fault('file-changed', { path });
		await this.sandbox.files.write(path, content);
		return { mtime: (await this.sandbox.files.entry(path))?.mtime ?? 0 };
	}

	async removeFile(path: string): Promise<void> {
		checkPath(path);
		if ((await this.sandbox.files.entry(path)) === undefined) throw fault('file-missing', { path });
		await this.sandbox.files.remove(path);
	}

	async grade(request: string, attempt: number, seed: number): Promise<Verdict> {
		if (this.grading) throw fault('grading-busy', {});
		this.grading = true;
		try {
			return await this.onCopy((sandbox) =>
				this.options.parts.gradeLab({
					lab: this.lab,
					sandbox,
					seed,
					attempt,
					onProgress: (done, total, title) => this.options.send({ event: 'checking', session: this.id, request, done, total, title }),
				}),
			);
		} catch (error) {
			if (error instanceof Error && error.name === 'Fault') throw error;
			throw fault('grading-failed', { why: error instanceof Error ? error.message : String(error) }, error);
		} finally {
			this.grading = false;
		}
	}

	workspace(): Promise<{ readonly [path: string]: string }> {
		return workspaceOf(this.sandbox.files);
	}

	async close(): Promise<void> {
		this.rest();
		clearTimeout(this.outsideTimer);
		this.stopFiles();
		for (const terminal of this.terminals.values()) terminal.close();
		this.workstation.dispose();
		await this.sandbox.dispose();
	}

	private rest(): void {
		this.idleSince ??= performance.now();
		this.release?.();
		this.release = undefined;
		this.view?.stop();
		this.view = undefined;
		this.live?.stop();
		this.live = undefined;
		for (const done of this.edits.values()) done(false);
		this.edits.clear();
	}

	private edit(path: string, wait: boolean): Promise<boolean> {
		// Nobody is looking: a command that asks must not wait for ever.
		if (this.idleSince !== undefined) return Promise.resolve(false);
		if (!wait) {
			this.options.send({ event: 'edit', session: this.id, edit: '', path });
			return Promise.resolve(true);
		}
		this.editCount++;
		const edit = `e${this.editCount}`;
		return new Promise((resolve) => {
			this.edits.set(edit, resolve);
			this.options.send({ event: 'edit', session: this.id, edit, path });
		});
	}

	private async fileChanged(path: string): Promise<void> {
		this.live?.touch();
		if (this.idleSince !== undefined || !(path.startsWith(HOME) || path.startsWith('/tmp/'))) return;
		const entry = await this.sandbox.files.entry(path);
		this.options.send({ event: 'file', session: this.id, path, mtime: entry?.mtime ?? 0, removed: entry === undefined });
	}

	private async gradeLive(): Promise<void> {
		if (this.grading || !this.lab.definition.checks.some((c) => c.live)) return;
		const verdict = await this.onCopy((sandbox) => this.options.parts.gradeLab({ lab: this.lab, sandbox, seed: this.options.seed, attempt: 0, only: 'live' }));
		const done = tasksPassed(this.lab.definition, verdict);
		if (done.length > 0) this.options.send({ event: 'tasks', session: this.id, done });
	}

	/** Grading leaves no trace: it works on a copy where the provider has copies. */
	private async onCopy<T>(use: (sandbox: HostedSandbox | Awaited<ReturnType<HostedSandbox['fork']>>) => Promise<T>): Promise<T> {
		if (!this.sandbox.capabilities.fork) return use(this.sandbox);
		const fork = await this.sandbox.fork();
		try {
			return await use(fork);
		} finally {
			await fork.dispose();
		}
	}

	private fault(error: unknown): void {
		this.options.send({ event: 'fault', session: this.id, fault: toFault(error).toJSON() });
	}
}
