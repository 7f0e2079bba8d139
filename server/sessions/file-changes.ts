/** New folders, renames and removals of the workstation's files, for the page's list of files. */
import { fault } from '../errors/catalogue.ts';
import type { FileChange, FileDone } from '../protocol/workspace.ts';
import type { WorkstationFile, WorkstationFiles } from '../sandboxes/sandbox.ts';
import type { FileInput } from '../simulator/inputs.ts';
import { checkPath } from './workspace.ts';

type Kept = WorkstationFile & { readonly content: string; readonly binary: boolean };

export class FileChanges {
	private readonly files: WorkstationFiles;
	/** What was removed last, until something else is. */
	private removed: { readonly id: string; readonly entries: readonly Kept[] } | undefined;
	private count = 0;

	constructor(files: WorkstationFiles) {
		this.files = files;
	}

	async change(change: FileChange): Promise<FileDone> {
		switch (change.op) {
			case 'mkdir':
				await this.free(change.path);
				await this.files.change({ op: 'mkdir', path: change.path });
				return {};
			case 'move':
				await this.move(change.path, change.to);
				return {};
			case 'remove':
				return { removal: await this.remove(change.path) };
			case 'restore':
				await this.restore(change.removal);
				return {};
		}
	}

	/** Throws where the path won't do or something lies there. */
	private async free(path: string): Promise<void> {
		checkPath(path);
		if ((await this.files.entry(path)) !== undefined) throw fault('file-there', { path });
	}

	/** A file or folder with all below it, parents first. */
	private async below(path: string): Promise<Kept[]> {
		checkPath(path);
		const own = await this.files.entry(path);
		if (own === undefined) throw fault('file-missing', { path });
		const inside = own.kind === 'directory' ? (await this.files.list(path)).filter((file) => file.path.startsWith(`${path}/`)) : [];
		const entries = await Promise.all(inside.map((file) => this.files.entry(file.path)));
		return [own, ...entries.filter((entry) => entry !== undefined)].sort((a, b) => (a.path < b.path ? -1 : 1));
	}

	private async move(path: string, to: string): Promise<void> {
		if (to === path || to.startsWith(`${path}/`)) throw fault('file-refused', { path: to, why: 'a folder cannot be moved into itself' });
		await this.free(to);
		const entries = await this.below(path);
		// First away, then there: a full disk has room for what it held, and a failure in between is taken back.
		await this.files.remove(path);
		try {
			for (const entry of entries) await this.put(entry, to + entry.path.slice(path.length));
		} catch (error) {
			if ((await this.files.entry(to)) !== undefined) await this.files.remove(to);
			for (const entry of entries) await this.put(entry, entry.path);
			throw error;
		}
	}

	private async remove(path: string): Promise<string> {
		const entries = await this.below(path);
		await this.files.remove(path);
		this.count += 1;
		this.removed = { id: `r${this.count}`, entries };
		return this.removed.id;
	}

	private async restore(id: string): Promise<void> {
		const { removed } = this;
		const [first] = removed?.entries ?? [];
		if (removed?.id !== id || first === undefined) throw fault('removal-gone', {});
		await this.free(first.path);
		for (const entry of removed.entries) await this.put(entry, entry.path);
		this.removed = undefined;
	}

	private async put({ kind, content, binary, mode, mtime }: Kept, path: string): Promise<void> {
		const op: FileInput =
			kind === 'directory'
				? { op: 'mkdir', path, mode }
				: kind === 'symlink'
					? { op: 'symlink', path, target: content }
					: { op: 'write', path, content, mode, ...(binary ? { binary: true } : {}) };
		await this.files.change(op);
		if (kind === 'file') await this.files.change({ op: 'utimes', path, mtime });
	}
}
