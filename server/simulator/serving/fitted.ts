/** Written by `npm run serving:fit`; do not edit. */
import type { Constants } from './constants.ts';

export const FITTED: Constants = {
	bandwidth: 0.8852,
	kvBandwidth: 1.003,
	compute: 0.6599,
	compute8: 0.739,
	weightOnly8: 0.7559,
	weightOnly4: 0.255,
	expertBandwidth: 0.75,
	expertCompute: 0.6,
	expertUs: 25,
	eager: 3,
	attention: 0.5821,
	layerUs: 31.26,
	quantUs: 3.576,
	reduceUs: 11.26,
	linkBandwidth: 0.881,
	stepMs: {
		v05: 2.085,
		v07: 1.608,
		v1: 0.7106,
		v1async: 0.4439,
	},
	sequenceUs: {
		v05: 62.34,
		v07: 50.64,
		v1: 10.67,
		v1async: 4.655,
	},
	prefillMs: {
		v05: 2.902,
		v07: 6.682,
		v1: 1.1,
		v1async: 1.892,
	},
	prefillLayerUs: {
		v05: 77.01,
		v07: 127.5,
		v1: 12.49,
		v1async: 18.85,
	},
	overlap: 1.404,
	reduceTwoUs: 9.29,
	family: {
		volta: {
			bandwidth: 1,
			compute: 0.9,
		},
		turing: {
			bandwidth: 0.95,
			compute: 0.358,
		},
		ampere: {
			bandwidth: 0.9942,
			compute: 1.052,
		},
		ada: {
			bandwidth: 1,
			compute: 0.7465,
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
		v05: 0.137,
		v07: 0.08063,
		v1: 0.02,
		v1async: 0.02198,
	},
	kvKernels: {
		v05: 0.827,
		v07: 0.9906,
		v1: 1,
		v1async: 1,
	},
	kernels: {
		v05: 0.9974,
		v07: 0.8006,
		v1: 1,
		v1async: 1,
	},
	streamUs: { v05: 40, v07: 40, v1: 2, v1async: 1 },
	host: { volta: 1.6, turing: 1.6, ampere: 1.25, ada: 1.2, hopper: 1, blackwell: 0.95, cdna3: 1.1 },
	frontMs: {
		process: 7.265,
		http: 15.33,
	},
	promptUs: 1.887,
};
