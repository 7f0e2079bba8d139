/** How a benchmark prints: one JSON line a figure. Benchmarks report; they never fail on a number. */
export interface Figure {
	readonly bench: string;
	readonly metric: string;
	readonly value: number;
	readonly unit: string;
	/** Samples behind the value. */
	readonly n: number;
}

export function print(figure: Figure): void {
	console.log(JSON.stringify({ ...figure, value: Math.round(figure.value * 1000) / 1000 }));
}

/** The q-quantile (0 to 1) of samples by nearest rank. */
export function quantile(samples: readonly number[], q: number): number {
	const sorted = [...samples].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

/** Heap in use after collecting garbage, bytes. Needs `--expose-gc`. */
export function heap(): number {
	const { gc } = globalThis as { gc?: () => void };
	gc?.();
	gc?.();
	return process.memoryUsage().heapUsed;
}
