import type { World } from '../kernel/world.ts';
import type { ApiServer, Room, Services } from '../services.ts';
import { customs } from './crd/customs.ts';
import { Dispatcher } from './dispatch.ts';
import { clientFactory } from './direct-client.ts';
import { httpHandler } from './http/handle.ts';
import { Registry } from './registry/registry.ts';
import type { Change, Strategy } from './types.ts';
import { openCursor } from './watch.ts';

/** Builds the API server over its resources. `onChange` hears of every commit, after it. */
export function createApiServer(
	services: Services,
	strategies: readonly Strategy[],
	onChange: (world: World, change: Change) => void,
): { readonly api: ApiServer; readonly room: Room } {
	const registry = new Registry(strategies, onChange);
	const dispatcher = new Dispatcher(registry, services);
	const api: ApiServer = {
		handle: httpHandler(dispatcher),
		call: (world, call) => dispatcher.call(world, call),
		client: clientFactory(dispatcher),
		openWatch: (watch) => openCursor(services, registry, watch),
		strategies,
		strategiesOf: (world) => [...strategies, ...customs(world).stored],
	};
	return { api, room: {} };
}
