/** What is done with files and folders from the list beside the editor. A sentence comes back where a name won't do. */
import { baseName, fullPath, HOME, nameFault, parentOf, shortPath } from '../../../lib/files.ts';
import { changeFiles, upload } from '../../../lib/workspace-api.ts';
import type { EditorController } from './controller.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

export class FileActions {
	private readonly editor: EditorController;

	constructor(editor: EditorController) {
		this.editor = editor;
	}

	create(typed: string): string | undefined {
		const fault = this.fault(typed);
		if (!fault) this.editor.make(fullPath(typed.trim()), '');
		return fault;
	}

	createFolder(typed: string): string | undefined {
		const name = typed.trim().replace(/\/+$/, '');
		const fault = this.fault(name);
		if (!fault) this.editor.run(changeFiles(this.editor.lab, { op: 'mkdir', path: fullPath(name) }));
		return fault;
	}

	/** `typed` is a path below the home folder: another folder in it moves the file there. */
	rename(path: string, typed: string): string | undefined {
		const name = typed.trim().replace(/\/+$/, '');
		const to = fullPath(name);
		if (to === path) return undefined;
		const fault = this.fault(name);
		if (!fault) this.move(path, to);
		return fault;
	}

	moveInto(path: string, folder: string): void {
		const to = `${folder}/${baseName(path)}`;
		if (parentOf(path) === folder || folder === path || folder.startsWith(`${path}/`)) return;
		const fault = this.fault(shortPath(to));
		if (fault) this.editor.notice.dispatch({ text: fault });
		else this.move(path, to);
	}

	remove(path: string): void {
		const { editor } = this;
		const work = async (): Promise<void> => {
			const { removal } = await changeFiles(editor.lab, { op: 'remove', path });
			for (const tab of editor.model.get().tabs) if (tab.path === path || tab.path.startsWith(`${path}/`)) editor.close(tab.path);
			if (removal === undefined) return;
			const run = (): void => {
				editor.notice.dispatch(undefined);
				editor.run(changeFiles(editor.lab, { op: 'restore', removal }));
			};
			editor.notice.dispatch({ text: fillIn(t.deleted, { path: baseName(path) }), act: { label: t.undo, run } });
		};
		editor.run(work());
	}

	/** Puts files of the learner's own computer into a folder, one after the other; archives are unpacked. */
	upload(folder: string, files: readonly File[], replace = false): void {
		this.editor.run(
			this.uploadAll(folder, files, replace).catch((error: unknown) => {
				this.editor.notice.dispatch(undefined);
				throw error;
			}),
		);
	}

	private async uploadAll(folder: string, files: readonly File[], replace: boolean): Promise<void> {
		const { editor } = this;
		let count = 0;
		for (const file of files) {
			const show = (progress: number): void => editor.notice.dispatch({ text: fillIn(t.uploading, { name: file.name }), progress });
			show(0);
			const { files: written, taken } = await upload(editor.lab, folder, file, replace, show);
			count += written;
			if (taken.length === 0) continue;
			const rest = files.slice(files.indexOf(file));
			const names = taken.length > 3 ? fillIn(t.andMore, { names: taken.slice(0, 3).join(', '), n: taken.length - 3 }) : taken.join(', ');
			const act = { label: taken.length === 1 ? t.replaceIt : t.replaceThem, run: () => this.upload(folder, rest, true) };
			return editor.notice.dispatch({ text: fillIn(taken.length === 1 ? t.nothingWrittenOne : t.nothingWritten, { name: file.name, names }), act });
		}
		const where = folder === HOME ? t.yourHomeFolder : shortPath(folder);
		editor.notice.dispatch({ text: fillIn(count === 1 ? t.uploadedOne : t.uploaded, { count, where }) });
	}

	private move(path: string, to: string): void {
		const { editor } = this;
		editor.run(editor.whileMoving(path, to, () => changeFiles(editor.lab, { op: 'move', path, to })));
	}

	private fault(typed: string): string | undefined {
		const why = nameFault(typed, new Set(this.editor.files.get().map((file) => file.path)));
		return why && fillIn(t[why], { name: typed.trim() });
	}
}
