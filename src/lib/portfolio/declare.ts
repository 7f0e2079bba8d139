/** Declared work: the form, the card with its way to a mentor, and the way back from a removal. */
import { declaredStandings } from '../../../server/protocol/graded.ts';
import type { Declared, DeclaredChange, ShownDeclared } from '../../../server/protocol/portfolio.ts';
import type { SubmissionSummary } from '../../../server/protocol/reviews.ts';
import { ApiError, changeDeclared, json } from '../api.ts';
import { confirmationView, standingBadges } from '../confirmation.ts';
import { byId, fill, h } from '../dom.ts';
import type { PortfolioWords } from '../i18n/catalogue.ts';
import { fillIn } from '../i18n/fill-in.ts';
import { today } from '../plan/days.ts';

export class Declaring {
	private readonly words: PortfolioWords;
	private readonly changed: (all: readonly ShownDeclared[]) => void;
	private readonly form = document.querySelector<HTMLFormElement>('#declare-form');
	private changing: Declared | undefined;
	/** Declared id → its newest submission to a mentor. */
	private sent: ReadonlyMap<string, SubmissionSummary> = new Map();

	/** `changed` is told what is declared after every change that was kept. */
	constructor(words: PortfolioWords, changed: (all: readonly ShownDeclared[]) => void) {
		this.words = words;
		this.changed = changed;
		this.form?.addEventListener('submit', (event) => {
			event.preventDefault();
			void this.save();
		});
		byId('declare-cancel')?.addEventListener('click', () => this.edit(undefined));
		this.edit(undefined);
	}

	/** Which of it is with a mentor; to be called before the first card. */
	async loadSent(): Promise<void> {
		const all = await json<SubmissionSummary[]>('/api/submissions');
		// Newest first.
		this.sent = new Map(all.flatMap((one) => (one.kind === 'declared' ? [[one.subject, one] as const] : [])).reverse());
	}

	card(declared: ShownDeclared): HTMLElement {
		const { words } = this;
		const button = (text: string, run: () => void): HTMLElement => {
			const element = h('button', { class: 'button plain tiny', type: 'button', 'aria-label': `${text}: ${declared.title}` }, text);
			element.addEventListener('click', run);
			return element;
		};
		return h(
			'div',
			{ class: 'card declared', id: declared.id },
			h(
				'div',
				{ class: 'head' },
				h('a', { class: 'title', href: declared.url, rel: 'noreferrer' }, declared.title),
				...standingBadges(declaredStandings(declared)),
				declared.count > 1 && h('span', { class: 'small quiet' }, `× ${declared.count}`),
				h('time', { class: 'small quiet', datetime: declared.on }, declared.on),
			),
			h('p', { class: 'small' }, declared.claim),
			declared.confirmed === undefined ? this.mentorLink(declared) : confirmationView(declared.confirmed),
			h(
				'p',
				{ class: 'small no-print' },
				button(words.edit, () => this.edit(declared)),
				' ',
				button(words.remove, () => void this.remove(declared)),
			),
		);
	}

	/** Where it is with a mentor, or the way to one. */
	private mentorLink({ id }: Declared): HTMLElement {
		const { words } = this;
		const sent = this.sent.get(id);
		const said =
			sent &&
			{ waiting: words.sentWaiting, 'in-review': words.sentInReview, 'changes-asked': words.sentBack, approved: undefined, withdrawn: undefined }[sent.state];
		if (sent !== undefined && said !== undefined)
			return h('p', { class: 'small' }, h('a', { href: `/submissions/view/?s=${encodeURIComponent(sent.id)}` }, said));
		const ask = h('a', { href: `/submissions/new/?kind=declared&of=${encodeURIComponent(id)}` }, sent?.state === 'approved' ? words.askAgain : words.askMentor);
		return h('p', { class: 'small no-print' }, ask);
	}

	private async save(): Promise<void> {
		if (!this.form) return;
		const values = new FormData(this.form);
		const text = (name: string): string => String(values.get(name) ?? '').trim();
		const declared: Declared = {
			id: this.changing?.id ?? crypto.randomUUID(),
			deliverable: text('deliverable'),
			kind: text('kind') as Declared['kind'],
			title: text('title'),
			url: text('url'),
			claim: text('claim'),
			count: Number(text('count')),
			on: text('on'),
		};
		if (!(await this.change({ action: 'put', declared }))) return;
		fill(byId('declare-said'), this.words.saved);
		this.edit(undefined);
		byId(declared.id)?.scrollIntoView({ block: 'nearest' });
	}

	private async remove({ confirmed: _, ...declared }: ShownDeclared): Promise<void> {
		if (!(await this.change({ action: 'remove', id: declared.id }))) return;
		if (this.changing?.id === declared.id) this.edit(undefined);
		const undo = h('button', { class: 'button plain tiny', type: 'button' }, this.words.undo);
		undo.addEventListener('click', () => {
			void this.change({ action: 'put', declared }).then((kept) => kept && fill(byId('declare-said'), this.words.saved));
		});
		fill(byId('declare-said'), fillIn(this.words.removed, { title: declared.title }), ' ', undo);
		undo.focus();
	}

	private async change(change: DeclaredChange): Promise<boolean> {
		try {
			this.changed(await changeDeclared(change));
			return true;
		} catch (error) {
			const said = error instanceof ApiError ? `${error.message} ${error.next}` : String(error);
			fill(byId('declare-said'), h('span', { class: 'notice warn', role: 'alert' }, said));
			return false;
		}
	}

	/** Fills the form; with nothing it is ready for a new piece. */
	private edit(declared: Declared | undefined): void {
		this.changing = declared;
		const { form, words } = this;
		if (!form) return;
		form.reset();
		const set = (name: string, value: string): void => {
			const field = form.elements.namedItem(name);
			if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement) field.value = value;
		};
		set('on', declared?.on ?? today());
		if (declared !== undefined) for (const name of ['deliverable', 'kind', 'title', 'url', 'claim', 'count'] as const) set(name, String(declared[name]));
		fill(byId('declare'), declared === undefined ? words.declareHeading : fillIn(words.changing, { title: declared.title }));
		fill(byId('declare-save'), declared === undefined ? words.save : words.saveChange);
		byId('declare-cancel')?.toggleAttribute('hidden', declared === undefined);
		if (declared !== undefined) byId('declare')?.focus();
	}
}
