/** Written by `npm run serving:fit`; do not edit. */
import type { Constants } from './constants.ts';

export const FITTED: Constants = {
	bandwidth: 0.8822,
	kvBandwidth: 0.8832,
	compute: 0.7297,
	compute8: 0.7102,
	weightOnly8: 0.6716,
	weightOnly4: 0.2293,
	expertBandwidth: 0.85,
	expertCompute: 0.6,
	expertUs: 25,
	eagerUs: 132.6,
	attention: 0.5392,
	layerUs: 27.38,
	quantUs: 6.342,
	reduceUs: 11.87,
	linkBandwidth: 0.6892,
	stepMs: {
		v05: 1.373,
		v07: 1.314,
		v1: 0.735,
		v1async: 0.279,
	},
	sequenceUs: {
		v05: 60.97,
		v07: 31.77,
		v1: 11.87,
		v1async: 3.102,
	},
	prefillMs: {
		v05: 2.888,
		v07: 7.438,
		v1: 1.023,
		v1async: 1.326,
	},
	prefillLayerUs: {
		v05: 75.57,
		v07: 56.85,
		v1: 13.89,
		v1async: 13.63,
	},
	overlap: 1.3,
	reduceTwoUs: 4.853,
	family: {
		volta: {
			bandwidth: 1,
			compute: 0.9,
		},
		turing: {
			bandwidth: 0.95,
			compute: 0.4072,
		},
		ampere: {
			bandwidth: 1.003,
			compute: 1.073,
		},
		ada: {
			bandwidth: 1,
			compute: 0.7477,
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
		v05: 0.1397,
		v07: 0.08444,
		v1: 0.02,
		v1async: 0.006054,
	},
	kvKernels: {
		v05: 0.9232,
		v07: 1.075,
		v1: 1,
		v1async: 1,
	},
	kernels: {
		v05: 0.9721,
		v07: 0.9557,
		v1: 1,
		v1async: 1,
	},
	streamUs: {
		v05: 40,
		v07: 35.9,
		v1: 2,
		v1async: 1,
	},
	host: {
		volta: 1.6,
		turing: 2.31,
		ampere: 1.633,
		ada: 1.2,
		hopper: 1,
		blackwell: 0.95,
		cdna3: 1.1,
	},
	parallelMs: {
		v05: 0.7442,
		v07: 0.2509,
		v1: 0.15,
		v1async: 0.09648,
	},
	sourceHost: {
		polaris: 0.6747,
	},
	frontMs: {
		process: 4.294,
		http: 14.66,
	},
	promptUs: 3.11,
};
