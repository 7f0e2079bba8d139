/** chroot: runs a command, or a shell, with another directory for its root. */
import type { Program } from '../program.ts';
import { errorWords } from './utility.ts';

const FAILED = 125;
const NOT_FOUND = 127;

export const chroot = (busybox: boolean): Program<never> => {
	const program: Program = {
		name: 'chroot',
		start(process) {
			const [root, ...command] = process.argv.slice(1);
			if (root === undefined) {
				process.stderr(
					busybox
						? 'BusyBox v1.37.0 multi-call binary.\n\nUsage: chroot NEWROOT [PROG ARGS]\n'
						: "chroot: missing operand\nTry 'chroot --help' for more information.\n",
				);
				process.exit(busybox ? 1 : FAILED);
				return;
			}
			const moved = process.chroot(root);
			if (!moved.ok) {
				const words = moved.error === 'EACCES' ? 'Operation not permitted' : errorWords(moved.error);
				process.stderr(
					busybox ? `chroot: can't change root directory to '${root}': ${words}\n` : `chroot: cannot change root directory to '${root}': ${words}\n`,
				);
				process.exit(busybox ? 1 : FAILED);
				return;
			}
			const shell = process.env['SHELL'] ?? '/bin/sh';
			const argv = command.length > 0 ? command : [shell, '-i'];
			if (process.exec(argv).ok) return;
			process.stderr(
				busybox ? `chroot: can't execute '${argv[0]}': No such file or directory\n` : `chroot: failed to run command '${argv[0]}': No such file or directory\n`,
			);
			process.exit(NOT_FOUND);
		},
	};
	return program as unknown as Program<never>;
};
