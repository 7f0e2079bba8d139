/** CPU and memory that containers use, as the metrics API reports them. */
import { treeValues } from '../kernel/tree.ts';
import type { World } from '../kernel/world.ts';
import type { Runtime } from './state.ts';

/** The metrics server's resolution. */
export const CPU_WINDOW_MS = 15_000;

/** Adds work (core-milliseconds) to the window it falls into. */
export function spend(cpu: Runtime['cpu'], window: number, ms: number): Runtime['cpu'] {
	if (cpu.window === window) return { ...cpu, spent: cpu.spent + ms };
	return { window, spent: ms, before: cpu.window === window - 1 ? cpu.spent : 0 };
}

/** Use of one container now: standing load plus the work done at once over the last whole window. */
export function usageOf(world: World, runtime: Runtime): { readonly cpuMilli: number; readonly memoryBytes: number } {
	const { before } = spend(runtime.cpu, Math.floor(world.now / CPU_WINDOW_MS), 0);
	let cpuMilli = (before / CPU_WINDOW_MS) * 1000;
	let memoryBytes = 0;
	for (const process of treeValues(runtime.procs)) {
		cpuMilli += process.cpuMilli;
		memoryBytes += process.memoryBytes;
	}
	return { cpuMilli: Math.round(cpuMilli), memoryBytes };
}
