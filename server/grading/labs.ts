/** Reads labs from their folders: the words, the start, the checks; and refuses what does not fit together. */
import { createHmac } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { labSchema } from '../protocol/lab.ts';
import type { CheckFunction, CheckTable } from './check.ts';
import type { LoadedLab, LoadLabs } from './grade.types.ts';

/** A lab's folder does not hold what it should. For authors: names file and fault. */
export class LabFault extends Error {}

export async function filesUnder(root: string): Promise<{ readonly path: string; readonly content: string }[]> {
	const entries = await readdir(root, { withFileTypes: true, recursive: true }).catch(() => []);
	const files = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
	files.sort();
	return Promise.all(files.map(async (f) => ({ path: relative(root, f), content: await readFile(f, 'utf8') })));
}

async function loadLab(directory: string): Promise<LoadedLab> {
	const file = join(directory, 'lab.yaml');
	const parsed = labSchema.safeParse(parse(await readFile(file, 'utf8')));
	if (!parsed.success) throw new LabFault(`${file}: ${parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`);
	const definition = parsed.data;
	const { checks, symptom } = (await import(pathToFileURL(join(directory, 'checks.ts')).href)) as {
		readonly checks: CheckTable;
		readonly symptom?: CheckFunction;
	};
	const ids = new Set(definition.checks.map((c) => c.id));
	const faults: string[] = [];
	const points = definition.checks.reduce((sum, c) => sum + c.points, 0);
	if (points !== 100) faults.push(`the points of all checks add up to ${points}, not 100`);
	for (const id of ids) if (checks[id] === undefined) faults.push(`checks.ts has no check "${id}"`);
	for (const id of Object.keys(checks)) if (!ids.has(id)) faults.push(`lab.yaml has no check "${id}"`);
	for (const c of definition.checks) for (const g of c.gate) if (!ids.has(g)) faults.push(`check "${c.id}" waits for "${g}", which does not exist`);
	for (const t of definition.tasks) for (const c of t.checks) if (!ids.has(c)) faults.push(`task "${t.id}" names the check "${c}", which does not exist`);
	for (const c of definition.checks) if (!definition.tasks.some((t) => t.checks.includes(c.id))) faults.push(`no task names the check "${c.id}"`);
	if ((definition.drill === undefined) !== (symptom === undefined)) faults.push('a drill, and only a drill, has a symptom that checks.ts exports');
	if (definition.drill !== undefined && definition.fault === undefined) faults.push('a drill says what it breaks: fault is missing');
	if (faults.length > 0) throw new LabFault(`${file}: ${faults.join('; ')}`);
	const manifests = (await filesUnder(join(directory, 'cluster'))).filter((f) => /\.ya?ml$/.test(f.path));
	return {
		definition,
		brief: await readFile(join(directory, 'brief.md'), 'utf8'),
		directory,
		checks,
		...(symptom === undefined ? {} : { symptom }),
		clusterManifests: manifests.map((m) => m.content),
		files: await filesUnder(join(directory, 'files')),
	};
}

/** Every folder below `root` that holds a lab.yaml, in name order. Throws `LabFault` for the first that is broken. */
export const loadLabs: LoadLabs = async (root) => {
	const names = (await readdir(root)).sort();
	const labs: LoadedLab[] = [];
	for (const name of names) {
		const directory = join(root, name);
		const there = await stat(join(directory, 'lab.yaml')).catch(() => undefined);
		if (there?.isFile()) labs.push(await loadLab(directory));
	}
	return labs;
};

/** An unguessable text for a purpose: the same wherever seed and purpose are the same. 20 characters, a-f and digits, a letter first. */
export function seededToken(seed: number, purpose: string): string {
	return `k${createHmac('sha256', `foothold ${seed}`).update(purpose).digest('hex').slice(0, 19)}`;
}

/** Fills `{{token:PURPOSE}}` in a lab's start files and solutions: each learner has secrets of their own. */
export function fillTokens(text: string, seed: number): string {
	return text.replace(/\{\{token:([a-z0-9-]+)\}\}/g, (_, purpose: string) => seededToken(seed, purpose));
}
