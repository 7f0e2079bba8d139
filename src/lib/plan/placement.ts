/** Scores the placement check and proposes a starting point. It proposes; the learner decides. */
import type { Placement, Start } from '../../../server/protocol/plan.ts';

export interface PlacementQuestion {
	readonly id: string;
	readonly month: number;
	/** Index of the right option. */
	readonly right: number;
}

export interface PlacementAnswers {
	/** Question → option chosen; absent where none was. */
	readonly chosen: Readonly<Record<string, number>>;
	/** Years in operations, as the learner says. */
	readonly years: 'none' | 'some' | 'many';
	/** Has mostly worked on models. */
	readonly models: boolean;
	readonly terminal: Placement['terminal'];
}

/** A reason by name, with the figures that go into its words (content/ui: plan.reason…). */
export interface Reason {
	readonly name: 'base' | 'baseStrong' | 'upper' | 'years' | 'yearsShort' | 'models' | 'terminal';
	readonly right: number;
	readonly of: number;
}

export interface Proposal {
	readonly placement: Placement;
	readonly reasons: readonly Reason[];
	/** Months in which every question was right: they may be left out. */
	readonly known: readonly number[];
}

/** Shares of right answers that count as knowing: three in four leave room for one slip in four. */
const KNOWN = 0.75;

export function propose(questions: readonly PlacementQuestion[], answers: PlacementAnswers): Proposal {
	const months: Record<string, { right: number; of: number }> = {};
	for (const { id, month, right } of questions) {
		months[month] ??= { right: 0, of: 0 };
		const score = months[month];
		if (!score) continue;
		score.of++;
		if (answers.chosen[id] === right) score.right++;
	}
	const sum = (wanted: readonly number[]): { right: number; of: number } =>
		wanted.reduce((all, month) => ({ right: all.right + (months[month]?.right ?? 0), of: all.of + (months[month]?.of ?? 0) }), { right: 0, of: 0 });
	const base = sum([1, 2, 3]);
	const upper = sum([5, 6]);
	// The terminal task is one question more about months 1 to 3; skipped, it is left out.
	if (answers.terminal !== 'skipped') base.of++;
	if (answers.terminal === 'right') base.right++;
	const knowsBase = base.of > 0 && base.right / base.of >= KNOWN;
	const knowsUpper = upper.of > 0 && upper.right / upper.of >= KNOWN;
	const { proposed, reasons } = decide(answers, knowsBase, knowsUpper, base, upper);
	const known = Object.entries(months).flatMap(([month, { right, of }]) => (right === of && of > 1 ? [Number(month)] : []));
	return { placement: { proposed, months, terminal: answers.terminal }, reasons, known };
}

type Score = { readonly right: number; readonly of: number };

function decide(
	{ years, models, terminal }: PlacementAnswers,
	knowsBase: boolean,
	knowsUpper: boolean,
	base: Score,
	upper: Score,
): { proposed: Start; reasons: Reason[] } {
	const skipped: Reason[] = terminal === 'skipped' ? [{ name: 'terminal', right: 0, of: 0 }] : [];
	const plain = { right: 0, of: 0 };
	if (!knowsBase) {
		const reasons: Reason[] = [{ name: 'base', ...base }, ...skipped];
		if (models) return { proposed: 'ml', reasons: [...reasons, { name: 'models', ...plain }] };
		return { proposed: 'none', reasons };
	}
	const reasons: Reason[] = [{ name: 'baseStrong', ...base }, { name: 'upper', ...upper }, ...skipped];
	if (years === 'many' && knowsUpper) return { proposed: 'senior', reasons: [...reasons, { name: 'years', ...plain }] };
	if (years === 'none' && models) return { proposed: 'ml', reasons: [...reasons, { name: 'models', ...plain }] };
	return { proposed: 'devops', reasons: knowsUpper ? [...reasons, { name: 'yearsShort', ...plain }] : reasons };
}
