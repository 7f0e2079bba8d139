/** Where lessons lie, and how a file's name says which it is: content/track/lessons/month-<n>/<order>-<slug>.md. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface LessonFile {
	/** `month-1/processes`: its id, its address below /track/, and its key in a learner's record. */
	readonly id: string;
	readonly path: string;
	/** The frontmatter as it stands in the file, unchecked. */
	readonly frontmatter: unknown;
	/** Markdown. */
	readonly body: string;
}

const NAME = /^(\d+)-([a-z0-9-]+)\.md$/;

/** Every lesson of a folder, in the order of months and names. A file without frontmatter fails, by its path. */
export async function readLessons(folder: string): Promise<LessonFile[]> {
	const months = (await readdir(folder, { withFileTypes: true }))
		.filter((entry) => entry.isDirectory() && /^month-[1-6]$/.test(entry.name))
		.map((entry) => entry.name);
	const lessons: LessonFile[] = [];
	for (const month of months.sort())
		for (const name of (await readdir(join(folder, month))).filter((file) => file.endsWith('.md')).sort()) {
			const path = join(folder, month, name);
			const slug = NAME.exec(name)?.[2];
			if (slug === undefined) throw new Error(`${path}: a lesson is named <order>-<slug>.md`);
			lessons.push({ id: `${month}/${slug}`, path, ...(split(await readFile(path, 'utf8')) ?? fail(`${path} begins with no frontmatter`)) });
		}
	return lessons;
}

function split(text: string): { frontmatter: unknown; body: string } | undefined {
	const found = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(text);
	return found === null ? undefined : { frontmatter: parse(found[1] ?? ''), body: found[2] ?? '' };
}

function fail(message: string): never {
	throw new Error(message);
}
