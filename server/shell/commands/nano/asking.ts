/** Questions in nano's last lines, and the keys that answer them. */
import { isPrintable, pasted } from '../../screen/keys.ts';

export interface Ask {
	readonly text: string;
	value: string;
	/** Answered with one key. */
	readonly yesNo: boolean;
	readonly answered: (answer: string) => Promise<void> | void;
}

/** What a key is to a question: its answer, the end of it without one, or (undefined) that it goes on. */
export function answer(ask: Ask, key: string): { readonly answer: string } | 'cancelled' | undefined {
	if (key === '<C-C>' || key === '<Esc>') return 'cancelled';
	if (ask.yesNo) {
		const a = key.toLowerCase();
		return a === 'y' || a === 'n' ? { answer: a } : undefined;
	}
	if (key === '<CR>') return { answer: ask.value };
	if (key === '<BS>') ask.value = ask.value.slice(0, -1);
	else if (key === '<C-U>') ask.value = '';
	else if (isPrintable(key)) ask.value += key;
	else ask.value += (pasted(key) ?? '').replaceAll('\n', ' ');
	return undefined;
}
