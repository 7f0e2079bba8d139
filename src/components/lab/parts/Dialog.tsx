import { type ReactNode, useEffect, useId, useRef } from 'react';

interface Props {
	readonly open: boolean;
	readonly title: string;
	readonly onClose: () => void;
	readonly children: ReactNode;
	readonly wide?: boolean;
}

/** The browser's own modal dialog: focus is kept inside, Escape closes it, focus returns to where it was. */
export function Dialog({ open, title, onClose, children, wide = false }: Props) {
	const element = useRef<HTMLDialogElement>(null);
	const id = useId();
	useEffect(() => {
		const dialog = element.current;
		if (!dialog) return;
		if (open && !dialog.open) dialog.showModal();
		if (!open && dialog.open) dialog.close();
	}, [open]);
	return (
		<dialog ref={element} className={wide ? 'dialog wide' : 'dialog'} aria-labelledby={id} onClose={onClose}>
			{open && (
				<>
					<h2 id={id}>{title}</h2>
					{children}
				</>
			)}
		</dialog>
	);
}
