import { useEffect, useState } from 'react';
import { baseName } from '../../../lib/files.ts';
import { lineDiff } from '../../../lib/line-diff.ts';
import { DiffView } from '../parts/DiffView.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import type { EditorController } from './controller.ts';
import { fillIn } from '../../../lib/i18n/fill-in.ts';
import { t } from '../page-words.ts';

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
				setLines([t.theFileCould]);
			},
		);
	}, [controller, path]);
	const choose = (action: (path: string) => void) => {
		if (path !== undefined) action(path);
		onClose();
	};
	return (
		<Dialog open={path !== undefined} title={fillIn(t.twoTextsOf, { path: baseName(path ?? '') })} onClose={onClose} wide>
			<p>{t.linesWithStand}</p>
			{lines === undefined ? <p role="status">{t.readingTheFile}</p> : <DiffView lines={lines} label={t.differenceBetweenThe} />}
			<div className="dialog-actions">
				<button type="button" className="button plain" onClick={onClose}>
					{t.decideLater}
				</button>
				<button type="button" className="button plain" onClick={() => choose((at) => controller.takeTheirs(at))}>
					{t.takeTheirs}
				</button>
				<button type="button" className="button" onClick={() => choose((at) => controller.keepMine(at))}>
					{t.keepMine}
				</button>
			</div>
		</Dialog>
	);
}
