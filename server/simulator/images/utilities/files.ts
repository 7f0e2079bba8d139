/** ls, mkdir, rm, cp, mv, touch, chmod, stat, find, df, du and their like. */
import { formatTime } from '../../kernel/time.ts';
import type { FileStat } from '../program.ts';
import { matchesPattern } from '../shell/pattern.ts';
import { badOption, errorWords, options, resolvePath, type Utility, type UtilityContext } from './utility.ts';

const full = (c: UtilityContext, path: string): string => resolvePath(c.cwd, path);
const baseName = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) || '/';

export function modeText(s: FileStat): string {
	const bits = [0o400, 0o200, 0o100, 0o40, 0o20, 0o10, 4, 2, 1].map((b, i) => ((s.mode & b) === 0 ? '-' : 'rwx'[i % 3])).join('');
	const sticky = (s.mode & 0o1000) === 0 ? bits : `${bits.slice(0, 8)}${bits[8] === 'x' ? 't' : 'T'}`;
	return `${s.kind === 'directory' ? 'd' : s.kind === 'symlink' ? 'l' : '-'}${sticky}`;
}

/** Name of a user or group by its number, from /etc/passwd or /etc/group. */
export function idName(c: UtilityContext, file: '/etc/passwd' | '/etc/group', id: number): string | undefined {
	const content = c.process.fs.read(file);
	return content.ok
		? content.value
				.split('\n')
				.find((l) => l.split(':')[2] === String(id))
				?.split(':')[0]
		: undefined;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const listTime = (ms: number): string => {
	const t = formatTime(ms);
	return `${MONTHS[Number(t.slice(5, 7)) - 1]} ${String(Number(t.slice(8, 10))).padStart(2)} ${t.slice(11, 16)}`;
};

const ls: Utility = (c) => {
	const o = options(c.args, 'laAh1dRtrSsinFpCgZ', '', { all: 'a', color: 'C', 'almost-all': 'A', recursive: 'R' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const has = (l: string): boolean => o.given[l] !== undefined;
	const paths = o.rest.length === 0 ? ['.'] : o.rest;
	let status = 0;
	const files: (readonly [string, string, FileStat])[] = [];
	const directories: string[] = [];
	for (const path of paths) {
		const stat = c.process.fs.stat(full(c, path), has('l') && !path.endsWith('/'));
		if (!stat.ok) {
			c.err(c.busybox ? `ls: ${path}: ${errorWords(stat.error)}\n` : `ls: cannot access '${path}': ${errorWords(stat.error)}\n`);
			status = c.busybox ? 1 : 2;
		} else if (stat.value.kind === 'directory' && !has('d')) directories.push(path);
		else files.push([path, full(c, path), stat.value]);
	}
	printEntries(c, files, has);
	directories.forEach((d, i) => {
		if (paths.length > 1 || has('R')) c.out(`${files.length > 0 || i > 0 ? '\n' : ''}${d}:\n`);
		if (!listDirectory(c, d, has)) status = c.busybox ? 1 : 2;
	});
	return status;
};

function listDirectory(c: UtilityContext, path: string, has: (l: string) => boolean): boolean {
	const listed = c.process.fs.list(full(c, path));
	if (!listed.ok) {
		c.err(c.busybox ? `ls: can't open '${path}': ${errorWords(listed.error)}\n` : `ls: cannot open directory '${path}': ${errorWords(listed.error)}\n`);
		return false;
	}
	const names = [...(has('a') ? ['.', '..'] : []), ...listed.value.filter((n) => has('a') || has('A') || !n.startsWith('.'))];
	const entries = names.flatMap((n) => {
		const stat = c.process.fs.stat(`${full(c, path)}/${n}`, true);
		return stat.ok ? [[n, `${full(c, path)}/${n}`, stat.value] as const] : [];
	});
	if (has('l')) c.out(`total ${entries.reduce((sum, [, , s]) => sum + Math.ceil(s.size / 4096) * 4, 0)}\n`);
	printEntries(c, entries, has);
	if (has('R')) {
		for (const [n, , s] of entries) {
			if (s.kind !== 'directory' || n === '.' || n === '..') continue;
			c.out(`\n${path}/${n}:\n`);
			listDirectory(c, `${path}/${n}`, has);
		}
	}
	return true;
}

function printEntries(c: UtilityContext, given: readonly (readonly [string, string, FileStat])[], has: (l: string) => boolean): void {
	const entries = [...given];
	if (has('t')) entries.sort((a, b) => b[2].mtime - a[2].mtime);
	if (has('S')) entries.sort((a, b) => b[2].size - a[2].size);
	if (has('r')) entries.reverse();
	if (!has('l')) {
		const one = has('1') || !c.process.tty;
		const names = entries.map(([n, , s]) => `${n}${(has('F') || has('p')) && s.kind === 'directory' ? '/' : ''}`);
		if (names.length > 0) c.out(one ? names.map((n) => `${n}\n`).join('') : `${names.join('  ')}\n`);
		return;
	}
	const rows = entries.map(([n, , s]) => {
		const owner = has('n') ? String(s.uid) : (idName(c, '/etc/passwd', s.uid) ?? String(s.uid));
		const group = has('n') ? String(s.gid) : (idName(c, '/etc/group', s.gid) ?? String(s.gid));
		return {
			mode: modeText(s),
			links: s.kind === 'directory' ? '2' : '1',
			owner,
			group,
			size: has('h') ? humanSize(s.size) : String(s.kind === 'directory' ? 4096 : s.size),
			time: listTime(s.mtime),
			name: `${n}${s.kind === 'symlink' ? ` -> ${s.target ?? ''}` : ''}`,
		};
	});
	const width = (k: 'links' | 'owner' | 'group' | 'size'): number =>
		Math.max(c.busybox ? { links: 5, owner: 8, group: 8, size: 9 }[k] : 1, ...rows.map((r) => r[k].length));
	for (const r of rows)
		c.out(
			`${r.mode} ${r.links.padStart(width('links'))} ${r.owner.padEnd(width('owner'))} ${r.group.padEnd(width('group'))} ${r.size.padStart(width('size'))} ${r.time} ${r.name}\n`,
		);
}

function humanSize(bytes: number): string {
	if (bytes < 1024) return String(bytes);
	const units = ['K', 'M', 'G', 'T'];
	let value = bytes;
	let unit = '';
	while (value >= 1024 && units.length > 0) {
		value /= 1024;
		unit = units.shift() ?? '';
	}
	return `${value < 10 ? value.toFixed(1) : Math.round(value)}${unit}`;
}

const mkdir: Utility = (c) => {
	const o = options(c.args, 'pv', 'm', { parents: 'p', mode: 'm' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	let status = 0;
	for (const path of o.rest) {
		const made = c.process.fs.mkdir(full(c, path), {
			parents: o.given['p'] !== undefined,
			...(o.given['m'] === undefined ? {} : { mode: Number.parseInt(o.given['m'], 8) }),
		});
		if (made.ok) continue;
		c.err(
			c.busybox
				? `mkdir: can't create directory '${path}': ${errorWords(made.error)}\n`
				: `mkdir: cannot create directory ‘${path}’: ${errorWords(made.error)}\n`,
		);
		status = 1;
	}
	return status;
};

const remove: Utility = (c) => {
	const o = options(c.args, 'rRfiv', '', { recursive: 'r', force: 'f' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const recursive = o.given['r'] !== undefined || o.given['R'] !== undefined;
	const force = o.given['f'] !== undefined;
	let status = 0;
	const fail = (path: string, why: string): void => {
		c.err(
			c.busybox
				? `${c.name}: ${c.name === 'rmdir' ? `'${path}'` : why === 'Is a directory' ? `'${path}' is a directory` : `can't remove '${path}'`}${why === 'Is a directory' && c.name === 'rm' ? '' : `: ${why}`}\n`
				: c.name === 'rmdir'
					? `rmdir: failed to remove '${path}': ${why}\n`
					: `rm: cannot remove '${path}': ${why}\n`,
		);
		status = 1;
	};
	for (const path of o.rest) {
		const stat = c.process.fs.stat(full(c, path), true);
		if (!stat.ok) {
			if (!(force && stat.error === 'ENOENT')) fail(path, errorWords(stat.error));
			continue;
		}
		if (c.name === 'rm' && stat.value.kind === 'directory' && !recursive) {
			fail(path, 'Is a directory');
			continue;
		}
		const removed = c.process.fs.remove(full(c, path), { recursive });
		if (!removed.ok) fail(path, errorWords(removed.error));
	}
	return status;
};

function copyTree(c: UtilityContext, from: string, to: string, recursive: boolean, preserve: boolean): boolean {
	const { fs } = c.process;
	const stat = fs.stat(from);
	const complain = (what: string, error: Parameters<typeof errorWords>[0]): boolean => {
		c.err(`cp: ${what}: ${errorWords(error)}\n`);
		return false;
	};
	if (!stat.ok) return complain(c.busybox ? `can't stat '${from}'` : `cannot stat '${from}'`, stat.error);
	if (stat.value.kind === 'directory') {
		if (!recursive) {
			c.err(c.busybox ? `cp: omitting directory '${from}'\n` : `cp: -r not specified; omitting directory '${from}'\n`);
			return false;
		}
		if (!fs.stat(to).ok) {
			const made = fs.mkdir(to, { mode: stat.value.mode });
			if (!made.ok) return complain(c.busybox ? `can't create directory '${to}'` : `cannot create directory '${to}'`, made.error);
		}
		const listed = fs.list(from);
		return listed.ok
			? listed.value.map((n) => copyTree(c, `${from}/${n}`, `${to}/${n}`, recursive, preserve)).every((ok) => ok)
			: complain(`cannot access '${from}'`, listed.error);
	}
	const content = fs.read(from);
	if (!content.ok) return complain(c.busybox ? `can't open '${from}'` : `cannot open '${from}' for reading`, content.error);
	const written = fs.write(to, content.value, { mode: stat.value.mode });
	if (!written.ok) return complain(c.busybox ? `can't create '${to}'` : `cannot create regular file '${to}'`, written.error);
	if (preserve && c.process.uid === 0) fs.chown(to, stat.value.uid, stat.value.gid);
	return true;
}

const copyOrMove: Utility = (c) => {
	const o = options(c.args, 'rRapfvinTuL', '', { recursive: 'r', archive: 'a', force: 'f', verbose: 'v' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const target = o.rest.at(-1);
	const sources = o.rest.slice(0, -1);
	if (target === undefined || sources.length === 0) {
		c.err(`${c.name}: missing ${target === undefined ? 'file operand' : `destination file operand after '${target}'`}\n`);
		return 1;
	}
	const stat = c.process.fs.stat(full(c, target));
	const into = stat.ok && stat.value.kind === 'directory';
	let status = 0;
	for (const source of sources) {
		const to = into ? `${full(c, target)}/${baseName(source)}` : full(c, target);
		if (c.name === 'cp') {
			const recursive = ['r', 'R', 'a'].some((l) => o.given[l] !== undefined);
			if (!copyTree(c, full(c, source), to, recursive, o.given['a'] !== undefined || o.given['p'] !== undefined)) status = 1;
			continue;
		}
		const moved = c.process.fs.rename(full(c, source), to);
		if (moved.ok) continue;
		// Across mounts: copy, then remove.
		if (
			c.process.fs.stat(full(c, source)).ok &&
			copyTree({ ...c, name: 'mv', err: () => undefined }, full(c, source), to, true, true) &&
			c.process.fs.remove(full(c, source), { recursive: true }).ok
		)
			continue;
		c.err(
			c.busybox
				? `mv: can't rename '${source}': ${errorWords(moved.error)}\n`
				: moved.error === 'ENOENT'
					? `mv: cannot stat '${source}': ${errorWords(moved.error)}\n`
					: `mv: cannot move '${source}' to '${target}': ${errorWords(moved.error)}\n`,
		);
		status = 1;
	}
	return status;
};

const ln: Utility = (c) => {
	const o = options(c.args, 'sfnvT', '', { symbolic: 's', force: 'f' });
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	const [target = '', link = baseName(target)] = o.rest;
	const stat = c.process.fs.stat(full(c, link));
	const at = stat.ok && stat.value.kind === 'directory' ? `${full(c, link)}/${baseName(target)}` : full(c, link);
	if (o.given['f'] !== undefined) c.process.fs.remove(at);
	const content = o.given['s'] === undefined ? c.process.fs.read(full(c, target)) : undefined;
	const made = content === undefined ? c.process.fs.symlink(target, at) : content.ok ? c.process.fs.write(at, content.value) : content;
	if (made.ok) return 0;
	c.err(
		c.busybox
			? `ln: ${link}: ${errorWords(made.error)}\n`
			: `ln: failed to create ${o.given['s'] === undefined ? 'hard' : 'symbolic'} link '${link}': ${errorWords(made.error)}\n`,
	);
	return 1;
};

const touch: Utility = (c) => {
	const o = options(c.args, 'acm', 'dtr');
	if (o.unknown !== undefined) return badOption(c, o.unknown);
	let status = 0;
	for (const path of o.rest) {
		const stat = c.process.fs.stat(full(c, path));
		if (!stat.ok && o.given['c'] !== undefined) continue;
		const done = stat.ok && stat.value.kind === 'directory' ? { ok: true as const } : c.process.fs.write(full(c, path), '', { append: true });
		if (done.ok) continue;
		c.err(c.busybox ? `touch: ${path}: ${errorWords(done.error)}\n` : `touch: cannot touch '${path}': ${errorWords(done.error)}\n`);
		status = 1;
	}
	return status;
};

/** `755`, `u+x`, `go-w`, `a=r` applied to a mode; undefined where it is neither. */
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

function walk(c: UtilityContext, path: string): readonly string[] {
	const listed = c.process.fs.list(full(c, path));
	const stat = c.process.fs.stat(full(c, path), true);
	return [path, ...(listed.ok && stat.ok && stat.value.kind === 'directory' ? listed.value.flatMap((n) => walk(c, `${path.replace(/\/$/, '')}/${n}`)) : [])];
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

const stat: Utility = (c) => {
	const o = options(c.args, 'Lft', 'c', { format: 'c', printf: 'c' });
	let status = 0;
	for (const path of o.rest) {
		const s = c.process.fs.stat(full(c, path), o.given['L'] === undefined);
		if (!s.ok) {
			c.err(c.busybox ? `stat: can't stat '${path}': ${errorWords(s.error)}\n` : `stat: cannot statx '${path}': ${errorWords(s.error)}\n`);
			status = 1;
			continue;
		}
		const v = s.value;
		const user = idName(c, '/etc/passwd', v.uid) ?? 'UNKNOWN';
		const group = idName(c, '/etc/group', v.gid) ?? 'UNKNOWN';
		const time = `${formatTime(v.mtime).slice(0, 19).replace('T', ' ')}.000000000 +0000`;
		const kind = v.kind === 'symlink' ? 'symbolic link' : v.kind === 'file' ? (v.size === 0 ? 'regular empty file' : 'regular file') : 'directory';
		const octal = v.mode.toString(8).padStart(4, '0');
		if (o.given['c'] !== undefined) {
			const values: { readonly [l: string]: string } = {
				n: path,
				s: String(v.size),
				a: v.mode.toString(8),
				A: modeText(v),
				u: String(v.uid),
				g: String(v.gid),
				U: user,
				G: group,
				F: kind,
				Y: String(Math.floor(v.mtime / 1000)),
				y: time,
				h: '1',
				i: '1234',
				N: `'${path}'`,
			};
			c.out(`${o.given['c'].replace(/%([a-zA-Z])/g, (_a, l: string) => values[l] ?? '?')}\n`);
		} else
			c.out(
				`  File: ${path}\n  Size: ${v.size}\tBlocks: ${Math.ceil(v.size / 512)}\tIO Block: 4096   ${kind}\nDevice: 8,1\tInode: 1234\tLinks: 1\nAccess: (${octal}/${modeText(v)})  Uid: (${v.uid}/${user})   Gid: (${v.gid}/${group})\nAccess: ${time}\nModify: ${time}\nChange: ${time}\n`,
			);
	}
	return status;
};

const find: Utility = (c) => {
	const at = c.args.findIndex((a) => a.startsWith('-') || a === '!' || a === '(');
	const roots = at === -1 ? c.args : c.args.slice(0, at);
	const tests = at === -1 ? [] : c.args.slice(at);
	const value = (name: string): string | undefined => (tests.includes(name) ? tests[tests.indexOf(name) + 1] : undefined);
	const unknown = tests.find(
		(t) =>
			t.startsWith('-') &&
			![
				'-name',
				'-iname',
				'-type',
				'-maxdepth',
				'-mindepth',
				'-path',
				'-print',
				'-delete',
				'-size',
				'-empty',
				'-newer',
				'-mtime',
				'-mmin',
				'-o',
				'-a',
				'-not',
				'-print0',
				'-user',
			].includes(t) &&
			!/^-\d/.test(t),
	);
	if (unknown !== undefined) {
		c.err(c.busybox ? `find: unrecognized: ${unknown}\n` : `find: unknown predicate \`${unknown}'\n`);
		return 1;
	}
	let status = 0;
	const name = value('-name');
	const iname = value('-iname');
	const type = value('-type');
	const pathPattern = value('-path');
	const maxDepth = Number(value('-maxdepth') ?? Number.POSITIVE_INFINITY);
	const minDepth = Number(value('-mindepth') ?? 0);
	const mmin = value('-mmin');
	const negated = tests.includes('!') || tests.includes('-not');
	const visit = (path: string, depth: number): void => {
		const s = c.process.fs.stat(full(c, path), true);
		if (!s.ok) {
			c.err(`find: ${c.busybox ? path : `‘${path}’`}: ${errorWords(s.error)}\n`);
			status = 1;
			return;
		}
		const listed = s.value.kind === 'directory' && depth < maxDepth ? c.process.fs.list(full(c, path)) : undefined;
		const named =
			(name === undefined || matchesPattern(baseName(path), name)) &&
			(iname === undefined || matchesPattern(baseName(path).toLowerCase(), iname.toLowerCase())) &&
			(pathPattern === undefined || matchesPattern(path, pathPattern));
		const aged =
			mmin === undefined ||
			(mmin.startsWith('-')
				? c.process.now - s.value.mtime < Number(mmin.slice(1)) * 60_000
				: c.process.now - s.value.mtime > Number(mmin.replace('+', '')) * 60_000);
		const typed = type === undefined || { f: 'file', d: 'directory', l: 'symlink' }[type] === s.value.kind;
		const empty = !tests.includes('-empty') || (s.value.kind === 'directory' ? listed?.ok === true && listed.value.length === 0 : s.value.size === 0);
		if ((named && empty) !== negated && aged && typed && depth >= minDepth) {
			if (tests.includes('-delete')) c.process.fs.remove(full(c, path), { recursive: true });
			else c.out(`${path}${tests.includes('-print0') ? '\0' : '\n'}`);
		}
		if (listed?.ok === false) {
			c.err(`find: ${c.busybox ? path : `‘${path}’`}: ${errorWords(listed.error)}\n`);
			status = 1;
		}
		for (const n of listed?.ok === true ? listed.value : []) visit(`${path.replace(/(.)\/$/, '$1')}${path === '/' ? '' : '/'}${n}`, depth + 1);
	};
	for (const root of roots.length === 0 ? ['.'] : roots) visit(root, 0);
	return status;
};

const du: Utility = (c) => {
	const o = options(c.args, 'shackmx', 'd');
	for (const root of o.rest.length === 0 ? ['.'] : o.rest) {
		const size = (path: string): number => {
			const s = c.process.fs.stat(full(c, path), true);
			return s.ok ? (s.value.kind === 'directory' ? 4096 : Math.ceil(s.value.size / 4096) * 4096) : 0;
		};
		const all = walk(c, root);
		const shown = o.given['s'] === undefined ? all.filter((p) => c.process.fs.list(full(c, p)).ok).reverse() : [root];
		for (const p of shown) {
			const bytes = all.filter((q) => q === p || q.startsWith(`${p}/`)).reduce((sum, q) => sum + size(q), 0);
			c.out(`${o.given['h'] === undefined ? Math.ceil(bytes / 1024) : humanSize(bytes)}\t${p}\n`);
		}
	}
	return 0;
};

const df: Utility = (c) => {
	const human = c.args.some((a) => /^-\w*h/.test(a));
	const total = 61_255_492;
	const used = 20_418_496;
	const size = (k: number): string => (human ? humanSize(k * 1024) : String(k));
	c.out(
		`Filesystem           ${human ? '     Size' : '1K-blocks'}      Used Available Use% Mounted on\noverlay              ${size(total).padStart(9)} ${size(used).padStart(9)} ${size(total - used).padStart(9)}  33% /\n`,
	);
	return 0;
};

const path: Utility = (c) => {
	const given = c.args[0] ?? '';
	if (c.name === 'basename') {
		const name = baseName(given);
		const suffix = c.args[1] ?? '';
		c.out(`${suffix !== '' && name.endsWith(suffix) && name !== suffix ? name.slice(0, -suffix.length) : name}\n`);
	} else if (c.name === 'dirname') {
		const cutAt = given.replace(/\/+$/, '').lastIndexOf('/');
		c.out(`${cutAt === -1 ? '.' : cutAt === 0 ? '/' : given.slice(0, cutAt)}\n`);
	} else if (c.name === 'readlink' && !c.args.some((a) => /^-[fe]/.test(a))) {
		const s = c.process.fs.stat(full(c, given), true);
		if (!s.ok || s.value.target === undefined) return 1;
		c.out(`${s.value.target}\n`);
	} else c.out(`${full(c, c.args.at(-1) ?? '')}\n`);
	return 0;
};

export const FILES: { readonly [name: string]: Utility } = {
	ls,
	mkdir,
	rm: remove,
	rmdir: remove,
	cp: copyOrMove,
	mv: copyOrMove,
	ln,
	touch,
	chmod: changeOwnerOrMode,
	chown: changeOwnerOrMode,
	chgrp: changeOwnerOrMode,
	stat,
	find,
	du,
	df,
	basename: path,
	dirname: path,
	readlink: path,
	realpath: path,
};
