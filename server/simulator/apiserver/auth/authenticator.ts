import type { World } from '../../kernel/world.ts';
import type { UserInfo } from '../types.ts';
import type { ApiWireRequest } from '../wire.ts';

/** Who calls; undefined means 401. */
export function authenticate(_world: World, request: ApiWireRequest): UserInfo | undefined {
	return request.user ?? { name: 'system:anonymous', groups: ['system:unauthenticated'] };
}
