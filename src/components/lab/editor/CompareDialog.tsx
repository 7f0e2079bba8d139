import { useEffect, useState } from 'react';
import { baseName } from '../../../lib/files.ts';
import { lineDiff } from '../../../lib/line-diff.ts';
import { DiffView } from '../parts/DiffView.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import type { EditorController } from './controller.ts';

/** Both texts of a file that was changed in two places, and the choice between them. */
export function CompareDialog({
	controller,
	path,
	onClose,
}: {
	readonly controller: EditorController;
	readonly path: string | undefined;
	readonly onClose: () => void;
}) {
	const [lines, setLines] = useState<readonly string[]>();
	useEffect(() => {
		setLines(undefined);
		if (path === undefined) return;
		controller.theirs(path).then(
			(theirs) => setLines(lineDiff(theirs, controller.documents.text(path) ?? '')),
			(error: unknown) => {
				console.warn('The file could not be read for comparing:', error);
				setLines(['The file could not be read.']);
			},
		);
	}, [controller, path]);
	const choose = (action: (path: string) => void) => {
		if (path !== undefined) action(path);
		onClose();
	};
	return (
		<Dialog open={path !== undefined} title={`Two texts of ${baseName(path ?? '')}`} onClose={onClose} wide>
			<p>Lines with − stand in the file now, lines with + in your editor. Whatever you choose, undo in the editor brings the other text back.</p>
			{lines === undefined ? <p role="status">Reading the file…</p> : <DiffView lines={lines} label="Difference between the file and the editor" />}
			<div className="dialog-actions">
				<button type="button" className="button plain" onClick={onClose}>
					Decide later
				</button>
				<button type="button" className="button plain" onClick={() => choose((at) => controller.takeTheirs(at))}>
					Take theirs
				</button>
				<button type="button" className="button" onClick={() => choose((at) => controller.keepMine(at))}>
					Keep mine
				</button>
			</div>
		</Dialog>
	);
}
