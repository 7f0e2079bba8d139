/** RFCs: rollout with a way back, compatibility, and how success is seen (the platform RFC exercise asks for these four). */
import { type DocumentCheck, fail, forMentor, pass, textOf } from '../check.ts';
import { figures, words } from '../text.ts';

export const rollout: DocumentCheck = {
	id: 'rollout',
	title: 'Steps, what each waits for, and the way back',
	points: 20,
	run: (draft) => {
		const text = textOf(draft, 'rollout');
		const steps = text.split('\n').filter((line) => /^\s*(?:[-*+]|\d+[.)])\s+\S/.test(line));
		if (steps.length < 2) return fail('Write the steps as a list of two or more.', ['rollout']);
		if (!/\b(roll(?:s|ed|ing)? ?back|revert\w*|way back|undo|switch(?:ed)? back|fall(?:s)? back)\b/i.test(text))
			return fail('There is no way back.', ['rollout'], { share: 0.4 });
		if (!/\b(after|once|until|when|if|before|unless)\b/i.test(text)) return fail('No step says what it waits for.', ['rollout'], { share: 0.6 });
		return pass(`${steps.length} steps and a way back.`);
	},
};

export const successMetrics: DocumentCheck = {
	id: 'success-metrics',
	title: 'Success in figures, by a date',
	points: 20,
	run: (draft) => {
		const text = textOf(draft, 'metrics');
		if (figures(text).length < 2) return fail('Two figures with units at least: from what to what.', ['metrics']);
		return /\b(?:\d{4}-\d\d(?:-\d\d)?|within \w+ (?:day|week|month|quarter)s?|by (?:the end of|end of|january|february|march|april|may|june|july|august|september|october|november|december|q[1-4])|after \w+ (?:day|week|month)s)\b/i.test(
			text,
		)
			? pass('Figures with a date.')
			: fail('By when?', ['metrics'], { share: 0.5 });
	},
};

export const compatibility: DocumentCheck = {
	id: 'compatibility',
	title: 'What keeps working, what breaks, who has to act',
	points: 12,
	run: (draft) => {
		const text = textOf(draft, 'compatibility');
		if (words(text).length < 15) return fail('Say what keeps working and what breaks.', ['compatibility']);
		const keeps = /\b(keep\w*|stay\w*|remain\w*|continu\w*|unchanged|still|both)\b/i.test(text);
		const breaks = /\b(break\w*|stop\w*|no longer|remov\w*|chang\w*|must|has to|have to|need\w*)\b/i.test(text);
		return keeps && breaks
			? pass('Both are said.')
			: fail(`It does not say what ${keeps ? 'breaks or has to be done' : 'keeps working'}.`, ['compatibility'], { share: 0.5 });
	},
};

export const migration: DocumentCheck = {
	id: 'migration',
	title: 'How the old way ends, and on which date',
	points: 10,
	run: (draft) =>
		/\b\d{4}-\d\d-\d\d\b/.test(textOf(draft, 'migration')) ? pass('It has a date.') : fail('No date (YYYY-MM-DD) on which the old way ends.', ['migration']),
};

export const merit: DocumentCheck = {
	id: 'merit',
	title: 'Whether it should be done',
	points: 20,
	run: () => forMentor('Whether the problem is worth it, and whether those who have to live with it would agree.', ['motivation', 'proposal']),
};
