import type { NodeSelector } from '../../controllers/shared/objects.ts';
import { labelsMatch, nodeSelectorMatches, nodeTermMatches } from '../../controllers/shared/selectors.ts';
import { NOTHING, normaliseToHundred, type Plugin, type Refused } from '../framework.ts';

const REFUSED: Refused = { reasons: ["node(s) didn't match Pod's node affinity/selector"], final: true };

/** The nodes that terms name outright, as a daemon set's pods do; undefined where a term names none. */
function namedNodes(selector: NodeSelector): readonly string[] | undefined {
	const names = new Set<string>();
	for (const term of selector.nodeSelectorTerms) {
		const field = term.matchFields?.find((f) => f.key === 'metadata.name' && f.operator === 'In');
		if (field === undefined) return undefined;
		for (const n of field.values ?? []) names.add(n);
	}
	return [...names];
}

/** nodeSelector and node affinity, required and preferred. */
export const nodeAffinity: Plugin = {
	name: 'NodeAffinity',
	local: true,
	prepare({ pod }) {
		const { nodeSelector } = pod.spec;
		const rules = pod.spec.affinity?.nodeAffinity;
		const required = rules?.requiredDuringSchedulingIgnoredDuringExecution;
		const preferred = rules?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
		const selects = nodeSelector !== undefined && Object.keys(nodeSelector).length > 0;
		if (!selects && required === undefined && preferred.length === 0) return NOTHING;
		const only = required === undefined ? undefined : namedNodes(required);
		return {
			...(only === undefined ? {} : { only }),
			filter: (node) => {
				if (selects && !labelsMatch(nodeSelector, node.labels)) return REFUSED;
				return required === undefined || nodeSelectorMatches(required, node.name, node.labels) ? undefined : REFUSED;
			},
			...(preferred.length > 0
				? {
						scorer: {
							weight: 2,
							score: (node) => preferred.reduce((n, p) => n + (nodeTermMatches(p.preference, node.name, node.labels) ? p.weight : 0), 0),
							normalise: (scores: readonly number[]) => normaliseToHundred(scores, false),
						},
					}
				: {}),
		};
	},
};
