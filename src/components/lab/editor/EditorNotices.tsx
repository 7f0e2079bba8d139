import type { EditorTab } from '../../../lib/editor-state.ts';
import { baseName } from '../../../lib/files.ts';
import type { EditorController, EditorNotice } from './controller.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

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
					<span>{t.aCommandIn}</span>
					<button type="button" className="button tiny" onClick={() => controller.finishEdit(tab, true)}>
						{tab.dirty ? t.saveAndFinish : t.finish}
					</button>
					<button type="button" className="button plain tiny" onClick={() => controller.finishEdit(tab, false)}>
						{t.cancelTheEdit}
					</button>
				</div>
			)}
			{tab?.conflict === 'changed' && (
				<div className="notice warn small editor-notice" role="alert">
					<span>{fillIn(t.wasChangedElsewhere, { path: baseName(tab.path) })}</span>
					<button type="button" className="button plain tiny" onClick={() => onCompare(tab.path)}>
						{t.seeTheDifference}
					</button>
					<button type="button" className="button plain tiny" onClick={() => controller.takeTheirs(tab.path)}>
						{t.takeTheirs}
					</button>
					<button type="button" className="button plain tiny" onClick={() => controller.keepMine(tab.path)}>
						{t.keepMine}
					</button>
				</div>
			)}
			{tab?.conflict === 'removed' && (
				<div className="notice warn small editor-notice" role="alert">
					<span>{fillIn(t.wasDeletedElsewhere, { path: baseName(tab.path) })}</span>
					<button type="button" className="button plain tiny" onClick={() => controller.keepMine(tab.path)}>
						{t.saveItAgain}
					</button>
					<button type="button" className="button plain tiny" onClick={() => controller.close(tab.path)}>
						{t.close}
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
					<button type="button" className="button plain tiny" onClick={() => controller.notice.dispatch(undefined)} aria-label={t.dismiss}>
						✕
					</button>
				</div>
			)}
		</div>
	);
}
