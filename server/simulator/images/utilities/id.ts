/** id and whoami: who a process is. */
import { idName } from './paths.ts';
import type { Utility, UtilityContext } from './utility.ts';

/** All groups in the kernel's order; containerd puts the primary one among them. */
const groupsOf = (c: UtilityContext): readonly number[] => [...new Set([c.process.gid, ...c.process.groups])].sort((a, b) => a - b);

export const id: Utility = (c) => {
	const { uid, gid } = c.process;
	const user = idName(c, '/etc/passwd', uid);
	const group = idName(c, '/etc/group', gid);
	const flag = c.args.join('');
	if (c.name === 'whoami' || flag === '-un' || flag === '-u-n' || flag === '-nu') {
		if (user === undefined) {
			c.err(
				c.busybox
					? `${c.name}: unknown uid ${uid}\n`
					: c.name === 'whoami'
						? `whoami: cannot find name for user ID ${uid}\n`
						: `id: cannot find name for user ID ${uid}\n`,
			);
			return 1;
		}
		c.out(`${user}\n`);
	} else if (flag === '-u') c.out(`${uid}\n`);
	else if (flag === '-g') c.out(`${gid}\n`);
	else if (flag === '-G') c.out(`${groupsOf(c).join(' ')}\n`);
	else if (flag === '-gn') c.out(`${group ?? gid}\n`);
	else {
		const named = (n: number, name: string | undefined): string => (name === undefined ? String(n) : `${n}(${name})`);
		const groups = groupsOf(c).map((g) => named(g, idName(c, '/etc/group', g)));
		c.out(`uid=${named(uid, user)} gid=${named(gid, group)} groups=${groups.join(',')}\n`);
	}
	return 0;
};
