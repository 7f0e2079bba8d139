/** The workstation's files as commands see them: paths count from the folder that they run in. */
import type { ShellFiles } from './command.ts';
import { resolvePath, type WorkstationFileSystem } from './filesystem.ts';

/** Files, with paths counted from `cwd`. Folders that are missing on the way to a file that is written are made. */
export function shellFiles(fs: WorkstationFileSystem, cwd: string): ShellFiles {
	const at = (path: string): string => resolvePath(cwd, path);
	const listed = async (path: string, recursive: boolean): Promise<string[]> => {
		const out: string[] = [];
		for (const name of await fs.readdir(path)) {
			const full = path === '/' ? `/${name}` : `${path}/${name}`;
			// What has gone since the folder was read is not listed.
			const stat = await fs.stat(full).catch(() => undefined);
			if (stat?.isFile) out.push(full);
			else if (recursive && stat !== undefined) out.push(...(await listed(full, true)));
		}
		return out;
	};
	return {
		read: (p) => fs.readFile(at(p)),
		write: async (p, content) => {
			const full = at(p);
			const parent = full.slice(0, full.lastIndexOf('/'));
			if (parent !== '' && !(await fs.exists(parent))) await fs.mkdir(parent, { recursive: true });
			await fs.writeFile(full, content);
		},
		list: (p, o) => listed(at(p), o?.recursive ?? false),
		stat: async (p) => {
			const s = await fs.stat(at(p)).catch(() => undefined);
			return s === undefined ? undefined : { kind: s.isDirectory ? 'directory' : 'file', size: s.size, mtime: s.mtime.getTime() };
		},
		mkdir: (p) => fs.mkdir(at(p), { recursive: true }),
		remove: (p) => fs.rm(at(p), { recursive: true }),
	};
}
