/** Roles and bindings that would give their author more than they have: the policybased storage of `pkg/registry/rbac`. */
import type { World } from '../../kernel/world.ts';
import { authorize } from '../auth/authorizer.ts';
import { escalation } from '../auth/escalation.ts';
import type { ApiClient } from '../client.ts';
import { sameData } from '../equal.ts';
import { rec, recs, str } from '../registry/fields.ts';
import type { AdmissionPlugin, AdmissionRequest, KubeObject } from '../types.ts';
import { refused } from './refuse.ts';

const RBAC = 'rbac.authorization.k8s.io';
const KINDS: ReadonlySet<string> = new Set(['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']);

function mayAnyway(world: World, request: AdmissionRequest, verb: 'escalate' | 'bind', resource: string, name: string): boolean {
	const { user, namespace } = request.call;
	return authorize(world, { user, verb, group: RBAC, resource, name, ...(namespace === undefined ? {} : { namespace }) }).allowed;
}

function roleOf(client: ApiClient, world: World, binding: KubeObject): KubeObject | undefined {
	const ref = rec(binding.roleRef);
	const resource = ref.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
	return client.get(world, `${RBAC}/v1/${resource}`, binding.metadata.namespace, str(ref.name));
}

function validate(client: ApiClient, world: World, request: AdmissionRequest): undefined {
	const { operation, strategy, object, old, call } = request;
	if ((operation !== 'CREATE' && operation !== 'UPDATE') || strategy.group !== RBAC || !KINDS.has(strategy.kind)) return;
	if (call.user.groups.includes('system:masters')) return;
	if (strategy.kind === 'Role' || strategy.kind === 'ClusterRole') {
		if (old !== undefined && sameData(object.rules, old.rules)) return;
		if (mayAnyway(world, request, 'escalate', strategy.resource, object.metadata.name)) return;
		const why = escalation(world, call.user, call.namespace, recs(object.rules));
		if (why !== undefined) throw refused(request, why);
		return;
	}
	if (old !== undefined && sameData(object.roleRef, old.roleRef) && sameData(object.subjects, old.subjects)) return;
	const ref = rec(object.roleRef);
	if (mayAnyway(world, request, 'bind', ref.kind === 'ClusterRole' ? 'clusterroles' : 'roles', str(ref.name))) return;
	const role = roleOf(client, world, object);
	const why = role === undefined ? undefined : escalation(world, call.user, call.namespace, recs(role.rules));
	if (why !== undefined) throw refused(request, why);
}

export function rbacEscalation(client: () => ApiClient): AdmissionPlugin {
	return { name: 'RBACEscalation', validate: (world, request) => validate(client(), world, request) };
}
