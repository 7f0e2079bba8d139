/** The mentor's side: findings (a few), marks, words and a decision, saved as they are written. */
import { FINDING_TYPES, type FindingType } from '../../../server/protocol/findings.ts';
import { gradedLevel, originsOf } from '../../../server/protocol/graded.ts';
import type { Bundle, Draft, Finding, LearnerStanding, Marks, Place, SavedComment } from '../../../server/protocol/reviews.ts';
import { fill, h } from '../dom.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { preview, removeComment, saveComment } from './calls.ts';
import { levelWord, placeLink } from './finding-view.ts';
import { sentence, TYPES } from './format.ts';
import { data, type Marking, t } from './words.ts';

const LEVELS = ['none', 'started', 'mid', 'senior'] as const;

export interface PanelOptions {
	readonly bundle: Bundle;
	readonly draft: Draft;
	/** The blind second review: marks and a decision alone. */
	readonly second: boolean;
	/** Of the reviewer's own work: it confirms nothing. */
	readonly own: boolean;
	readonly most: number;
	/** Saved comments that fit what this submission fails. */
	readonly offered: readonly SavedComment[];
	/** Where the learner stands: what a senior mark would join. */
	readonly standing: LearnerStanding;
	readonly go: (place: Place) => void;
	/** Called with every change. */
	readonly changed: (draft: Draft) => void;
	readonly send: () => Promise<void>;
	readonly release: () => Promise<void>;
}

export class DraftPanel {
	readonly element = h('div', { class: 'draft-panel stack' });
	draft: Draft;
	private readonly options: PanelOptions;
	private readonly list = h('div', { class: 'findings-edit' });
	private readonly said = h('div', { role: 'status', class: 'small' });
	/** Why it was not sent. */
	private readonly fault = h('div', { 'aria-live': 'polite' });

	constructor(options: PanelOptions) {
		this.options = options;
		this.draft = options.draft;
		const { second } = options;
		fill(
			this.element,
			second && h('p', { class: 'notice small' }, t.secondLead),
			this.isDeclared && !this.options.own && h('p', { class: 'notice small' }, t.declaredLead),
			!second && this.findingsPart(),
			this.offeredPart(),
			this.marksPart(),
			this.summaryPart(),
			this.decisionPart(),
		);
		this.drawFindings();
	}

	/** A new finding at this place, with the cursor in it. Beyond the most of a round it is said why not. */
	add(place: Place, words: { readonly type: FindingType; readonly text: string; readonly saved?: string } = { type: 'actionable', text: '' }): void {
		if (this.options.second) return;
		if (this.draft.findings.length >= this.options.most) {
			fill(this.said, fillIn(t.findingsFull, { n: this.options.most }));
			this.said.scrollIntoView({ block: 'nearest' });
			return;
		}
		const finding: Finding = { id: `f${crypto.randomUUID().slice(0, 8)}`, place, ...words };
		this.set({ findings: [...this.draft.findings, finding] });
		this.drawFindings();
		this.list.querySelector<HTMLElement>(`[data-edit="${finding.id}"] textarea`)?.focus();
	}

	tell(text: string): void {
		fill(this.said, text);
	}

	private set(change: Partial<Draft>): void {
		// It speaks of the draft as it was.
		fill(this.fault);
		this.draft = { ...this.draft, ...change };
		this.options.changed(this.draft);
	}

	private get isDeclared(): boolean {
		return this.options.bundle.kind === 'declared';
	}

	private findingsPart(): HTMLElement {
		const whole = h('button', { class: 'button plain tiny', type: 'button' }, t.addWhole);
		whole.addEventListener('click', () => this.add({ at: 'whole' }));
		return h(
			'section',
			{},
			h('h3', {}, fillIn(t.findings, { n: this.options.most })),
			h('p', { class: 'small quiet' }, this.isDeclared ? t.declaredFindings : t.findingsLead),
			this.list,
			h('p', {}, whole),
			this.said,
		);
	}

	private drawFindings(): void {
		fill(this.list, ...this.draft.findings.map((finding) => this.findingEdit(finding)));
	}

	private replace(id: string, change: Partial<Finding>): void {
		this.set({ findings: this.draft.findings.map((one) => (one.id === id ? { ...one, ...change } : one)) });
	}

	private findingEdit({ id, type, text, place }: Finding): HTMLElement {
		const choose = h(
			'select',
			{ class: 'field tiny-field', 'aria-label': t.type },
			...FINDING_TYPES.map((one) => h('option', { value: one, selected: one === type }, TYPES[one].word)),
		);
		const about = h('span', { class: 'small quiet' }, TYPES[type].about);
		choose.addEventListener('change', () => {
			const next = FINDING_TYPES.find((one) => one === choose.value) ?? 'actionable';
			fill(about, TYPES[next].about);
			this.replace(id, { type: next });
		});
		const area = h('textarea', { class: 'field', rows: '3', maxlength: '2000', 'aria-label': t.findingText });
		area.value = text;
		area.addEventListener('input', () => this.replace(id, { text: area.value }));
		const remove = h('button', { class: 'button plain tiny', type: 'button' }, t.remove);
		remove.addEventListener('click', () => this.remove(id));
		const keep = h('button', { class: 'button plain tiny', type: 'button' }, t.saveForLater);
		keep.addEventListener('click', () => this.keep(id, keep));
		return h(
			'div',
			{ class: 'finding-edit card', 'data-edit': id },
			h('p', { class: 'in-line' }, choose, placeLink(place, this.options.bundle, this.options.go)),
			about,
			area,
			h('p', { class: 'in-line' }, keep, remove),
		);
	}

	private remove(id: string): void {
		const at = this.draft.findings.findIndex((one) => one.id === id);
		const gone = this.draft.findings[at];
		if (gone === undefined) return;
		this.set({ findings: this.draft.findings.filter((one) => one.id !== id) });
		this.drawFindings();
		const undo = h('button', { class: 'button plain tiny', type: 'button' }, t.undo);
		undo.addEventListener('click', () => {
			fill(this.said);
			if (this.draft.findings.length >= this.options.most) return;
			this.set({ findings: this.draft.findings.toSpliced(at, 0, gone) });
			this.drawFindings();
		});
		fill(this.said, t.removed, ' ', undo);
		undo.focus();
	}

	/** Kept for the check that it is about, or the first that this submission fails. */
	private keep(id: string, button: HTMLButtonElement): void {
		const finding = this.draft.findings.find((one) => one.id === id);
		if (finding === undefined || finding.text.trim() === '') {
			fill(this.said, t.nothingToSave);
			return;
		}
		saveComment({ type: finding.type, text: finding.text.trim(), when: this.failureOf(finding.place) }).then(
			() => {
				button.textContent = t.savedForLater;
			},
			(error: unknown) => fill(this.said, sentence(error)),
		);
	}

	private failureOf(place: Place): string {
		const { attempts, documents } = this.options.bundle;
		if (place.at === 'document') {
			const one = documents.find(({ document }) => document === place.document);
			const failed = one?.grade?.rows.find(({ outcome }) => outcome === 'fail');
			return one !== undefined && failed !== undefined ? `${one.kind}/${failed.check}` : '';
		}
		const attempt = 'attempt' in place ? attempts.find(({ evidence }) => evidence === place.attempt) : attempts[0];
		const failed = attempt?.verdict.checks.find(({ id, outcome }) => (place.at === 'check' ? id === place.check : outcome === 'fail'));
		return attempt !== undefined && failed !== undefined ? `${attempt.lab}/${failed.id}` : '';
	}

	private offeredPart(): HTMLElement | false {
		const { offered, second } = this.options;
		if (offered.length === 0 || second) return false;
		const items = offered.map((one) => {
			const use = h('button', { class: 'button plain tiny', type: 'button' }, t.useIt);
			use.addEventListener('click', () => this.add(this.placeOf(one.when), { type: one.type, text: one.text, saved: one.id }));
			const forget = h('button', { class: 'button plain tiny', type: 'button' }, t.remove);
			const item = h(
				'li',
				{},
				h('p', { class: 'small' }, one.text),
				h('p', { class: 'in-line' }, use, forget, h('span', { class: 'small quiet' }, fillIn(t.used, { n: one.uses }))),
			);
			forget.addEventListener('click', () => {
				removeComment(one.id).then(
					() => item.remove(),
					(error: unknown) => this.tell(sentence(error)),
				);
			});
			return item;
		});
		return h('details', { open: true }, h('summary', {}, fillIn(t.offered, { n: offered.length })), h('ul', { class: 'plain-list' }, ...items));
	}

	private placeOf(when: string): Place {
		const [of, check] = when.split('/');
		const attempt = this.options.bundle.attempts.find(({ lab }) => lab === of);
		return attempt !== undefined && check !== undefined ? { at: 'check', attempt: attempt.evidence, check } : { at: 'whole' };
	}

	private marksPart(): HTMLElement {
		const group = (title: string, rows: readonly Marking[]): HTMLElement =>
			h('fieldset', { class: 'marks' }, h('legend', {}, title), ...rows.map((row) => this.mark(row)));
		return h(
			'details',
			{ open: this.options.second },
			h('summary', {}, t.marks),
			h('p', { class: 'small quiet' }, t.marksLead),
			group(t.marksRows, data.rows),
			group(t.marksDimensions, data.dimensions),
		);
	}

	/** What a senior mark of this mentor's comes to: another mentor's, graded evidence, or the lack of both. */
	private seniorNote({ id, graded }: Marking): string {
		const { senior, rows, graded: pieces, blind } = this.options.standing;
		if (blind) return t.seniorBlind;
		if ((senior[id] ?? []).length > 0) return t.seniorJoins;
		const level = graded === undefined ? (rows[id] ?? 'none') : gradedLevel(originsOf(pieces, graded));
		return level === 'mid' || level === 'senior' ? t.seniorGraded : fillIn(t.seniorAlone, { graded: levelWord(level) });
	}

	private mark(marking: Marking): HTMLElement {
		const { id, title, mid, senior } = marking;
		const marks: Readonly<Record<string, string | undefined>> = this.draft.marks;
		const select = h(
			'select',
			{ class: 'field tiny-field', id: `mark-${id}` },
			h('option', { value: '' }, t.notMarked),
			...LEVELS.map((level) => h('option', { value: level, selected: marks[id] === level }, levelWord(level))),
		);
		const note = h('p', { class: 'small senior-note', role: 'status' });
		const tell = (): void => fill(note, select.value === 'senior' && !this.options.own && this.seniorNote(marking));
		tell();
		select.addEventListener('change', () => {
			tell();
			const others = Object.fromEntries(Object.entries(this.draft.marks).filter(([name]) => name !== id));
			this.set({ marks: (select.value === '' ? others : { ...others, [id]: select.value }) as Marks });
		});
		return h(
			'div',
			{ class: 'mark' },
			h('label', { for: `mark-${id}`, class: 'small' }, title),
			select,
			note,
			h('p', { class: 'small quiet' }, `${t.level2}: ${mid} ${t.level3}: ${senior}`),
		);
	}

	private summaryPart(): HTMLElement {
		const area = h('textarea', { class: 'field', id: 'summary', rows: '4', maxlength: '4000' });
		area.value = this.draft.summary;
		area.addEventListener('input', () => this.set({ summary: area.value }));
		const shown = h('div', { class: 'prose small', hidden: true });
		const toggle = h('button', { class: 'button plain tiny', type: 'button', 'aria-pressed': 'false' }, t.preview);
		toggle.addEventListener('click', () => {
			const open = shown.hidden;
			toggle.setAttribute('aria-pressed', String(open));
			shown.hidden = !open;
			area.hidden = open;
			if (open)
				preview(area.value).then(
					(html) => {
						// Sanitised by the server.
						shown.innerHTML = html;
					},
					(error: unknown) => fill(shown, sentence(error)),
				);
		});
		return h(
			'div',
			{ class: 'part' },
			h('label', { for: 'summary' }, this.options.second ? t.secondNote : this.isDeclared ? t.declaredSummary : t.summary),
			area,
			shown,
			h('p', {}, toggle),
		);
	}

	private decisionPart(): HTMLElement {
		const choice = (value: 'approve' | 'ask-changes', text: string): HTMLElement => {
			const input = h('input', { type: 'radio', name: 'decision', value, checked: this.draft.decision === value });
			input.addEventListener('change', () => this.set({ decision: value }));
			return h('label', { class: 'choice' }, input, ' ', text);
		};
		const sendButton = h('button', { class: 'button', type: 'button' }, t.send);
		sendButton.addEventListener('click', () => {
			if (this.isDeclared && !this.options.second && this.draft.decision === 'approve' && this.draft.summary.trim() === '') {
				fill(this.fault, h('p', { class: 'notice warn', role: 'alert' }, t.declaredSayFirst));
				this.element.querySelector<HTMLElement>('#summary')?.focus();
				return;
			}
			sendButton.disabled = true;
			this.options.send().catch((error: unknown) => {
				sendButton.disabled = false;
				fill(this.fault, h('p', { class: 'notice warn', role: 'alert' }, sentence(error)));
			});
		});
		const giveBack = h('button', { class: 'button plain', type: 'button' }, t.giveBack);
		giveBack.addEventListener('click', () => {
			this.options.release().catch((error: unknown) => fill(this.fault, h('p', { class: 'notice warn', role: 'alert' }, sentence(error))));
		});
		return h(
			'fieldset',
			{ class: 'decision' },
			h('legend', {}, t.decision),
			choice('approve', t.approve),
			choice('ask-changes', t.askChanges),
			this.fault,
			h('p', { class: 'in-line' }, sendButton, giveBack),
		);
	}
}
