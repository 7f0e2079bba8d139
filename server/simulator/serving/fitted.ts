/** Written by `npm run serving:fit`; do not edit. */
import type { Constants } from './constants.ts';

export const FITTED: Constants = {
	bandwidth: 0.8748,
	perSm: 0.08372,
	kvBandwidth: 0.8829,
	compute: 0.7446,
	compute8: 0.6873,
	weightOnly8: 0.6133,
	weightOnly4: 0.2103,
	expertBandwidth: 0.85,
	expertCompute: 0.6,
	expertUs: 25,
	eagerUs: 124,
	attention: 0.4789,
	layerUs: 32.5,
	quantUs: 6.116,
	reduceUs: 9.78,
	linkBandwidth: 0.7574,
	pcie: 0.9893,
	stepMs: {
		v05: 1.263,
		v07: 1.022,
		v1: 0.7163,
		v1async: 0.2289,
	},
	sequenceUs: {
		v05: 60.76,
		v07: 31.75,
		v1: 11.57,
		v1async: 2.882,
	},
	prefillMs: {
		v05: 2.907,
		v07: 8.312,
		v1: 1.129,
		v1async: 1.546,
	},
	prefillLayerUs: {
		v05: 75.69,
		v07: 65.39,
		v1: 13.67,
		v1async: 14.04,
	},
	overlap: 1.39,
	overlap8: 1.412,
	reduceTwoUs: 8.404,
	family: {
		volta: {
			bandwidth: 1,
			compute: 0.9,
		},
		turing: {
			bandwidth: 0.95,
			compute: 0.5438,
		},
		ampere: {
			bandwidth: 1,
			compute: 1.141,
		},
		ada: {
			bandwidth: 1,
			compute: 0.7494,
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
		v05: 0.1306,
		v07: 0.09087,
		v1: 0.02,
		v1async: 0.005817,
	},
	kvKernels: {
		v05: 0.8354,
		v07: 1.214,
		v1: 1,
		v1async: 1,
	},
	kernels: {
		v05: 0.9713,
		v07: 0.9071,
		v1: 1,
		v1async: 1,
	},
	streamUs: {
		v05: 40,
		v07: 38.41,
		v1: 2,
		v1async: 1,
	},
	host: {
		volta: 1.6,
		turing: 1.637,
		ampere: 1.219,
		ada: 1.475,
		hopper: 1,
		blackwell: 0.95,
		cdna3: 1.1,
	},
	parallelMs: {
		v05: 0.6782,
		v07: 0.2879,
		v1: 0.15,
		v1async: 0.09213,
	},
	sourceHost: {
		polaris: 0.9431,
		accelmark: 1.484,
	},
	frontMs: {
		process: 3.124,
		http: 15.77,
	},
	promptUs: 1.861,
};
