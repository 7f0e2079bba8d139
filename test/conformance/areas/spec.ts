/**
 * Conformance specs as tests: each gets a cluster of its own. A test file names its area once (`area`); its specs register
 * themselves with `spec`. The file's end prints how many of the area's specs are covered and hold.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Cluster, Clusters } from './cluster.ts';

/** How many specs Kubernetes 1.28's conformance list has in each area (its e2e folders; `node` with `common`). */
const SPECS = {
	'api-machinery': 76,
	apps: 52,
	auth: 9,
	cli: 17,
	instrumentation: 4,
	scheduling: 10,
	network: 36,
	node: 165,
	storage: 10,
} as const;

/** Real ms that a spec may take. */
const SPEC_MS = 20_000;

let clusters: Clusters | undefined;
let covered = 0;
let passed = 0;
let registered = 0;
let ran = 0;

/** An area's row of the table in the README beside this folder: specs, covered, pass. */
async function told(name: string): Promise<readonly number[]> {
	const text = await readFile(new URL('../README.md', import.meta.url), 'utf8');
	const row = text.split('\n').find((line) => line.startsWith(`| ${name} |`) || line.startsWith(`| ${name} (`)) ?? '';
	return row.split('|').slice(2, 5).map(Number);
}

/** Says which area this file's specs belong to. */
export function area(name: keyof typeof SPECS): void {
	beforeAll(async () => {
		clusters = await Clusters.start();
	});
	afterAll(async () => {
		await clusters?.close();
		console.table([{ area: name, specs: SPECS[name], covered, pass: passed }]);
		// Where all were run, the README must say the same.
		if (ran === registered) expect(await told(name), `README.md's row of ${name}`).toEqual([SPECS[name], covered, passed]);
	});
}

/** A test of one spec of the list, by its test name, or of all that it restates. */
export function spec(names: string | readonly string[], test: (cluster: Cluster) => Promise<void>): void {
	const all = typeof names === 'string' ? [names] : names;
	run(all.join('; '), all.length, test);
}

/** A test that no spec of the list asks for. */
export function also(what: string, test: (cluster: Cluster) => Promise<void>): void {
	run(what, 0, test);
}

function run(title: string, count: number, test: (cluster: Cluster) => Promise<void>): void {
	covered += count;
	registered++;
	it(title, { timeout: SPEC_MS }, async () => {
		ran++;
		if (clusters === undefined) throw new Error('the file names no area');
		const cluster = clusters.fork();
		try {
			await test(cluster);
			passed += count;
		} finally {
			await cluster.dispose();
		}
	});
}
