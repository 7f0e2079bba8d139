/** Written by `npm run serving:fit`; do not edit. */
import type { Constants } from './constants.ts';

export const FITTED: Constants = {
	bandwidth: 0.9,
	kvBandwidth: 0.85,
	compute: 0.7,
	compute8: 0.8,
	weightOnly8: 0.7,
	weightOnly4: 0.2,
	expertBandwidth: 0.75,
	expertCompute: 0.6,
	expertUs: 25,
	eager: 3,
	attention: 0.5,
	layerUs: 20,
	quantUs: 8,
	reduceUs: 9,
	linkBandwidth: 0.7,
	stepMs: { v05: 2, v07: 1.5, v1: 0.9, v1async: 0.4 },
	sequenceUs: { v05: 60, v07: 50, v1: 10, v1async: 5 },
	prefillMs: { v05: 3, v07: 5, v1: 2, v1async: 1 },
	prefillLayerUs: { v05: 100, v07: 100, v1: 20, v1async: 20 },
	kernels: { v05: 0.95, v07: 0.95, v1: 1, v1async: 1 },
	frontMs: { process: 5, http: 8 },
	promptUs: 2,
};
