/** Written by `npm run serving:fit`; do not edit. */
import type { Constants } from './constants.ts';

export const FITTED: Constants = {
	bandwidth: 0.8782,
	kvBandwidth: 0.8654,
	compute: 0.7028,
	compute8: 0.722,
	weightOnly8: 0.6816,
	weightOnly4: 0.2396,
	expertBandwidth: 0.75,
	expertCompute: 0.6,
	expertUs: 25,
	eager: 3,
	attention: 0.5436,
	layerUs: 26.98,
	quantUs: 3.856,
	reduceUs: 13.93,
	linkBandwidth: 0.7363,
	stepMs: {
		v05: 1.7,
		v07: 1.483,
		v1: 0.7225,
		v1async: 0.3516,
	},
	sequenceUs: {
		v05: 56.51,
		v07: 45.08,
		v1: 10.54,
		v1async: 5.505,
	},
	prefillMs: {
		v05: 2.962,
		v07: 5.251,
		v1: 1.367,
		v1async: 1.048,
	},
	prefillLayerUs: {
		v05: 79.75,
		v07: 57.29,
		v1: 13.87,
		v1async: 29.47,
	},
	overlap: 1.637,
	reduceTwoUs: 3.6,
	family: {
		volta: {
			bandwidth: 1,
			compute: 0.9,
		},
		turing: {
			bandwidth: 0.95,
			compute: 0.6969,
		},
		ampere: {
			bandwidth: 1.01,
			compute: 1.075,
		},
		ada: {
			bandwidth: 1,
			compute: 0.7533,
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
		v05: 0.1292,
		v07: 0.07694,
		v1: 0.02,
		v1async: 0.006021,
	},
	kvKernels: {
		v05: 0.9358,
		v07: 1.077,
		v1: 1,
		v1async: 1,
	},
	kernels: {
		v05: 0.9808,
		v07: 0.9573,
		v1: 1,
		v1async: 1,
	},
	streamUs: {
		v05: 40,
		v07: 34.54,
		v1: 2,
		v1async: 1,
	},
	host: {
		volta: 1.6,
		turing: 2.266,
		ampere: 1.44,
		ada: 1.2,
		hopper: 1,
		blackwell: 0.95,
		cdna3: 1.1,
	},
	frontMs: {
		process: 4.798,
		http: 14.59,
	},
	promptUs: 3.075,
};
