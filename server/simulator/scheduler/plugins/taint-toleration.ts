import { tolerates, untolerated } from '../../controllers/shared/selectors.ts';
import { normaliseToHundred, type Plugin, type Refused } from '../framework.ts';
import { hasSoftTaints } from '../node-info.ts';

const REFUSED: Refused = { reasons: ['node(s) had untolerated taint(s)'], final: true };
const HARD = ['NoSchedule', 'NoExecute'];

/** Keeps pods off nodes whose taints they don't tolerate, and prefers nodes with few PreferNoSchedule taints. */
export const taintToleration: Plugin = {
	name: 'TaintToleration',
	local: true,
	prepare({ pod, nodes }) {
		const { tolerations } = pod.spec;
		const soft = hasSoftTaints(nodes);
		return {
			filter: (node) => (node.taints.length > 0 && untolerated(node.taints, tolerations, HARD) !== undefined ? REFUSED : undefined),
			...(soft
				? {
						scorer: {
							weight: 3,
							score: (node) => node.taints.filter((t) => t.effect === 'PreferNoSchedule' && !(tolerations ?? []).some((tol) => tolerates(tol, t))).length,
							normalise: (scores: readonly number[]) => normaliseToHundred(scores, true),
						},
					}
				: {}),
		};
	},
};
