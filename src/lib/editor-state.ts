/** The editor's tabs, changed by one pure function. The text itself lives in CodeMirror; here is only what the page shows about it. */

export interface EditorTab {
	readonly path: string;
	/** The file's mtime that the text started from. */
	readonly mtime: number;
	readonly dirty: boolean;
	/** Somebody else changed or removed the file while there are unsaved changes here. */
	readonly conflict: 'changed' | 'removed' | undefined;
	/** A command waits for this file (`kubectl edit`): its id, and whether the file was saved since. */
	readonly edit: { readonly id: string; readonly saved: boolean } | undefined;
}

export interface EditorModel {
	readonly tabs: readonly EditorTab[];
	readonly active: string | undefined;
}

export type EditorAction =
	| { readonly type: 'opened'; readonly path: string; readonly mtime: number }
	/** The text was taken anew from the file. */
	| { readonly type: 'reloaded'; readonly path: string; readonly mtime: number }
	| { readonly type: 'moved'; readonly path: string; readonly to: string }
	| { readonly type: 'select'; readonly path: string }
	| { readonly type: 'closed'; readonly path: string }
	| { readonly type: 'dirty'; readonly path: string; readonly dirty: boolean }
	| { readonly type: 'saved'; readonly path: string; readonly mtime: number }
	| { readonly type: 'conflict'; readonly path: string; readonly kind: 'changed' | 'removed' }
	| { readonly type: 'edit'; readonly path: string; readonly id: string }
	| { readonly type: 'edit-done'; readonly path: string };

export const emptyEditor: EditorModel = { tabs: [], active: undefined };

export const tabOf = (model: EditorModel, path: string): EditorTab | undefined => model.tabs.find((tab) => tab.path === path);

export function reduceEditor(model: EditorModel, action: EditorAction): EditorModel {
	switch (action.type) {
		case 'opened':
			return opened(model, action.path, action.mtime);
		case 'reloaded':
			return change(model, action.path, (tab) => ({ ...tab, mtime: action.mtime, dirty: false, conflict: undefined }));
		case 'moved':
			return {
				active: model.active === action.path ? action.to : model.active,
				tabs: model.tabs.map((tab) => (tab.path === action.path ? { ...tab, path: action.to } : tab)),
			};
		case 'select':
			return { ...model, active: action.path };
		case 'closed':
			return closed(model, action.path);
		case 'dirty':
			return change(model, action.path, (tab) => (tab.dirty === action.dirty ? tab : { ...tab, dirty: action.dirty }));
		case 'saved':
			return change(model, action.path, (tab) => ({
				...tab,
				mtime: action.mtime,
				dirty: false,
				conflict: undefined,
				edit: tab.edit && { ...tab.edit, saved: true },
			}));
		case 'conflict':
			return change(model, action.path, (tab) => ({ ...tab, conflict: action.kind }));
		case 'edit':
			return change(model, action.path, (tab) => ({ ...tab, edit: { id: action.id, saved: false } }));
		case 'edit-done':
			return change(model, action.path, (tab) => ({ ...tab, edit: undefined }));
	}
}

/** Opening a file that is open already takes its newer text: the caller has asked whether unsaved changes may go. */
function opened(model: EditorModel, path: string, mtime: number): EditorModel {
	const tab: EditorTab = { path, mtime, dirty: false, conflict: undefined, edit: tabOf(model, path)?.edit };
	const tabs = tabOf(model, path) ? model.tabs.map((old) => (old.path === path ? tab : old)) : [...model.tabs, tab];
	return { tabs, active: path };
}

/** Closing the tab in front brings its neighbour forward. */
function closed(model: EditorModel, path: string): EditorModel {
	const index = model.tabs.findIndex((tab) => tab.path === path);
	if (index < 0) return model;
	const tabs = model.tabs.filter((tab) => tab.path !== path);
	const active = model.active === path ? (tabs[index] ?? tabs[index - 1])?.path : model.active;
	return { tabs, active };
}

function change(model: EditorModel, path: string, next: (tab: EditorTab) => EditorTab): EditorModel {
	const tab = tabOf(model, path);
	if (!tab) return model;
	const changed = next(tab);
	return changed === tab ? model : { ...model, tabs: model.tabs.map((old) => (old === tab ? changed : old)) };
}

/** What a change of the file elsewhere means for an open tab. Our own saves come back as news, too: the same mtime is not a change. */
export function onFileChanged(tab: EditorTab, mtime: number, removed: boolean): 'nothing' | 'reload' | 'conflict' | 'close' {
	if (removed) return tab.dirty ? 'conflict' : 'close';
	if (mtime === tab.mtime) return 'nothing';
	return tab.dirty ? 'conflict' : 'reload';
}
