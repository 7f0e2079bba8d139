/** Fills the rules of aggregated ClusterRoles in from those that their selectors pick: `pkg/controller/clusterroleaggregation`. */
import { sameData } from '../apiserver/equal.ts';
import type { KubeObject } from '../apiserver/types.ts';
import type { World } from '../kernel/world.ts';
import type { ApiClient } from '../apiserver/client.ts';
import type { Controller } from './controller.ts';
import type { LabelSelector } from './shared/objects.ts';
import { selectorMatches } from './shared/selectors.ts';

const ROLES = 'rbac.authorization.k8s.io/v1/clusterroles';

interface Aggregated extends KubeObject {
	readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelector[] };
	readonly rules?: readonly object[];
}

/** The picked roles' rules, each once, the roles in order of their names. A role never counts itself. */
function union(world: World, client: ApiClient, role: Aggregated): readonly object[] {
	const selectors = role.aggregationRule?.clusterRoleSelectors ?? [];
	const out: object[] = [];
	for (const other of client.list(world, ROLES) as readonly Aggregated[]) {
		if (other.metadata.name === role.metadata.name || !selectors.some((s) => selectorMatches(s, other.metadata.labels))) continue;
		for (const rule of other.rules ?? []) if (!out.some((known) => known === rule || sameData(known, rule))) out.push(rule);
	}
	return out;
}

export const clusterRoleAggregation: Controller = {
	name: 'clusterrole-aggregation',
	// Any role may be part of any aggregate: upstream looks at all of them, too.
	watches: {
		'rbac.authorization.k8s.io/clusterroles': (world, _change, client) => client.byIndex(world, ROLES, 'aggregated', 'true').map((r) => r.metadata.name),
	},
	reconcile(world, name, client, queue) {
		const role = client.get(world, ROLES, undefined, name) as Aggregated | undefined;
		if (role?.aggregationRule === undefined) return;
		const rules = union(world, client, role);
		if (sameData(rules, role.rules ?? [])) return;
		if (!client.update(world, ROLES, { ...role, rules }).ok) queue.failed(name);
	},
};
