/** Shell patterns (glob(7)) matched within bounds. */
import { patternSource as sourceOf, type PatternOptions } from '../../simulator/images/shell/pattern.ts';
import { bounded } from './bounded.ts';

/** A pattern as regular expression source: the workstation's locale is C.UTF-8. */
export const patternSource = (pattern: string, options: PatternOptions = {}): string => sourceOf(pattern, { unicode: true, ...options });

export function matches(text: string, pattern: string, extended: boolean): boolean {
	return bounded(new RegExp(`^(?:${patternSource(pattern, { extended })})$`, 'u'), (re) => re.test(text));
}

/** Whether a text holds an unescaped `*`, `?` or `[`. */
export function hasGlob(pattern: string): boolean {
	return /(^|[^\\])([*?[]|[+@!]\()/.test(pattern);
}

/** Takes the backslashes out of a pattern that turned out to be plain text. */
export function unescapePattern(pattern: string): string {
	return pattern.replace(/\\(.)/gsu, '$1');
}

/** Makes a text match only itself inside a pattern. */
export function escapePattern(text: string): string {
	return text.replace(/[\\*?[\]]/g, '\\$&');
}
