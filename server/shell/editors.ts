/** Which editor a command opens that waits for one. */
import type { TerminalDevice } from '../terminal/terminal.types.ts';
import type { CommandContext } from './command.ts';

/** The command line of the editor, as kubectl picks it (pkg/cmd/util/editor): KUBE_EDITOR, EDITOR, vi. */
export const editorOf = (env: { readonly [name: string]: string }): string => env['KUBE_EDITOR'] || env['EDITOR'] || 'vi';

/** Names of the editor tab beside the terminal. */
export const isPageEditor = (name: string): boolean => name === 'code' || name === 'edit';

/**
 * Opens a file for a command that waits for it, as kubectl edit does: in the editor that KUBE_EDITOR or EDITOR names, with its
 * arguments. `code` is the page's editor, which is also where a file goes that nobody waits for.
 */
export async function editFile(
	path: string,
	wait: boolean,
	env: { readonly [name: string]: string },
	spawn: CommandContext['spawn'],
	terminal: TerminalDevice,
): Promise<boolean> {
	const [editor = 'vi', ...args] = (editorOf(env).match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((w) => w.replace(/^(['"])(.*)\1$/, '$2'));
	if (!wait || isPageEditor(editor)) return terminal.edit(path, wait);
	return (await spawn(editor, [...args, path])) === 0;
}

/** What to say where the editor did not do its work. */
export function editorFault(env: { readonly [name: string]: string }, instead: string): string {
	const editor = editorOf(env);
	return isPageEditor(editor.split(' ')[0] ?? '')
		? `unable to launch the editor: no page with an editor is attached; ${instead}`
		: `there was a problem with the editor "${editor}"`;
}
