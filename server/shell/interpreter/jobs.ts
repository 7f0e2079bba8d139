/** Background jobs: `&`, `jobs`, `fg`, `wait`, `kill %1`. */

export interface Job {
	readonly id: number;
	readonly pid: number;
	/** ms of the sandbox's clock. */
	readonly started: number;
	readonly text: string;
	readonly controller: AbortController;
	readonly done: Promise<number>;
	status: number | undefined;
	/** The learner has been told that it ended. */
	reported: boolean;
}

/** Statuses of jobs that are over and have not been waited for, at most. */
const REMEMBERED = 100;

export class JobTable {
	private readonly statuses = new Map<number, number>();

	/** Keeps the status of a job that is over, for a `wait` that comes late. */
	remember(pid: number, status: number): void {
		if (this.statuses.size >= REMEMBERED) this.statuses.clear();
		this.statuses.set(pid, status);
	}

	finished(pid: number): number | undefined {
		return this.statuses.get(pid);
	}

	private readonly list: Job[] = [];
	private nextPid = 5000;
	/** Processes alive, background or not: the limit of a fork bomb. */
	processes = 0;

	newPid(): number {
		this.nextPid += 1 + (this.nextPid % 3);
		return this.nextPid;
	}

	add(text: string, controller: AbortController, pid: number, started: number, start: () => Promise<number>): Job {
		const used = new Set(this.list.map((j) => j.id));
		let id = 1;
		while (used.has(id)) id++;
		const job: Job = { id, pid, started, text, controller, status: undefined, reported: false, done: start() };
		void job.done.then((status) => {
			job.status = status;
		});
		this.list.push(job);
		this.list.sort((a, b) => a.id - b.id);
		return job;
	}

	all(): readonly Job[] {
		return this.list;
	}

	remove(job: Job): void {
		const at = this.list.indexOf(job);
		if (at >= 0) this.list.splice(at, 1);
	}

	/** `%1`, `%%`, `%name`, a pid. */
	find(spec: string): Job | undefined {
		if (/^\d+$/.test(spec)) return this.list.find((j) => j.pid === Number(spec));
		const s = spec.replace(/^%/, '');
		if (s === '' || s === '%' || s === '+') return this.list.at(-1);
		if (s === '-') return this.list.at(-2) ?? this.list.at(-1);
		if (/^\d+$/.test(s)) return this.list.find((j) => j.id === Number(s));
		return this.list.find((j) => j.text.startsWith(s));
	}

	/** A line of `jobs`. */
	line(job: Job): string {
		const state = job.status === undefined ? 'Running' : job.status === 0 ? 'Done' : job.status >= 128 ? 'Terminated' : `Exit ${job.status}`;
		const mark = job === this.list.at(-1) ? '+' : job === this.list.at(-2) ? '-' : ' ';
		return `[${job.id}]${mark}  ${state.padEnd(24)}${job.text}${job.status === undefined ? ' &' : ''}\n`;
	}

	/** Lines for jobs that have ended since the last prompt; forgets them. */
	report(): string {
		let out = '';
		for (const job of [...this.list]) {
			if (job.status === undefined) continue;
			if (!job.reported) out += this.line(job);
			this.remove(job);
		}
		return out;
	}
}
