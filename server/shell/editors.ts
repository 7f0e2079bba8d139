/** Which editor a command opens that waits for one. */

/** The command line of the editor, as kubectl picks it (pkg/cmd/util/editor): KUBE_EDITOR, EDITOR, vi. */
export const editorOf = (env: { readonly [name: string]: string }): string => env['KUBE_EDITOR'] || env['EDITOR'] || 'vi';

/** Names of the editor tab beside the terminal. */
export const isPageEditor = (name: string): boolean => name === 'code' || name === 'edit';

/** What to say where the editor did not do its work. */
export function editorFault(env: { readonly [name: string]: string }, instead: string): string {
	const editor = editorOf(env);
	return isPageEditor(editor.split(' ')[0] ?? '')
		? `unable to launch the editor: no page with an editor is attached; ${instead}`
		: `there was a problem with the editor "${editor}"`;
}
