/** What a utility reads: the files its arguments name, or its standard input. */
import { readArgument, type UtilityContext } from './utility.ts';

/** Texts of the files named, or of standard input where none is. `failed` counts those that could not be read. */
export function inputs(
	c: UtilityContext,
	files: readonly string[],
): { readonly texts: readonly { readonly file: string; readonly text: string }[]; readonly failed: number } {
	const named = files.length === 0 ? ['-'] : files;
	const texts = named.flatMap((file) => {
		const text = readArgument(c, file);
		return text === undefined ? [] : [{ file, text }];
	});
	return { texts, failed: named.length - texts.length };
}
