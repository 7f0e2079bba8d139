/** Builtins about background jobs: jobs, wait, fg, bg, kill. */
import { type Builtin, complain } from './builtin.ts';
import { ExitShell, type Run } from './run.ts';

export const jobs: Builtin = async (sh, args, run) => {
	for (const j of sh.jobs.all()) {
		j.reported = j.status !== undefined;
		run.io.output.write(args.includes('-p') ? `${j.pid}\n` : sh.jobs.line(j));
	}
	return 0;
};

/** Waits for a job while Ctrl-C still works: it ends the waiting, or with `kill` the job. */
async function follow(done: Promise<number>, run: Run, onInterrupt: () => void): Promise<number> {
	return new Promise((resolve) => {
		const stop = (): void => {
			onInterrupt();
			resolve(130);
		};
		if (run.signal.aborted) return stop();
		run.signal.addEventListener('abort', stop, { once: true });
		void done.then((status) => {
			run.signal.removeEventListener('abort', stop);
			resolve(status);
		});
	});
}

export const wait: Builtin = async (sh, args, run) => {
	const specs = args.filter((a) => !a.startsWith('-'));
	if (specs.length === 0) {
		for (const j of [...sh.jobs.all()]) {
			await follow(j.done, run, () => {});
			j.reported = !run.io.error.terminal;
		}
		return 0;
	}
	let status = 0;
	for (const spec of specs) {
		const job = sh.jobs.find(spec);
		const over = job === undefined ? sh.jobs.finished(Number(spec)) : undefined;
		if (over !== undefined) {
			status = over;
			continue;
		}
		if (job === undefined) {
			status = complain(run, spec.startsWith('%') ? `wait: ${spec}: no such job` : `wait: pid ${spec} is not a child of this shell`, 127);
			continue;
		}
		status = await follow(job.done, run, () => {});
		job.reported = true;
	}
	return status;
};

export const fg: Builtin = async (sh, args, run) => {
	const job = sh.jobs.find(args[0] ?? '%+');
	if (job === undefined) return complain(run, `fg: ${args[0] ?? 'current'}: no such job`);
	run.io.output.write(`${job.text}\n`);
	const status = await follow(job.done, run, () => job.controller.abort(130));
	job.reported = true;
	sh.jobs.remove(job);
	return status;
};

export const bg: Builtin = async (sh, args, run) => {
	const job = sh.jobs.find(args[0] ?? '%+');
	if (job === undefined) return complain(run, `bg: ${args[0] ?? 'current'}: no such job`);
	return complain(run, `bg: job ${job.id} already in background`, 0);
};

const SIGNALS: { readonly [name: string]: number } = { HUP: 1, INT: 2, QUIT: 3, KILL: 9, USR1: 10, USR2: 12, PIPE: 13, TERM: 15, CONT: 18, STOP: 19, TSTP: 20 };

/** A signal that a shell sends itself: its trap, or its end. The interactive shell ignores what has no trap. */
async function signalSelf(sh: Parameters<Builtin>[0], signal: number, run: Run): Promise<void> {
	const name = Object.keys(SIGNALS).find((n) => SIGNALS[n] === signal) ?? '';
	const action = run.state.traps.get(name);
	if (signal === 0 || action === '') return;
	if (action !== undefined) {
		await sh.source(action, run);
		return;
	}
	if (run.state.line !== undefined || run.subshell) throw new ExitShell(128 + signal);
}

export const kill: Builtin = async (sh, args, run) => {
	if (args[0] === '-l') {
		run.io.output.write(
			`${Object.entries(SIGNALS)
				.map(([n, v]) => `${v}) SIG${n}`)
				.join('  ')}\n`,
		);
		return 0;
	}
	let signal = 15;
	const specs: string[] = [];
	for (let i = 0; i < args.length; i++) {
		const a = args[i] ?? '';
		const name = a === '-s' || a === '-n' ? (args[++i] ?? '') : /^-./.test(a) ? a.slice(1) : undefined;
		if (name === undefined) specs.push(a);
		else {
			const n = /^\d+$/.test(name) ? Number(name) : SIGNALS[name.toUpperCase().replace(/^SIG/, '')];
			if (n === undefined) return complain(run, `kill: ${name}: invalid signal specification`);
			signal = n;
		}
	}
	if (specs.length === 0) return complain(run, 'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]', 2);
	let status = 0;
	for (const spec of specs) {
		const job = sh.jobs.find(spec);
		if (job === undefined && spec === String(run.state.pid)) await signalSelf(sh, signal, run);
		else if (job === undefined)
			status = complain(
				run,
				spec.startsWith('%')
					? `kill: ${spec}: no such job`
					: /^\d+$/.test(spec)
						? `kill: (${spec}) - No such process`
						: `kill: ${spec}: arguments must be process or job IDs`,
			);
		else if (signal !== 0 && signal !== 18) job.controller.abort(128 + signal);
	}
	return status;
};
