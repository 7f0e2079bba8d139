/** The constants that are fitted, with what is known of each before: its prior and how far (in log units) data may easily move it. */

export interface Parameter {
	readonly path: string;
	readonly prior: number;
	readonly width: number;
}

const p = (path: string, prior: number, width: number): Parameter => ({ path, prior, width });

export const PARAMETERS: readonly Parameter[] = [
	// Bandwidth that memory-bound kernels reach on recent cards is 0.85 to 0.93 of the data sheet's.
	p('bandwidth', 0.9, 0.04),
	// A100 against H100, and what profiles say of H200 (0.8 to 0.85 of its data sheet).
	p('perSm', 0.08, 0.4),
	p('kvBandwidth', 0.87, 0.05),
	p('compute', 0.7, 0.15),
	p('compute8', 0.85, 0.2),
	p('weightOnly8', 0.75, 0.3),
	// Marlin's 4 bit products over long prompts take 1.5 to 1.6 times a 16 bit one's time on A100 (Qwen2.5 of 7B to 72B); no row of the fit has them.
	p('weightOnly4', 0.62, 0.08),
	p('plainGptq', 0.25, 0.5),
	p('attention', 0.45, 0.3),
	p('overlap', 1.9, 0.3),
	p('overlap8', 1.6, 0.3),
	p('layerUs', 22, 0.5),
	p('quantUs', 8, 0.5),
	p('reduceUs', 10, 0.4),
	p('reduceTwoUs', 6, 0.6),
	p('linkBandwidth', 0.7, 0.12),
	p('pcie', 0.9, 0.2),
	p('stepMs.v05', 1.5, 0.6),
	p('stepMs.v07', 1.2, 0.6),
	p('stepMs.v1', 0.8, 0.4),
	p('stepMs.v1async', 0.4, 0.5),
	p('sequenceUs.v05', 50, 0.7),
	p('sequenceUs.v07', 60, 0.7),
	p('sequenceUs.v1', 12, 0.5),
	p('sequenceUs.v1async', 8, 0.6),
	p('prefillMs.v05', 3, 0.6),
	p('prefillMs.v07', 5, 0.6),
	p('prefillMs.v1', 2, 0.6),
	p('prefillMs.v1async', 1.5, 0.6),
	p('prefillLayerUs.v05', 80, 0.7),
	p('prefillLayerUs.v07', 80, 0.7),
	p('prefillLayerUs.v1', 20, 0.7),
	p('prefillLayerUs.v1async', 20, 0.7),
	p('kernels.v05', 1, 0.08),
	p('kernels.v07', 1, 0.08),
	p('kvKernels.v05', 0.9, 0.2),
	p('kvKernels.v07', 0.8, 0.3),
	p('ungrouped.v05', 0.1, 0.6),
	p('ungrouped.v07', 0.1, 0.6),
	p('ungrouped.v1async', 0.005, 0.4),
	p('family.ampere.compute', 1.15, 0.12),
	p('family.ada.compute', 0.75, 0.15),
	p('family.turing.compute', 0.6, 0.25),
	p('streamUs.v07', 40, 0.7),
	p('besideUs.v07', 30, 0.6),
	p('besideUs.v1', 12, 0.6),
	p('besideUs.v1async', 12, 0.6),
	// A100s are rented beside processors of their age: eight machines in and out of the table are at 1.15 to 2.1, most about 1.6.
	p('host.ampere', 1.6, 0.15),
	// Hosts of L4 and L40S are of the age of A100's; routed experts have no row: both stay what is assumed of them.
	p('host.ada', 1.5, 0.15),
	p('expertBandwidth', 0.85, 0.15),
	p('expertCompute', 0.6, 0.2),
	p('expertUs', 25, 0.3),
	// T4s are rented with two-GHz virtual processors almost everywhere.
	p('host.turing', 2, 0.2),
	p('parallelMs.v05', 0.8, 0.6),
	p('parallelMs.v07', 0.5, 0.6),
	p('parallelMs.v1async', 0.1, 0.5),
	p('parallelPrefillMs.v05', 2, 0.8),
	p('parallelPrefillMs.v07', 4, 0.8),
	p('parallelPrefillMs.v1async', 1, 0.8),
	p('sourceHost.polaris', 0.75, 0.25),
	p('sourceHost.accelmark', 0.9, 0.3),
	p('sourceHost.accelmark80', 1, 0.3),
	p('eagerUs', 150, 0.4),
	p('frontMs.process', 6, 0.5),
	p('frontMs.http', 12, 0.5),
	p('promptUs', 4, 0.8),
];
