import { describe, expect, it } from 'vitest';
import { terminalThemes } from './terminal-theme.ts';

/** WCAG 2.2's relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
	const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
		const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
		return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
	const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
	return (light + 0.05) / (dark + 0.05);
}

describe.each(Object.entries(terminalThemes))('the %s palette', (_name, theme) => {
	const { background = '', foreground = '', cursor = '', selectionBackground = '' } = theme;
	const colours = Object.entries(theme).filter(([key]) => !/background|cursor|selection/i.test(key));

	it.each(colours)('%s can be read on the background', (key, colour) => {
		// Black on black is asked for by programs that set a background, too; xterm lifts it where none is set.
		if (key === 'black' && luminance(background) < 0.1) expect(contrast(String(colour), foreground)).toBeGreaterThan(4.5);
		else expect(contrast(String(colour), background)).toBeGreaterThanOrEqual(4.5);
	});

	it('shows the cursor and what is selected', () => {
		expect(contrast(cursor, background)).toBeGreaterThanOrEqual(3);
		expect(contrast(foreground, selectionBackground)).toBeGreaterThanOrEqual(4.5);
	});
});
