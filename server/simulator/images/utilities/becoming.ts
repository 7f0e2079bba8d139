/** env, nohup, nice, setsid and busybox: programs that become the command that follows. */
import type { Program } from '../program.ts';
import { SYSTEM } from './system.ts';
import { errorWords, utilityProgram } from './utility.ts';

/** `env NAME=value command`: becomes the command. */
export const env = (busybox: boolean): Program<{ readonly input: string }> => {
	const plain = utilityProgram('env', SYSTEM['env'] ?? (() => 1), busybox) as Program<{ readonly input: string }>;
	return {
		name: 'env',
		start(process) {
			let args = process.argv.slice(1);
			let vars: { [name: string]: string } = { ...process.env };
			while (args[0] !== undefined && (args[0].startsWith('-') || /^\w+=/.test(args[0]))) {
				if (args[0] === '-i' || args[0] === '-') vars = {};
				else if (args[0] === '-u') {
					delete vars[args[1] ?? ''];
					args = args.slice(1);
				} else if (/^\w+=/.test(args[0])) vars[args[0].split('=')[0] ?? ''] = args[0].slice(args[0].indexOf('=') + 1);
				args = args.slice(1);
			}
			if (args.length === 0) {
				if (process.argv.length === 1) plain.start(process);
				else {
					for (const [n, v] of Object.entries(vars)) process.stdout(`${n}=${v}\n`);
					process.exit(0);
				}
				return;
			}
			const replaced = process.exec(args, vars);
			if (replaced.ok) return;
			process.stderr(busybox ? `env: can't execute '${args[0]}': ${errorWords(replaced.error)}\n` : `env: ‘${args[0]}’: ${errorWords(replaced.error)}\n`);
			process.exit(127);
		},
	};
};

/** `nohup`, `nice`, `setsid`, `busybox`: become the command that follows. */
export const wrapper = (name: string): Program<null> => ({
	name,
	start(process) {
		const args = process.argv.slice(1);
		const skip = name === 'nice' && args[0] === '-n' ? 2 : 0;
		const command = args.slice(skip);
		if (name === 'busybox' && command.length === 0) {
			process.stdout(
				'BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.\nBusyBox is copyrighted by many authors between 1998-2015.\nLicensed under GPLv2. See source distribution for detailed\ncopyright notices.\n\nUsage: busybox [function [arguments]...]\n',
			);
			process.exit(0);
			return;
		}
		const replaced = process.exec(command);
		if (replaced.ok) return;
		process.stderr(
			name === 'busybox' ? `${command[0] ?? ''}: applet not found\n` : `${name}: can't execute '${command[0] ?? ''}': ${errorWords(replaced.error)}\n`,
		);
		process.exit(127);
	},
});
