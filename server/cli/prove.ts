/**
 * `npm run labs:prove [-- id…] [--json]`: every lab proves itself on the simulator. Untouched it scores 0, each reference
 * solution 100, each hollow one fails its stated check; grading twice gives the same, and leaves no trace.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { applyPatch, type Operation } from 'rfc6902';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { applyObjects } from '../grading/apply.ts';
import { injectFault } from '../grading/drill.ts';
import { contextFor, gradeLab } from '../grading/grade.ts';
import type { LoadedLab } from '../grading/grade.types.ts';
import { filesUnder, fillTokens, loadLabs } from '../grading/labs.ts';
import type { Verdict } from '../protocol/lab.ts';
import type { SimulatorFork } from '../sandboxes/simulator.ts';
import { SimulatorSandbox } from '../sandboxes/simulator.ts';
import { Template } from '../sandboxes/simulated/template.ts';

/** Any seed will do; a fixed one makes a failed proof repeatable. */
const SEED = 20_261;

const hollowSchema = z.strictObject({
	base: z.string(),
	mustFail: z.string(),
	why: z.string().min(20),
	remove: z.array(z.string()).default([]),
	change: z.array(z.strictObject({ target: z.string(), ops: z.array(z.looseObject({ op: z.string(), path: z.string() })) })).default([]),
	add: z.array(z.looseObject({ kind: z.string() })).default([]),
	/** Files of the home, in place of the solution's. */
	files: z.record(z.string(), z.string()).default({}),
	/** What the failed check must have seen, as a regular expression: the stated reason. */
	because: z.string().optional(),
});

interface Document {
	readonly kind: string;
	readonly metadata: { readonly name: string };
}

export interface Proof {
	readonly lab: string;
	readonly ok: boolean;
	readonly untouched: number;
	readonly solutions: { readonly [name: string]: number };
	readonly hollow: { readonly [name: string]: { readonly score: number; readonly mustFail: string; readonly failed: readonly string[] } };
	readonly ms: number;
	readonly faults: readonly string[];
}

async function folders(path: string): Promise<string[]> {
	const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
	return entries
		.filter((e) => e.isDirectory())
		.map((e) => e.name)
		.sort();
}

/** All documents of a YAML text, read as Kubernetes reads them. */
function parseDocuments(text: string): Document[] {
	return parseAllDocuments(text, { version: '1.1', merge: true }).flatMap((d) => {
		const value = (d as { toJS(): unknown }).toJS() as Document | null;
		return value === null ? [] : [value];
	});
}

async function documents(folder: string): Promise<Document[]> {
	const out: Document[] = [];
	for (const f of await filesUnder(folder)) {
		if (!/\.ya?ml$/.test(f.path) || f.path.startsWith('files/')) continue;
		out.push(...parseDocuments(fillTokens(f.content, SEED)));
	}
	return out;
}

interface Solution {
	readonly documents: readonly Document[];
	/** Paths are relative to the home. */
	readonly files: readonly { readonly path: string; readonly content: string }[];
}

/** What a solution's folder holds: manifests, and under `files/` what lies in the home. */
async function solution(lab: LoadedLab, name: string): Promise<Solution> {
	const folder = join(lab.directory, 'solutions', name);
	return { documents: await documents(folder), files: await filesUnder(join(folder, 'files')) };
}

const key = (d: Document): string => `${d.kind}/${d.metadata.name}`;

async function hollowSolution(lab: LoadedLab, name: string): Promise<Solution & { readonly mustFail: string; readonly because: RegExp }> {
	const file = join(lab.directory, 'hollow', name, 'hollow.yaml');
	const h = hollowSchema.parse(parse(fillTokens(await readFile(file, 'utf8'), SEED)));
	const whole = await solution(lab, h.base);
	const base = structuredClone(whole.documents) as Document[];
	for (const c of h.change) {
		const target = base.find((d) => key(d) === c.target);
		if (target === undefined) throw new Error(`${file}: the solution ${h.base} has no ${c.target}`);
		const failed = applyPatch(target, c.ops as unknown as Operation[]).find((e) => e !== null);
		if (failed != null) throw new Error(`${file}: ${c.target}: ${failed.message}`);
	}
	for (const r of h.remove) if (!base.some((d) => key(d) === r)) throw new Error(`${file}: the solution ${h.base} has no ${r}`);
	return {
		documents: [...base.filter((d) => !h.remove.includes(key(d))), ...(h.add as unknown as Document[])],
		files: [...whole.files, ...Object.entries(h.files).map(([path, content]) => ({ path, content }))],
		mustFail: h.mustFail,
		because: new RegExp(h.because ?? ''),
	};
}

/** A digest of everything that grading must leave as it found it. */
function digest(fork: SimulatorFork): string {
	return createHash('sha256').update(JSON.stringify(fork.simulator.snapshot())).digest('hex');
}

const outcomes = (v: Verdict): string => v.checks.map((c) => `${c.id}:${c.outcome}:${c.seen ?? c.reason ?? ''}`).join('\n');

async function grade(lab: LoadedLab, fork: SimulatorFork): Promise<Verdict> {
	return gradeLab({ lab, sandbox: fork, seed: SEED, attempt: 1 });
}

async function solved(lab: LoadedLab, base: SimulatorFork, by: Solution): Promise<SimulatorFork> {
	const fork = await base.fork();
	await applyObjects(fork.cluster, by.documents, fork.clock.advance);
	for (const f of by.files) await fork.files.write(`/home/learner/${f.path}`, fillTokens(f.content, SEED));
	await fork.clock.advance(lab.definition.settle * 1000);
	return fork;
}

/** Whether a drill's symptom can be felt now; `undefined` where it could not be looked for. */
async function felt(lab: LoadedLab, fork: SimulatorFork): Promise<{ readonly outcome: string; readonly seen: string }> {
	const copy = await fork.fork();
	const o = (await lab.symptom?.(contextFor(copy, SEED))) ?? { outcome: 'ungraded' as const, reason: 'no symptom' };
	await copy.dispose();
	return { outcome: o.outcome, seen: o.outcome === 'ungraded' ? o.reason : o.seen };
}

/** Puts the drill's fault in; what is wrong with its symptom. */
async function broken(lab: LoadedLab, base: SimulatorFork): Promise<readonly string[]> {
	const { drill, settle } = lab.definition;
	if (drill === undefined) return [];
	const before = await felt(lab, base);
	await injectFault(base, drill);
	await base.clock.advance(settle * 1000);
	const after = await felt(lab, base);
	return [
		...(before.outcome === 'fail' ? [] : [`before the fault its symptom is ${before.outcome}: ${before.seen}`]),
		...(after.outcome === 'pass' ? [] : [`the fault cannot be felt: ${after.seen}`]),
	];
}

export async function prove(lab: LoadedLab, say: (line: string) => void = () => {}): Promise<Proof> {
	const started = performance.now();
	const faults: string[] = [];
	const sandbox = await SimulatorSandbox.create(Template.build({ hosts: lab.definition.hosts, gpus: lab.definition.gpus }), {
		id: `prove-${lab.definition.id}`,
		seed: SEED,
	});
	const base = await sandbox.fork();
	const start = lab.clusterManifests.flatMap((m) => parseDocuments(fillTokens(m, SEED)));
	await applyObjects(base.cluster, start, base.clock.advance);
	for (const { node, card, xid } of lab.definition.hardware) await base.faults.failCard(node, card, xid);
	for (const f of lab.files) await base.files.write(`/home/learner/${f.path}`, fillTokens(f.content, SEED));
	await base.clock.advance(lab.definition.startSettle * 1000);

	if (lab.definition.drill !== undefined) faults.push(...(await broken(lab, base)));

	const untouched = await grade(lab, await base.fork());
	if (untouched.score !== 0) faults.push(`untouched scores ${untouched.score}`);

	const solutions: Record<string, number> = {};
	for (const name of await folders(join(lab.directory, 'solutions'))) {
		const fork = await solved(lab, base, await solution(lab, name));
		const before = digest(fork);
		const first = await grade(lab, fork);
		const second = await grade(lab, fork);
		solutions[name] = first.score;
		if (lab.symptom !== undefined) {
			const still = await felt(lab, fork);
			if (still.outcome !== 'fail') faults.push(`after the solution ${name} the symptom is ${still.outcome}: ${still.seen}`);
		}
		for (const c of first.checks)
			if (c.outcome !== 'pass')
				say(`  ${name}: ${c.id} ${c.outcome}: ${c.seen ?? c.reason ?? ''}${c.expected === undefined ? '' : ` (expected ${c.expected})`}`);
		if (first.score !== 100) faults.push(`the solution ${name} scores ${first.score}`);
		const open = first.checks.filter((c) => c.outcome === 'ungraded').map((c) => `${c.id} (${c.reason})`);
		if (open.length > 0) faults.push(`the solution ${name} has checks that could not grade: ${open.join(', ')}`);
		if (outcomes(first) !== outcomes(second)) faults.push(`grading the solution ${name} twice gives two verdicts`);
		if (digest(fork) !== before) faults.push(`grading the solution ${name} leaves a trace`);
		await fork.dispose();
	}
	if (Object.keys(solutions).length < 2) faults.push('fewer than two reference solutions');

	const hollow: Record<string, { score: number; mustFail: string; failed: string[] }> = {};
	for (const name of await folders(join(lab.directory, 'hollow'))) {
		const h = await hollowSolution(lab, name);
		const fork = await solved(lab, base, h);
		const verdict = await grade(lab, fork);
		const failed = verdict.checks.filter((c) => c.outcome === 'fail').map((c) => c.id);
		hollow[name] = { score: verdict.score, mustFail: h.mustFail, failed };
		const stated = verdict.checks.find((c) => c.id === h.mustFail);
		say(`  ${name}: ${stated?.outcome} ${stated?.seen ?? stated?.reason ?? ''}`);
		if (!failed.includes(h.mustFail))
			faults.push(
				`the hollow solution ${name} does not fail ${h.mustFail} (${stated?.outcome ?? 'no such check'}${stated?.reason === undefined ? '' : `: ${stated.reason}`})`,
			);
		else if (!h.because.test(stated?.seen ?? '')) faults.push(`the hollow solution ${name} fails ${h.mustFail} for another reason: ${stated?.seen}`);
		if (verdict.checks.some((c) => c.outcome === 'ungraded'))
			faults.push(
				`the hollow solution ${name} has checks that could not grade: ${verdict.checks
					.filter((c) => c.outcome === 'ungraded')
					.map((c) => `${c.id} (${c.reason})`)
					.join(', ')}`,
			);
		await fork.dispose();
	}
	await base.dispose();
	await sandbox.dispose();
	return {
		lab: lab.definition.id,
		ok: faults.length === 0,
		untouched: untouched.score,
		solutions,
		hollow,
		ms: Math.round(performance.now() - started),
		faults,
	};
}

if (import.meta.main) {
	const args = process.argv.slice(2);
	const json = args.includes('--json');
	const wanted = args.filter((a) => !a.startsWith('-'));
	const root = resolve(import.meta.dirname, '../../labs');
	const labs = [...(await loadLabs(root)), ...(await loadLabs(join(root, 'drills')))].filter((l) => wanted.length === 0 || wanted.includes(l.definition.id));
	let bad = labs.length === 0;
	if (bad) console.error(`no such lab: ${wanted.join(', ')}`);
	for (const lab of labs) {
		const proof = await prove(lab, json ? (line) => console.error(line) : (line) => args.includes('--verbose') && console.log(line));
		bad ||= !proof.ok;
		const { faults, ...line } = proof;
		if (json) console.log(JSON.stringify(line));
		else {
			console.log(`${proof.ok ? 'ok  ' : 'FAIL'} ${proof.lab}  (${(proof.ms / 1000).toFixed(1)} s)`);
			console.log(`     untouched ${proof.untouched}`);
			for (const [n, s] of Object.entries(proof.solutions)) console.log(`     solution ${n.padEnd(28)} ${s}`);
			for (const [n, h] of Object.entries(proof.hollow))
				console.log(`     hollow   ${n.padEnd(28)} ${String(h.score).padEnd(5)} must fail ${h.mustFail}: ${h.failed.includes(h.mustFail) ? 'yes' : 'NO'}`);
		}
		for (const f of faults) console.error(`     - ${f}`);
	}
	process.exit(bad ? 1 : 0);
}
