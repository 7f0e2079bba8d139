/** Sets of completion indexes as text: `1,3-5,7` (indexed_job_utils.go). */

export function parseIndexes(text: string | undefined): readonly number[] {
	if (text === undefined || text === '') return [];
	return text.split(',').flatMap((part) => {
		const [from, to] = part.split('-').map(Number);
		if (from === undefined || Number.isNaN(from)) return [];
		return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => from + i);
	});
}

/** Runs of three and more are written as a range, of two with a comma. */
export function formatIndexes(indexes: readonly number[]): string {
	const sorted = [...new Set(indexes)].sort((a, b) => a - b);
	const parts: string[] = [];
	for (let i = 0; i < sorted.length; ) {
		let j = i;
		while (j + 1 < sorted.length && sorted[j + 1] === (sorted[j] ?? 0) + 1) j++;
		parts.push(j === i ? `${sorted[i]}` : j === i + 1 ? `${sorted[i]},${sorted[j]}` : `${sorted[i]}-${sorted[j]}`);
		i = j + 1;
	}
	return parts.join(',');
}
