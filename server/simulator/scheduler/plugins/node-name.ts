import { NOTHING, type Plugin, type Refused } from '../framework.ts';

const REFUSED: Refused = { reasons: ["node(s) didn't match the requested node name"], final: true };

export const nodeName: Plugin = {
	name: 'NodeName',
	local: true,
	prepare({ pod }) {
		const wanted = pod.spec.nodeName;
		if (wanted === undefined || wanted === '') return NOTHING;
		return { filter: (node) => (node.name === wanted ? undefined : REFUSED) };
	},
};
