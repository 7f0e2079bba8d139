/** tty and stty: what is told about the terminal that is attached. */
import type { Utility } from './utility.ts';

const tty: Utility = (c) => {
	if (!c.args.includes('-s')) c.out(c.process.tty ? '/dev/pts/0\n' : 'not a tty\n');
	return c.process.tty ? 0 : 1;
};

/** Rows and columns, as the environment has them; a terminal of usual size else. */
const stty: Utility = (c) => {
	if (!c.process.tty) {
		c.err(c.busybox ? 'stty: standard input: Not a tty\n' : "stty: 'standard input': Inappropriate ioctl for device\n");
		return 1;
	}
	const [rows, columns] = [c.env['LINES'] ?? '24', c.env['COLUMNS'] ?? '80'];
	if (c.args[0] === 'size') c.out(`${rows} ${columns}\n`);
	else if (c.args.length === 0 || c.args[0] === '-a')
		c.out(`speed 38400 baud;${c.args[0] === '-a' ? ` rows ${rows}; columns ${columns};` : ' line = 0;'}\n-brkint -imaxbel\n`);
	return 0;
};

export const TERMINAL: { readonly [name: string]: Utility } = { tty, stty };
