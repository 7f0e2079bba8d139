import { NOTHING, type Plugin, type Refused } from '../framework.ts';

const REFUSED: Refused = { reasons: ["node(s) didn't have free ports for the requested pod ports"], final: false };

/** Two host ports collide where protocol and port are the same and the addresses are, or one is any address. */
function collide(a: string, b: string): boolean {
	const [ipA, ...restA] = a.split('/');
	const [ipB, ...restB] = b.split('/');
	return restA.join('/') === restB.join('/') && (ipA === ipB || ipA === '0.0.0.0' || ipB === '0.0.0.0');
}

/** Whether one set of host ports (`ip/protocol/port`) wants what the other holds. */
export const portsCollide = (wanted: readonly string[] | undefined, held: readonly string[] | undefined): boolean =>
	wanted?.some((w) => held?.some((h) => collide(w, h)) ?? false) ?? false;

export const nodePorts: Plugin = {
	name: 'NodePorts',
	local: true,
	prepare({ entry }) {
		const wanted = entry.hostPorts;
		if (wanted === undefined) return NOTHING;
		return { filter: (node) => (node.pods.some((p) => portsCollide(wanted, p.hostPorts)) ? REFUSED : undefined) };
	},
};
