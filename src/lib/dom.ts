/** Enough of a DOM builder for the light pages. Text is always set as text: nothing a learner typed is ever parsed as markup. */
export type Child = Node | string | false | null | undefined;
type Attributes = Record<string, string | boolean | undefined>;

/** Makes an element; `true` sets an empty attribute, `false` and undefined leave it out. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (value === undefined || value === false) continue;
		element.setAttribute(name, value === true ? '' : value);
	}
	for (const child of children) if (child) element.append(child);
	return element;
}

/** The element with this id, or undefined: pages share modules, not markup. */
export function byId(id: string): HTMLElement | undefined {
	return document.getElementById(id) ?? undefined;
}

/** Replaces what an element holds. */
export function fill(element: Element | undefined, ...children: Child[]): void {
	element?.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
}
