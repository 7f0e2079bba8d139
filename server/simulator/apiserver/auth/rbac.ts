/** Role-based access: which rules hold for a user, and what they allow. `plugin/pkg/auth/authorizer/rbac`, `pkg/registry/rbac/validation`. */
import type { World } from '../../kernel/world.ts';
import { type Fields, rec, recs, str, strs } from '../registry/fields.ts';
import { clusterrolebindings, clusterroles, rolebindings, roles } from '../registry/rbac/roles.ts';
import { byIndex, getObject, objectKey } from '../registry/store.ts';
import type { KubeObject, UserInfo } from '../types.ts';

/** A rule that holds for a user, with the binding that gives it. */
export interface Grant {
	readonly rule: Fields;
	readonly binding: KubeObject;
	/** The name under which the binding names the user: `User:jane`, `Group:devs`. */
	readonly subject: string;
}

export interface RuleQuestion {
	readonly verb: string;
	readonly group: string;
	readonly resource?: string;
	readonly subresource?: string;
	readonly name?: string;
	readonly path?: string;
}

const subjectsOf = (user: UserInfo): readonly string[] => [`User:${user.name}`, ...user.groups.map((g) => `Group:${g}`)];

function roleOf(world: World, binding: KubeObject): KubeObject | undefined {
	const ref = rec(binding.roleRef);
	if (ref.kind === 'ClusterRole') return getObject(world, clusterroles, str(ref.name));
	return getObject(world, roles, objectKey(binding.metadata.namespace, str(ref.name)));
}

/** What is wrong with a binding whose role does not exist, as the authoriser's reason says it. */
export function missingRoleText(binding: KubeObject): string {
	const ref = rec(binding.roleRef);
	const plural = ref.kind === 'ClusterRole' ? 'clusterrole' : 'role';
	return `${plural}.rbac.authorization.k8s.io "${str(ref.name)}" not found`;
}

/**
 * Visits the rules that hold for a user, those of the cluster first, until `visit` answers true.
 * Costs as many bindings as name the user or one of the groups, however many there are.
 */
export function visitRules(
	world: World,
	user: UserInfo,
	namespace: string | undefined,
	visit: (grant: Grant) => boolean,
	missing?: (binding: KubeObject) => void,
): void {
	const subjects = subjectsOf(user);
	const through = (binding: KubeObject, subject: string): boolean => {
		const role = roleOf(world, binding);
		if (role === undefined) {
			missing?.(binding);
			return false;
		}
		return recs(role.rules).some((rule) => visit({ rule, binding, subject }));
	};
	for (const subject of subjects) {
		for (const binding of byIndex(world, clusterrolebindings, 'bySubject', subject)) if (through(binding, subject)) return;
	}
	if (namespace === undefined || namespace === '') return;
	for (const subject of subjects) {
		for (const binding of byIndex(world, rolebindings, 'bySubject', `${namespace} ${subject}`)) if (through(binding, subject)) return;
	}
}

const matches = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);

/** `pods/log` is named by `pods/log`, `*`/`log` and `*`; never by `pods`. */
function resourceMatches(list: readonly string[], resource: string, subresource: string | undefined): boolean {
	if (list.includes('*')) return true;
	if (subresource === undefined || subresource === '') return list.includes(resource);
	return list.includes(`${resource}/${subresource}`) || list.includes(`*/${subresource}`);
}

function pathMatches(list: readonly string[], path: string): boolean {
	return list.some((pattern) => pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1).replace(/\*+$/, ''))));
}

/** Whether one rule allows what is asked (RuleAllows). */
export function ruleAllows(rule: Fields, asked: RuleQuestion): boolean {
	if (!matches(strs(rule.verbs), asked.verb)) return false;
	if (asked.resource === undefined) return pathMatches(strs(rule.nonResourceURLs), asked.path ?? '');
	const names = strs(rule.resourceNames);
	return (
		matches(strs(rule.apiGroups), asked.group) &&
		resourceMatches(strs(rule.resources), asked.resource, asked.subresource) &&
		(names.length === 0 || names.includes(asked.name ?? ''))
	);
}
