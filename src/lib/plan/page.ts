/** What both plan pages share: the plan as kept, drawn, changed and taken back. */
import type { PlanChange, PlanKind, Plans, Start } from '../../../server/protocol/plan.ts';
import type { Learner } from '../../../server/protocol/progress.ts';
import { ApiError, changePlan, getPlans, getProgress } from '../api.ts';
import { byId, fill, h } from '../dom.ts';
import type { PlanWords } from '../i18n/catalogue.ts';
import { today } from './days.ts';
import { doneBy } from './done.ts';
import type { Curriculum } from './make-plan.ts';
import { planView } from './view.ts';

/** Data that the page was built with. */
export interface PlanPageData {
	readonly words: PlanWords;
	readonly curriculum: Curriculum;
	readonly startNames: Readonly<Record<Start, string>>;
}

export const pageData = <T>(id: string): T => JSON.parse(byId(id)?.textContent ?? '{}') as T;

export class PlanPage {
	readonly kind: PlanKind;
	readonly data: PlanPageData;
	private plans: Plans = {};
	private learner: Learner | undefined;

	constructor(kind: PlanKind) {
		this.kind = kind;
		this.data = pageData<PlanPageData>('plan-data');
	}

	/** Asks for what is kept; the page is shown once it is known, or known to be out of reach. */
	async begin(): Promise<Plans> {
		try {
			[this.plans, this.learner] = await Promise.all([getPlans(), getProgress()]);
			this.show();
		} catch (error) {
			this.fail(error);
		} finally {
			delete byId('plan-page')?.dataset['waiting'];
		}
		return this.plans;
	}

	/** Resolves to whether it is kept; says so, or why not. */
	async change(change: PlanChange, said: string): Promise<boolean> {
		try {
			this.plans = await changePlan(change);
			this.show();
			fill(byId('plan-said'), said);
			return true;
		} catch (error) {
			this.fail(error);
			return false;
		}
	}

	private fail(error: unknown): void {
		const words = error instanceof ApiError ? `${error.message} ${error.next}` : String(error);
		fill(byId('plan-said'), h('span', { class: 'notice warn', role: 'alert' }, words));
	}

	private show(): void {
		const { words, curriculum, startNames } = this.data;
		const { kind, learner } = this;
		const record = this.plans[kind];
		const plan = record?.current?.plan;
		const box = byId('plan-current');
		if (!record || !plan || !learner) {
			fill(box, h('p', { class: 'notice' }, kind === 'track' ? words.none : words.roleNone));
			return;
		}
		const focused = document.activeElement?.closest<HTMLElement>('[data-milestone]')?.dataset['milestone'];
		const view = planView({
			words,
			kind,
			record,
			plan,
			startName: startNames[plan.start],
			doneOf: doneBy(curriculum, learner, record.ticked),
			today: today(),
			adopt: (next) => this.changed(this.change({ action: 'adopt', kind, plan: next }, words.saved)),
			undo: () => this.changed(this.change({ action: 'undo', kind }, words.undone)),
			tick: ({ id }, done) => void this.change({ action: 'tick', kind, milestone: id, done }, words.saved),
		});
		fill(box, ...view);
		// Drawn anew, the box that was just ticked keeps the keyboard's place.
		if (focused) box?.querySelector<HTMLElement>(`[data-milestone="${CSS.escape(focused)}"] input`)?.focus();
	}

	/** After a change of the whole plan the button that made it may be gone: the words about it take the focus. */
	private changed(done: Promise<boolean>): void {
		void done.then((kept) => kept && byId('plan-said')?.focus());
	}
}
