/** The page's own words for scripts: JSON that Base.astro puts into every page, in the page's language. */
import type { ScriptWords } from './catalogue.ts';

let read: ScriptWords | undefined;

export function say(): ScriptWords {
	read ??= JSON.parse(document.getElementById('words')?.textContent ?? '{}') as ScriptWords;
	return read;
}
