import type { Volume } from '../../controllers/volumes/volumes.ts';
import { NOTHING, type Plugin, type Refused } from '../framework.ts';
import { podClaims } from './volume-binding.ts';

const REFUSED: Refused = { reasons: ['node(s) had no available volume zone'], final: true };
const KEYS = [
	'topology.kubernetes.io/zone',
	'topology.kubernetes.io/region',
	'failure-domain.beta.kubernetes.io/zone',
	'failure-domain.beta.kubernetes.io/region',
];

/** Volumes labelled with a zone can be used there only; a label may name several zones, joined by `__`. */
export const volumeZone: Plugin = {
	name: 'VolumeZone',
	prepare(cycle) {
		if (cycle.pod.spec.volumes === undefined) return NOTHING;
		const needs = podClaims(cycle, cycle.pod).bound.flatMap((v: Volume) =>
			KEYS.filter((k) => v.metadata.labels?.[k] !== undefined).map((key) => ({ key, values: (v.metadata.labels?.[key] ?? '').split('__') })),
		);
		if (needs.length === 0) return NOTHING;
		return { filter: (node) => (needs.every((n) => n.values.includes(node.labels[n.key] ?? '\u0000')) ? undefined : REFUSED) };
	},
};
