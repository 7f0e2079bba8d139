/** nginx's worker processes: they answer; the master only looks after them. Stop them all and nothing is answered, though the ports stay open. */
import type { Process, Program } from '../program.ts';
import type { Data } from './state.ts';

/** As `ps` shows it; looked up on the PATH like any program. */
const TITLE = 'nginx: worker process';
/** Where an image keeps the worker's program. */
export const WORKER_PATH = `/usr/sbin/${TITLE}`;
/** Child token of a worker. */
export const WORKER_TOKEN = 'worker';
/** More workers than this are not told apart by anything that can be seen. */
const MOST = 8;

/** A worker waits for its master's word; its work is done, and counted, in the master's handlers. */
export const workerProgram: Program<null> = {
	name: 'nginx-worker',
	start(process) {
		process.data = null;
		process.usage({ cpuMilli: 0, memoryBytes: 0 });
	},
	onSignal(process, signal) {
		if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGQUIT') process.exit(0);
	},
};

/** Starts workers; their pids. */
export function startWorkers(process: Process<Data>, count: number): readonly number[] {
	const pids: number[] = [];
	for (let i = 0; i < Math.min(count, MOST); i++) {
		const started = process.spawn([TITLE], { token: WORKER_TOKEN });
		if (started.ok) pids.push(started.value);
	}
	return pids;
}

/** Whether there are workers and none of them runs (SIGSTOP). */
export function workersHang(process: Process<Data>): boolean {
	const { workers } = process.data;
	if (workers.length === 0) return false;
	return !process.processes().some((p) => workers.includes(p.pid) && p.state === 'running');
}
