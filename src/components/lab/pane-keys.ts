import { useEffect } from 'react';

/** Where the focus goes inside a pane: to what one types into, else to the pane itself. */
const INNER: Readonly<Record<string, string>> = { terminal: '[role="tabpanel"]:not([hidden]) .xterm-helper-textarea', editor: '.cm-content' };

/**
 * F6 and Shift+F6 move the focus from pane to pane, out of terminal and editor, too: the way out that is written beside the terminal.
 * Ctrl+Shift+Escape does the same where the system leaves it to the page.
 */
export function usePaneKeys(): void {
	useEffect(() => {
		const onKeyDown = (event: KeyboardEvent) => {
			const leave = event.key === 'Escape' && event.ctrlKey && event.shiftKey;
			if (event.key !== 'F6' && !leave) return;
			event.preventDefault();
			event.stopPropagation();
			move(event.key === 'F6' && event.shiftKey ? -1 : 1);
		};
		document.addEventListener('keydown', onKeyDown, true);
		return () => document.removeEventListener('keydown', onKeyDown, true);
	}, []);
}

function move(by: 1 | -1): void {
	const panes = [...document.querySelectorAll<HTMLElement>('[data-pane]')].filter((pane) => pane.offsetParent !== null);
	if (panes.length === 0) return;
	const at = panes.findIndex((pane) => pane.contains(document.activeElement));
	const pane = panes[(at + by + panes.length) % panes.length];
	const inner = pane && INNER[pane.dataset['pane'] ?? ''];
	const target = (inner && pane.querySelector<HTMLElement>(inner)) || pane;
	target?.focus();
}
