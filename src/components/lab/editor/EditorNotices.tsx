import type { EditorTab } from '../../../lib/editor-state.ts';
import { baseName } from '../../../lib/files.ts';
import type { EditorController, EditorNotice } from './controller.ts';

/** What the learner must know or decide about the file in front. */
export function EditorNotices({
	controller,
	tab,
	notice,
	onCompare,
}: {
	readonly controller: EditorController;
	readonly tab: EditorTab | undefined;
	readonly notice: EditorNotice | undefined;
	readonly onCompare: (path: string) => void;
}) {
	return (
		<div className="editor-notices" aria-live="polite">
			{tab?.edit && (
				<div className="notice small editor-notice">
					<span>A command in the terminal waits until you save this file (Ctrl-S).</span>
					<button type="button" className="button tiny" onClick={() => controller.finishEdit(tab, true)}>
						{tab.dirty ? 'Save and finish' : 'Finish'}
					</button>
					<button type="button" className="button plain tiny" onClick={() => controller.finishEdit(tab, false)}>
						Cancel the edit
					</button>
				</div>
			)}
			{tab?.conflict === 'changed' && (
				<div className="notice warn small editor-notice" role="alert">
					<span>{baseName(tab.path)} was changed elsewhere since you opened it.</span>
					<button type="button" className="button plain tiny" onClick={() => onCompare(tab.path)}>
						See the difference
					</button>
					<button type="button" className="button plain tiny" onClick={() => controller.takeTheirs(tab.path)}>
						Take theirs
					</button>
					<button type="button" className="button plain tiny" onClick={() => controller.keepMine(tab.path)}>
						Keep mine
					</button>
				</div>
			)}
			{tab?.conflict === 'removed' && (
				<div className="notice warn small editor-notice" role="alert">
					<span>{baseName(tab.path)} was deleted elsewhere.</span>
					<button type="button" className="button plain tiny" onClick={() => controller.keepMine(tab.path)}>
						Save it again
					</button>
					<button type="button" className="button plain tiny" onClick={() => controller.close(tab.path)}>
						Close
					</button>
				</div>
			)}
			{notice && (
				<div className="notice small editor-notice">
					<span>{notice.text}</span>
					{notice.progress !== undefined && <progress value={notice.progress} aria-label={notice.text} />}
					{notice.act && (
						<button type="button" className="button plain tiny" onClick={notice.act.run}>
							{notice.act.label}
						</button>
					)}
					<button type="button" className="button plain tiny" onClick={() => controller.notice.dispatch(undefined)} aria-label="Dismiss">
						✕
					</button>
				</div>
			)}
		</div>
	);
}
