import type { Room, Services } from '../services.ts';

export function controllerRoom(_services: Services): Room {
	return {};
}
