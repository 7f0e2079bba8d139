/**
 * Seeded randomness as plain data: the generator's whole state is one unsigned 32-bit integer.
 * The step is Tommy Ettinger's mulberry32 (public domain); good enough for names and choices,
 * never a source of secrets outside the simulation.
 */
export function nextRandom(state: number): { readonly state: number; readonly value: number } {
	const next = (state + 0x6d2b79f5) >>> 0;
	let t = next;
	t = Math.imul(t ^ (t >>> 15), t | 1);
	t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
	return { state: next, value: ((t ^ (t >>> 14)) >>> 0) / 4294967296 };
}

/** FNV-1a over UTF-16 code units: a stable 32-bit number for a text, used to derive seeds. */
export function hashText(text: string): number {
	let h = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
	return h >>> 0;
}
