import type { World } from '../kernel/world.ts';
import type { ApiServer, Room, Services } from '../services.ts';
import type { Change, Strategy } from './types.ts';

export function createApiServer(
	_services: Services,
	_strategies: readonly Strategy[],
	_onChange: (world: World, change: Change) => void,
): { readonly api: ApiServer; readonly room: Room } {
	throw new Error('being built');
}
