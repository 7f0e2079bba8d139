/** Shell patterns (glob(7)) matched within bounds. */
import { patternSource } from '../../simulator/images/shell/pattern.ts';
import { bounded } from './bounded.ts';

export function matches(text: string, pattern: string): boolean {
	return bounded(new RegExp(`^(?:${patternSource(pattern)})$`, 'u'), (re) => re.test(text));
}

/** Whether a text holds an unescaped `*`, `?` or `[`. */
export function hasGlob(pattern: string): boolean {
	return /(^|[^\\])[*?[]/.test(pattern);
}

/** Takes the backslashes out of a pattern that turned out to be plain text. */
export function unescapePattern(pattern: string): string {
	return pattern.replace(/\\(.)/gsu, '$1');
}

/** Makes a text match only itself inside a pattern. */
export function escapePattern(text: string): string {
	return text.replace(/[\\*?[\]]/g, '\\$&');
}
