import type { ReactNode } from 'react';
import { Dialog } from './Dialog.tsx';
import { t } from '../page-words.ts';

interface Props {
	readonly open: boolean;
	readonly title: string;
	readonly action: string;
	readonly children: ReactNode;
	readonly onConfirm: () => void;
	readonly onClose: () => void;
}

/** Asks before something is lost. The safe answer comes first and has the focus. */
export function Confirm({ open, title, action, children, onConfirm, onClose }: Props) {
	return (
		<Dialog open={open} title={title} onClose={onClose}>
			{children}
			<div className="dialog-actions">
				<button type="button" className="button plain" onClick={onClose}>
					{t.keepIt}
				</button>
				<button
					type="button"
					className="button danger"
					onClick={() => {
						onClose();
						onConfirm();
					}}
				>
					{action}
				</button>
			</div>
		</Dialog>
	);
}
