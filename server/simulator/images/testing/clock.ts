/** Virtual time, and what comes due in it: in order of time, and of planning where times agree. */
interface Job {
	readonly at: number;
	readonly seq: number;
	readonly run: () => void;
}

export class TestClock {
	now: number;
	private jobs: Job[] = [];
	private seq = 0;

	constructor(now: number) {
		this.now = now;
	}

	/** Plans work; gives its number. */
	at(delayMs: number, run: () => void): number {
		this.seq += 1;
		this.jobs.push({ at: this.now + Math.max(0, delayMs), seq: this.seq, run });
		return this.seq;
	}

	/** Lets virtual time pass, running what comes due. */
	advance(ms: number): void {
		const end = this.now + ms;
		this.until(() => false, ms);
		this.now = end;
	}

	/** Runs what comes due until something holds, or nothing more is due within so many ms. */
	until(done: () => boolean, maxMs: number): void {
		const end = this.now + maxMs;
		while (!done()) {
			let next: Job | undefined;
			for (const j of this.jobs) if (next === undefined || j.at < next.at || (j.at === next.at && j.seq < next.seq)) next = j;
			if (next === undefined || next.at > end) return;
			const chosen = next;
			this.jobs = this.jobs.filter((j) => j !== chosen);
			this.now = Math.max(this.now, chosen.at);
			chosen.run();
		}
	}
}
