/**
 * `npm test`: everything that shows that the product works, one step after another, and one summary line at the end.
 * `npm test -- <step>…` runs some steps only; their names are in the table below.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Count {
	passed: number;
	failed: number;
	skipped: number;
}

interface Step {
	readonly name: string;
	readonly what: string;
	run(): Promise<Count>;
}

/** A step that takes longer hangs. */
const STEP_LIMIT_MS = 25 * 60_000;

const scratch = mkdtempSync(join(tmpdir(), 'foothold-test-'));
const env = { ...process.env, ASTRO_TELEMETRY_DISABLED: '1', FORCE_COLOR: '0', NODE_NO_WARNINGS: '1' };

function command(name: string, args: readonly string[], capture = false): Promise<{ readonly code: number; readonly output: string }> {
	return new Promise((resolve) => {
		const child = spawn(name, args, { stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'], env });
		const limit = setTimeout(() => {
			console.error(`${name} ${args.join(' ')}: no end after ${STEP_LIMIT_MS / 60_000} minutes, ended`);
			child.kill('SIGKILL');
		}, STEP_LIMIT_MS);
		let output = '';
		child.stdout?.on('data', (d: Buffer) => {
			output += String(d);
		});
		child.on('error', (e) => resolve({ code: 127, output: String(e) }));
		child.on('close', (code) => {
			clearTimeout(limit);
			resolve({ code: code ?? 1, output });
		});
	});
}

/** A tool that says yes or no: one check. */
const tool = (name: string, what: string, program: string, ...args: string[]): Step => ({
	name,
	what,
	async run() {
		const { code } = await command(program, args);
		return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
	},
});

/** One file of vitest's JSON report. */
interface Suite {
	readonly name: string;
	readonly status: string;
	readonly message: string;
	readonly assertionResults: readonly { readonly fullName: string; readonly status: string; readonly failureMessages: readonly string[] }[];
}

/** What failed, told again beside the summary: the run above it is thousands of lines long. */
const failures: string[] = [];
/** Lines of a failure's message that the summary shows. */
const MESSAGE_LINES = 12;

function keepFailures(step: string, suites: readonly Suite[]): void {
	for (const suite of suites.filter((s) => s.status === 'failed')) {
		const failed = suite.assertionResults.filter((t) => t.status === 'failed');
		if (failed.length === 0) failures.push(`${step}: ${suite.name}\n${suite.message}`);
		for (const t of failed) {
			const message = t.failureMessages.join('\n').split('\n').slice(0, MESSAGE_LINES).join('\n');
			failures.push(`${step}: ${suite.name}: ${t.fullName}\n${message}`);
		}
	}
}

/** A vitest run, counted from its report. A run that dies without a report is one failure. */
const vitest = (name: string, what: string, ...args: string[]): Step => ({
	name,
	what,
	async run() {
		const report = join(scratch, `${name}.json`);
		const { code } = await command('vitest', ['run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
		try {
			const r = JSON.parse(readFileSync(report, 'utf8')) as {
				numPassedTests: number;
				numFailedTests: number;
				numPendingTests: number;
				numTodoTests: number;
				numFailedTestSuites: number;
				testResults: readonly Suite[];
			};
			keepFailures(name, r.testResults);
			const failed = r.numFailedTests + (code !== 0 && r.numFailedTests === 0 ? 1 : 0);
			return { passed: r.numPassedTests, failed, skipped: r.numPendingTests + r.numTodoTests };
		} catch {
			return { passed: 0, failed: 1, skipped: 0 };
		}
	},
});

const proofs: Step = {
	name: 'labs',
	what: 'labs prove themselves: untouched 0, solutions 100, hollow ones fail',
	async run() {
		const { output, code } = await command('node', ['server/cli/prove.ts', '--json'], true);
		process.stdout.write(output);
		const lines = output.split('\n').filter((l) => l.startsWith('{'));
		const ok = lines.filter((l) => (JSON.parse(l) as { ok: boolean }).ok).length;
		const failed = lines.length - ok + (lines.length === 0 || (code !== 0 && ok === lines.length) ? 1 : 0);
		return { passed: ok, failed, skipped: 0 };
	},
};

const steps: readonly Step[] = [
	// Before the types: it writes those of the content collections, which the site's own modules read.
	tool('astro', 'Astro: pages and components', 'astro', 'check', '--tsconfig', 'src/tsconfig.json', '--minimumFailingSeverity', 'error'),
	tool('types', 'TypeScript: every project', 'tsc', '-b'),
	tool('lint', 'Biome: style, format, restricted globals', 'biome', 'ci', '--colors=off', '--diagnostic-level=error'),
	tool(
		'imports',
		'dependency-cruiser: the walls between rooms',
		'depcruise',
		'server',
		'src',
		'labs',
		'--config',
		'.dependency-cruiser.cjs',
		'--output-type',
		'err',
	),
	tool('unused', 'knip: files and packages that nothing needs', 'knip', '--no-progress', '--no-config-hints'),
	vitest('unit', 'unit, contract, conformance, architecture'),
	proofs,
	tool('build', 'the site builds', 'astro', 'build', '--silent'),
	vitest('e2e', 'browser tests in Chromium', '--config', 'vitest.e2e.config.ts'),
	tool('durability', 'kill -9 at random moments under load', 'node', 'test/durability/run.ts', '--kills', process.env['CI'] === undefined ? '10' : '50'),
];

const wanted = process.argv.slice(2).filter((a) => !a.startsWith('-'));
const unknown = wanted.filter((w) => !steps.some((s) => s.name === w));
if (unknown.length > 0) {
	console.error(`no such step: ${unknown.join(', ')}; steps are ${steps.map((s) => s.name).join(', ')}`);
	process.exit(2);
}

const total: Count = { passed: 0, failed: 0, skipped: 0 };
const table: string[] = [];
for (const step of steps.filter((s) => wanted.length === 0 || wanted.includes(s.name))) {
	console.log(`\n=== ${step.name}: ${step.what}`);
	const started = performance.now();
	const c = await step.run();
	total.passed += c.passed;
	total.failed += c.failed;
	total.skipped += c.skipped;
	table.push(
		`${c.failed === 0 ? 'ok  ' : 'FAIL'} ${step.name.padEnd(11)} ${String(c.passed).padStart(5)} passed ${String(c.failed).padStart(4)} failed ${String(c.skipped).padStart(4)} skipped ${((performance.now() - started) / 1000).toFixed(0).padStart(5)} s`,
	);
}
rmSync(scratch, { recursive: true, force: true });
if (failures.length > 0) console.log(`\n=== what failed\n${failures.join('\n')}`);
console.log(`\n${table.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
