/** Commands that a program runs one after the other. */
import type { FileError, Process } from '../program.ts';

export interface InTurn {
	readonly queue: readonly (readonly string[])[];
	/** What the program ends with. */
	readonly status: number;
}

/** Starts the next command, its end is a child's with the token `run`; after the last one the program ends. `failed` is told what could not be started. */
export function runNext<D extends InTurn>(process: Process<D>, failed: (command: string, error: FileError) => void): void {
	const [argv, ...queue] = process.data.queue;
	if (argv === undefined) {
		process.exit(process.data.status);
		return;
	}
	process.data = { ...process.data, queue };
	const started = process.spawn(argv, { token: 'run', stdin: '' });
	if (!started.ok) failed(argv[0] ?? '', started.error);
}
