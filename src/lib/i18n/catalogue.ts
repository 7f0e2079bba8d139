/** The words of the pages, apart from their markup: one file a language in content/ui/. A key that a language lacks, or has too many, fails the build. */
import { z } from 'astro/zod';

const words = <K extends string>(...keys: readonly K[]): z.ZodType<Record<K, string>> =>
	z.strictObject(Object.fromEntries(keys.map((key) => [key, z.string().min(1)]))) as unknown as z.ZodType<Record<K, string>>;
const pair = z.strictObject({ title: z.string(), text: z.string() });

export const catalogueSchema = z.strictObject({
	/** The language's own name, for the switch to it. */
	name: z.string(),
	site: words(
		'skip',
		'track',
		'labs',
		'portfolio',
		'rubric',
		'help',
		'glossary',
		'mainNav',
		'theme',
		'footer',
		'footerHelp',
		'noscript',
		'switchTo',
		'english',
	),
	start: words('title', 'description', 'heading', 'lead', 'openFirst', 'seeTrack', 'how', 'months', 'monthsLead', 'startFurther', 'whoFor', 'specimen'),
	steps: z.array(pair).length(5),
	people: z.array(z.strictObject({ title: z.string(), text: z.string(), link: z.string() })).length(3),
	track: words(
		...([
			'title',
			'description',
			'heading',
			'lead',
			'month',
			'deliverable',
			'show',
			'lessons',
			'labsHold',
			'adapt',
			'adaptLead',
			'openGlossary',
			'minutes',
		] as const),
		...([
			'monthTitle',
			'crumb',
			'read',
			'readLead',
			'practise',
			'planned',
			'checklist',
			'checklistLead',
			'exams',
			'examsLead',
			'exam',
			'domain',
			'weight',
		] as const),
		...(['side', 'otherMonths', 'lessonsToCome', 'objectives', 'continueReading'] as const),
	),
	starts: z.array(z.strictObject({ title: z.string(), length: z.string(), text: z.string() })).length(4),
	lesson: words(
		...(['eyebrow', 'objectives', 'contents', 'practise', 'sources', 'sourcesLead', 'exams', 'terms', 'turn', 'console', 'shell', 'file', 'tryIn'] as const),
		...(['englishOnly', 'done', 'doneLead', 'planned'] as const),
	),
	labCard: words('eyebrow', 'figures', 'open', 'englishOnly'),
	search: words('open', 'title', 'label', 'close', 'hint', 'shortcut'),
	/** What scripts say; sent along with every page. `{x}` is filled in. */
	script: words(
		...([
			'chooseName',
			'askName',
			'nameHelp',
			'begin',
			'nameEmpty',
			'startLab',
			'continueLab',
			'continue',
			'seeTrack',
			'readTrack',
			'submitted',
			'inProgress',
		] as const),
		...([
			'standing',
			'standingScored',
			'standingSubmitted',
			'copy',
			'copied',
			'markRead',
			'isRead',
			'lessonRead',
			'lessonOpened',
			'readCount',
			'readOffline',
		] as const),
		...(['searching', 'found', 'foundOne', 'foundNone', 'searchMissing'] as const),
	),
});

export type Catalogue = z.infer<typeof catalogueSchema>;
export type ScriptWords = Catalogue['script'];

export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];
