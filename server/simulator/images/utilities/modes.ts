/** chmod, chown and chgrp. */
import type { FileStat } from '../program.ts';
import { full, walk } from './paths.ts';
import { badOption, errorWords, options, type Utility, type UtilityContext } from './utility.ts';

export function changedMode(mode: number, change: string): number | undefined {
	if (/^[0-7]{1,4}$/.test(change)) return Number.parseInt(change, 8);
	let next = mode;
	for (const clause of change.split(',')) {
		const m = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause);
		if (m === null) return undefined;
		const who = m[1] === '' || m[1]?.includes('a') === true ? 'ugo' : (m[1] ?? '');
		let bits = 0;
		for (const p of m[3] ?? '') bits |= { r: 4, w: 2, x: 1, X: 1 }[p] ?? 0;
		for (const w of who) {
			const shift = { u: 6, g: 3, o: 0 }[w] ?? 0;
			next = m[2] === '+' ? next | (bits << shift) : m[2] === '-' ? next & ~(bits << shift) : (next & ~(7 << shift)) | (bits << shift);
		}
	}
	return next;
}

const changeOwnerOrMode: Utility = (c) => {
	// A symbolic mode may begin with a dash: -x is no option then.
	const o = options(
		c.args.map((a) => (c.name === 'chmod' && /^-[rwx]+$/.test(a) && a !== '-R' ? `a${a}` : a)),
		'Rvfch',
		'',
		{ recursive: 'R' },
	);
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const [what = '', ...paths] = o.rest;
	let status = 0;
	for (const path of paths.flatMap((p) => (o.given['R'] === undefined ? [p] : walk(c, p)))) {
		const stat = c.process.fs.stat(full(c, path));
		if (!stat.ok) {
			c.err(c.busybox ? `${c.name}: ${path}: ${errorWords(stat.error)}\n` : `${c.name}: cannot access '${path}': ${errorWords(stat.error)}\n`);
			status = 1;
			continue;
		}
		const mode = c.name === 'chmod' ? changedMode(stat.value.mode, what) : undefined;
		if (c.name === 'chmod' && mode === undefined) {
			c.err(c.busybox ? `chmod: invalid mode '${what}'\n` : `chmod: invalid mode: ‘${what}’\n`);
			return 1;
		}
		const changed = mode === undefined ? chown(c, full(c, path), what, stat.value) : c.process.fs.chmod(full(c, path), mode);
		if (changed.ok) continue;
		const why = changed.error === 'EACCES' ? 'Operation not permitted' : errorWords(changed.error);
		c.err(c.busybox ? `${c.name}: ${path}: ${why}\n` : `${c.name}: changing ${c.name === 'chmod' ? 'permissions' : 'ownership'} of '${path}': ${why}\n`);
		status = 1;
	}
	return status;
};

function chown(c: UtilityContext, path: string, spec: string, stat: FileStat): ReturnType<UtilityContext['process']['fs']['chown']> {
	const [user = '', group] = c.name === 'chgrp' ? ['', spec] : spec.split(/[:.]/, 2);
	const number = (name: string, file: '/etc/passwd' | '/etc/group', otherwise: number): number => {
		if (name === '') return otherwise;
		if (/^\d+$/.test(name)) return Number(name);
		const content = c.process.fs.read(file);
		return Number(
			content.ok
				? (content.value
						.split('\n')
						.find((l) => l.startsWith(`${name}:`))
						?.split(':')[2] ?? otherwise)
				: otherwise,
		);
	};
	return c.process.fs.chown(path, number(user, '/etc/passwd', stat.uid), number(group ?? '', '/etc/group', stat.gid));
}

export const MODES: { readonly [name: string]: Utility } = { chmod: changeOwnerOrMode, chown: changeOwnerOrMode, chgrp: changeOwnerOrMode };
