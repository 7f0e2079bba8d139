/** One learner at one lab, on the worker's side: the sandbox, its workstation with terminals, the cluster view, the live checks. */
import { join } from 'node:path';
import { fault, toFault } from '../errors/catalogue.ts';
import type { LoadedLab } from '../grading/grade.types.ts';
import { LIMITS } from '../limits.ts';
import type { Verdict } from '../protocol/lab.ts';
import type { FileEntry } from '../protocol/messages.ts';
import type { AttemptFacts } from '../protocol/progress.ts';
import type { Applied, FileChange, FileDone } from '../protocol/workspace.ts';
import type { CheckpointChanges, CheckpointReason, Program } from '../protocol/messages.ts';
import type { HostedSandbox } from '../sandboxes/hosted.ts';
import type { Workstation } from '../shell/workstation.types.ts';
import { applyFile } from './apply.ts';
import { type ArchiveFormat, packFolder, putInto } from './archive/folder.ts';
import { Checkpoints } from './checkpoints.ts';
import { attemptFacts } from './attempt-facts.ts';
import { ClusterWatcher } from './cluster-view.ts';
import { FileChanges } from './file-changes.ts';
import { LiveChecks, tasksPassed } from './live.ts';
import type { Parts } from './parts.types.ts';
import { LabSecrets } from './secrets.ts';
import { discardTerminal, sayInClosed, SessionTerminal } from './terminal.ts';
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

/** Real ms after which a lab that was just begun gets its first checkpoint: the learner's prompt comes first. */
const FIRST_CHECKPOINT_MS = 1500;

export class LabSession {
	readonly id: string;
	readonly lab: LoadedLab;
	/** Tokens in the lab's files and manifests derive from it. */
	readonly seed: number;
	readonly sandbox: HostedSandbox;
	/** Real ms (monotonic) since when no page has been attached; undefined while one is. */
	idleSince: number | undefined = performance.now();
	readonly checkpoints: Checkpoints;
	private readonly options: LabSessionOptions;
	private readonly workstation: Workstation;
	private readonly terminals = new Map<string, SessionTerminal>();
	private readonly edits = new Map<string, (saved: boolean) => void>();
	private readonly changes: FileChanges;
	private readonly stopFiles: () => void;
	private release: (() => void) | undefined;
	private view: ClusterWatcher | undefined;
	private live: LiveChecks | undefined;
	private outside: (() => void) | undefined;
	private outsideTimer: ReturnType<typeof setTimeout> | undefined;
	private grading = false;
	private editCount = 0;
	private readonly secrets: LabSecrets;
	private firstCheckpoint: ReturnType<typeof setTimeout> | undefined;

	constructor(options: LabSessionOptions) {
		this.options = options;
		this.id = options.id;
		this.lab = options.lab;
		this.seed = options.seed;
		this.sandbox = options.sandbox;
		this.workstation = options.parts.createWorkstation(options.sandbox, {
			namespace: options.lab.definition.namespace,
			recordCommand: (record) => {
				this.live?.touch();
				this.worked(record.line);
				return options.sandbox.recordCommand(record);
			},
		});
		this.checkpoints = new Checkpoints(options.folder, options.sandbox);
		this.secrets = new LabSecrets(options.lab.definition, options.seed, options.sandbox.observer);
		this.changes = new FileChanges(options.sandbox.files);
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
		if (this.checkpoints.possible && this.checkpoints.list().length === 0) {
			this.firstCheckpoint ??= setTimeout(() => void this.checkpoint('start', ''), FIRST_CHECKPOINT_MS);
			this.firstCheckpoint.unref();
		}
	}

	/** Makes a checkpoint and tells the pages of it; what goes wrong is told, too. */
	async checkpoint(reason: CheckpointReason, name: string): Promise<void> {
		try {
			await this.checkpoints.save(reason, name);
			this.tellCheckpoints();
		} catch (error) {
			this.fault(error);
		}
	}

	/** One that the learner asked for. */
	async saveCheckpoint(name: string): Promise<void> {
		await this.checkpoints.save('hand', name);
		this.tellCheckpoints();
	}

	async removeCheckpoint(id: string): Promise<void> {
		await this.checkpoints.remove(id);
		this.tellCheckpoints();
	}

	/** What going back to a checkpoint would change. */
	async lookBack(id: string): Promise<CheckpointChanges> {
		const changes = await this.checkpoints.changes(id);
		return {
			at: changes.at,
			files: [...changes.files],
			objects: changes.objects.map((o) => ({ ...o, detail: [...o.detail] })),
			more: changes.more,
			programs: this.programs(),
		};
	}

	/** Everything that runs in the terminals that are open. */
	programs(): Program[] {
		return [...this.terminals].flatMap(([terminal, t]) => t.programs().map((program) => ({ terminal, ...program })));
	}

	/** The terminal ends, and what runs in it; one of that name is new after that. */
	endTerminal(id: string): void {
		this.terminals.get(id)?.close();
		this.terminals.delete(id);
		discardTerminal(this.terminalsFolder, id);
		this.options.send({ event: 'closed', session: this.id, terminal: id, reason: 'it was closed' });
	}

	/** The learner, or somebody for them, has done something. */
	private worked(line?: string): void {
		if (this.checkpoints.activity(line)) void this.checkpoint('time', '');
		this.refreshSecrets().catch((error: unknown) => this.fault(error));
	}

	private async refreshSecrets(): Promise<void> {
		if (await this.secrets.refresh()) for (const terminal of this.terminals.values()) terminal.secrets(this.secrets.present);
	}

	private tellCheckpoints(): void {
		this.options.send({ event: 'checkpoints', session: this.id, checkpoints: this.checkpoints.list() });
	}

	/** Somebody outside the page uses the cluster: its time goes on for a while. */
	usedFromOutside(): void {
		this.worked();
		this.outside ??= this.sandbox.hold();
		if (this.outsideTimer !== undefined) clearTimeout(this.outsideTimer);
		this.outsideTimer = setTimeout(() => {
			this.outside?.();
			this.outside = undefined;
		}, LIMITS.lingerMs);
		this.outsideTimer.unref();
		if (this.idleSince !== undefined) this.idleSince = performance.now();
	}

	async openTerminal(id: string, columns: number, rows: number): Promise<{ readonly scrollback: string; readonly columns: number; readonly rows: number }> {
		// What is secret is known before anything is recorded.
		if (!this.terminals.has(id)) await this.refreshSecrets();
		let terminal = this.terminals.get(id);
		if (terminal === undefined) {
			if (this.terminals.size >= LIMITS.terminals) throw fault('terminals-full', { limit: LIMITS.terminals });
			terminal = new SessionTerminal(id, columns, rows, {
				folder: this.terminalsFolder,
				secrets: this.secrets.present,
				send: (data) => this.options.send({ event: 'output', session: this.id, terminal: id, data }),
				edit: (path, wait) => this.edit(path, wait),
				onFault: (error) => this.fault(error),
			});
			this.terminals.set(id, terminal);
			terminal.start(this.workstation);
		} else terminal.resize(columns, rows);
		return { scrollback: terminal.text(), columns: terminal.columns, rows: terminal.rows };
	}

	private get terminalsFolder(): string {
		return join(this.options.folder, 'terminals');
	}

	/** Recordings are in their files up to now. */
	flushRecordings(): string {
		for (const terminal of this.terminals.values()) terminal.flushRecording();
		return this.terminalsFolder;
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

	async applyFile(path: string, dryRun: boolean): Promise<Applied> {
		checkPath(path);
		const { applied, exitCode } = await applyFile((args, signal) => this.workstation.kubectl(args, signal), path, dryRun);
		if (!dryRun) {
			this.live?.touch();
			await this.sandbox.recordCommand({ at: this.sandbox.clock.now(), terminal: 'editor', line: `kubectl apply -f ${path}`, exitCode });
		}
		return applied;
	}

	changeFiles(change: FileChange): Promise<FileDone> {
		return this.changes.change(change);
	}

	packFolder(folder: string, format: ArchiveFormat): Promise<Uint8Array> {
		return packFolder(this.sandbox.files, folder, format, this.sandbox.clock.now());
	}

	putInto(folder: string, name: string, bytes: Uint8Array, replace: boolean): ReturnType<typeof putInto> {
		return putInto(this.sandbox.files, folder, name, bytes, replace);
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

	async facts(): Promise<AttemptFacts> {
		await this.secrets.refresh();
		return attemptFacts(this.sandbox, this.secrets.present, Date.now());
	}

	async workspace(): Promise<{ readonly [path: string]: string }> {
		await this.secrets.refresh();
		return workspaceOf(this.sandbox.files, this.secrets.present);
	}

	/** Makes a checkpoint of the present before going back to one. Rejects where that one is not there. */
	async keepPresent(goBackTo: string): Promise<void> {
		await this.checkpoints.save('rewind', this.checkpoints.known(goBackTo).name);
	}

	/** Puts all of it on disk. With `goBackTo` it comes back as it was at that checkpoint. */
	async close(goBackTo?: string): Promise<void> {
		const target = goBackTo === undefined ? undefined : this.checkpoints.known(goBackTo);
		this.rest();
		clearTimeout(this.outsideTimer);
		clearTimeout(this.firstCheckpoint);
		this.stopFiles();
		const words = target === undefined ? '' : wentBack(target.at, target.name);
		for (const terminal of this.terminals.values()) terminal.close(words);
		if (words !== '') sayInClosed(this.terminalsFolder, words, [...this.terminals.keys()]);
		this.workstation.dispose();
		await this.checkpoints.close();
		await this.sandbox.dispose();
		if (target !== undefined) this.checkpoints.choose(target.id);
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

/** The line that terminals show; the time is the cluster's own, as `date` tells it. */
function wentBack(at: number, name: string): string {
	const when = new Date(at).toISOString().slice(11, 16);
	return `\u001b[1m[the cluster and your files went back to ${when} UTC${name === '' ? '' : ` (${printable(name)})`}]\u001b[0m\r\n`;
}

const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
