/** find as a program: with -exec it runs commands for what it finds. */
import type { Process, Program } from '../program.ts';
import { FILES } from './files.ts';
import { type InTurn, runNext } from './in-turn.ts';
import { errorWords, NeedsInput, type Utility } from './utility.ts';

/** `find … -exec`: runs commands, one after the other; without -exec it is the utility. */
export const find = (busybox: boolean): Program<InTurn> => {
	const utility: Utility = FILES['find'] ?? (() => 1);
	const next = (process: Process<InTurn>): void =>
		runNext(process, (command, error) => {
			process.stderr(`find: ${busybox ? command : `‘${command}’`}: ${errorWords(error)}\n`);
			next(process);
		});
	return {
		name: 'find',
		start(process) {
			const args = process.argv.slice(1);
			const at = args.indexOf('-exec');
			const found: string[] = [];
			const status = utility({
				name: 'find',
				args: at === -1 ? args : args.slice(0, at),
				process,
				cwd: process.cwd,
				env: process.env,
				busybox,
				stdin: () => {
					throw new NeedsInput();
				},
				out: (t) => (at === -1 ? process.stdout(t) : found.push(...t.split('\n').filter((l) => l !== ''))),
				err: (t) => process.stderr(t),
			});
			if (at === -1) {
				process.exit(status);
				return;
			}
			const end = args.findIndex((a, i) => i > at && (a === ';' || a === '+'));
			const command = args.slice(at + 1, end === -1 ? undefined : end);
			const queue =
				args[end] === '+'
					? found.length > 0
						? [command.flatMap((a) => (a === '{}' ? found : [a]))]
						: []
					: found.map((f) => command.map((a) => a.replaceAll('{}', f)));
			process.data = { queue, status };
			next(process);
		},
		onChild: (process) => next(process),
	};
};
