/**
 * The same commands by the real kubectl, over https, and by our terminal's kubectl, against forks of one simulated cluster:
 * stdout, stderr and exit code must agree. README.md beside this file says how, and how to add a case.
 */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SimulatorFork } from '../../server/sandboxes/simulator.ts';
import { ForkHost } from '../../server/sandboxes/simulated/host.ts';
import { Bench, type Result } from '../../server/shell/commands/kubectl/testing.ts';
import { Simulator } from '../../server/simulator/simulator.ts';
import { AREAS, type Area, type Case } from './cases/areas.ts';
import { FIXTURE, FILES } from './cases/fixture.ts';
import { normalised, sorted } from './normalise.ts';
import { findOracle } from './oracle.ts';
import { Host, Pair, wordsOf } from './pair.ts';

/** Far enough back that an age counted by the clock on the wall is a round number of days, the same on both sides. */
const AGE_MS = 10 * 86_400_000 + 3_600_000;
/** Areas run at a time; each has clusters of its own. */
const AT_ONCE = 3;

const oracle = findOracle();
if ('missing' in oracle)
	console.log(`kubectl-cluster: ${AREAS.flatMap((a) => a.cases).length} comparisons with the real kubectl are SKIPPED: ${oracle.missing}`);

/** `CONFORMANCE_AREA=get,describe` runs these areas only. */
const only = process.env['CONFORMANCE_AREA']?.split(',');
const areas = AREAS.filter((a) => only === undefined || only.includes(a.name));

interface Outcome {
	readonly real: Result;
	readonly ours: Result;
	/** Real ms that both took. */
	readonly ms: number;
}

const outcomes = new Map<Case, Outcome>();
const isEqual = (o: Outcome): boolean => o.real.stdout === o.ours.stdout && o.real.stderr === o.ours.stderr && o.real.code === o.ours.code;

/** A cluster with a small application in it, ten days ago. */
async function prepared(): Promise<Simulator> {
	const simulator = Simulator.boot({ seed: 7, now: Date.now() - AGE_MS, settleMs: 60_000 });
	const sandbox = new SimulatorFork('fixture', new ForkHost(simulator));
	const bench = new Bench({ cluster: sandbox.cluster, now: () => sandbox.clock.now(), files: { 'fixture.yaml': FIXTURE } });
	// As on a real cluster, pods are refused until the namespace has its service account.
	await bench.sh('create ns shop');
	await sandbox.clock.advance(1000);
	const applied = await bench.sh('apply -f fixture.yaml');
	if (applied.code !== 0) throw new Error(`the fixture was refused:\n${applied.stdout}${applied.stderr}`);
	await sandbox.clock.advance(300_000);
	return simulator;
}

async function runArea(area: Area, base: Simulator, host: Host, binary: string): Promise<void> {
	const id = area.name.replace(/\W+/g, '-');
	const pair = new Pair(id, { binary, base, serving: host, files: FILES });
	host.add(id, pair.served);
	try {
		for (const c of area.cases) {
			const started = performance.now();
			const { real, ours } = await pair.run({ words: wordsOf(c.run), ...(c.stdin === undefined ? {} : { stdin: c.stdin }), drive: c.drive ?? false });
			const seen = (r: Result): Result => (c.unordered === undefined ? normalised(r) : sorted(normalised(r)));
			outcomes.set(c, { real: seen(real), ours: seen(ours), ms: Math.round(performance.now() - started) });
			if (c.settle !== undefined) await pair.pass(c.settle * 1000);
		}
	} finally {
		await pair.dispose();
	}
}

/** Some 1,700 command lines, run twice: minutes on a machine that has nothing else to do, and no limit of what is tested. */
const HOOK_LIMIT_MS = 900_000;

describe.skipIf('missing' in oracle)('as the real kubectl', () => {
	const host = new Host();

	beforeAll(async () => {
		if ('missing' in oracle) return;
		const base = await prepared();
		await host.start();
		const waiting = [...areas].sort((a, b) => b.cases.length - a.cases.length);
		const worker = async (): Promise<void> => {
			for (let area = waiting.shift(); area !== undefined; area = waiting.shift()) await runArea(area, base, host, oracle.binary);
		};
		await Promise.all(Array.from({ length: AT_ONCE }, worker));
	}, HOOK_LIMIT_MS);

	afterAll(async () => {
		await host.close();
		printTable();
		// For reading the differences side by side: stdout, stderr and code of both, as compared.
		const report = process.env['CONFORMANCE_REPORT'];
		if (report !== undefined) writeFileSync(report, JSON.stringify(areas.map((a) => [a.name, a.cases.map((c) => ({ ...c, ...outcomes.get(c) }))])));
	});

	describe.each(areas)('$name', ({ cases }) => {
		test.each(cases)('kubectl $run', (c) => {
			const outcome = outcomes.get(c);
			if (outcome === undefined) throw new Error('this case was not run');
			const note = c.differs ?? c.open;
			if (note === undefined) expect(outcome.ours).toEqual(outcome.real);
			else expect(isEqual(outcome), `marked as different (“${note}”), yet both print the same`).toBe(false);
		});
	});
});

function printTable(): void {
	const rows = areas.map((area) => {
		const done = area.cases.flatMap((c) => outcomes.get(c) ?? []);
		const equal = done.filter(isEqual).length;
		return [area.name, area.cases.length, equal, done.length - equal] as const;
	});
	const total = (at: 1 | 2 | 3): number => rows.reduce((sum, row) => sum + row[at], 0);
	const lines = [['area', 'cases', 'equal', 'different'] as const, ...rows, ['total', total(1), total(2), total(3)] as const].map(
		([name, ...numbers]) => `${name.padEnd(24)}${numbers.map((n) => String(n).padStart(11)).join('')}`,
	);
	const notes = (title: string, of: 'differs' | 'open'): readonly string[] => {
		const found = areas.flatMap((a) => a.cases.filter((c) => c[of] !== undefined));
		return found.length === 0 ? [] : [title, ...found.map((c) => `  kubectl ${c.run}\n    ${c[of]}`)];
	};
	console.log([...lines, ...notes('Different on purpose:', 'differs'), ...notes('Different, to be mended:', 'open')].join('\n'));
}
