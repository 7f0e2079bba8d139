/** Written by `npm run serving:fit`; do not edit. */
import type { Constants } from './constants.ts';

export const FITTED: Constants = {
	bandwidth: 0.8836,
	kvBandwidth: 0.8811,
	compute: 0.7172,
	compute8: 0.6698,
	weightOnly8: 0.631,
	weightOnly4: 0.2216,
	expertBandwidth: 0.85,
	expertCompute: 0.6,
	expertUs: 25,
	eagerUs: 131.5,
	attention: 0.4931,
	layerUs: 30.93,
	quantUs: 6.12,
	reduceUs: 10.64,
	linkBandwidth: 0.9874,
	stepMs: {
		v05: 1.312,
		v07: 1.156,
		v1: 0.6389,
		v1async: 0.2772,
	},
	sequenceUs: {
		v05: 59.36,
		v07: 31.38,
		v1: 9.588,
		v1async: 2.585,
	},
	prefillMs: {
		v05: 2.887,
		v07: 8.352,
		v1: 0.9632,
		v1async: 1.497,
	},
	prefillLayerUs: {
		v05: 75.17,
		v07: 61.94,
		v1: 11.22,
		v1async: 13.72,
	},
	overlap: 1.321,
	overlap8: 1.475,
	reduceTwoUs: 11.55,
	family: {
		volta: {
			bandwidth: 1,
			compute: 0.9,
		},
		turing: {
			bandwidth: 0.95,
			compute: 0.4438,
		},
		ampere: {
			bandwidth: 1.016,
			compute: 1.147,
		},
		ada: {
			bandwidth: 1,
			compute: 0.7778,
		},
		hopper: {
			bandwidth: 1,
			compute: 1,
		},
		blackwell: {
			bandwidth: 1,
			compute: 0.9,
		},
		cdna3: {
			bandwidth: 0.85,
			compute: 0.6,
		},
	},
	ungrouped: {
		v05: 0.135,
		v07: 0.08222,
		v1: 0.02,
		v1async: 0.004675,
	},
	kvKernels: {
		v05: 0.9105,
		v07: 1.071,
		v1: 1,
		v1async: 1,
	},
	kernels: {
		v05: 0.9733,
		v07: 0.94,
		v1: 1,
		v1async: 1,
	},
	streamUs: {
		v05: 40,
		v07: 34.08,
		v1: 2,
		v1async: 1,
	},
	host: {
		volta: 1.6,
		turing: 2.337,
		ampere: 1.69,
		ada: 1.2,
		hopper: 1,
		blackwell: 0.95,
		cdna3: 1.1,
	},
	parallelMs: {
		v05: 0.7287,
		v07: 0.2229,
		v1: 0.15,
		v1async: 0.09165,
	},
	sourceHost: {
		polaris: 0.681,
	},
	frontMs: {
		process: 3.507,
		http: 15.45,
	},
	promptUs: 2.076,
};
