import { defineCollection } from 'astro:content';
import { file, glob } from 'astro/loaders';
import { z } from 'astro/zod';
import { dimensionSchema, levelSchema } from '../server/protocol/assessment.ts';
import { labSchema } from '../server/protocol/lab.ts';
import { startSchema } from '../server/protocol/plan.ts';
import { catalogueSchema } from './lib/i18n/catalogue.ts';
import { labsLoader } from './lib/labs-loader.ts';
import { lessonsLoader } from './lib/lessons/lessons-loader.ts';
import { careerSchema, examSchema, glossarySchema, monthSchema } from './lib/lessons/schema.ts';

/** One page a month: content/track/month-<n>.md, and in Korean content/track/ko/month-<n>.md. */
const track = defineCollection({ loader: glob({ pattern: 'month-*.md', base: './content/track' }), schema: monthSchema });
const trackKo = defineCollection({ loader: glob({ pattern: 'month-*.md', base: './content/track/ko' }), schema: monthSchema });

/** What to read: content/track/lessons/, see the README there. */
const lessons = defineCollection({ loader: lessonsLoader('content/track/lessons') });

/** Words that the lessons use. */
const glossary = defineCollection({ loader: file('./content/glossary.yaml'), schema: glossarySchema });

/** Domains and weights of the exams that the track covers. */
const exams = defineCollection({ loader: file('./content/exams.yaml'), schema: examSchema });

/** The words of the pages, one file a language. */
const ui = defineCollection({ loader: glob({ pattern: '*.yaml', base: './content/ui' }), schema: catalogueSchema });

/** The mid and senior rubric, one entry a row. */
const rubric = defineCollection({
	loader: file('./content/rubric/rows.yaml'),
	schema: z.object({
		title: z.string(),
		mid: z.string(),
		senior: z.string(),
		/** What one can see at each level, and what one could point at. */
		signals: z.object({ mid: z.string(), senior: z.string() }),
		examples: z.object({ mid: z.string(), senior: z.string() }),
		/** How Foothold will see it. */
		shownBy: z.string(),
		/** What is counted, and how many of it stand for the senior level. */
		target: z.number().int().optional(),
		unit: z.string().optional(),
		order: z.number().int(),
	}),
});

/** The nine scorecard dimensions. */
const scorecard = defineCollection({
	loader: file('./content/rubric/scorecard.yaml'),
	schema: z.object({
		title: z.string(),
		meets: z.string(),
		excellent: z.string(),
		order: z.number().int(),
		signals: z.object({ mid: z.array(z.string()).min(2), senior: z.array(z.string()).min(2) }),
		examples: z.object({ mid: z.string(), senior: z.string() }),
		/** Deliverables whose graded labs are evidence for it. */
		graded: z.array(z.string()),
	}),
});

/** What to do next, and what it can show. */
const rubricActions = defineCollection({
	loader: file('./content/rubric/actions.yaml'),
	schema: z.object({
		title: z.string(),
		order: z.number().int(),
		href: z.string(),
		lab: z.string().optional(),
		lifts: z.partialRecord(dimensionSchema, levelSchema),
	}),
});

/** The five interview exercises. */
const exercises = defineCollection({
	loader: file('./content/rubric/exercises.yaml'),
	schema: z.object({
		title: z.string(),
		order: z.number().int(),
		minutes: z.number().int().positive(),
		range: z.string(),
		dimensions: z.array(dimensionSchema).min(1),
		prompt: z.array(z.string()).min(1),
		material: z.string(),
		criteria: z.array(z.object({ id: z.string(), title: z.string(), strong: z.string() })).min(3),
	}),
});

/** What the portfolio may hold. */
const deliverables = defineCollection({
	loader: file('./content/portfolio/deliverables.yaml'),
	schema: z.object({
		title: z.string(),
		about: z.string(),
		month: z.number().int().optional(),
		order: z.number().int(),
		/** What is counted, and how many of it the senior level asks for. */
		target: z.number().int().optional(),
		unit: z.string().optional(),
	}),
});

/** Starting points, what everyone makes, the placement check, and the first year in the role: content/plan/. */
const planStarts = defineCollection({
	loader: file('./content/plan/starts.yaml'),
	schema: z.object({ id: startSchema, weeks: z.number().int().positive(), months: z.array(z.number().int().min(1).max(6)).min(1) }),
});
const planAssets = defineCollection({ loader: file('./content/plan/assets.yaml'), schema: z.object({ title: z.string(), order: z.number().int() }) });
const placement = defineCollection({
	loader: file('./content/plan/placement.yaml'),
	schema: z.object({
		month: z.number().int().min(1).max(6),
		question: z.string(),
		options: z.array(z.string()).length(4),
		right: z.number().int().min(0).max(3),
		explanation: z.string().min(60),
	}),
});
const placementTerminal = defineCollection({
	loader: file('./content/plan/terminal.yaml'),
	schema: z.object({ lab: z.string(), text: z.string(), accept: z.array(z.string()).min(1), explanation: z.string() }),
});
const planRole = defineCollection({
	loader: file('./content/plan/role.yaml'),
	schema: z.object({ order: z.number().int(), days: z.number().int(), title: z.string(), about: z.string(), evidence: z.array(z.string()).min(1) }),
});

/** The market: short pages with their sources. */
const career = defineCollection({ loader: glob({ pattern: '*.md', base: './content/career' }), schema: careerSchema });

/** The labs, as far as a page may know them at build time; hints and checks stay on the server. */
const labs = defineCollection({ loader: labsLoader(process.env['FOOTHOLD_LABS'] ?? 'labs', labSchema) });

export const collections = {
	track,
	trackKo,
	lessons,
	glossary,
	exams,
	ui,
	rubric,
	scorecard,
	deliverables,
	labs,
	planStarts,
	planAssets,
	placement,
	placementTerminal,
	planRole,
	rubricActions,
	exercises,
	career,
};
