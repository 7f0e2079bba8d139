/** The parts of a start's timetable. */
import type { Who } from './log.ts';

export interface Line {
	readonly who: Who;
	/** Left out for text without a logger's head. */
	readonly level?: 'INFO' | 'WARNING' | 'ERROR';
	readonly place?: string;
	readonly text: string;
}

/** Something that happens `afterMs` after the stage before it. */
export interface Stage {
	readonly afterMs: number;
	readonly lines: readonly Line[];
	/** GPU memory held from now on, bytes on each device; main memory of all processes. */
	readonly gpuBytes?: number;
	readonly memoryBytes?: number;
	readonly cpuMilli?: number;
	readonly gpuUtil?: number;
	/** The download is complete: the cache is written. */
	readonly downloaded?: true;
	readonly compiled?: true;
	readonly serving?: true;
	readonly exit?: number;
}

/** A line of the log at a level. */
export const info = (who: Who, place: string, text: string): Line => ({ who, level: 'INFO', place, text });

export const warning = (who: Who, place: string, text: string): Line => ({ who, level: 'WARNING', place, text });

/** Where the image keeps its Python packages. */
export const DIST = '/usr/local/lib/python3.12/dist-packages';

export const MB = 1 << 20;

export const GIB = 2 ** 30;
