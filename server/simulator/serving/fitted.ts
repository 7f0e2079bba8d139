/** Written by `npm run serving:fit`; do not edit. */
import type { Constants } from './constants.ts';

export const FITTED: Constants = {
	bandwidth: 0.8764,
	perSm: 0.08242,
	kvBandwidth: 0.8858,
	compute: 0.7444,
	compute8: 0.6872,
	weightOnly8: 0.6137,
	weightOnly4: 0.2109,
	expertBandwidth: 0.85,
	expertCompute: 0.6,
	expertUs: 25,
	eagerUs: 123.9,
	attention: 0.479,
	layerUs: 32.49,
	quantUs: 6.393,
	reduceUs: 9.819,
	linkBandwidth: 0.7671,
	pcie: 0.9892,
	stepMs: {
		v05: 1.267,
		v07: 1.018,
		v1: 0.6969,
		v1async: 0.231,
	},
	sequenceUs: {
		v05: 60.76,
		v07: 31.66,
		v1: 11.32,
		v1async: 2.866,
	},
	prefillMs: {
		v05: 2.899,
		v07: 8.281,
		v1: 1.112,
		v1async: 1.553,
	},
	prefillLayerUs: {
		v05: 75.41,
		v07: 65.7,
		v1: 13.33,
		v1async: 13.62,
	},
	overlap: 1.388,
	overlap8: 1.42,
	reduceTwoUs: 8.788,
	family: {
		volta: {
			bandwidth: 1,
			compute: 0.9,
		},
		turing: {
			bandwidth: 0.95,
			compute: 0.5637,
		},
		ampere: {
			bandwidth: 1,
			compute: 1.137,
		},
		ada: {
			bandwidth: 1,
			compute: 0.7493,
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
		v05: 0.1312,
		v07: 0.09033,
		v1: 0.02,
		v1async: 0.006037,
	},
	kvKernels: {
		v05: 0.8436,
		v07: 1.216,
		v1: 1,
		v1async: 1,
	},
	kernels: {
		v05: 0.9697,
		v07: 0.9111,
		v1: 1,
		v1async: 1,
	},
	streamUs: {
		v05: 40,
		v07: 38.94,
		v1: 2,
		v1async: 1,
	},
	host: {
		volta: 1.6,
		turing: 1.638,
		ampere: 1.222,
		ada: 1.475,
		hopper: 1,
		blackwell: 0.95,
		cdna3: 1.1,
	},
	parallelMs: {
		v05: 0.688,
		v07: 0.3343,
		v1: 0.15,
		v1async: 0.09168,
	},
	sourceHost: {
		polaris: 0.9444,
		accelmark: 1.488,
	},
	frontMs: {
		process: 3.109,
		http: 15.78,
	},
	promptUs: 1.85,
};
