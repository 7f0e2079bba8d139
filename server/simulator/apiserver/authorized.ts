/** Whether a caller may, and upstream's words where it may not. */
import type { World } from '../kernel/world.ts';
import { authorize, type Decision } from './auth/authorizer.ts';
import { pinnedName } from './selectors.ts';
import { forbidden } from './errors.ts';
import type { ApiCall, ApiError, UserInfo } from './types.ts';

export interface Asked {
	readonly user: UserInfo;
	readonly verb: string;
	readonly group: string;
	readonly version: string;
	readonly resource: string;
	readonly subresource?: string;
	readonly namespace?: string;
	readonly name?: string;
}

/** `ForbiddenMessage`: `User "x" cannot list resource "pods" in API group "" in the namespace "y"`. */
function forbid(asked: Asked, reason: string): ApiError {
	const resource = asked.subresource ? `${asked.resource}/${asked.subresource}` : asked.resource;
	const scope = asked.namespace ? `in the namespace "${asked.namespace}"` : 'at the cluster scope';
	const base = `User "${asked.user.name}" cannot ${asked.verb} resource "${resource}" in API group "${asked.group}" ${scope}`;
	return forbidden({ group: asked.group, resource: asked.resource }, asked.name ?? '', reason === '' ? base : `${base}: ${reason}`);
}

/**
 * The name that a request is about. A list or watch with the field selector `metadata.name=x` is about x:
 * a rule with resourceNames allows it (`request/requestinfo.go`).
 */
export function requestName({ name, options }: Pick<ApiCall, 'name' | 'options'>): string | undefined {
	return name !== undefined || options.fieldSelector === undefined ? name : pinnedName(options.fieldSelector);
}

const EVERYTHING: Decision = { allowed: true, reason: '' };

/** Throws Forbidden where the answer is no; `decided` hears of it either way. */
export function checkAllowed(world: World, asked: Asked, decided?: (decision: Decision) => void): void {
	if (asked.user.groups.includes('system:masters')) {
		decided?.(EVERYTHING);
		return;
	}
	const { user, verb, group, version, resource, subresource, namespace, name } = asked;
	const decision = authorize(world, {
		user,
		verb,
		group,
		version,
		resource,
		...(subresource === undefined ? {} : { subresource }),
		...(namespace === undefined ? {} : { namespace }),
		...(name === undefined ? {} : { name }),
	});
	decided?.(decision);
	if (!decision.allowed) throw forbid(asked, decision.reason);
}
