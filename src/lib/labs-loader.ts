import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Loader, LoaderContext } from 'astro/loaders';
import { z } from 'astro/zod';
import { parse } from 'yaml';
import type { LabDefinition } from '../../server/protocol/lab.ts';
import type { StaticLab, StaticTask } from './static-lab.ts';

interface LabParser {
	parse(input: unknown): LabDefinition;
}

const taskSchema = z.object({ id: z.string(), title: z.string(), html: z.string(), hints: z.number(), points: z.number() });

const staticLabSchema = z.object({
	id: z.string(),
	title: z.string(),
	month: z.number(),
	minutes: z.number(),
	summary: z.string(),
	objectives: z.array(z.string()),
	namespace: z.string(),
	hosts: z.array(z.string()),
	brief: z.string(),
	tasks: z.array(taskSchema),
	checks: z.number(),
	passScore: z.number(),
	deliverable: z.string(),
});

/** Reads `<folder>/<id>/lab.yaml` and `brief.md` of every lab; a lab that breaks the contract fails the build, naming its file. */
export function labsLoader(folder: string, schema: LabParser) {
	return {
		name: 'foothold-labs',
		schema: staticLabSchema,
		async load(context: LoaderContext): Promise<void> {
			context.store.clear();
			for (const id of await labFolders(folder)) {
				const data = await readLab(join(folder, id), schema, context);
				context.store.set({ id, data: await context.parseData({ id, data: { ...data } }) });
			}
		},
	} satisfies Loader;
}

async function labFolders(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { withFileTypes: true });
	const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
	const found = await Promise.all(names.map(async (name) => ((await readOptional(join(folder, name, 'lab.yaml'))) === undefined ? [] : [name])));
	return found.flat().sort();
}

async function readLab(path: string, schema: LabParser, context: LoaderContext): Promise<StaticLab> {
	const file = join(path, 'lab.yaml');
	let lab: LabDefinition;
	try {
		lab = schema.parse(parse((await readOptional(file)) ?? ''));
	} catch (error) {
		throw new Error(`${file} is not a lab: ${error instanceof Error ? error.message : String(error)}`);
	}
	const html = async (markdown: string) => (await context.renderMarkdown(markdown)).html;
	const points = new Map(lab.checks.map((check) => [check.id, check.points]));
	const tasks: StaticTask[] = await Promise.all(
		lab.tasks.map(async (task) => ({
			id: task.id,
			title: task.title,
			html: await html(task.text),
			hints: task.hints.length,
			points: task.checks.reduce((sum, check) => sum + (points.get(check) ?? 0), 0),
		})),
	);
	const { id, title, month, minutes, summary, objectives, namespace, hosts, passScore } = lab;
	const brief = await html((await readOptional(join(path, 'brief.md'))) ?? '');
	return {
		id,
		title,
		month,
		minutes,
		summary,
		objectives,
		namespace,
		hosts,
		passScore,
		brief,
		tasks,
		checks: lab.checks.length,
		deliverable: lab.evidence.deliverable,
	};
}

/** The file's text, or undefined where there is no such file; other faults are the caller's to report. */
async function readOptional(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, 'utf8');
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
		throw error;
	}
}
