import { defineCollection } from 'astro:content';
import { file, glob } from 'astro/loaders';
import { z } from 'astro/zod';
import { labSchema } from '../server/protocol/lab.ts';
import { labsLoader } from './lib/labs-loader.ts';

/** One page a month: content/track/month-<n>.md. */
const track = defineCollection({
	loader: glob({ pattern: 'month-*.md', base: './content/track' }),
	schema: z.object({
		month: z.number().int().min(1).max(6),
		title: z.string(),
		area: z.string(),
		deliverable: z.string(),
		/** One sentence: what the month is for. */
		purpose: z.string(),
		/** What one can show afterwards. */
		show: z.array(z.string()).min(1),
		/** What its labs hold, until each is there. */
		labs: z.array(z.string()).default([]),
	}),
});

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

export const collections = { track, rubric, scorecard, deliverables, labs };
