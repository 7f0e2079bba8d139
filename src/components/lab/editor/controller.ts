/** What the editor does: opens, saves, follows changes made elsewhere, and serves commands that wait for a file. */
import type { FileEntry, ServerMessage } from '../../../../server/protocol/messages.ts';
import { type Draft, keepDesk, readDesk } from '../../../lib/drafts.ts';
import { type EditorAction, type EditorModel, type EditorTab, emptyEditor, onFileChanged, reduceEditor, tabOf } from '../../../lib/editor-state.ts';
import { ApiError } from '../../../lib/api.ts';
import { baseName, HOME } from '../../../lib/files.ts';
import { type LabClient, LabFault } from '../../../lib/lab-client.ts';
import { createStore, type Store } from '../../../lib/lab-session.ts';
import { recall, remember } from '../../../lib/remember.ts';
import { SchemaClient } from '../../../lib/schema/client.ts';
import { Documents } from './documents.ts';
import { FileActions } from './file-actions.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

export interface EditorNotice {
	readonly text: string;
	/** What can be done about it, and what that is called. */
	readonly act?: { readonly label: string; readonly run: () => void };
	/** Share done, 0 to 1, of something under way. */
	readonly progress?: number;
}

const LIST_AFTER_MS = 150;
const KEEP_AFTER_MS = 300;
/** Quiet after which a file saves itself, where the learner wants that. */
const AUTOSAVE_AFTER_MS = 1500;

/** A store of one value, replaced whole. */
const value = <T>(initial: T): Store<T, T> => createStore((_old: T, next: T) => next, initial);

export class EditorController {
	readonly lab: string;
	readonly model: Store<EditorModel, EditorAction> = createStore(reduceEditor, emptyEditor);
	readonly files = value<readonly FileEntry[]>([]);
	readonly notice = value<EditorNotice | undefined>(undefined);
	/** The file whose applying is being looked at. */
	readonly applying = value<string | undefined>(undefined);
	readonly autosave = value(recall('autosave') === 'on');
	readonly documents: Documents;
	readonly actions: FileActions;
	/** Raised when a text was replaced from outside, so that the view takes it in. */
	readonly version: Store<number, 'next'> = createStore((count: number) => count + 1, 0);
	/** Called when a command asks for the editor. */
	onAsked: () => void = () => {};
	/** Called when a command has got its answer and goes on. */
	onAnswered: () => void = () => {};
	private readonly client: LabClient;
	private readonly schemas: SchemaClient;
	private readonly saving = new Set<string>();
	private readonly autosaves = new Map<string, ReturnType<typeof setTimeout>>();
	private listing: ReturnType<typeof setTimeout> | undefined;
	private keeping: ReturnType<typeof setTimeout> | undefined;
	private restored = false;
	/** Paths on their way to another name. */
	private moving: readonly string[] = [];
	private readonly ends: (() => void)[];

	constructor(client: LabClient) {
		this.client = client;
		this.lab = client.lab;
		this.schemas = new SchemaClient(client.lab);
		this.documents = new Documents(this.schemas, {
			onDirty: (path, dirty) => this.typed(path, dirty),
			onSave: (path) => this.save(path),
			onApply: (path) => this.apply(path),
		});
		this.actions = new FileActions(this);
		const keepNow = (): void => this.keep();
		window.addEventListener('pagehide', keepNow);
		this.ends = [
			client.onMessage((message) => this.hear(message)),
			this.model.subscribe(() => this.keepSoon()),
			() => window.removeEventListener('pagehide', keepNow),
		];
		// A session that stood before this code was loaded has said so already.
		if (client.store.get().provider !== '') this.begin();
	}

	dispose(): void {
		clearTimeout(this.listing);
		clearTimeout(this.keeping);
		for (const timer of this.autosaves.values()) clearTimeout(timer);
		for (const end of this.ends) end();
		this.schemas.dispose();
	}

	open(path: string): void {
		if (tabOf(this.model.get(), path)) this.model.dispatch({ type: 'select', path });
		else this.run(this.load(path));
	}

	/** Saves; a command that waits for the file goes on with what was saved, as after `:wq`. */
	save(path: string): void {
		const tab = tabOf(this.model.get(), path);
		this.run(tab?.edit === undefined ? this.write(path, tab?.mtime) : this.answerEdit(tab, true));
	}

	/** Writes a new file and opens it. */
	make(path: string, content: string): void {
		this.run(this.client.request({ type: 'files.write', path, content }).then(() => this.load(path)));
	}

	/** What the file holds now. */
	async theirs(path: string): Promise<string> {
		const answer = await this.client.request({ type: 'files.read', path });
		return answer.type === 'file' ? answer.content : '';
	}

	/** Takes the file's present text; what was unsaved here comes back with undo. */
	takeTheirs(path: string): void {
		this.run(this.load(path));
	}

	/** Saves over what is there now; that text can be had back. */
	keepMine(path: string): void {
		const work = async (): Promise<void> => {
			const theirs = tabOf(this.model.get(), path)?.conflict === 'changed' ? await this.theirs(path) : undefined;
			if (!(await this.write(path, undefined)) || theirs === undefined) return;
			const run = (): void => {
				this.documents.replace(path, theirs, false);
				this.replaced(path);
				this.model.dispatch({ type: 'dirty', path, dirty: true });
				this.notice.dispatch(undefined);
			};
			this.notice.dispatch({ text: fillIn(t.yourTextOf, { path: baseName(path) }), act: { label: t.bringTheOther, run } });
		};
		this.run(work());
	}

	/** Saves where needed, then shows what applying the file would change. */
	apply(path: string): void {
		const tab = tabOf(this.model.get(), path);
		const saved = tab?.dirty ? this.write(path, tab.mtime) : Promise.resolve(true);
		this.run(saved.then((done) => done && this.applying.dispatch(path)));
	}

	/** The cluster may serve other kinds now. */
	applied(): void {
		this.schemas.refresh();
	}

	setAutosave(on: boolean): void {
		this.autosave.dispatch(on);
		remember('autosave', on ? 'on' : 'off');
		if (on) for (const tab of this.model.get().tabs) if (tab.dirty) this.saveSoon(tab.path);
	}

	close(path: string): void {
		const edit = tabOf(this.model.get(), path)?.edit;
		if (edit) this.client.send({ type: 'edit.done', edit: edit.id, saved: edit.saved });
		this.model.dispatch({ type: 'closed', path });
		this.documents.drop(path);
	}

	/** Moves a path; open files below it go along, and the news of the removal on the way is none. */
	async whileMoving(path: string, to: string, move: () => Promise<unknown>): Promise<void> {
		this.moving = [path, to];
		try {
			await move();
			this.moved(path, to);
		} finally {
			this.moving = [];
		}
	}

	private moved(path: string, to: string): void {
		for (const tab of this.model.get().tabs) {
			if (tab.path !== path && !tab.path.startsWith(`${path}/`)) continue;
			const next = to + tab.path.slice(path.length);
			this.documents.move(tab.path, next);
			this.model.dispatch({ type: 'moved', path: tab.path, to: next });
		}
		this.version.dispatch('next');
	}

	/** Ends the wait of a command: saves first where asked to and needed. */
	finishEdit(tab: EditorTab, keep: boolean): void {
		this.run(this.answerEdit(tab, keep));
	}

	/** Says what went wrong where something did. */
	run(work: Promise<unknown>): void {
		work.catch((error: unknown) => {
			const text =
				error instanceof LabFault
					? `${error.problem.message} ${error.problem.next}`
					: error instanceof ApiError
						? `${error.message} ${error.next}`
						: String(error);
			this.notice.dispatch({ text });
		});
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

	/** Takes a file's text in; a tab that is open keeps its history, one that is not comes to the front. */
	private async load(path: string): Promise<void> {
		const answer = await this.client.request({ type: 'files.read', path });
		if (answer.type !== 'file') return;
		this.documents.replace(path, answer.content, true);
		this.model.dispatch({ type: tabOf(this.model.get(), path) ? 'reloaded' : 'opened', path, mtime: answer.mtime });
		this.replaced(path);
	}

	private replaced(path: string): void {
		if (this.model.get().active === path) this.version.dispatch('next');
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

	private typed(path: string, dirty: boolean): void {
		this.model.dispatch({ type: 'dirty', path, dirty });
		this.keepSoon();
		if (dirty && this.autosave.get()) this.saveSoon(path);
	}

	/** Not while a command waits for the file, whose saving would let it go on, nor over what somebody else wrote. */
	private saveSoon(path: string): void {
		clearTimeout(this.autosaves.get(path));
		const save = (): void => {
			const tab = tabOf(this.model.get(), path);
			if (tab?.dirty && !tab.edit && !tab.conflict) this.save(path);
		};
		this.autosaves.set(path, setTimeout(save, AUTOSAVE_AFTER_MS));
	}

	private keepSoon(): void {
		clearTimeout(this.keeping);
		this.keeping = setTimeout(() => this.keep(), KEEP_AFTER_MS);
	}

	/** Puts what is open and unsaved where a reload finds it. */
	private keep(): void {
		if (!this.restored) return;
		const { tabs, active } = this.model.get();
		const open = tabs.map(({ path, mtime, dirty }): Draft => {
			const text = dirty ? this.documents.text(path) : undefined;
			return { path, mtime, ...(text === undefined ? {} : { text }) };
		});
		keepDesk(this.lab, { active, open });
	}

	private begin(): void {
		if (!this.restored) this.run(this.restore());
		this.schemas.refresh();
		this.list();
	}

	/** Opens what was open when the page was left, with what was unsaved then. */
	private async restore(): Promise<void> {
		const desk = readDesk(this.lab);
		for (const draft of desk.open) await this.restoreOne(draft);
		this.restored = true;
		const before = desk.active;
		if (before !== undefined && tabOf(this.model.get(), before)) this.model.dispatch({ type: 'select', path: before });
	}

	private async restoreOne({ path, mtime, text }: Draft): Promise<void> {
		if (tabOf(this.model.get(), path)) return;
		const there = await this.load(path).then(
			() => true,
			() => false,
		);
		const tab = tabOf(this.model.get(), path);
		if (text === undefined || (there && this.documents.text(path) === text)) return;
		if (!tab) {
			this.documents.put(path, '');
			this.model.dispatch({ type: 'opened', path, mtime });
		}
		this.documents.replace(path, text, false);
		this.replaced(path);
		this.model.dispatch({ type: 'dirty', path, dirty: true });
		if (!there || tab?.mtime !== mtime) this.model.dispatch({ type: 'conflict', path, kind: there ? 'changed' : 'removed' });
	}

	private hear(message: ServerMessage): void {
		// A session says so when it stands, comes back or was started over: the files may be other ones.
		if (message.type === 'session') this.begin();
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
		if (!tab || this.saving.has(path) || this.moving.some((from) => path === from || path.startsWith(`${from}/`))) return;
		const what = onFileChanged(tab, mtime, removed);
		if (what === 'reload') this.run(this.load(path));
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
}
