/** Puts values in the places that a text of the catalogue keeps for them: `{n} minutes`. */
export function fillIn(text: string, values: Readonly<Record<string, string | number>>): string {
	return text.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? String(values[name]) : place));
}
