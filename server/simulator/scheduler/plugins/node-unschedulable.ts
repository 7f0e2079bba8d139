import { tolerates } from '../../controllers/shared/selectors.ts';
import type { Plugin, Refused } from '../framework.ts';
import { NOTHING } from '../framework.ts';

const REFUSED: Refused = { reasons: ['node(s) were unschedulable'], final: true };
const TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Keeps pods off cordoned nodes. */
export const nodeUnschedulable: Plugin = {
	name: 'NodeUnschedulable',
	local: true,
	prepare({ pod }) {
		if (pod.spec.tolerations?.some((t) => tolerates(t, TAINT))) return NOTHING;
		return { filter: (node) => (node.unschedulable ? REFUSED : undefined) };
	},
};
