/** What a builtin is, and how it speaks. */
import type { Interpreter } from './interpreter.ts';
import type { Run } from './run.ts';
import { messageStart } from './state.ts';

export type Builtin = (sh: Interpreter, args: readonly string[], run: Run, name: string) => Promise<number>;

/** Writes `bash: what` to standard error; gives `status` back. */
export function complain(run: Run, what: string, status = 1): number {
	run.io.error.write(`${messageStart(run.state)}${what}\n`);
	return status;
}

/** Writes to standard output; gives 0 back. */
export function say(run: Run, text: string): number {
	run.io.output.write(text);
	return 0;
}
