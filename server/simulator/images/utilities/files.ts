import { LISTING } from './list.ts';
import { MODES } from './modes.ts';
import { baseName, full } from './paths.ts';
import { badOption, errorWords, options, type Utility, type UtilityContext } from './utility.ts';

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
	...LISTING,
	...MODES,
	mkdir,
	rm: remove,
	rmdir: remove,
	cp: copyOrMove,
	mv: copyOrMove,
	ln,
	touch,
	basename: path,
	dirname: path,
	readlink: path,
	realpath: path,
};
