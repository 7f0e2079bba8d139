/** SVG elements for pictures that scripts draw. Their figures also stand in tables or text beside them. */
type Values = Readonly<Record<string, string | number>>;

/** Makes an SVG element. */
export function s(tag: string, attributes: Values, ...children: (SVGElement | string)[]): SVGElement {
	const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
	for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
	element.append(...children);
	return element;
}

/** Enough digits for a coordinate. */
export const tenth = (n: number): number => Math.round(n * 10) / 10;

/** A picture with its title and description, for those who hear it. */
export function picture(id: string, viewBox: string, title: string, desc: string, children: SVGElement[]): SVGElement {
	const names = { title: `${id}-title`, desc: `${id}-desc` };
	return s(
		'svg',
		{ viewBox, role: 'img', class: `picture ${id}`, 'aria-labelledby': names.title, 'aria-describedby': names.desc },
		s('title', { id: names.title }, title),
		s('desc', { id: names.desc }, desc),
		...children,
	);
}
