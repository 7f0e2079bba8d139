/** Paths and owners as the file utilities read them. */
import type { FileStat } from '../program.ts';
import { resolvePath, type UtilityContext } from './utility.ts';

export const full = (c: UtilityContext, path: string): string => resolvePath(c.cwd, path);
export const baseName = (path: string): string => path.replace(/\/+$/, '').split('/').at(-1) || '/';

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

/** A path and all that lies under it, folders first. */
export function walk(c: UtilityContext, path: string): readonly string[] {
	const listed = c.process.fs.list(full(c, path));
	const stat = c.process.fs.stat(full(c, path), true);
	return [path, ...(listed.ok && stat.ok && stat.value.kind === 'directory' ? listed.value.flatMap((n) => walk(c, `${path.replace(/\/$/, '')}/${n}`)) : [])];
}

export function humanSize(bytes: number): string {
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
