/** Cause, trigger, condition and impact of a postmortem. */
import { MECHANISMS } from '../../protocol/document-kinds.ts';
import { type DocumentCheck, type Draft, fail, forMentor, pass, textOf, ungradable } from '../check.ts';
import { figures, likeness, minutesIn, prose, sentences, words } from '../text.ts';

const COMPONENT = /^[a-z]+(?:\.[a-z0-9.]+)?\/[a-z0-9][a-z0-9.-]*$/;
const component = (draft: Draft): string => textOf(draft, 'component').toLowerCase();

export const causeNamed: DocumentCheck = {
	id: 'cause-named',
	title: 'One component, one mechanism, explained',
	points: 6,
	run: (draft) => {
		const mechanism = MECHANISMS.find((m) => m.id === textOf(draft, 'mechanism'));
		if (!COMPONENT.test(component(draft))) return fail('Name one component as kind/name, such as deployment/api.', ['component']);
		if (mechanism === undefined) return fail('Choose the mechanism.', ['mechanism']);
		const name = component(draft).split('/')[1] ?? '';
		// Code spans count here: names of objects are written in them.
		const clauses = sentences(textOf(draft, 'cause')).map((s) => s.toLowerCase());
		const named = clauses.filter((s) => words(s).length >= 6 && words(s.replaceAll(/[`/]/g, ' ')).includes(name));
		if (named.length === 0) return fail(`No sentence of the cause says what “${name}” did.`, ['cause']);
		if (!clauses.some((s) => mechanism.words.some((w) => s.includes(w))))
			return fail(`The cause does not explain the mechanism “${mechanism.title}”.`, ['cause', 'mechanism']);
		return pass(`${component(draft)}: ${mechanism.title}.`);
	},
};

export const causeTrue: DocumentCheck = {
	id: 'cause-true',
	title: 'The cause is the recorded fault',
	points: 15,
	run: (draft, { fault }) => {
		if (fault === undefined) return ungradable('No fault is on record for the attached attempt.');
		const rightComponent = fault.components.includes(component(draft));
		const rightMechanism = fault.mechanisms.includes(textOf(draft, 'mechanism'));
		if (rightComponent && rightMechanism) return pass('Component and mechanism are those of the recorded fault.');
		if (rightComponent) return fail('The component is right, the mechanism is not.', ['mechanism'], { share: 0.4, cap: 60 });
		return fail('The recorded fault was elsewhere.', ['component', 'mechanism', 'cause'], { cap: 40 });
	},
};

export const causeTrigger: DocumentCheck = {
	id: 'cause-trigger',
	title: 'Trigger and cause are told apart',
	points: 5,
	run: (draft) => {
		const [cause, trigger] = [textOf(draft, 'cause'), textOf(draft, 'trigger')];
		if (words(trigger).length < 3) return fail('Say which change or event set it off.', ['trigger']);
		if (cause === '') return fail('There is no cause to tell it from.', ['cause']);
		if (likeness(cause, trigger) > 0.5)
			return fail('The trigger says the same as the cause: what set it off is not why it could happen.', ['trigger', 'cause']);
		return pass('They say different things.');
	},
};

export const condition: DocumentCheck = {
	id: 'condition',
	title: 'A condition that let it through',
	points: 4,
	run: (draft) => {
		const text = prose(textOf(draft, 'condition'));
		if (words(text).length < 12) return fail('Say what let the fault through.', ['condition']);
		if (likeness(text, textOf(draft, 'cause')) > 0.5) return fail('It says the same as the cause.', ['condition', 'cause']);
		// What was absent or too weak: a condition is the lack of a guard.
		if (
			!/\b(no|not|none|never|without|missing|lack(?:s|ed|ing)?|absent|untested|unset|default(?:s|ed)?|only|nothing|nobody|skipped|disabled|too (?:\w+)|instead of)\b/i.test(
				text,
			)
		)
			return fail('It names nothing that was missing, weak or a default.', ['condition']);
		return pass('It names something that was missing or weak.');
	},
};

export const impact: DocumentCheck = {
	id: 'impact',
	title: 'The impact in figures',
	points: 8,
	run: (draft) => {
		const text = textOf(draft, 'impact');
		const found = figures(text);
		const missing = [
			...(found.some(({ unit }) => !TIME.has(unit)) ? [] : ['how many (a figure with a unit)']),
			...(minutesIn(text).length > 0 ? [] : ['for how long']),
			...(/\b(users?|customers?|clients?|tenants?|teams?|callers?|visitors?|readers?|writers?|developers?|learners?|services?|everyone|requesters?|consumers?|people)\b/i.test(
				text,
			)
				? []
				: ['who noticed']),
		];
		return missing.length === 0
			? pass(`${found.length} figures with units.`)
			: fail(`Missing: ${missing.join(', ')}.`, ['impact'], { share: missing.length === 1 ? 0.5 : 0 });
	},
};

const TIME: ReadonlySet<string> = new Set(['s', 'min', 'h', 'day', 'ms', 'week', 'month', 'year']);

export const impactTrue: DocumentCheck = {
	id: 'impact-true',
	title: 'The figures are those recorded',
	points: 5,
	run: (draft, { impact: truth }) => {
		if (truth === undefined) return ungradable('No measurement of the impact is on record.');
		const text = textOf(draft, 'impact');
		const near = (value: number, true_: number, band: number): boolean => Math.abs(value - true_) <= band * true_;
		const wrong = [
			...(minutesIn(text).some((m) => near(m, truth.minutes, 0.1)) ? [] : ['the duration (within 10 %)']),
			...(truth.failedRequests === undefined ||
			figures(text).some(({ value, unit }) => /request|error|call|note|order|page/.test(unit) && near(value, truth.failedRequests ?? 0, 0.2))
				? []
				: ['the failed requests (within 20 %)']),
		];
		return wrong.length === 0 ? pass('Duration and count agree with what was measured.') : fail(`Not as measured: ${wrong.join(', ')}.`, ['impact']);
	},
};

export const lessons: DocumentCheck = {
	id: 'lessons',
	title: 'Lessons that are not the actions again',
	points: 4,
	run: (draft) => {
		const text = textOf(draft, 'lessons');
		if (words(text).length < 25) return fail('Write what went well, what went wrong, and where you were lucky.', ['lessons']);
		const actions = draft.content.actions.map((row) => row.what).join('. ');
		if (likeness(text, actions) > 0.5) return fail('They repeat the action items.', ['lessons', 'actions']);
		const missing = [
			...(/\b(went|worked|helped|served) (?:us )?(?:very )?well\b|\bwell:/i.test(text) ? [] : ['what went well']),
			...(/\b(luck(?:y|ily)?|fortunate(?:ly)?|by chance)\b/i.test(text) ? [] : ['where you were lucky']),
		];
		return missing.length === 0
			? pass('They say what went well and where luck helped.')
			: fail(`They do not say ${missing.join(' or ')}.`, ['lessons'], { share: missing.length === 1 ? 0.5 : 0 });
	},
};

export const depth: DocumentCheck = {
	id: 'depth',
	title: 'Depth of the analysis, and whether the prevention would work',
	points: 15,
	run: () =>
		forMentor(
			'0: restates the fault. 1: one cause. 2: a cause and a condition. 3: a chain, and prevention changes a default or automation. 4: speaks of the class of failures and of what was rejected.',
			['cause', 'condition', 'prevention'],
		),
};
