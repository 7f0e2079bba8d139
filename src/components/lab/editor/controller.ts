/** What the editor does: opens, saves, deletes, follows changes made elsewhere, and serves commands that wait for a file. */
import type { FileEntry, ServerMessage } from '../../../../server/protocol/messages.ts';
import { type EditorAction, type EditorModel, type EditorTab, emptyEditor, onFileChanged, reduceEditor, tabOf } from '../../../lib/editor-state.ts';
import { baseName, fullPath, HOME, nameFault } from '../../../lib/files.ts';
import { type LabClient, LabFault } from '../../../lib/lab-client.ts';
import { createStore, type Store } from '../../../lib/lab-session.ts';
import { SchemaClient } from '../../../lib/schema/client.ts';
import { Documents } from './documents.ts';

export interface EditorNotice {
	readonly text: string;
	readonly undo?: () => void;
}

const LIST_AFTER_MS = 150;

export class EditorController {
	readonly model: Store<EditorModel, EditorAction> = createStore(reduceEditor, emptyEditor);
	readonly files: Store<readonly FileEntry[], readonly FileEntry[]> = createStore((_old: readonly FileEntry[], next: readonly FileEntry[]) => next, []);
	readonly notice: Store<EditorNotice | undefined, EditorNotice | undefined> = createStore(
		(_old: EditorNotice | undefined, next: EditorNotice | undefined) => next,
		undefined,
	);
	readonly documents: Documents;
	/** Raised when a text was replaced from outside, so that the view takes it in. */
	readonly version: Store<number, 'next'> = createStore((value: number) => value + 1, 0);
	/** Called when a command asks for the editor. */
	onAsked: () => void = () => {};
	/** Called when a command has got its answer and goes on. */
	onAnswered: () => void = () => {};
	private readonly client: LabClient;
	private readonly saving = new Set<string>();
	private listing: ReturnType<typeof setTimeout> | undefined;
	private readonly ends: (() => void)[];

	private readonly schemas: SchemaClient;

	constructor(client: LabClient) {
		this.client = client;
		this.schemas = new SchemaClient(client.lab);
		this.documents = new Documents(this.schemas, {
			onDirty: (path, dirty) => this.model.dispatch({ type: 'dirty', path, dirty }),
			onSave: (path) => this.save(path),
		});
		this.ends = [client.onMessage((message) => this.hear(message))];
		// A session that stood before this code was loaded has said so already.
		if (client.store.get().provider !== '') this.list();
	}

	dispose(): void {
		clearTimeout(this.listing);
		for (const end of this.ends) end();
		this.schemas.dispose();
	}

	open(path: string): void {
		if (tabOf(this.model.get(), path)) this.model.dispatch({ type: 'select', path });
		else this.run(this.load(path));
	}

	/** Takes the file's present text, dropping what is unsaved here. */
	reload(path: string): void {
		this.run(this.load(path));
	}

	/** Saves; a command that waits for the file goes on with what was saved, as after `:wq`. */
	save(path: string): void {
		const tab = tabOf(this.model.get(), path);
		this.run(tab?.edit === undefined ? this.write(path, tab?.mtime) : this.answerEdit(tab, true));
	}

	/** Saves over whatever is there now. */
	saveOver(path: string): void {
		this.run(this.write(path, undefined));
	}

	/** A sentence where the name won't do, undefined where the file is being made. */
	create(typed: string): string | undefined {
		const fault = nameFault(typed, new Set(this.files.get().map((file) => file.path)));
		if (fault) return fault;
		const path = fullPath(typed.trim());
		this.run(this.client.request({ type: 'files.write', path, content: '' }).then(() => this.load(path)));
		return undefined;
	}

	remove(path: string): void {
		this.run(this.removeKeeping(path));
	}

	close(path: string): void {
		const edit = tabOf(this.model.get(), path)?.edit;
		if (edit) this.client.send({ type: 'edit.done', edit: edit.id, saved: edit.saved });
		this.model.dispatch({ type: 'closed', path });
		this.documents.drop(path);
	}

	/** Ends the wait of a command: saves first where asked to and needed. */
	finishEdit(tab: EditorTab, keep: boolean): void {
		this.run(this.answerEdit(tab, keep));
	}

	private async answerEdit(tab: EditorTab, keep: boolean): Promise<void> {
		if (!tab.edit) return;
		if (keep && tab.dirty && !(await this.write(tab.path, tab.mtime))) return;
		const saved = keep && (tab.dirty || tab.edit.saved);
		this.client.send({ type: 'edit.done', edit: tab.edit.id, saved });
		this.model.dispatch({ type: 'edit-done', path: tab.path });
		this.close(tab.path);
		this.onAnswered();
	}

	private async load(path: string): Promise<void> {
		const answer = await this.client.request({ type: 'files.read', path });
		if (answer.type !== 'file') return;
		this.documents.put(path, answer.content);
		this.model.dispatch({ type: 'opened', path, mtime: answer.mtime });
		this.version.dispatch('next');
	}

	/** Writes the text of a tab; false where the file has changed elsewhere and the learner must choose. */
	private async write(path: string, base: number | undefined): Promise<boolean> {
		const content = this.documents.text(path);
		if (content === undefined || this.saving.has(path)) return false;
		this.saving.add(path);
		try {
			const answer = await this.client.request({ type: 'files.write', path, content, ...(base === undefined ? {} : { base }) });
			const mtime = answer.type === 'done' && answer.mtime !== undefined ? answer.mtime : await this.mtime(path);
			this.model.dispatch({ type: 'saved', path, mtime });
			this.model.dispatch({ type: 'dirty', path, dirty: this.documents.markSaved(path, content) });
			return true;
		} catch (error) {
			if (!(error instanceof LabFault) || error.problem.code !== 'file-changed') throw error;
			this.model.dispatch({ type: 'conflict', path, kind: 'changed' });
			return false;
		} finally {
			this.saving.delete(path);
		}
	}

	private async mtime(path: string): Promise<number> {
		const answer = await this.client.request({ type: 'files.read', path });
		return answer.type === 'file' ? answer.mtime : 0;
	}

	private async removeKeeping(path: string): Promise<void> {
		const kept = await this.client.request({ type: 'files.read', path });
		await this.client.request({ type: 'files.remove', path });
		if (tabOf(this.model.get(), path)) this.close(path);
		if (kept.type !== 'file') return;
		const undo = () => {
			this.notice.dispatch(undefined);
			this.run(this.client.request({ type: 'files.write', path, content: kept.content }).then(() => this.load(path)));
		};
		this.notice.dispatch({ text: `Deleted ${baseName(path)}.`, undo });
	}

	private hear(message: ServerMessage): void {
		// A session says so when it stands, comes back or was started over: the files may be other ones.
		if (message.type === 'session') this.list();
		if (message.type === 'edit') this.run(this.edit(message.edit, message.path));
		if (message.type !== 'file.changed') return;
		clearTimeout(this.listing);
		this.listing = setTimeout(() => this.list(), LIST_AFTER_MS);
		this.follow(message.path, message.mtime, message.removed);
	}

	private async edit(id: string, path: string): Promise<void> {
		try {
			if (!tabOf(this.model.get(), path)?.dirty) await this.load(path);
			this.model.dispatch({ type: 'select', path });
			if (id !== '') this.model.dispatch({ type: 'edit', path, id });
			this.onAsked();
		} catch (error) {
			// The command must not wait for a file that cannot be shown.
			if (id !== '') this.client.send({ type: 'edit.done', edit: id, saved: false });
			throw error;
		}
	}

	private follow(path: string, mtime: number, removed: boolean): void {
		const tab = tabOf(this.model.get(), path);
		if (!tab || this.saving.has(path)) return;
		const what = onFileChanged(tab, mtime, removed);
		if (what === 'reload') this.reload(path);
		else if (what === 'close') this.close(path);
		else if (what === 'conflict') this.model.dispatch({ type: 'conflict', path, kind: removed ? 'removed' : 'changed' });
	}

	/** Lists anew, and catches up with what changed while nobody told us (a lost connection, whose own banner says enough when it takes this down). */
	private list(): void {
		const listing = this.client.request({ type: 'files.list' }).then((answer) => {
			if (answer.type !== 'files') return;
			this.files.dispatch(answer.files);
			this.catchUp(answer.files);
		});
		this.run(
			listing.catch((error: unknown) => {
				if (!(error instanceof LabFault) || error.problem.code !== 'connection-lost') throw error;
			}),
		);
	}

	private catchUp(files: readonly FileEntry[]): void {
		const mtimes = new Map(files.map((file) => [file.path, file.mtime]));
		for (const { path } of this.model.get().tabs) {
			// Drafts of `kubectl edit` lie outside the folder that is listed.
			if (!path.startsWith(`${HOME}/`)) continue;
			const mtime = mtimes.get(path);
			this.follow(path, mtime ?? 0, mtime === undefined);
		}
	}

	private run(work: Promise<unknown>): void {
		work.catch((error: unknown) =>
			this.notice.dispatch({ text: error instanceof LabFault ? `${error.problem.message} ${error.problem.next}` : String(error) }),
		);
	}
}
