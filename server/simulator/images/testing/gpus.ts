/** Cards as containers see them, for tests of programs that use them. */
import type { VisibleGpu } from '../../gpu/contract.ts';

/** One card that nobody shares. */
export const gpu = (name: string, gib: number, computeCapability: string, more: Partial<VisibleGpu> = {}): VisibleGpu => ({
	uuid: 'GPU-1',
	name,
	computeCapability,
	totalBytes: gib * 2 ** 30,
	usedBytes: 0,
	sharers: 1,
	othersUtil: 0,
	sharing: 'none',
	...more,
});

export const L4 = gpu('NVIDIA L4', 22.03, '8.9');
