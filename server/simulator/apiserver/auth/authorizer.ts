/** May this user do that? The authorisers of `--authorization-mode=RBAC` (`RBAC,AlwaysAllow` on a bare API server), with the group that bypasses them. */
import type { World } from '../../kernel/world.ts';
import { rec, str } from '../registry/fields.ts';
import { isFull } from '../profile.ts';
import type { KubeObject, UserInfo } from '../types.ts';
import { authorizeNode } from './node-authorizer.ts';
import { type Grant, missingRoleText, ruleAllows, visitRules } from './rbac.ts';

export interface Attributes {
	readonly user: UserInfo;
	readonly verb: string;
	readonly group: string;
	readonly version?: string;
	readonly resource?: string;
	readonly subresource?: string;
	readonly namespace?: string;
	readonly name?: string;
	/** A path that is no resource. */
	readonly path?: string;
}

export interface Decision {
	readonly allowed: boolean;
	/** Why so, as upstream words it; empty where no rule speaks of it. */
	readonly reason: string;
}

/** Members of system:masters may do everything: it is how the first administrator gets in. */
export function authorize(world: World, attributes: Attributes): Decision {
	if (attributes.user.groups.includes('system:masters')) return { allowed: true, reason: '' };
	// `--authorization-mode=Node,RBAC`: a no of the first is only an opinion, and a reason.
	const asNode = authorizeNode(world, attributes);
	if (asNode?.allowed === true) return asNode;
	let by: Grant | undefined;
	const missing: string[] = [];
	visitRules(
		world,
		attributes.user,
		attributes.namespace,
		(grant) => {
			if (!ruleAllows(grant.rule, attributes)) return false;
			by = grant;
			return true;
		},
		(binding) => missing.push(missingRoleText(binding)),
	);
	if (by !== undefined) return { allowed: true, reason: `RBAC: allowed by ${describe(by)}` };
	if (!isFull(world)) return { allowed: true, reason: '' };
	if (missing.length === 0) return { allowed: false, reason: asNode?.reason ?? '' };
	return { allowed: false, reason: `RBAC: ${missing.length === 1 ? missing[0] : `[${missing.join(', ')}]`}` };
}

function describe({ binding, subject }: Grant): string {
	const { name, namespace } = binding.metadata;
	const ref = rec(binding.roleRef);
	const whole = namespace === undefined ? name : `${name}/${namespace}`;
	return `${binding.kind} "${whole}" of ${str(ref.kind)} "${str(ref.name)}" to ${describeSubject(binding, subject)}`;
}

const SERVICE_ACCOUNT = 'User:system:serviceaccount:';

function describeSubject(binding: KubeObject, subject: string): string {
	if (subject.startsWith(SERVICE_ACCOUNT) && binding.subjects !== undefined) {
		const [namespace, name] = subject.slice(SERVICE_ACCOUNT.length).split(':');
		return `ServiceAccount "${name}/${namespace}"`;
	}
	const colon = subject.indexOf(':');
	return `${subject.slice(0, colon)} "${subject.slice(colon + 1)}"`;
}
