/** Checks that every kind of document has: its parts, its length, words against people, stuffing and copying. */
import { MECHANISMS } from '../../protocol/document-kinds.ts';
import { allText, type DocumentCheck, type Draft, fail, pass, partsOf, proseParts, some, textOf, titleOf, ungradable, wordCount } from '../check.ts';
import { templateText } from '../facts.ts';
import { BLAME, FILLER } from '../lexicon.ts';
import { figures, functionShare, isEnglish, prose, runs, shared, shingles, words } from '../text.ts';

/** Too little to say anything about its language. */
const FEW_WORDS = 60;

/** Each part is there and long enough; tables are other checks' business, but not when they are empty. */
export const structure: DocumentCheck = {
	id: 'structure',
	title: 'Every part is written',
	points: 10,
	run: (draft) => {
		const needed = partsOf(draft).filter((part) => part.words !== undefined || !['text', 'line'].includes(part.form));
		const thin = needed.filter((part) => {
			if (part.form === 'timeline' || part.form === 'actions' || part.form === 'options') return draft.content[part.form].length === 0;
			return words(textOf(draft, part.id)).length < (part.words ?? 0);
		});
		if (thin.length === 0) return pass(`All ${needed.length} parts are written.`);
		return fail(
			`Missing or too short: ${some(
				thin.map((part) => `${part.title}${part.words !== undefined && part.words > 1 ? ` (${part.words} words)` : ''}`),
				6,
			)}.`,
			thin.map((p) => p.id),
			{
				share: Math.max(0, 1 - (2 * thin.length) / needed.length),
			},
		);
	},
};

export const length: DocumentCheck = {
	id: 'length',
	title: 'As long as it needs to be',
	points: 3,
	run: (draft) => {
		const count = wordCount(draft);
		if (count >= 250 && count <= 1400) return pass(`${count} words.`);
		return fail(`${count} words; 250 to 1,400 can be read in one sitting and still hold the facts.`);
	},
};

export const blameless: DocumentCheck = {
	id: 'blameless',
	title: 'About the system, not about people',
	points: 5,
	run: (draft) => {
		if (wordCount(draft) < FEW_WORDS) return ungradable('There is too little text to judge its words.');
		if (!isEnglish(allText(draft))) return ungradable('The word lists are English; this text is mostly in another script.');
		const found = [...proseParts(draft), ...rowTexts(draft)].flatMap(({ part, text }) =>
			BLAME.flatMap(({ what, pattern }) => [...text.matchAll(pattern)].map((m) => ({ part, what, words: m[0] }))),
		);
		if (found.length === 0) return pass('No words against people were found.');
		const shown = [...new Map(found.map((f) => [f.words.toLowerCase(), `“${f.words}” (${f.what})`])).values()];
		const where = [...new Set(found.map((f) => f.part))];
		return fail(`Say how the system let it happen instead of: ${some(shown)}.`, where, shown.length >= 3 ? { cap: 70 } : { share: 0.5 });
	},
};

function rowTexts({ content }: Draft): { readonly part: string; readonly text: string }[] {
	return [
		...content.timeline.map((r) => ({ part: 'timeline', text: prose(r.what) })),
		...content.actions.map((r) => ({ part: 'actions', text: prose(`${r.what}. ${r.verify}`) })),
		...content.options.map((r) => ({ part: 'options', text: prose(r.risk) })),
	];
}

/** Marks of text that was made to look like much: heaps of keywords, repetition, filler, every cause at once. Holds the score down, never raises it. */
export const stuffing: DocumentCheck = {
	id: 'stuffing',
	title: 'Says something with its words',
	points: 0,
	run: (draft) => {
		const text = allText(draft);
		const all = words(text);
		if (all.length < FEW_WORDS) return ungradable('There is too little text to judge its words.');
		const sign = repeated(draft) ?? (isEnglish(text) ? (heap(draft) ?? everyCause(draft) ?? padding(text, all.length)) : undefined);
		return sign === undefined ? pass('Sentences, with things and figures in them.') : fail(sign.why, sign.where, { cap: 35 });
	},
};

interface Sign {
	readonly why: string;
	readonly where: readonly string[];
}

function repeated(draft: Draft): Sign | undefined {
	const parts = proseParts(draft);
	for (const [i, one] of parts.entries())
		for (const other of parts.slice(i + 1)) {
			const own = shingles(other.text, 4);
			if (own.size >= 12 && shared(own, shingles(one.text, 4)) > 0.5)
				return { why: `“${titleOf(draft, other.part)}” repeats “${titleOf(draft, one.part)}”.`, where: [one.part, other.part] };
		}
	for (const { part, text } of parts) {
		const all = words(text);
		if (all.length >= 40 && shingles(text, 3).size < 0.65 * (all.length - 2))
			return { why: `“${titleOf(draft, part)}” says the same again and again.`, where: [part] };
	}
	return undefined;
}

function heap(draft: Draft): Sign | undefined {
	const heaps = proseParts(draft).filter(({ text }) => words(text).length >= 20 && functionShare(text) < 0.17);
	if (heaps.length === 0) return undefined;
	return { why: `Keywords without sentences in: ${some(heaps.map((p) => titleOf(draft, p.part)))}.`, where: heaps.map((p) => p.part) };
}

/** More mechanisms in one paragraph than one incident has: one of them is bound to be right. */
function everyCause(draft: Draft): Sign | undefined {
	const text = `${textOf(draft, 'cause')} ${textOf(draft, 'component')}`.toLowerCase();
	const named = new Set(MECHANISMS.map((m) => m.words[0] ?? '').filter((word) => text.includes(word)));
	return named.size > 7
		? { why: `The cause names ${named.size} different mechanisms (${some([...named], 8)}); an incident has one, or a chain of a few.`, where: ['cause'] }
		: undefined;
}

function padding(text: string, count: number): Sign | undefined {
	const filler = [...text.matchAll(FILLER)].map((m) => `“${m[0].toLowerCase()}”`);
	if (filler.length > 3 && filler.length > count / 150) return { why: `Filler: ${some([...new Set(filler)])}.`, where: [] };
	// Things that can be looked up: figures, times, code, kind/name, names with a dash.
	const concrete = figures(text).length + (text.match(/\b\d{1,2}:\d\d\b|\bcode\b|\b[a-z]+\/[a-z][\w-]+|\b[a-z]+-[a-z]+-?\w*\b/g)?.length ?? 0);
	if (count > 200 && concrete < count / 80)
		return { why: `${count} words hold ${concrete} things that could be looked up (figures, times, objects).`, where: [] };
	return undefined;
}

/** Shared runs of five words with texts that are not this document's. */
export const copying: DocumentCheck = {
	id: 'copying',
	title: 'In your own words',
	points: 0,
	run: (draft, facts) => {
		const text = allText(draft);
		const own = runs(text);
		if (own.length < 10) return ungradable('There is too little text to compare.');
		const sources = [{ name: 'the template', text: templateText }, ...facts.others].map(({ name, text: t }) => ({ name, set: shingles(prose(t)) }));
		for (const { name, set } of sources) {
			const share = shared(own, set);
			if (share > 0.4) return fail(`${Math.round(share * 100)} % of it stands in ${name}.`, [], { cap: 0 });
		}
		const parts = proseParts(draft).flatMap(({ part, text: t }) => {
			const set = runs(t);
			const source = set.length < 15 ? undefined : sources.find((s) => shared(set, s.set) > 0.6);
			return source === undefined ? [] : [{ part, name: source.name }];
		});
		if (parts.length === 0) return pass('No long runs of words from the template, the lab or your other documents. Quotations and code are not counted.');
		return fail(
			`Taken over: ${some(parts.map((p) => `“${titleOf(draft, p.part)}” from ${p.name}`))}. Quote it (>) or say it yourself.`,
			parts.map((p) => p.part),
			{ cap: 50 },
		);
	},
};
