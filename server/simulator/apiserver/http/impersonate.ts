/** `kubectl --as`: the caller acts as somebody else, where RBAC lets it (`filters/impersonation.go`). */
import type { World } from '../../kernel/world.ts';
import { checkAllowed } from '../authorized.ts';
import { internalError } from '../errors.ts';
import type { UserInfo } from '../types.ts';
import type { ApiWireRequest } from '../wire.ts';

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
const AUTHENTICATED = 'system:authenticated';

/** The user that the request wants to be; the caller itself where it names nobody. Throws Forbidden. */
export function impersonated(world: World, request: ApiWireRequest, caller: UserInfo): UserInfo {
	const name = request.headers['impersonate-user'];
	// One header a group, which hosts join as HTTP says: comma and space. A comma alone is part of a name.
	const groups = (request.headers['impersonate-group'] ?? '').split(', ').filter((g) => g !== '');
	const uid = request.headers['impersonate-uid'];
	if (name === undefined || name === '') {
		if (groups.length === 0 && uid === undefined) return caller;
		throw internalError('requested groups or uid without impersonating a user');
	}
	const ask = (resource: string, asked: string, group = '', namespace?: string): void =>
		checkAllowed(world, {
			user: caller,
			verb: 'impersonate',
			group,
			version: 'v1',
			resource,
			name: asked,
			...(namespace === undefined ? {} : { namespace }),
		});
	const account = SERVICE_ACCOUNT.exec(name);
	if (account === null) ask('users', name);
	else ask('serviceaccounts', account[2] ?? '', '', account[1] ?? '');
	for (const g of groups) ask('groups', g);
	if (uid !== undefined) ask('uids', uid, 'authentication.k8s.io');
	return { name, groups: groupsOf(name, groups, account?.[1]), ...(uid === undefined ? {} : { uid }) };
}

function groupsOf(name: string, asked: readonly string[], namespace: string | undefined): readonly string[] {
	const own = asked.length === 0 && namespace !== undefined ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : asked;
	if (name === 'system:anonymous') return own.includes('system:unauthenticated') ? own : [...own, 'system:unauthenticated'];
	return own.includes(AUTHENTICATED) ? own : [...own, AUTHENTICATED];
}
