/** Copy buttons on blocks of commands and files: of a terminal's block the commands alone are taken. */
import { say } from './i18n/script.ts';

const SHOWN_MS = 1600;

/** What a block gives to the clipboard. */
export function textOf(block: Element): string {
	const commands = [...block.querySelectorAll('[data-command]')].map((command) => command.textContent ?? '');
	return commands.length > 0 ? commands.join('\n') : (block.querySelector('code')?.textContent ?? '').trimEnd();
}

export function copyButtons(): void {
	if (!navigator.clipboard) return;
	for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
		const block = button.closest('[data-block]');
		if (!block) continue;
		button.hidden = false;
		button.addEventListener('click', () => {
			navigator.clipboard.writeText(textOf(block)).then(
				() => {
					button.textContent = say().copied;
					setTimeout(() => {
						button.textContent = say().copy;
					}, SHOWN_MS);
				},
				(error: unknown) => console.error('Nothing was copied:', error),
			);
		});
	}
}
