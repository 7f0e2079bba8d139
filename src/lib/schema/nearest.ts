/** The word that was probably meant: the nearest one by letters changed, where it is near enough; letter case counts for little. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
	const limit = Math.max(1, Math.floor(typed.length / 3));
	let best: string | undefined;
	let least = limit + 0.5;
	for (const word of words) {
		if (Math.abs(word.length - typed.length) > limit) continue;
		const distance = word.toLowerCase() === typed.toLowerCase() ? 0.2 : changes(typed.toLowerCase(), word.toLowerCase());
		if (distance < least) {
			least = distance;
			best = word;
		}
	}
	return best;
}

/** Levenshtein's distance. */
function changes(a: string, b: string): number {
	let row = Array.from({ length: b.length + 1 }, (_, index) => index);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1] ? 0 : 1;
			next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
		}
		row = next;
	}
	return row[b.length] ?? 0;
}
