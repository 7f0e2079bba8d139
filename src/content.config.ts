import { defineCollection } from 'astro:content';
import { file, glob } from 'astro/loaders';
import { z } from 'astro/zod';
import { labSchema } from '../server/protocol/lab.ts';
import { catalogueSchema } from './lib/i18n/catalogue.ts';
import { labsLoader } from './lib/labs-loader.ts';
import { lessonsLoader } from './lib/lessons/lessons-loader.ts';
import { examSchema, glossarySchema, monthSchema } from './lib/lessons/schema.ts';

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
	schema: z.object({ title: z.string(), meets: z.string(), excellent: z.string(), order: z.number().int() }),
});

/** What the portfolio may hold. */
const deliverables = defineCollection({
	loader: file('./content/portfolio/deliverables.yaml'),
	schema: z.object({ title: z.string(), about: z.string(), month: z.number().int().optional(), order: z.number().int() }),
});

/** The labs, as far as a page may know them at build time; hints and checks stay on the server. */
const labs = defineCollection({ loader: labsLoader(process.env['FOOTHOLD_LABS'] ?? 'labs', labSchema) });

export const collections = { track, trackKo, lessons, glossary, exams, ui, rubric, scorecard, deliverables, labs };
