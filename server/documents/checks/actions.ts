/** Action items: what the SRE Workbook asks of them, item by item. */
import { type DocumentCheck, fail, pass } from '../check.ts';
import type { ActionRow } from '../../protocol/documents.ts';
import { ACTION_VERBS, MEASURABLE, VAGUE } from '../lexicon.ts';
import { isDay, likeness, words } from '../text.ts';

/** What is wrong with one item, in words; empty where nothing is. */
export function actionFaults(row: ActionRow): string[] {
	const first = words(row.what)[0] ?? '';
	return [
		...(words(row.what).length < 4 ? ['say more of what is done'] : []),
		...(ACTION_VERBS.has(first) ? [] : [`“${first}” is no verb of a thing that can be finished`]),
		...(VAGUE.test(row.what) ? [`“${VAGUE.exec(row.what)?.[0] ?? ''}” has no end`] : []),
		...(/[\p{L}]{2,}/u.test(row.owner) && !/^(tbd|todo|everyone|everybody|all|someone|nobody|n\/?a|unknown)\b/i.test(row.owner.trim()) ? [] : ['no owner']),
		...(isDay(row.due) ? [] : ['no due date (YYYY-MM-DD)']),
		...(words(row.verify).length >= 3 && MEASURABLE.test(row.verify) && likeness(row.what, row.verify) < 0.8 ? [] : ['no way to tell that it is done']),
	];
}

/** Rows that say much the same are one. */
export function distinct(rows: readonly ActionRow[]): ActionRow[] {
	const out: ActionRow[] = [];
	for (const row of rows) if (!out.some((other) => likeness(other.what, row.what) > 0.6)) out.push(row);
	return out;
}

export const actionsFormed: DocumentCheck = {
	id: 'actions-formed',
	title: 'Three action items that can be done and checked',
	points: 18,
	run: ({ content }) => {
		// A row that nobody has filled in yet is no item.
		const actions = content.actions.filter((row) => `${row.what}${row.owner}${row.due}${row.verify}`.trim() !== '');
		if (actions.length === 0) return fail('There are none; three are needed.', ['actions']);
		const good = distinct(actions).filter((row) => actionFaults(row).length === 0);
		const faults = actions.map((row, i) => ({ n: i + 1, faults: actionFaults(row) })).filter((f) => f.faults.length > 0);
		const words_ = faults
			.slice(0, 4)
			.map((f) => `item ${f.n}: ${f.faults.join(', ')}`)
			.join('; ');
		if (good.length >= 3)
			return pass(`${good.length} of ${actions.length} are well formed${words_ === '' ? '' : ` (${words_})`}.`, faults.length > 0 ? ['actions'] : []);
		const same = actions.length - distinct(actions).length;
		return fail(
			`${good.length} of ${actions.length} are well formed; three are needed. ${words_}${same > 0 ? ` ${same} say the same as another.` : ''}`.trim(),
			['actions'],
			{ share: good.length === 0 ? 0 : 0.5 },
		);
	},
};

export const actionsBalanced: DocumentCheck = {
	id: 'actions-balanced',
	title: 'Something prevents it, something detects it',
	points: 5,
	run: ({ content: { actions } }) => {
		// Only items that say what is done count: a type alone is a word.
		const types = new Set(
			distinct(actions)
				.filter((row) => words(row.what).length >= 4)
				.map((row) => row.type),
		);
		const missing = (['prevent', 'detect'] as const).filter((type) => !types.has(type));
		return missing.length === 0 ? pass('There are items to prevent and to detect.') : fail(`No item of type ${missing.join(' or ')}.`, ['actions']);
	},
};
