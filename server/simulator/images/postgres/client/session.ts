/** What psql knows between two statements. */
import type { Arguments } from './arguments.ts';

export interface PsqlData {
	readonly arguments: Arguments;
	readonly queue: readonly string[];
	readonly running: string;
	readonly buffer: string;
	readonly interactive: boolean;
	readonly ended: boolean;
	readonly expanded: boolean;
	readonly waiting: boolean;
	readonly connected: boolean;
	readonly status: number;
}
