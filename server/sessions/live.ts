/** Watches for tasks that have come true: after changes settle, grades the checks marked live, never two runs at once. */
import { LIMITS } from '../limits.ts';
import type { LabDefinition, Verdict } from '../protocol/lab.ts';

/** Tasks all of whose checks this verdict passes. */
export function tasksPassed(lab: LabDefinition, verdict: Verdict): string[] {
	const passed = new Set(verdict.checks.filter((c) => c.outcome === 'pass').map((c) => c.id));
	return lab.tasks.filter((task) => task.checks.every((id) => passed.has(id))).map((task) => task.id);
}

export class LiveChecks {
	private readonly run: () => Promise<void>;
	private readonly onFault: (error: unknown) => void;
	private timer: ReturnType<typeof setTimeout> | undefined;
	private dueAt = Number.POSITIVE_INFINITY;
	private lastRun = Number.NEGATIVE_INFINITY;
	private running = false;
	private stopped = false;

	constructor(run: () => Promise<void>, onFault: (error: unknown) => void) {
		this.run = run;
		this.onFault = onFault;
		this.plan(LIMITS.liveSettleMs);
	}

	/** Something has changed. Further changes put the run off, but not for longer than LIMITS.liveEveryMs after the first. */
	touch(): void {
		const earliest = Math.max(LIMITS.liveSettleMs, this.lastRun + LIMITS.liveEveryMs - performance.now());
		if (!this.running) this.plan(earliest);
	}

	stop(): void {
		this.stopped = true;
		if (this.timer !== undefined) clearTimeout(this.timer);
	}

	private plan(afterMs: number): void {
		if (this.stopped) return;
		const at = performance.now() + afterMs;
		if (this.timer !== undefined) {
			// A planned run that is near stays: a cluster that never rests is graded all the same.
			if (this.dueAt - performance.now() < LIMITS.liveEveryMs) return;
			clearTimeout(this.timer);
		}
		this.dueAt = at;
		this.timer = setTimeout(() => void this.go(), afterMs);
	}

	private async go(): Promise<void> {
		this.timer = undefined;
		this.running = true;
		try {
			await this.run();
		} catch (error) {
			this.onFault(error);
		}
		this.running = false;
		this.lastRun = performance.now();
		this.plan(LIMITS.liveIdleMs);
	}
}
