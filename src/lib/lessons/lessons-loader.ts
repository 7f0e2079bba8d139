import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Loader, LoaderContext } from 'astro/loaders';
import { afterRendering, beforeRendering, diagramsOf } from './lesson-html.ts';
import { type LessonFile, readLessons } from './lesson-files.ts';
import { lessonSchema } from './schema.ts';

export interface Heading {
	readonly depth: number;
	readonly slug: string;
	readonly text: string;
}

/** Loads every lesson below `folder` with its diagrams; one that breaks the format fails the build, naming its file. */
export function lessonsLoader(folder: string) {
	return {
		name: 'foothold-lessons',
		schema: lessonSchema,
		async load(context: LoaderContext): Promise<void> {
			context.store.clear();
			for (const lesson of await readLessons(folder)) {
				const data = await context.parseData({ id: lesson.id, data: lesson.frontmatter as Record<string, unknown>, filePath: lesson.path });
				context.store.set({ id: lesson.id, data, filePath: lesson.path, rendered: await render(lesson, context) });
			}
		},
	} satisfies Loader;
}

async function render(lesson: LessonFile, context: LoaderContext) {
	const diagrams = await Promise.all(diagramsOf(lesson.body).map(async (file) => [file, await readFile(join(dirname(lesson.path), file), 'utf8')] as const));
	const { html, metadata } = await context.renderMarkdown(beforeRendering(lesson.body));
	try {
		return { html: afterRendering(html, new Map(diagrams)), metadata: { headings: metadata?.headings ?? [] } };
	} catch (error) {
		throw new Error(`${lesson.path}: ${error instanceof Error ? error.message : String(error)}`);
	}
}
