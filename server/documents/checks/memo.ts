/** Decision memos (MADR's parts), with an options table that has cost and latency. */
import type { OptionRow } from '../../protocol/documents.ts';
import { type DocumentCheck, type Draft, fail, forMentor, pass, some, textOf, ungradable } from '../check.ts';
import { type Figure, figures, isDay, telling, words } from '../text.ts';

const FIELDS = ['cost', 'latency'] as const;
type Field = (typeof FIELDS)[number];

const NOTHING = /\b(do(?:ing)? nothing|keep|stay|as (?:it )?is|status quo|current|no change|unchanged|leave)\b/i;
const named = (draft: Draft): readonly OptionRow[] => draft.content.options.filter((row) => row.name.trim() !== '');
const only = (text: string): Figure | undefined => figures(text)[0];
const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();
const chosenRow = (draft: Draft): OptionRow | undefined => named(draft).find((row) => same(row.name, textOf(draft, 'chosen')));

/** How many options there are, and whether one is to leave things as they are. */
export const optionsConsidered = (least: number, points: number): DocumentCheck => ({
	id: 'options',
	title: `${least === 2 ? 'Two' : 'Three'} options, among them doing nothing`,
	points,
	run: (draft) => {
		const names = new Set(named(draft).map((row) => row.name.trim().toLowerCase()));
		if (names.size < least)
			return fail(`${names.size} different options; ${least} are needed.`, ['options'], { share: names.size === least - 1 && least > 2 ? 0.5 : 0 });
		if (!named(draft).some((row) => NOTHING.test(row.name)))
			return fail('Doing nothing (or keeping what there is) is not among them.', ['options'], { share: 0.5 });
		return pass(`${names.size} options.`);
	},
});

/** Each option on the same rows: cost and latency, each in one unit. */
export const sameRows: DocumentCheck = {
	id: 'same-rows',
	title: 'Options compared on the same rows, in the same units',
	points: 14,
	run: (draft) => {
		const rows = named(draft);
		if (rows.length < 2) return fail('There is nothing to compare.', ['options']);
		for (const field of FIELDS) {
			const bare = rows.filter((row) => only(row[field]) === undefined);
			if (bare.length > 0)
				return fail(`${field === 'cost' ? 'Cost' : 'Latency'} without a figure and unit: ${bare.map((row) => row.name).join(', ')}.`, ['options'], {
					share: bare.length < rows.length / 2 ? 0.4 : 0,
				});
			const units = new Set(
				rows.map((row) =>
					`${only(row[field])?.unit} ${/\/\s*(\w+)/.exec(row[field])?.[1] ?? ''} ${/\bp\d+\b/i.exec(row[field])?.[0].toLowerCase() ?? ''}`.trim(),
				),
			);
			if (units.size > 1) return fail(`The ${field} is given in different units: ${[...units].join('; ')}.`, ['options'], { share: 0.4 });
		}
		return pass('Cost and latency of every option, in the same units.');
	},
};

export const sources: DocumentCheck = {
	id: 'sources',
	title: 'Every figure has a source',
	points: 8,
	run: (draft) => {
		const rows = named(draft);
		if (rows.length === 0) return fail('There are no options.', ['options']);
		const bare = rows.filter((row) => row.source.trim().length < 4 || /^(tbd|none|n\/a|guess|unknown|me)\b/i.test(row.source.trim()));
		return bare.length === 0
			? pass('Each option says where its figures come from.')
			: fail(`No source: ${bare.map((row) => row.name).join(', ')}.`, ['options']);
	},
};

/** Share by which a quoted figure may differ from the measured one: rounding, not wishing. */
const TOLERANCE = 0.05;

export const figuresTrue: DocumentCheck = {
	id: 'figures-true',
	title: 'The figures are those measured',
	points: 15,
	run: (draft, { measurements = [] }) => {
		if (measurements.length === 0) return ungradable('No recorded measurement is attached, so the figures are your word.');
		// Runs that the table does not speak of are none of its figures.
		const quoted = measurements.filter(({ option }) => named(draft).some((row) => same(row.name, option)));
		if (quoted.length === 0)
			return ungradable(`No option has the name of a measured run. Runs: ${some(measurements.map((m) => `“${m.option}”`))}; --label names one.`);
		const wrong = quoted.filter(({ option, field, values }) => {
			const row = named(draft).find((r) => same(r.name, option));
			const given = row === undefined ? undefined : only(row[field])?.value;
			return given === undefined || !values.some((value) => Math.abs(given - value) <= TOLERANCE * Math.abs(value));
		});
		if (wrong.length === 0) return pass(`${quoted.length} figures are within 5 % of what was measured.`);
		return fail(
			`Not as measured (within 5 %): ${wrong
				.slice(0, 4)
				.map((m) => `${m.field} of ${m.option}`)
				.join(', ')}.`,
			['options'],
			{ cap: 40 },
		);
	},
};

/** The chosen option is one of them, and what is said for it speaks of a driver and a figure of its row. */
export const follows: DocumentCheck = {
	id: 'follows',
	title: 'The decision follows from the drivers',
	points: 15,
	run: (draft) => {
		const row = chosenRow(draft);
		const text = textOf(draft, 'decision');
		if (row === undefined) return fail('The chosen option is not in the table.', ['chosen', 'options'], { cap: 50 });
		const drivers = new Set(telling(textOf(draft, 'drivers')));
		const shared = [...new Set(telling(text))].filter((w) => drivers.has(w));
		if (shared.length < 2) return fail('It speaks of no driver: use the drivers’ own words.', ['decision', 'drivers']);
		if (!/\b(because|since|as it|so that|therefore|which (?:meets|keeps|stays)|in order to)\b/i.test(text))
			return fail('It does not say because of what.', ['decision']);
		const own = FIELDS.flatMap((field) => figures(row[field]).map((f) => f.value));
		if (!figures(text).some(({ value }) => own.includes(value)))
			return fail(`It uses no figure of “${row.name}” from the table.`, ['decision', 'options'], { share: 0.5 });
		return pass(`“${row.name}”, for ${shared.slice(0, 3).join(', ')}.`);
	},
};

/** An option that another beats on cost and latency alike needs a reason that is neither. */
export const dominated: DocumentCheck = {
	id: 'dominated',
	title: 'No better option is passed over in silence',
	points: 8,
	run: (draft) => {
		const row = chosenRow(draft);
		if (row === undefined) return fail('The chosen option is not in the table.', ['chosen']);
		const value = (r: OptionRow, field: Field): number | undefined => only(r[field])?.value;
		const better = named(draft).find((other) => {
			const pairs = FIELDS.map((field) => [value(other, field), value(row, field)] as const);
			return other !== row && pairs.every(([a, b]) => a !== undefined && b !== undefined && a <= b) && pairs.some(([a, b]) => (a ?? 0) < (b ?? 0));
		});
		if (better === undefined)
			return value(row, 'cost') === undefined ? fail('Its cost is not known.', ['options']) : pass('No option is both cheaper and faster.');
		const text = textOf(draft, 'decision').toLowerCase();
		const reason =
			text.includes(better.name.trim().toLowerCase()) &&
			/\b(isolat\w*|complian\w*|quality|accuracy|security|residen\w*|support|licen\w*|capacity|availability|risk|skill|migration|lock-in|deadline|quota|reversib\w*)\b/.test(
				text,
			);
		return reason
			? pass(`“${better.name}” is cheaper and faster, and the decision says why not.`)
			: fail(`“${better.name}” is cheaper and faster; say by name which constraint rules it out.`, ['decision', 'options']);
	},
};

export const consequences: DocumentCheck = {
	id: 'consequences',
	title: 'Good and bad consequences, the bad with a figure',
	points: 9,
	run: (draft) => {
		const lines = textOf(draft, 'consequences').split(/\n|(?<=[.;])\s/);
		const bad = lines.filter((l) =>
			/\b(bad|worse|cost|but|slower|risk|less|more (?:work|effort|toil)|downside|lose|loses|lost|drawback|however|harder|rises)\b/i.test(l),
		);
		const good = lines.filter((l) => /\b(good|better|saves?|saving|faster|cheaper|fewer|less|simpler|gain|gains|falls|drops)\b/i.test(l));
		if (good.length === 0 || bad.length === 0) return fail(`There is no ${good.length === 0 ? 'good' : 'bad'} consequence.`, ['consequences']);
		return bad.some((l) => figures(l).length > 0)
			? pass('Both, and the bad one is counted.')
			: fail('No bad consequence has a figure with a unit.', ['consequences'], { share: 0.5 });
	},
};

export const riskAccepted: DocumentCheck = {
	id: 'risk',
	title: 'A risk accepted, with owner and date',
	points: 10,
	run: (draft) => {
		const missing = [
			...(words(textOf(draft, 'risk')).length >= 12 && /\b(accept\w*|risk\w*|tolerat\w*|carry|carries)\b/i.test(textOf(draft, 'risk'))
				? []
				: ['the risk accepted']),
			...(/[\p{L}]{2,}/u.test(textOf(draft, 'owner')) && !/^(tbd|todo|everyone|everybody|nobody|n\/?a|unknown)\b/i.test(textOf(draft, 'owner'))
				? []
				: ['who carries it']),
			...(isDay(textOf(draft, 'revisit')) ? [] : ['the day on which it is looked at again']),
		];
		const part: Readonly<Record<string, string>> = { 'the risk accepted': 'risk', 'who carries it': 'owner' };
		return missing.length === 0
			? pass('Risk, owner and date.')
			: fail(
					`Missing: ${missing.join(', ')}.`,
					missing.map((m) => part[m] ?? 'revisit'),
					{ share: missing.length === 1 ? 0.5 : 0 },
				);
	},
};

export const confirmation: DocumentCheck = {
	id: 'confirmation',
	title: 'A metric and threshold that would show it wrong',
	points: 6,
	run: (draft) => {
		const text = textOf(draft, 'confirmation');
		if (figures(text).length === 0) return fail('There is no threshold with a unit.', ['confirmation']);
		return /\b(above|below|over|under|exceeds?|more than|less than|at least|at most|falls|rises|reaches|crosses|drops)\b|[<>≤≥]/i.test(text)
			? pass('A figure, and the side of it that counts.')
			: fail('Say which side of the figure counts: above, below.', ['confirmation']);
	},
};

export const judgement: DocumentCheck = {
	id: 'judgement',
	title: 'Judgement, and whether the drivers are the right ones',
	points: 10,
	run: () => forMentor('Whether these were the options worth comparing, and whether the risk is worth what it saves.', ['drivers', 'decision', 'risk']),
};
