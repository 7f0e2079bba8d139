/** Where the picture of shared hours puts its bars. Every row keeps two bars of a kind, of no width where there is nothing to show. */
import type { Stretch } from './overlap.ts';

export const AXIS = { left: 120, width: 640, top: 30, row: 30 } as const;
const DAY = 24;
const BARS = 2;

/** An hour's place on the axis. */
export const X = (hour: number): number => AXIS.left + (hour / DAY) * (AXIS.width - AXIS.left - 10);

export interface Box {
	readonly x: number;
	readonly width: number;
}

export const boxes = (stretches: readonly Stretch[]): readonly Box[] =>
	Array.from({ length: BARS }, (_, i) => {
		const stretch = stretches[i];
		return stretch === undefined ? { x: X(0), width: 0 } : { x: X(stretch.from), width: X(stretch.to) - X(stretch.from) };
	});
