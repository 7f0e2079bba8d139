/** Markup as a tagged template: every value is escaped unless it is markup itself. */
export class Markup {
	readonly text: string;
	constructor(text: string) {
		this.text = text;
	}
}

type Value = string | number | Markup | undefined | false | readonly Value[];

const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

function written(value: Value): string {
	if (value === undefined || value === false) return '';
	if (value instanceof Markup) return value.text;
	return Array.isArray(value) ? value.map(written).join('') : escaped(String(value));
}

export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Markup =>
	new Markup(parts.map((part, i) => part + (i < values.length ? written(values[i]) : '')).join(''));
