/** ls, stat, find, du and df: what is there. */
import { formatTime } from '../../kernel/time.ts';
import type { FileStat } from '../program.ts';
import { matchesPattern } from '../shell/pattern.ts';
import { baseName, full, humanSize, idName, modeText, walk } from './paths.ts';
import { badOption, errorWords, options, type Utility, type UtilityContext } from './utility.ts';

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
		Math.max(c.busybox ? { links: 4, owner: 8, group: 8, size: 9 }[k] : 1, ...rows.map((r) => r[k].length));
	for (const r of rows)
		c.out(
			`${r.mode} ${r.links.padStart(width('links'))} ${r.owner.padEnd(width('owner'))} ${r.group.padEnd(width('group'))} ${r.size.padStart(width('size'))} ${r.time} ${r.name}\n`,
		);
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

export const LISTING: { readonly [name: string]: Utility } = { ls, stat, find, du, df };
