/** Written by `npm run serving:fit`; do not edit. */
import type { Constants } from './constants.ts';

export const FITTED: Constants = {
	bandwidth: 0.8765,
	perSm: 0.08802,
	kvBandwidth: 0.8958,
	compute: 0.7288,
	compute8: 0.706,
	weightOnly8: 0.6259,
	weightOnly4: 0.2178,
	expertBandwidth: 0.85,
	expertCompute: 0.6,
	expertUs: 25,
	eagerUs: 122.3,
	attention: 0.4821,
	layerUs: 31.91,
	quantUs: 8.085,
	reduceUs: 9.438,
	linkBandwidth: 0.7368,
	pcie: 0.9909,
	stepMs: {
		v05: 1.288,
		v07: 1.005,
		v1: 0.6928,
		v1async: 0.2284,
	},
	sequenceUs: {
		v05: 59.9,
		v07: 33.22,
		v1: 11.27,
		v1async: 3.078,
	},
	prefillMs: {
		v05: 2.877,
		v07: 8.004,
		v1: 1.104,
		v1async: 1.345,
	},
	prefillLayerUs: {
		v05: 74.41,
		v07: 60.62,
		v1: 12.09,
		v1async: 14.7,
	},
	overlap: 1.364,
	overlap8: 1.478,
	reduceTwoUs: 9.801,
	family: {
		volta: {
			bandwidth: 1,
			compute: 0.9,
		},
		turing: {
			bandwidth: 0.95,
			compute: 0.6075,
		},
		ampere: {
			bandwidth: 1,
			compute: 1.12,
		},
		ada: {
			bandwidth: 1,
			compute: 0.7435,
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
		v05: 0.1372,
		v07: 0.08936,
		v1: 0.02,
		v1async: 0.006101,
	},
	kvKernels: {
		v05: 0.8695,
		v07: 1.177,
		v1: 1,
		v1async: 1,
	},
	kernels: {
		v05: 0.9637,
		v07: 0.8764,
		v1: 1,
		v1async: 1,
	},
	streamUs: {
		v05: 40,
		v07: 41.9,
		v1: 2,
		v1async: 1,
	},
	host: {
		volta: 1.6,
		turing: 1.615,
		ampere: 1.234,
		ada: 1.475,
		hopper: 1,
		blackwell: 0.95,
		cdna3: 1.1,
	},
	parallelMs: {
		v05: 0.743,
		v07: 0.2395,
		v1: 0.15,
		v1async: 0.0911,
	},
	sourceHost: {
		polaris: 0.9415,
		accelmark: 1.499,
		accelmark40: 1.194,
	},
	frontMs: {
		process: 3.287,
		http: 15.91,
	},
	promptUs: 1.579,
};
