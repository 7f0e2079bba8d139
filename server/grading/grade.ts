/** Runs a lab's checks against a sandbox and gives a verdict. What it touches it touches in a copy, where the provider makes copies. */
import type { LabCheckWords, Verdict, VerdictCheck } from '../protocol/lab.ts';
import { NotCapable, type Sandbox } from '../sandboxes/sandbox.ts';
import type { CheckContext, CheckOutcome } from './check.ts';
import type { GradeLab, GradeRequest } from './grade.types.ts';
import { seededToken } from './labs.ts';
import { ApiReader } from './readers.ts';

/** Raised when a change to the grader may change a score; kept with every verdict. */
export const GRADER_VERSION = '1';

/** Real ms that one check may take; past it, it could not grade. */
export const CHECK_LIMIT_MS = 60_000;

/** Default patience of `until`, ms of the sandbox's clock. */
const UNTIL_MS = 60_000;

/** Readers on a sandbox for one attempt. `forks` collects copies to be thrown away. */
export function contextFor(sandbox: Sandbox, seed: number, forks: Sandbox[] = []): CheckContext {
	const context: CheckContext = {
		api: new ApiReader(sandbox.cluster),
		network: sandbox.network,
		files: sandbox.files,
		journal: sandbox.journal,
		metrics: sandbox.metrics,
		clock: sandbox.clock,
		faults: sandbox.faults,
		seed,
		token: (purpose) => seededToken(seed, purpose),
		async inFork(use) {
			const copy = await sandbox.fork();
			forks.push(copy);
			try {
				return await use(contextFor(copy, seed, forks));
			} finally {
				forks.splice(forks.indexOf(copy), 1);
				await copy.dispose();
			}
		},
		inCopy: (use) => (sandbox.capabilities.fork ? context.inFork(use) : use(context)),
		capabilities: sandbox.capabilities,
		async until(ask, options = {}) {
			const end = sandbox.clock.now() + (options.timeoutMs ?? UNTIL_MS);
			for (;;) {
				const answer = await ask();
				if (answer || sandbox.clock.now() >= end) return answer;
				await sandbox.clock.advance(options.intervalMs ?? 1000);
			}
		},
	};
	return context;
}

async function runCheck(request: GradeRequest, id: string, sandbox: Sandbox): Promise<CheckOutcome> {
	const check = request.lab.checks[id];
	if (check === undefined) return { outcome: 'ungraded', reason: `the lab has no code for the check "${id}"` };
	const forks: Sandbox[] = [];
	let timer: ReturnType<typeof setTimeout> | undefined;
	const late = new Promise<CheckOutcome>((resolve) => {
		timer = setTimeout(() => resolve({ outcome: 'ungraded', reason: `the check took longer than ${CHECK_LIMIT_MS / 1000} seconds` }), CHECK_LIMIT_MS);
	});
	try {
		return await Promise.race([check(contextFor(sandbox, request.seed, forks)), late]);
	} catch (e) {
		const why = e instanceof Error ? e.message : String(e);
		return { outcome: 'ungraded', reason: e instanceof NotCapable ? `${why}; choose the simulator to have this graded` : why };
	} finally {
		clearTimeout(timer);
		for (const f of forks) await f.dispose();
	}
}

/** Points are rounded to a tenth. */
const tenth = (n: number): number => Math.round(n * 10) / 10;

function entry(words: LabCheckWords, outcome: CheckOutcome | { readonly outcome: 'gated'; readonly reason: string }): VerdictCheck {
	return {
		id: words.id,
		title: words.title,
		outcome: outcome.outcome,
		points: words.points,
		earned: outcome.outcome === 'pass' ? words.points : 0,
		critical: words.critical,
		...('expected' in outcome ? { expected: outcome.expected } : {}),
		...('seen' in outcome ? { seen: outcome.seen } : {}),
		...('reason' in outcome ? { reason: outcome.reason } : {}),
		why: words.why,
		see: words.see,
	};
}

/** Score of a list of checks: what could not be graded counts on neither side; a failed critical check caps it. */
export function scoreOf(checks: readonly VerdictCheck[], cap: number): { readonly score: number; readonly capped: boolean } {
	const graded = checks.filter((c) => c.outcome !== 'ungraded');
	const points = graded.reduce((sum, c) => sum + c.points, 0);
	const raw = points === 0 ? 0 : (100 * graded.reduce((sum, c) => sum + c.earned, 0)) / points;
	const broken = graded.some((c) => c.critical && c.outcome !== 'pass');
	return { score: tenth(broken ? Math.min(raw, cap) : raw), capped: broken && raw > cap };
}

export const gradeLab: GradeLab = async (request) => {
	const started = performance.now();
	const { definition } = request.lab;
	const wanted = definition.checks.filter((c) => request.only === undefined || c.live);
	// One copy for all: the learner's own cluster, audit log and clock see nothing of the grading.
	const base = request.sandbox.capabilities.fork ? await request.sandbox.fork() : request.sandbox;
	const done = new Map<string, VerdictCheck>();
	try {
		for (const words of wanted) {
			request.onProgress?.(done.size, wanted.length, words.title);
			const closed = words.gate.map((g) => done.get(g)).find((g) => g !== undefined && g.outcome !== 'pass');
			if (closed !== undefined) {
				const reason = `counts once "${closed.title}" passes`;
				done.set(words.id, entry(words, closed.outcome === 'ungraded' ? { outcome: 'ungraded', reason } : { outcome: 'gated', reason }));
				continue;
			}
			done.set(words.id, entry(words, await runCheck(request, words.id, base)));
		}
	} finally {
		if (base !== request.sandbox) await base.dispose();
	}
	const checks = [...done.values()];
	request.onProgress?.(checks.length, checks.length, 'done');
	const { score, capped } = scoreOf(checks, definition.criticalCap);
	const verdict: Verdict = {
		lab: definition.id,
		attempt: request.attempt,
		score,
		passed: score >= definition.passScore,
		capped,
		checks,
		gradedAt: new Date().toISOString(),
		tookMs: Math.round(performance.now() - started),
		seed: request.seed,
		graderVersion: GRADER_VERSION,
		provider: request.sandbox.provider,
	};
	return verdict;
};
