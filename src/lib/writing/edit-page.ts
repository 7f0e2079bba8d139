/** The editor of one document, `?d=<id>`: parts, tables, autosave, undo, live grade, recorded facts, preview, and handing it in. */
import { KIND_SHAPES } from '../../../server/protocol/document-kinds.ts';
import type { Attempt, DocumentContent, FactEvent, TimelineRow, WrittenDocument } from '../../../server/protocol/documents.ts';
import { ApiError } from '../api.ts';
import { byId, fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { wordsOf } from '../i18n/words-of.ts';
import { attachDocument, getAttempts, getDocument, getVersions, gradeDocument, previewDocument, restoreVersion, saveDocument } from './calls.ts';
import { factsView } from './facts-view.ts';
import { gradeView } from './grade-view.ts';
import { History } from './history.ts';
import { partView } from './parts.ts';
import { Saver, type SaveState } from './saver.ts';

const t = wordsOf('writing');
const GRADE_QUIET_MS = 700;

const announce = (words: string): void => fill(byId('said'), words);
const wording = (error: unknown): string => (error instanceof ApiError ? `${error.message} ${error.next}` : String(error));

class Editor {
	private readonly document: WrittenDocument;
	private readonly attempts: readonly Attempt[];
	private readonly history = new History<DocumentContent>();
	private readonly saver: Saver<DocumentContent>;
	private content: DocumentContent;
	private gradeTimer: ReturnType<typeof setTimeout> | undefined;
	private gradeAsked = 0;
	private previewing = false;

	constructor(document: WrittenDocument, attempts: readonly Attempt[]) {
		this.document = document;
		this.attempts = attempts;
		this.content = document.content;
		this.saver = new Saver(document.version, {
			read: () => this.content,
			save: (base, content) => saveDocument(document.id, base, content),
			tell: (state) => this.showSaved(state),
			conflict: 'document-changed',
		});
	}

	start(): void {
		const { kind, id, updatedAt } = this.document;
		fill(byId('kind'), KIND_SHAPES[kind].title);
		fill(byId('about'), KIND_SHAPES[kind].about);
		byId('export')?.setAttribute('href', `/api/documents/${encodeURIComponent(id)}/markdown`);
		byId('to-mentor')?.setAttribute('href', `/submissions/new/?kind=document&of=${encodeURIComponent(id)}`);
		this.on('undo', () => this.step('undo'));
		this.on('redo', () => this.step('redo'));
		this.on('preview-toggle', () => void this.togglePreview());
		this.on('print', () => void this.print());
		this.on('attach', () => void this.attach());
		byId('versions')?.addEventListener('toggle', () => void this.showVersions());
		const deliverable = byId('deliverable');
		if (deliverable instanceof HTMLSelectElement) deliverable.value = KIND_SHAPES[kind].deliverable;
		const title = byId('title');
		if (title instanceof HTMLInputElement) title.addEventListener('input', () => this.change({ ...this.content, title: title.value }, true));
		addEventListener('keydown', (event) => this.key(event));
		addEventListener('beforeunload', (event) => {
			if (this.saver.unsaved) event.preventDefault();
		});
		addEventListener('pagehide', () => {
			if (this.saver.unsaved) saveDocument(id, this.saver.version, this.content, true).catch(() => console.error(t.unsavedAtEnd));
		});
		this.draw();
		this.showSaved({ state: 'saved', at: updatedAt });
		// All of it at once: a grade that arrives later would push what stands below it.
		void this.graded().then(() => {
			for (const one of document.querySelectorAll<HTMLElement>('[data-editor]')) one.hidden = false;
		});
	}

	/** Grade and preview of what stands here now: the preview is what paper shows, whoever asks for it. */
	private graded(): Promise<unknown> {
		return Promise.all([this.grade(), this.drawPreview()]);
	}

	private on(id: string, act: () => void): void {
		byId(id)?.addEventListener('click', act);
	}

	/** Ctrl+Z in a field is the field's own; elsewhere it is the document's. */
	private key(event: KeyboardEvent): void {
		if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
		const inField = event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
		if (event.key.toLowerCase() === 's') {
			event.preventDefault();
			void this.saver.flush();
		} else if (event.key.toLowerCase() === 'z' && !inField) {
			event.preventDefault();
			this.step(event.shiftKey ? 'redo' : 'undo');
		}
	}

	private change(to: DocumentContent, typing: boolean): void {
		this.history.note(this.content, typing, performance.now());
		this.content = to;
		this.after();
	}

	private after(): void {
		byId('undo')?.toggleAttribute('disabled', !this.history.canUndo);
		byId('redo')?.toggleAttribute('disabled', !this.history.canRedo);
		this.saver.changed();
		clearTimeout(this.gradeTimer);
		this.gradeTimer = setTimeout(() => void this.graded(), GRADE_QUIET_MS);
	}

	private step(which: 'undo' | 'redo'): void {
		const found = this.history[which](this.content);
		if (found === undefined) return;
		this.content = found;
		this.draw();
		this.after();
		announce(which === 'undo' ? t.undone : t.redone);
	}

	private draw(): void {
		const title = byId('title');
		if (title instanceof HTMLInputElement) title.value = this.content.title;
		const parts = KIND_SHAPES[this.document.kind].parts.map((part) =>
			partView(part, {
				content: this.content,
				onText: (id, text, typing) => this.change({ ...this.content, texts: { ...this.content.texts, [id]: text } }, typing),
				onRows: (table, rows) => {
					this.change({ ...this.content, [table]: rows.map((row) => ({ ...row })) }, true);
					if (table === 'options') this.drawPart('chosen');
				},
				onShape: (table, rows, focus, said) => {
					this.change({ ...this.content, [table]: rows.map((row) => ({ ...row })) }, false);
					this.draw();
					document.querySelector<HTMLElement>(focus)?.focus();
					announce(said);
				},
			}),
		);
		fill(byId('parts'), ...parts);
		this.drawFacts();
	}

	/** The list of options to choose from follows the table without the fields being drawn again under the cursor. */
	private drawPart(id: string): void {
		const part = KIND_SHAPES[this.document.kind].parts.find((one) => one.id === id);
		if (part === undefined) return;
		byId(`part-${id}`)?.replaceWith(
			partView(part, {
				content: this.content,
				onText: (to, text, typing) => this.change({ ...this.content, texts: { ...this.content.texts, [to]: text } }, typing),
				onRows: () => {},
				onShape: () => {},
			}),
		);
	}

	private drawFacts(): void {
		const panel = byId('facts');
		if (panel) panel.hidden = this.document.kind !== 'postmortem';
		fill(
			byId('facts-body'),
			...factsView({
				attempts: this.attempts,
				content: this.content,
				onAttach: (attempt) => {
					const { attempt: _, ...rest } = this.content;
					this.change(attempt === undefined ? rest : { ...rest, attempt }, false);
					this.drawFacts();
					byId('attempt')?.focus();
				},
				onInsert: (events) => this.insert(events),
			}),
		);
	}

	private insert(events: readonly FactEvent[]): void {
		const rows: TimelineRow[] = events.map(({ id, at, what, type }) => ({ at: at.slice(0, 19), what: what.slice(0, 600), type, source: id }));
		const kept = this.content.timeline.filter((row) => row.at !== '' || row.what !== '' || row.source !== '');
		const timeline = [...kept, ...rows].sort((a, b) => a.at.localeCompare(b.at));
		this.change({ ...this.content, timeline }, false);
		this.draw();
		byId('attempt')?.focus();
		announce(rows.length === 1 ? t.insertedOne : fillIn(t.inserted, { n: rows.length }));
	}

	private async grade(): Promise<void> {
		const asked = ++this.gradeAsked;
		try {
			const grade = await gradeDocument(this.document.id, this.content);
			// An answer to an older question says nothing about what stands here now.
			if (asked !== this.gradeAsked) return;
			fill(byId('score'), fillIn(t.score, { score: grade.score }));
			fill(byId('grade-body'), ...gradeView(this.document.kind, grade, true));
		} catch (error) {
			if (asked === this.gradeAsked) fill(byId('grade-body'), h('p', { class: 'notice warn' }, wording(error)));
		}
	}

	private showSaved(state: SaveState): void {
		const time = state.state === 'saved' ? new Date(state.at).toLocaleTimeString(undefined, { timeStyle: 'short' }) : '';
		fill(byId('saved'), { waiting: t.waiting, saving: t.saving, saved: fillIn(t.savedAt, { time }), failed: t.failed }[state.state]);
		fill(byId('save-problem'), state.state === 'failed' && h('p', { class: 'notice fail', role: 'alert' }, state.why));
	}

	private async drawPreview(): Promise<void> {
		const place = byId('preview');
		if (!place) return;
		try {
			// Made by the server, which escapes all text and lets no markup through.
			place.innerHTML = await previewDocument(this.document.id, this.content);
		} catch (error) {
			fill(place, h('p', { class: 'notice warn' }, wording(error)));
		}
	}

	private async togglePreview(): Promise<void> {
		this.previewing = !this.previewing;
		if (this.previewing) await this.drawPreview();
		byId('preview-toggle')?.setAttribute('aria-pressed', String(this.previewing));
		byId('write-page')?.toggleAttribute('data-previewing', this.previewing);
	}

	private async print(): Promise<void> {
		await this.drawPreview();
		window.print();
	}

	private async showVersions(): Promise<void> {
		const place = byId('versions-body');
		if (!byId('versions')?.hasAttribute('open')) return;
		try {
			const versions = await getVersions(this.document.id);
			const rows = versions.map(({ version, at, words }) => {
				const back = h('button', { class: 'button plain tiny', type: 'button' }, t.goBack);
				back.addEventListener('click', () => void this.restore(version));
				return h('li', {}, h('span', { class: 'small' }, fillIn(t.versionLine, { when: new Date(at).toLocaleString(), words })), back);
			});
			fill(place, rows.length > 0 ? h('ul', { class: 'fact-rows' }, ...rows) : h('p', { class: 'small quiet' }, t.noVersions));
		} catch (error) {
			fill(place, h('p', { class: 'notice warn' }, wording(error)));
		}
	}

	private async restore(version: number): Promise<void> {
		if (!(await this.saver.flush())) return;
		try {
			const { content, version: now, updatedAt } = await restoreVersion(this.document.id, version);
			this.history.note(this.content, false, performance.now());
			this.content = content;
			this.saver.version = now;
			this.draw();
			this.showSaved({ state: 'saved', at: updatedAt });
			await Promise.all([this.graded(), this.showVersions()]);
			announce(fillIn(t.restored, { version }));
		} catch (error) {
			fill(byId('versions-body'), h('p', { class: 'notice warn' }, wording(error)));
		}
	}

	private async attach(): Promise<void> {
		const deliverable = byId('deliverable');
		if (!(deliverable instanceof HTMLSelectElement) || !(await this.saver.flush())) return;
		try {
			const { id, kind, grade } = await attachDocument(this.document.id, deliverable.value);
			const how = fillIn(kind === 'graded' ? t.attachedGraded : t.attachedDeclared, { score: grade.score });
			fill(byId('attached'), h('p', { class: 'notice' }, how, ' ', h('a', { href: `/portfolio/#${id}` }, t.seeIt)));
		} catch (error) {
			fill(byId('attached'), h('p', { class: 'notice warn' }, wording(error)));
		}
	}
}

const id = new URLSearchParams(location.search).get('d') ?? '';
Promise.all([getDocument(id), getAttempts()]).then(
	([document, attempts]) => new Editor(document, attempts).start(),
	(error: unknown) =>
		fill(byId('write-state'), h('p', { class: 'notice warn', role: 'alert' }, wording(error), ' ', h('a', { href: '/portfolio/write/' }, t.allDocuments))),
);
