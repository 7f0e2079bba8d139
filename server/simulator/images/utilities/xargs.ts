/** xargs: a command for the words of its input. */
import type { Process, Program } from '../program.ts';
import { type InTurn, runNext } from './in-turn.ts';
import { errorWords } from './utility.ts';

interface XargsData extends InTurn {
	readonly input: string;
}

const next = (process: Process<XargsData>): void =>
	runNext(process, (command, error) => {
		process.stderr(`xargs: ${command}: ${errorWords(error)}\n`);
		process.exit(127);
	});

export const xargs: Program<XargsData> = {
	name: 'xargs',
	start(process) {
		process.data = { input: '', queue: [], status: 0 };
		process.readStdin();
	},
	onStdin(process, data) {
		if (data !== null) {
			process.data = { ...process.data, input: process.data.input + data };
			process.readStdin();
			return;
		}
		let args = process.argv.slice(1);
		let per = Number.POSITIVE_INFINITY;
		let replace: string | undefined;
		let nul = false;
		let skipEmpty = false;
		while (args[0]?.startsWith('-') === true) {
			const flag = args[0];
			if (flag === '-0') nul = true;
			if (flag === '-r') skipEmpty = true;
			const value = flag.length > 2 ? flag.slice(2) : args[1];
			if (/^-[nLI]/.test(flag)) {
				if (flag.startsWith('-I')) replace = value;
				else per = Number(value);
			}
			args = args.slice(/^-[nLIP]$/.test(flag) ? 2 : 1);
		}
		const command = args.length === 0 ? ['echo'] : args;
		const text = process.data.input;
		const items = nul
			? text.split('\0').filter((i) => i !== '')
			: replace !== undefined
				? text.split('\n').filter((i) => i.trim() !== '')
				: (text.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((i) => i.replace(/^(["'])(.*)\1$/, '$2'));
		const queue: string[][] = [];
		if (replace !== undefined) for (const item of items) queue.push(command.map((a) => a.replaceAll(replace ?? '{}', item)));
		else if (items.length > 0 || !skipEmpty) for (let i = 0; i === 0 || i < items.length; i += per) queue.push([...command, ...items.slice(i, i + per)]);
		process.data = { ...process.data, input: '', queue };
		next(process);
	},
	onChild(process, _token, result) {
		if (result.exitCode !== 0) process.data = { ...process.data, status: 123 };
		next(process);
	},
};
