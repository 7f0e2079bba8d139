import type { EditorModel } from '../../../lib/editor-state.ts';
import { baseName } from '../../../lib/files.ts';

interface Props {
	readonly model: EditorModel;
	readonly onSelect: (path: string) => void;
	readonly onClose: (path: string) => void;
}

/** The open files. A dot, and the word for those who hear it, marks unsaved changes. */
export function EditorTabs({ model, onSelect, onClose }: Props) {
	return (
		<ul className="editor-tabs" aria-label="Open files">
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
							<span className="dirty" title="Unsaved changes">
								<span aria-hidden="true">●</span>
								<span className="visually-hidden">, unsaved changes</span>
							</span>
						)}
					</button>
					<button type="button" className="tab-close" aria-label={`Close ${baseName(tab.path)}`} onClick={() => onClose(tab.path)}>
						✕
					</button>
				</li>
			))}
		</ul>
	);
}
