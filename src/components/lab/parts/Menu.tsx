import { type ReactNode, useEffect, useRef } from 'react';

interface Props {
	/** What the button is called, and what it shows. */
	readonly label: string;
	readonly mark: string;
	readonly className?: string;
	readonly children: ReactNode;
}

/** A disclosure over the page: Escape, a press elsewhere and the focus going elsewhere close it, and Escape leads back to its button. */
export function Menu({ label, mark, className = '', children }: Props) {
	const menu = useRef<HTMLDetailsElement>(null);
	useEffect(() => {
		const details = menu.current;
		if (!details) return;
		const close = () => details.removeAttribute('open');
		const onPress = (event: PointerEvent) => !details.contains(event.target as Node) && close();
		const onFocus = (event: FocusEvent) => event.relatedTarget instanceof Node && !details.contains(event.relatedTarget) && close();
		const onKey = (event: KeyboardEvent) => {
			if (event.key !== 'Escape' || !details.open) return;
			close();
			details.querySelector('summary')?.focus();
		};
		document.addEventListener('pointerdown', onPress);
		details.addEventListener('focusout', onFocus);
		details.addEventListener('keydown', onKey);
		return () => {
			document.removeEventListener('pointerdown', onPress);
			details.removeEventListener('focusout', onFocus);
			details.removeEventListener('keydown', onKey);
		};
	}, []);
	return (
		<details className={`menu ${className}`} ref={menu}>
			<summary className="button plain tiny" aria-label={label} title={label}>
				{mark}
			</summary>
			<div className="menu-body">{children}</div>
		</details>
	);
}

/** For what ends the menu that it stands in. */
export const closeMenu = (element: Element): void => element.closest('details.menu')?.removeAttribute('open');
