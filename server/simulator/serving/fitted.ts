/** Written by `npm run serving:fit`; do not edit. */
import type { Constants } from './constants.ts';

export const FITTED: Constants = {
	bandwidth: 0.8578,
	kvBandwidth: 0.8763,
	compute: 0.671,
	compute8: 0.7356,
	weightOnly8: 0.6985,
	weightOnly4: 0.2486,
	expertBandwidth: 0.75,
	expertCompute: 0.6,
	expertUs: 25,
	eager: 3,
	attention: 0.5909,
	layerUs: 25.15,
	quantUs: 4.829,
	reduceUs: 12.71,
	linkBandwidth: 0.8005,
	stepMs: {
		v05: 1.906,
		v07: 1.608,
		v1: 0.7221,
		v1async: 0.5527,
	},
	sequenceUs: {
		v05: 75.44,
		v07: 54.22,
		v1: 11.29,
		v1async: 6.594,
	},
	prefillMs: {
		v05: 2.847,
		v07: 5.227,
		v1: 1.141,
		v1async: 1.515,
	},
	prefillLayerUs: {
		v05: 75.83,
		v07: 134.8,
		v1: 12.98,
		v1async: 15.11,
	},
	overlap: 1.513,
	reduceTwoUs: 9.383,
	family: {
		volta: {
			bandwidth: 1,
			compute: 0.9,
		},
		turing: {
			bandwidth: 0.95,
			compute: 0.2546,
		},
		ampere: {
			bandwidth: 1.005,
			compute: 1.041,
		},
		ada: {
			bandwidth: 1,
			compute: 0.7523,
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
	kvKernels: {
		v05: 0.8876,
		v07: 0.9613,
		v1: 1,
		v1async: 1,
	},
	kernels: {
		v05: 0.953,
		v07: 0.8381,
		v1: 1,
		v1async: 1,
	},
	frontMs: {
		process: 7.571,
		http: 14.71,
	},
	promptUs: 2.787,
};
