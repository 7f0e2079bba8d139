/** What a lesson, a glossary term, an exam and a month must say about themselves. The build and the content tests use the same schemas. */
import { z } from 'astro/zod';

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens');
/** `cka/troubleshooting`: an exam and one of its domains (content/exams.yaml). */
const examDomain = z.string().regex(/^[a-z]+\/[a-z-]+$/, 'exam/domain');
const source = z.strictObject({ name: z.string().min(3), url: z.url({ protocol: /^https$/ }) });

export const lessonSchema = z.strictObject({
	title: z.string().min(5).max(70),
	month: z.number().int().min(1).max(6),
	order: z.number().int().positive(),
	/** Reading time with the commands typed, in minutes. */
	minutes: z.number().int().min(5).max(60),
	summary: z.string().min(40).max(240),
	objectives: z.array(z.string().min(10)).min(2).max(6),
	exams: z.array(examDomain),
	/** Labs that practise it: folders of labs/, or planned ones named by the month. */
	labs: z.array(slug).min(1),
	/** The lab in whose terminal the `console` blocks can be typed. */
	tryIn: slug.optional(),
	sources: z.array(source).min(2),
	/** Glossary terms; each is linked at least once as `[words](glossary:term)`. */
	terms: z.array(slug).min(3),
});
export type LessonData = z.infer<typeof lessonSchema>;

export const glossarySchema = z.strictObject({
	id: slug,
	term: z.string(),
	/** One to three sentences. */
	text: z.string().min(30),
	/** Ids of related terms. */
	see: z.array(slug).default([]),
});

export const examSchema = z.strictObject({
	title: z.string(),
	id: z.string(),
	short: z.string(),
	version: z.string(),
	source: z.url(),
	/** Weights in per cent, as the curriculum prints them. */
	domains: z.array(z.strictObject({ id: z.string(), title: z.string(), weight: z.number().int() })).min(1),
});

export const monthSchema = z.strictObject({
	month: z.number().int().min(1).max(6),
	title: z.string(),
	area: z.string(),
	deliverable: z.string(),
	/** One sentence: what the month is for. */
	purpose: z.string(),
	/** What one can show afterwards. */
	show: z.array(z.string()).min(1),
	/** The month's labs and what each holds; a lab that stands in labs/ takes the place of its outline. */
	labs: z.array(z.strictObject({ id: slug, title: z.string(), holds: z.string().min(40) })).min(1),
	/** What one ticks off before going on. */
	checklist: z.array(z.string()).min(3),
	exams: z.array(examDomain).min(1),
});

export const careerSchema = z.strictObject({
	title: z.string(),
	/** For links from other pages. */
	short: z.string().max(30),
	summary: z.string().min(40).max(240),
	order: z.number().int().positive(),
	/** The page has the picture of shared hours. */
	overlap: z.boolean().default(false),
	/** A source without an address is one of the documents that the project began with. */
	sources: z.array(source.partial({ url: true })).min(2),
});
