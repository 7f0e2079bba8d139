/** A sentence of the catalogue with elements in its places: it stays whole in the catalogue, whatever order a language wants. */

/** The pieces in their order; a place that nothing is given for stays as it is written. */
export function sentenceParts<T>(text: string, values: Readonly<Record<string, T | string | number>>): (T | string)[] {
	return text.split(/(\{\w+\})/).flatMap((piece): (T | string)[] => {
		const name = /^\{(\w+)\}$/.exec(piece)?.[1];
		const value = name === undefined ? piece : (values[name] ?? piece);
		return value === '' ? [] : [typeof value === 'number' ? String(value) : value];
	});
}
