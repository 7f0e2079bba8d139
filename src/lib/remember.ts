/** Small choices of the page (layout, font size), kept in this browser. Progress never lives here. */
const PREFIX = 'foothold.';

export function recall(key: string): string | undefined {
	try {
		return localStorage.getItem(PREFIX + key) ?? undefined;
	} catch {
		return undefined;
	}
}

export function remember(key: string, value: string): void {
	try {
		localStorage.setItem(PREFIX + key, value);
	} catch {
		// Storage full or switched off: the choice holds until the page closes.
	}
}
