/** Written by `npm run serving:fit`; do not edit. */
import type { Constants } from './constants.ts';

export const FITTED: Constants = {
	bandwidth: 0.8772,
	kvBandwidth: 0.8934,
	compute: 0.7395,
	compute8: 0.6878,
	weightOnly8: 0.625,
	weightOnly4: 0.2165,
	expertBandwidth: 0.85,
	expertCompute: 0.6,
	expertUs: 25,
	eagerUs: 125.1,
	attention: 0.4767,
	layerUs: 31.03,
	quantUs: 6.556,
	reduceUs: 10.82,
	linkBandwidth: 0.7349,
	stepMs: {
		v05: 1.262,
		v07: 1.045,
		v1: 0.7604,
		v1async: 0.278,
	},
	sequenceUs: {
		v05: 62.29,
		v07: 31.7,
		v1: 11.45,
		v1async: 2.644,
	},
	prefillMs: {
		v05: 2.892,
		v07: 8.598,
		v1: 1.402,
		v1async: 1.461,
	},
	prefillLayerUs: {
		v05: 75.22,
		v07: 68.68,
		v1: 15.11,
		v1async: 15.17,
	},
	overlap: 1.506,
	overlap8: 1.492,
	reduceTwoUs: 8.136,
	family: {
		volta: {
			bandwidth: 1,
			compute: 0.9,
		},
		turing: {
			bandwidth: 0.95,
			compute: 0.4308,
		},
		ampere: {
			bandwidth: 1.034,
			compute: 1.131,
		},
		ada: {
			bandwidth: 1,
			compute: 0.7536,
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
		v05: 0.1426,
		v07: 0.08532,
		v1: 0.02,
		v1async: 0.005291,
	},
	kvKernels: {
		v05: 0.8924,
		v07: 1.05,
		v1: 1,
		v1async: 1,
	},
	kernels: {
		v05: 0.9618,
		v07: 0.912,
		v1: 1,
		v1async: 1,
	},
	streamUs: {
		v05: 40,
		v07: 33.96,
		v1: 2,
		v1async: 1,
	},
	host: {
		volta: 1.6,
		turing: 2.271,
		ampere: 1.833,
		ada: 1.472,
		hopper: 1,
		blackwell: 0.95,
		cdna3: 1.1,
	},
	parallelMs: {
		v05: 0.6864,
		v07: 0.2098,
		v1: 0.15,
		v1async: 0.0814,
	},
	sourceHost: {
		polaris: 0.6492,
	},
	frontMs: {
		process: 2.891,
		http: 15.74,
	},
	promptUs: 1.934,
};
