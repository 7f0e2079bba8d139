/** Figures that a learner wrote down, held against those that were measured. */

export interface Figures {
	/** The number beside a label, however it is spelt; undefined where there is none. */
	get(label: string): number | undefined;
}

const key = (label: string): string =>
	label
		.toLowerCase()
		.replace(/\([^)]*\)/g, '')
		.replace(/[^a-z0-9]+/g, ' ')
		.trim();

/** The first number of a cell: `1,234.5 ms` is 1234.5. */
function numberIn(text: string): number | undefined {
	const m = /[-+]?\d[\d,_ ]*(?:\.\d+)?/.exec(text.replace(/[*`~$]/g, ''));
	if (m === null) return undefined;
	const value = Number(m[0].replace(/[,_ ]/g, ''));
	return Number.isFinite(value) ? value : undefined;
}

/** Reads a note: rows of Markdown tables (`| label | value |`) and lines of the form `label: value`. Units in parentheses belong to the label. */
export function readFigures(text: string): Figures {
	const found = new Map<string, number>();
	for (const line of text.split('\n')) {
		const cells = line.trim().startsWith('|')
			? line
					.trim()
					.replace(/^\||\|$/g, '')
					.split('|')
			: line.replace(/^\s*[-*]\s+/, '').split(/:(.*)/s, 2);
		const [label = '', value = ''] = cells;
		const number = numberIn(value);
		if (number !== undefined && key(label) !== '' && !found.has(key(label))) found.set(key(label), number);
	}
	return { get: (label) => found.get(key(label)) };
}

/** Whether a figure is the measured one within a share of it. `slack` (same unit) is allowed in any case: small figures are rounded. */
export const agrees = (claimed: number, measured: number, share: number, slack = 0): boolean =>
	Math.abs(claimed - measured) <= Math.max(Math.abs(measured) * share, slack);
