import type { EditorModel } from '../../../lib/editor-state.ts';
import { baseName } from '../../../lib/files.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

interface Props {
	readonly model: EditorModel;
	readonly onSelect: (path: string) => void;
	readonly onClose: (path: string) => void;
}

/** The open files. A dot, and the word for those who hear it, marks unsaved changes. */
export function EditorTabs({ model, onSelect, onClose }: Props) {
	return (
		<ul className="editor-tabs" aria-label={t.openFiles}>
			{model.tabs.map((tab) => (
				<li key={tab.path} className={tab.path === model.active ? 'editor-tab active' : 'editor-tab'}>
					<button
						type="button"
						className="tab"
						aria-current={tab.path === model.active ? 'true' : undefined}
						onClick={() => onSelect(tab.path)}
						title={tab.path}
					>
						{baseName(tab.path)}
						{tab.dirty && (
							<span className="dirty" title={t.unsavedChanges}>
								<span aria-hidden="true">●</span>
								<span className="visually-hidden">{t.unsavedHeard}</span>
							</span>
						)}
					</button>
					<button type="button" className="tab-close" aria-label={fillIn(t.closeOne, { path: baseName(tab.path) })} onClick={() => onClose(tab.path)}>
						✕
					</button>
				</li>
			))}
		</ul>
	);
}
